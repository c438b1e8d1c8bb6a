"""The dashboard of one published version: a single static page, made from that version's own tables.

It owns the queries, the page's data and its look. It owns no business rule, and it reads only published tables.

::

    published tables ──▶ members, cells, interactions, quotas, trust ──▶ page data (JSON) ──▶ page (one HTML file)
"""
