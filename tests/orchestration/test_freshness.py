"""Dagster says how old the usage is that is published, and warns while a source is silent."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import defs
from orchestration.freshness import Freshness
from orchestration.publish.publishing import Publication
from tests.orchestration.homes import Home


def test_a_silent_source_is_a_warning_beside_the_age_of_the_last_usage(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Publication.freshness

    def one_is_silent(publication: Publication) -> Freshness:
        return replace(read(publication), silent_sources=("host-1/gateway",))

    monkeypatch.setattr(Publication, "freshness", one_is_silent)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs().resolve_job_def("credits_job").execute_in_process(instance=instance)
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    check = checks["no_source_of_usage_is_silent"]
    assert (check.passed, check.severity, result.success) == (False, dg.AssetCheckSeverity.WARN, True)
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as marts:
        (last,) = marts.execute("select max(occurred_at) from marts.fct_credit_usage").fetchall()[0]
    published = result.asset_materializations_for_node("published_version")[0]
    for metadata in (check.metadata, published.metadata):
        assert str(metadata["last usage"].value).startswith(f"{last:%Y-%m-%d %H:%M} UTC, ")
        assert (metadata["last heartbeat"].value, metadata["silent sources"].value) == ("none", "host-1/gateway")
