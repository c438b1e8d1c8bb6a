"""From the raw tables to a published version, and what drives it.

It owns the steps of a run, the `credits` command, the published version and Dagster's definitions. It does not own how
usage comes in (`ingest`) or the business rules (the dbt models).

`pipeline` has the steps; `cli` and `defs` call them. `published_version` finds and reads the current version.
"""
