"""What is published next to the data to explain it: a data dictionary, and dbt's own pages.

It owns these pages and when they are made. It does not own a description: those stand in the dbt project.
"""
