"""From the raw tables to a published version, and what drives it.

It owns the steps of a run, the `credits` command, the published version and Dagster's definitions. It does not own
how usage comes in (`ingest`), nor the rules of the business (the dbt models).

`pipeline` has the steps; `cli` and `defs` are two doors to them. `published_version` is what readers find.
"""
