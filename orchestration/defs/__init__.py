"""Dagster's nouns, one module each: assets, checks, jobs, schedules, the sensor and the resource.

It owns what Dagster shows and when it starts a run. It does not own a step of a run: an asset calls one function of
`orchestration` and turns its outcome into metadata. Nothing else knows Dagster.
"""
