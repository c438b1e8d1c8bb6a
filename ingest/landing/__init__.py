"""From files below `landing/` to the tables of schema `raw`.

It owns which bytes are new, whether a single line is a record (and if not, why it is refused), the ledger and the build
database. It does not own how records compare with each other; dbt models decide that.
"""
