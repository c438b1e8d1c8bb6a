"""The documentation that is published with the data: a data dictionary, and dbt's own pages.

It owns these pages and when they are made. It owns no description: these are in the dbt project.
"""
