"""The dashboard of one published version: a single static page, made of that version's own tables.

It owns the queries, the page's data and its look. It does not own a rule of the business, and it reads published
tables alone.

::

    published tables ──▶ members, cells, interactions, quotas, trust ──▶ page data (JSON) ──▶ page (one HTML file)
"""
