"""The reference itself, on examples small enough to work out by hand from the input contract."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .facts import Fact
from .files import Row
from .mappings import OPEN_START, Window
from .model import Expected, compute
from .records import parse_credits, parse_time
from .strategies import Home, homes, shuffled, split_into_batches, write_home

NOW = datetime(2026, 1, 15, 12)
AT = "2025-03-01T00:00:00Z"


def land(home: Path, name: str, content: str | bytes | list[Row]) -> None:
    """Put one file below the landing directory."""
    if isinstance(content, list):
        content = "".join(json.dumps(row) + "\n" for row in content)
    path = home / "landing" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def of(home: Path, *rows: Row) -> Expected:
    """What follows from a few records, each at the usual time unless it says another."""
    land(home, "usage_records/a.jsonl", [{"createdAt": AT, **row} for row in rows])
    return compute(home, NOW)


def only(home: Path, *rows: Row) -> Fact:
    """The one fact that a few records make."""
    (fact,) = of(home, *rows).fact
    return fact


def test_credits() -> None:
    usable = {"1": "1", " 2.50 ": "2.5", ".5": "0.5", "5.": "5", "+1e2": "100", "-0": "0", "999999999": "999999999"}
    usable |= {"1e-99999999999999999999": "0", "0e99999999999999999999": "0", "0.00000001e9": "10"}
    for written, exact in usable.items():
        assert round(parse_credits(written) or Decimal(0), 9) == Decimal(exact)
    unusable = ("", "-1", "-1e-10", "1e999", "999999999.0000000001", "NaN", "1,5", "1_0", "\u0663", ".", True, None)
    assert [parse_credits(value) for value in unusable] == [None] * 12


def test_times() -> None:
    assert parse_time("2025-03-01") == datetime(2025, 3, 1)
    assert parse_time("2025-03-01 01:30:00.1234567+02:00") == datetime(2025, 2, 28, 23, 30, 0, 123456)
    assert parse_time("2025-03-01t01:30:00-05:30") == datetime(2025, 3, 1, 7)
    assert parse_time("2025-03-01T10:00:60Z") == datetime(2025, 3, 1, 10, 0, 59, 999999)
    assert parse_time("2025-03-01T10:00Z") == parse_time("2025-03-01 10:00 UTC") == datetime(2025, 3, 1, 10)
    assert parse_time("2025-03-01T10:00:00+0100") == parse_time("2025-03-01T10:00:00+01") == datetime(2025, 3, 1, 9)
    wrong = "2025-02-29 2025-03-01T24:00:00Z 20250301 2025-03-01T10 2025-03-01T10:00:61Z"
    assert [parse_time(value) for value in wrong.split()] == [None] * 5
    assert parse_time("0001-01-01T00:00:00+01:00") is None


def test_the_five_fields_of_the_guide(tmp_path: Path) -> None:
    row = (
        b'{"interactionId":"i1","userId":"u1","tenantId":"t1","creditsConsumed":0.1,"createdAt":"2025-03-01T00:00:00Z"}'
    )
    land(tmp_path, "usage_records/2025/a.jsonl.gz", gzip.compress(row))
    expected = compute(tmp_path, NOW)
    (fact,) = expected.fact
    assert (fact.kind, fact.status, fact.source, fact.observations) == ("unspecified", "final", "created", 1)
    assert (fact.user_id, fact.user_source, fact.tenant_id, fact.tenant_source) == ("u1", "record", "t1", "record")
    assert str(fact.credits) == "0.100000000"
    assert expected.daily == {(date(2025, 3, 1), "t1", "u1", "unspecified"): (Decimal("0.1"), 1, Decimal(0))}
    assert expected.by_interaction == {"i1": (Decimal("0.1"), 1, date(2025, 3, 1), "u1", "t1")}
    assert expected.user_monthly == {(date(2025, 3, 1), "u1"): (Decimal("0.1"), 1)}
    assert expected.lines == {"2025/a.jsonl.gz": 1}


def test_lines_that_are_no_records(tmp_path: Path) -> None:
    lines = [
        b'\xef\xbb\xbf{"credits": 1.0000000005, "credits": 2, "createdAt": "2025-03-01", "capturedAt": " "}\r\n',
        b" \t\n",
        b'{"credits": 1, "capturedAt": "1999-12-31"}\n',
        b'{"credits": 1, "createdAt": "2025-03-01", "x": [NaN]}\n',
        b'{"credits": 1, "createdAt": "2025-03-01", "x": "\xff"}\n',
        b'{"credits": 1, "createdAt": "2025-03-01", "id": "' + b"x" * 129 + b'"}\n',
        b'{"createdAt": "2025-03-01"}\n',
        b'{"createdAt": "2025-03-01", "status": "unreported", "credits": true}\n',
        b'{"createdAt": "2025-03-01", "status": "unreported"}\n',
        b"[]",
    ]
    land(tmp_path, "usage_records/a.jsonl", b"".join(lines))
    expected = compute(tmp_path, NOW)
    assert expected.rejected == {"a.jsonl": [3, 4, 5, 6, 7, 8, 10]}
    assert expected.lines == {"a.jsonl": 9}
    assert (expected.total_credits, expected.rounded, len(expected.fact)) == (Decimal("1.000000001"), 1, 2)


def test_csv_rows(tmp_path: Path) -> None:
    rows = 'id,usageInfo.creditsConsumed,createdAt,model\r\nx1,1.5,2025-03-01,"a\r\nb"\r\n\r\nx2,1\r\nx3,,2025-03-01,\n'
    land(tmp_path, "usage_records/a.csv", rows)
    land(tmp_path, "usage_records/b.csv", rows)
    land(tmp_path, "usage_records/_c.csv", rows + "x4,1,2025-03-01,\r\n")
    expected = compute(tmp_path, NOW)
    assert (expected.lines, expected.rejected) == ({"a.csv": 3}, {"a.csv": [3, 4]})
    assert expected.same_bytes == {"b.csv": "a.csv"}
    assert [(f.resource_id, f.credits, f.observations) for f in expected.fact] == [("x1", Decimal("1.5"), 1)]


def test_rank_by_status_then_capture_time(tmp_path: Path) -> None:
    estimate: Row = {"id": "x", "type": "delta_usage", "credits": 9, "capturedAt": "2025-03-05", "userId": "u1"}
    early: Row = {"id": "x", "kind": "Stream", "credits": 2, "capturedAt": "2025-03-02"}
    late: Row = {"id": "x", "kind": "stream", "credits": 3, "capturedAt": "2025-03-03", "status": "failed"}
    fact = only(tmp_path, estimate, early, late, early)
    assert (fact.credits, fact.status, fact.observations, fact.user_id) == (3, "final", 3, "u1")
    assert fact.first_captured_at == datetime(2025, 3, 2)
    assert only(tmp_path, estimate).is_estimate


def test_a_read_of_nothing_never_beats_a_figure(tmp_path: Path) -> None:
    read: Row = {"id": "x", "source": "read", "credits": 0, "capturedAt": "2025-03-09"}
    assert only(tmp_path, read, {"id": "x", "credits": 2, "status": "estimate"}).credits == 2
    assert only(tmp_path, read, {"id": "x", "credits": 2, "status": "unreported"}).source == "read"
    assert only(tmp_path, {**read, "source": "created"}, {"id": "x", "credits": 2, "status": "estimate"}).credits == 0


def test_operation_keys_and_conflicts(tmp_path: Path) -> None:
    assert only(tmp_path, {"id": "x", "credits": 1}, {"operationId": "x", "credits": 2}).credits == 2
    expected = of(tmp_path, {"recordId": "r", "id": "x", "credits": 1}, {"recordId": "r", "id": "y", "credits": 2})
    assert (expected.total_credits, expected.conflicts) == (3, {"r"})
    same: Row = {"recordId": "r", "credits": "1.0"}
    assert of(tmp_path, same, {"record_id": "r", "credits": 1, "summary": "not kept"}).conflicts == set()
    assert len(of(tmp_path, {"credits": 1}, {"credits": 1}, {"credits": 2}).fact) == 2
    assert len(of(tmp_path, {"id": "x", "credits": 1}, {"id": "x", "credits": 1, "environment": "eu"}).fact) == 2


def test_first_name_present_and_odd_types(tmp_path: Path) -> None:
    row: Row = {"resourceId": " ", "id": 7, "kind": ["k"], "customerId": "t2", "customerID": "t1"}
    fact = only(tmp_path, {**row, "usageInfo": {"creditsConsumed": "1e1"}, "credits": 5, "kind": "a b"})
    assert (fact.resource_id, fact.user_id, fact.tenant_id) == ("7", "(unmapped)", "t1")
    assert (fact.credits, fact.kind) == (10, "unspecified")


@pytest.mark.parametrize(
    "odd",
    [
        {"userId": ["u"]}, {"recordId": True}, {"id": 7.5}, {"tenantId": "t" * 257}, {"createdAt": "no"},
        {"capturedAt": 1743300000}, {"capturedAt": "1999-12-31"},
    ],
)  # fmt: skip
def test_an_id_or_a_time_that_cannot_be_used_refuses_the_record(tmp_path: Path, odd: Row) -> None:
    row = {"createdAt": "2025-03-01", "credits": 1, **odd}
    assert of(tmp_path, row).fact == []


def test_attribution_through_the_mappings(tmp_path: Path) -> None:
    owners = "interactionId,userId,tenantId\ni1,u9,t9\ni2,u1,t9\ni3,,t1\n"
    land(tmp_path, "mappings/interactions/2025-01-01.csv", owners)
    land(tmp_path, "mappings/interactions/2025-02-01.csv", "interaction_id,user_id\ni1,u1\n")
    land(tmp_path, "mappings/users/users_2025-01-01.csv", "userId,tenantId\nu1,t1\n")
    land(tmp_path, "mappings/users/users_2025-03-01T00-00-00Z.jsonl", [{"userId": "u1", "tenantId": "t2"}])
    land(tmp_path, "mappings/users/users_2025-04-01.csv", "userId,tenantId\nu2,t2\n")
    zones = "tenantId,name,timezone,validFrom,validTo\nt2,Two,America/New_York,2025-01-01,\n"
    land(tmp_path, "mappings/tenants/2025-01-01.csv", zones)
    rows: list[Row] = [
        {"id": "1", "interactionId": "i1", "credits": 1, "createdAt": "2025-02-28T23:59:59.999999Z"},
        {"id": "2", "interactionId": "i1", "credits": 2},
        {"id": "3", "userId": "u1", "credits": 4, "createdAt": "2025-04-01"},
        {"id": "4", "interactionId": "i3", "credits": 8},
        {"id": "5", "interactionId": "i2", "credits": 16, "userId": "u8"},
    ]
    expected = of(tmp_path, *rows)
    facts = {f.resource_id: f for f in expected.fact}
    ways = {k: (f.user_id, f.user_source, f.tenant_id, f.tenant_source) for k, f in facts.items()}
    assert ways["1"] == ("u1", "interaction", "t1", "user")
    assert ways["2"] == ("u1", "interaction", "t2", "user")
    assert ways["3"] == ("u1", "record", "(unmapped)", "unmapped")
    assert ways["4"] == ("(unmapped)", "unmapped", "(unmapped)", "unmapped")
    assert ways["5"] == ("u8", "record", "t9", "interaction")
    assert (facts["2"].usage_date, facts["2"].reporting_date) == (date(2025, 3, 1), date(2025, 2, 28))
    assert expected.by_interaction["i1"] == (3, 2, date(2025, 2, 28), "u1", "(multiple)")
    assert expected.by_interaction["(none)"] == (4, 1, date(2025, 4, 1), "u1", "(unmapped)")
    assert expected.dim_users == [
        Window("u1", ("t1", None), OPEN_START, datetime(2025, 3, 1)),
        Window("u1", ("t2", None), datetime(2025, 3, 1), datetime(2025, 4, 1)),
        Window("u2", ("t2", None), datetime(2025, 4, 1), None),
    ]
    assert expected.dim_tenants == [Window("t2", ("Two", "America/New_York"), datetime(2025, 1, 1), None)]


def test_own_history_beats_snapshots_and_neighbours_merge(tmp_path: Path) -> None:
    land(tmp_path, "mappings/users/2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t1\n")
    land(tmp_path, "mappings/users/2025-02-01.csv", "userId,tenantId\nu1,t2\nu2,t1\n")
    land(tmp_path, "mappings/users/2025-03-01.csv", "userId,tenantId,validFrom,validTo\nu1,t3,,2025-05-01\n")
    land(tmp_path, "mappings/users/2025-04-01.csv", "userId,tenantId,validFrom,validTo\nu1,t4,,2025-05-01\n")
    first, second = compute(tmp_path, NOW).dim_users
    assert first == Window("u1", ("t4", None), OPEN_START, datetime(2025, 5, 1))
    assert second == Window("u2", ("t1", None), OPEN_START, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(home=homes(now=NOW), seed=st.integers(0, 999))
def test_delivery_does_not_matter(tmp_path_factory: pytest.TempPathFactory, home: Home, seed: int) -> None:
    whole, parts = (tmp_path_factory.mktemp("home") for _ in range(2))
    write_home(home, whole, seed)
    for number, part in enumerate(split_into_batches(shuffled(home, seed), 3)):
        write_home(part, parts, seed + number, prefix=f"b{number}-")
    one, other = compute(whole, NOW), compute(parts, NOW)
    assert one.settled() == other.settled()
    assert one.total_credits == sum(f.credits for f in one.fact) == sum(row[0] for row in one.by_interaction.values())
