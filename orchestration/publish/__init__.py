"""Writing a version and switching it in.

It owns the last look at the totals, the guard against loss, the Parquet files, the manifest and the folders of
versions. It does not own what the tables hold, and it never changes a version that readers can see.
"""
