"""What pulls write, and what Corti says was consumed, lands like everything else: by allow-list, refused with a reason."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from tests.ingest.landing.landing_home import LandingHome, json_lines

ACCOUNT = {"environment": "eu", "cortiTenant": "acme"}
AT = "2025-03-01T10:00:00Z"
SEEN = {**ACCOUNT, "pulledAt": AT}
WINDOW = {"from": "2025-03-01T00:00:00Z", "to": "2025-03-31T23:59:59.999999Z"}
ACCOUNT_ROW = ("eu", "acme")


def test_an_interaction_lands_with_ids_times_and_words_and_nothing_else(home: LandingHome) -> None:
    line = {
        **SEEN,
        "interactionId": "i1",
        "assignedUserId": "u1",
        "createdAt": "2025-03-01T09:00:00Z",
        "updatedAt": "2025-03-01T09:30:00+00:30",
        "endedAt": None,
        "encounterStatus": "in-progress",
        "encounterType": "first consultation of Mr Marker",
        "patient": {"name": "Marker"},
        "title": "Marker",
    }
    home.deliver("corti/interactions/a.jsonl", [line])
    home.land()
    nine = datetime(2025, 3, 1, 9)
    expected = (*ACCOUNT_ROW, "i1", "u1", nine, nine, None, "in-progress", None, datetime(2025, 3, 1, 10))
    assert home.rows("select * exclude (load_id, file_id, line_number) from raw.corti_interactions") == [expected]
    assert b"Marker" not in home.settings.build_database.read_bytes()


def test_resources_land_with_or_without_an_interaction_and_a_time(home: LandingHome) -> None:
    rows = [
        {**SEEN, "interactionId": "i1", "kind": "transcript", "resourceId": "t1"},
        {**SEEN, "kind": "guided_document", "resourceId": "d1", "createdAt": "2025-02-28"},
    ]
    home.deliver("corti/resources/a.jsonl.gz", rows)
    home.land()
    assert home.rows("select interaction_id, kind, resource_id, created_at from raw.corti_resources order by 2") == [
        (None, "guided_document", "d1", datetime(2025, 2, 28)),
        ("i1", "transcript", "t1", None),
    ]


def test_an_empty_day_and_a_failed_day_are_two_rows_that_differ(home: LandingHome) -> None:
    rows = [
        {**ACCOUNT, "day": "2025-03-01", "outcome": "complete", "interactions": 0, "requests": 2, "endedAt": AT},
        {**ACCOUNT, "day": "2025-03-02", "outcome": "failed", "requests": 17, "reason": "server_error", "endedAt": AT},
    ]
    home.deliver("corti/pulls/a.jsonl", rows)
    home.land()
    assert home.rows("select day, outcome, interactions, requests, reason from raw.corti_pulls order by 1") == [
        (date(2025, 3, 1), "complete", 0, 2, None),
        (date(2025, 3, 2), "failed", None, 17, "server_error"),
    ]


@pytest.mark.parametrize(
    ("table", "whole", "changes"),
    [
        (
            "corti/interactions",
            {**SEEN, "interactionId": "i1"},
            {
                "interaction_id_absent": {"interactionId": ""},
                "id_too_long": {"interactionId": "i" * 129},
                "time_absent": {"pulledAt": None},
                "time_unusable": {"pulledAt": "yesterday"},
            },
        ),
        (
            "corti/resources",
            {**SEEN, "interactionId": "i1", "kind": "document", "resourceId": "d1"},
            {
                "resource_id_absent": {"resourceId": None},
                "id_unusable": {"resourceId": True},
                "kind_absent": {"kind": "a letter to Mr Marker"},
                "id_too_long": {"interactionId": "i" * 129},
                "time_absent": {"pulledAt": None},
            },
        ),
        (
            "corti/pulls",
            {"day": "2025-03-01", "outcome": "complete", "endedAt": AT},
            {
                "day_absent": {"day": "2025-02-30"},
                "outcome_absent": {"outcome": "Complete"},
                "time_unusable": {"endedAt": "1999-12-31"},
            },
        ),
        (
            "provider/consumption",
            {**WINDOW, "credits": 1},
            {
                "credits_absent": {"credits": None},
                "credits_negative": {"credits": -1},
                "credits_not_a_number": {"credits": "many"},
                "time_absent": {"from": None},
                "time_unusable": {"to": "soon"},
                "window_inverted": {"from": "2025-04-01"},
            },
        ),
    ],
)
def test_a_line_that_lacks_what_it_needs_is_refused_alone(
    home: LandingHome, table: str, whole: dict[str, object], changes: dict[str, dict[str, object]]
) -> None:
    home.deliver(f"{table}/a.jsonl", [whole, *({**whole, **change} for change in changes.values())])
    summary = home.land()
    assert (summary.accepted, summary.rejected) == (1, len(changes))
    assert [reason for _, _, reason in home.refused()] == [*changes]
    assert "Marker" not in str(home.quarantined())


@pytest.mark.parametrize("name", ["total_2025-04-01.jsonl", "total_2025-04-01.csv", "total_2025-04-01.parquet"])
def test_a_total_is_exact_and_keeps_its_window_and_the_time_of_its_export(home: LandingHome, name: str) -> None:
    rows = [{**WINDOW, "credits": "123456789.123456789", "userId": "u1", "cortiTenant": "acme"}]
    text = json_lines(rows) if name.endswith("jsonl") else ",".join(rows[0]) + "\n" + ",".join(rows[0].values()) + "\n"
    path = home.deliver(f"provider/consumption/{name}", text)
    if name.endswith("parquet"):
        source = home.settings.home / "source.csv"
        source.write_text(text)
        duckdb.connect().execute(f"copy (from read_csv('{source}', all_varchar = true, header = true)) to '{path}'")
    home.land()
    assert home.rows("select * exclude (load_id, file_id, line_number) from raw.provider_consumption") == [
        (
            datetime(2025, 4, 1),
            datetime(2025, 3, 1),
            datetime(2025, 3, 31, 23, 59, 59, 999999),
            Decimal("123456789.123456789"),
            *("u1", None, None, "acme"),
        )
    ]


def test_a_window_may_end_ahead_of_now(home: LandingHome) -> None:
    home.deliver("provider/consumption/a.jsonl", [{"from": "2025-03-01", "to": "2099-12-31", "credits": 0}])
    assert home.land().accepted == 1


def test_the_same_total_exported_later_holds_again(home: LandingHome) -> None:
    for name in ("a_2025-03-01.jsonl", "a_2025-03-02.jsonl"):
        home.deliver(f"provider/consumption/{name}", [{**WINDOW, "credits": 1}])
    assert home.land().files == 2


def test_the_same_bytes_of_a_pull_under_another_name_add_nothing(home: LandingHome) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        home.deliver(f"corti/interactions/{name}", [{**SEEN, "interactionId": "i1"}])
    assert home.land().files == 1


def test_a_consumption_table_without_a_window_is_named(home: LandingHome) -> None:
    home.deliver("provider/consumption/a.csv", "to,credits\n2025-03-31,1\n")
    assert "column 'from' is missing" in home.set_aside()
