"""Pulls from Corti, for the command and for Dagster's assets.

It owns which costs are not final, and so what a pull looks up. It does not own the requests to Corti: `ingest.corti`
does.
"""
