"""The dashboard of one published version: a single static page, made from that version's own tables. No Dagster.

::

    published tables ──▶ members, cells, interactions, quotas, trust ──▶ figures (JSON) ──▶ page (one HTML file)
"""
