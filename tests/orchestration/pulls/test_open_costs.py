"""What pulls look up: what the published version knows as provisional or unreported, and what it knows nothing of."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.corti.reading_back import Candidate
from ingest.settings import Settings, load_settings
from orchestration.pulls.open_costs import covered, open_costs

NOW = datetime.now(UTC)
BUILT = NOW - timedelta(hours=1)
LISTED = {"environment": "eu", "cortiTenant": "acme", "interactionId": "i1"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"CREDITS_HOME": str(tmp_path / "a [home]*"), "CREDITS_THREADS": "1"})


def publish(settings: Settings, *operations: tuple[object, ...]) -> None:
    """A published version with these operations: kind, interaction, resource, environment, tenant, status, days ago; of one
    credit each, or of none if they are unreported.
    """
    version = settings.published / "versions" / "v1"
    version.mkdir(parents=True)
    with duckdb.connect(str(version / "credits.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_credit_usage (kind varchar, interaction_id varchar, resource_id varchar, "
            "environment varchar, corti_tenant varchar, status varchar, occurred_at timestamp, "
            "credits decimal(18, 9))"
        )
        for *columns, days in operations:
            credits = 0 if "unreported" in columns else 1
            moment = (NOW - timedelta(days=float(str(days)))).replace(tzinfo=None)
            connection.execute(
                "insert into marts.fct_credit_usage values (?, ?, ?, ?, ?, ?, ?, ?)", [*columns, moment, credits]
            )
    manifest = {"built_at": BUILT.isoformat(), "database": "credits.duckdb", "tables": {}}
    (version / "manifest.json").write_text(json.dumps(manifest))
    (settings.published / "current").symlink_to(version)


def list_at_corti(settings: Settings, table: str, *rows: Mapping[str, object], at: datetime | None = None) -> None:
    """Files as a pull delivers them, at a time (default: just before the version was built)."""
    folder = settings.landing / "corti" / table
    folder.mkdir(parents=True, exist_ok=True)
    name = f"main-{NOW:%Y-%m-%dT%H-%M-%SZ}-{len([*folder.iterdir()])}.jsonl"
    (folder / name).write_text("".join(json.dumps({**LISTED, **row}) + "\n" for row in rows))
    delivered = (at or BUILT - timedelta(minutes=1)).timestamp()
    os.utime(folder / name, (delivered, delivered))


def test_nothing_is_looked_up_while_nothing_is_published(settings: Settings) -> None:
    list_at_corti(settings, "resources", {"kind": "document", "resourceId": "d1"})
    assert open_costs(settings, 35) == []
    assert covered(settings, "i1", [("document", "d1")]) == set()


def test_provisional_and_unreported_operations_are_looked_up_as_their_records_name_them(settings: Settings) -> None:
    publish(
        settings,
        ("transcript", "i1", "t1", None, None, "provisional", 1),
        ("document", "i1", "d1", "eu", "acme", "unreported", 34),
        ("document", "i1", "d2", "eu", "acme", "unreported", 36),
        ("transcript", "i1", "t2", "eu", "acme", "final", 1),
        ("transcript", None, "t3", "eu", "acme", "provisional", 1),
        ("document", "i1", None, "eu", "acme", "unreported", 1),
        ("guided_document", "i1", "g1", "eu", "acme", "unreported", 1),
    )
    assert sorted(open_costs(settings, 35), key=lambda candidate: candidate.resource_id) == [
        Candidate("document", "i1", "d1", "eu", "acme"),
        Candidate("transcript", "i1", "t1", None, None),
    ]


def test_what_no_record_covers_is_looked_up_with_the_best_time_that_is_known(settings: Settings) -> None:
    publish(
        settings,
        ("document", "i1", "seen", "eu", "acme", "final", 1),
        ("document", "i1", "seen-by-nobody-named", None, None, "final", 1),
        ("document", "i1", "elsewhere", "us", "acme", "final", 1),
        ("transcript", "i1", "d1", "eu", "acme", "final", 1),
    )
    names = ("seen", "seen-by-nobody-named", "elsewhere", "d1")
    list_at_corti(
        settings,
        "resources",
        *({"kind": "document", "resourceId": name, "createdAt": "2026-03-02T00:00:00Z"} for name in names),
        {"kind": "transcript", "resourceId": "t1"},
        {"kind": "transcript", "resourceId": "t1"},
        {"kind": "guided_document", "resourceId": "g1"},
        {"kind": "recording", "resourceId": "r1"},
    )
    list_at_corti(settings, "interactions", {"createdAt": "2026-03-01T00:00:00Z"})
    assert sorted(open_costs(settings, 35), key=lambda candidate: candidate.resource_id) == [
        Candidate("document", "i1", "d1", "eu", "acme", "2026-03-02T00:00:00Z"),
        Candidate("document", "i1", "elsewhere", "eu", "acme", "2026-03-02T00:00:00Z"),
        Candidate("transcript", "i1", "t1", "eu", "acme", "2026-03-01T00:00:00Z"),
    ]


def test_what_was_listed_after_the_version_was_built_waits_for_the_next_one(settings: Settings) -> None:
    publish(settings)
    later = BUILT + timedelta(seconds=1)
    list_at_corti(settings, "resources", {"kind": "document", "resourceId": "d1"}, at=later)
    assert open_costs(settings, 35) == []


def test_a_resource_is_covered_by_an_operation_of_whatever_account(settings: Settings) -> None:
    publish(settings, ("document", "i1", "d1", None, None, "final", 400))
    asked = [("document", "d1"), ("document", "d2"), ("transcript", "d1")]
    assert covered(settings, "i1", asked) == {("document", "d1")}


def test_a_record_that_names_no_kind_covers_what_it_is_about(settings: Settings) -> None:
    publish(settings, ("unspecified", "i1", "d1", "eu", "acme", "final", 1))
    rows = ({"kind": "document", "resourceId": name, "createdAt": "2026-03-02T00:00:00Z"} for name in ("d1", "d2"))
    list_at_corti(settings, "resources", *rows)
    assert [open_cost.resource_id for open_cost in open_costs(settings, 35)] == ["d2"]
    assert covered(settings, "i1", [("document", "d1"), ("transcript", "d2")]) == {("document", "d1")}


def test_what_an_operation_may_be_that_names_its_interaction_alone_is_not_looked_up(settings: Settings) -> None:
    publish(
        settings,
        ("unspecified", "i1", None, None, None, "final", 1),
        ("document", "i2", None, None, None, "final", 1),
        ("document", "i3", None, "eu", "acme", "unreported", 1),
        ("facts", "i3", None, "eu", "acme", "final", 1),
    )
    rows = ({"kind": "document", "interactionId": f"i{n}", "resourceId": f"d{n}", "createdAt": "x"} for n in (1, 2, 3))
    list_at_corti(settings, "resources", *rows, {"kind": "transcript", "interactionId": "i2", "resourceId": "t2"})
    assert sorted(open_cost.resource_id for open_cost in open_costs(settings, 35)) == ["d3", "t2"]
    asked = [("document", "d1"), ("transcript", "d1")]
    assert covered(settings, "i1", asked) == {*asked}
    assert covered(settings, "i2", asked) == {("document", "d1")}
    assert covered(settings, "i3", asked) == set()


def test_a_provisional_response_that_was_logged_as_it_came_is_looked_up_as_a_transcript(settings: Settings) -> None:
    publish(
        settings,
        ("unspecified", "i1", "t1", None, None, "provisional", 1),
        ("unspecified", "i1", "x1", None, None, "unreported", 1),
    )
    assert open_costs(settings, 35) == [Candidate("transcript", "i1", "t1", recorded_kind="unspecified")]
