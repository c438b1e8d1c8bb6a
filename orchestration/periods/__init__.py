"""Closing and reopening a month.

It owns the rules for it and the files below `landing/billing/` that freeze a month. It does not own what a statement
holds (the dbt models), nor the runs around a closing (`orchestration.commands`).
"""
