"""The engines that build the models: which one is chosen, its session and its settings.

It owns everything that only one engine needs: how a session is opened and what it must promise, how the raw tables
reach it, and how its tables come back to be published. It does not own the models, and dbt is run by
`orchestration.models`. DuckDB needs nothing from here but its name.
"""
