"""From files below `landing/` to the tables of schema `raw`.

It owns which bytes are new, what a line alone can tell (a record, or refused and why), the ledger and the build
database. It does not own what records mean next to each other; dbt models decide that.
"""
