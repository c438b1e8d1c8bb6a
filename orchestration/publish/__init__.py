"""Writes a version and switches it in.

It owns the final reconciliation, the data-loss guard, the Parquet files, the manifest and the folders of versions. It
does not own the content of the tables, and it never changes a version that readers can see.
"""
