"""Dagster's nouns, one module each: what they call lives in `orchestration` and `ingest`."""
