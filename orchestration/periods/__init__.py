"""Closing and reopening a month.

It owns the rules for it and the files below `landing/billing/` that freeze a month. It does not own the content of a
statement (the dbt models) or the runs around a closing (`orchestration.commands`).
"""
