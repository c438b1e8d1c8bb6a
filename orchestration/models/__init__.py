"""The build of the dbt models.

It owns the fingerprint of the models, one build of them in this process, and the audit marks: which models made the
tables, and whether they passed every check. It does not own the models: these are in `dbt_project/`.
"""
