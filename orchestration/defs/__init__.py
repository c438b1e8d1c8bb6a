"""Dagster's assets, checks, jobs, schedules, sensor and resource, one module each.

It owns what Dagster shows and when it starts a run. It owns no step of a run: an asset calls one function of
`orchestration` and turns its outcome into metadata. Nothing else imports Dagster.
"""
