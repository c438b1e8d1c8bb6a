"""What is pulled from Corti, for the command and for Dagster's assets alike.

It owns which costs are still open, and so what a pull looks up. It does not own how Corti is asked: `ingest.corti`
does.
"""
