"""Mappings, prices and quotas of the sample, and how they change between exports."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from tests.ingest.sample.reading import Row, lines_of, rows


def test_snapshots_hold_each_id_once_and_change_between_exports(mappings: dict[str, list[Row]]) -> None:
    users = [
        {row.get("userId") or row["user_id"]: row.get("tenantId") or row["tenant_id"] for row in part}
        for name, part in sorted(mappings.items())
        if name.startswith("users/users-20")
    ]
    sizes = [len(part) for name, part in sorted(mappings.items()) if name.startswith("users/users-20")]
    assert [len(part) for part in users] == sizes and len(users) == 4
    pairs = list(pairwise(users))
    assert any(old[user] != new[user] for old, new in pairs for user in old.keys() & new.keys())
    assert any(old.keys() - new.keys() for old, new in pairs) and any(new.keys() - old.keys() for old, new in pairs)
    history = [row for name, part in mappings.items() if name.startswith("users/users-history") for row in part]
    assert history and not {row["userId"] for row in history} & set().union(*users)
    tenants = [part for name, part in sorted(mappings.items()) if name.startswith("tenants/tenants-20")]
    names = [{row["tenantId"]: row["name"] for row in part} for part in tenants]
    assert [len(part) for part in names] == [len(part) for part in tenants]
    assert any(names[0][tenant] != name for tenant, name in names[1].items())
    assert {row["timezone"] or "" for row in tenants[0]} == {
        "", "Europe/Copenhagen", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC",
    }  # fmt: skip


def test_interactions_are_mapped_mostly_sometimes_late_and_once_anew(
    usage: dict[str, list[Row | None]], mappings: dict[str, list[Row]]
) -> None:
    owners: dict[object, list[object]] = defaultdict(list)
    for name, part in mappings.items():
        if name.startswith("interactions/"):
            for row in part:
                owners[row["interactionId"]].append(row["userId"])
    assert [len(set(users)) for users in owners.values() if len(users) > 1] == [2]
    nameless = {
        row["interactionId"] for row in lines_of(usage, "capture/") if "userId" not in row and "interactionId" in row
    }
    unmapped = nameless - owners.keys()
    assert 0 < len(unmapped) / len(nameless) < 0.15
    late = {row["interactionId"] for name, part in mappings.items() if "-late-" in name for row in part}
    assert nameless & late


def test_prices_change_in_two_currencies_and_one_tenant_has_none(home: Path, mappings: dict[str, list[Row]]) -> None:
    old, new = ([*rows(path)] for path in sorted((home / "landing" / "billing" / "rates").iterdir()))
    assert {row["currency"] for row in old if row} == {row["currency"] for row in new if row} == {"EUR", "USD"}
    prices = [
        {row["tenantId"]: row["pricePerCredit"] for row in part if row and not row["kind"]} for part in (old, new)
    ]
    assert prices[0].keys() == prices[1].keys()
    assert all(prices[0][tenant] != price for tenant, price in prices[1].items())
    assert all(row and row["validTo"] == "2026-10-01T00:00:00Z" for row in old)
    assert all(row and row["validFrom"] == "2026-10-01T00:00:00Z" for row in new)
    tenants = {
        row["tenantId"] for name, part in mappings.items() if name.startswith("tenants/tenants-20") for row in part
    }
    assert len(tenants - prices[0].keys()) == 1


def test_quotas_are_of_tenants_and_users_and_change_between_snapshots(home: Path) -> None:
    first, second = ([*rows(path)] for path in sorted((home / "landing" / "billing" / "quotas").iterdir()))
    assert [row for row in first if row not in second] and len(first) == len(second)
    assert any(row and not row["tenantId"] for row in second) and any(row and row["kind"] for row in second)
