"""Everything between input files and the raw tables, in plain Python.

It owns how usage is captured, pulled, written below `landing/` and read into schema `raw`. It does not own what a
record means, who it belongs to or what it costs: dbt models decide that. It imports neither Dagster nor dbt.
"""
