"""Compares what a home has published with the reference, as mappings, so that a difference shows by key."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.publish.parquet_export import MONTHLY_TABLES
from tests.end_to_end.driving import Warehouse, fetched
from tests.reference.facts import Fact
from tests.reference.files import ready_contents
from tests.reference.model import Expected, compute

Tables = dict[str, object]
# What follows the order in which files came; of files with the same bytes it is the first one that is named.
_BY_ARRIVAL = {
    *("run_id", "landed_at", "file_id", "file", "first_place", "second_place"),
    *("new_records", "duplicate_records", "correction_records", "conflict_records"),
}
_FIRST_MOMENT = datetime(1900, 1, 1)
_UNMAPPED = "(unmapped)"


def expected_tables(home: Path) -> Tables:
    """What the reference makes of the files below a home."""
    found = compute(home, datetime.now(UTC))
    contents = dict(ready_contents(home / "landing" / "usage_records"))
    names = [column.name for column in fields(Fact)]
    return {
        "facts": sorted(([getattr(fact, name) for name in names] for fact in found.fact), key=repr),
        "daily": found.daily,
        "user_monthly": found.user_monthly,
        "tenant_monthly": found.tenant_monthly,
        "by_interaction": found.by_interaction,
        "interactions": _interactions(found),
        "users": sorted([(w.id, *w.attributes, w.valid_from, w.valid_to) for w in found.dim_users], key=repr),
        "tenants": sorted(
            [(w.id, w.attributes[0], w.attributes[1] or "UTC", w.valid_from, w.valid_to) for w in found.dim_tenants],
            key=repr,
        ),
        "conflicts": sorted(found.conflicts),
        "files": {
            hashlib.sha256(contents[name]).hexdigest(): (found.lines[name], sorted(found.rejected[name]))
            for name in found.lines
        },
        "credits": found.total_credits,
        "rounded": found.rounded,
        "unmapped": _unmapped(found),
        "unreported": sum(fact.status == "unreported" for fact in found.fact),
        "trend": _trend(found),
        "reconciliation": found.reconciliation,
    }


def published_tables(warehouse: Warehouse) -> Tables:
    """The same, as the published version and the ledger have it."""
    table = warehouse.table
    names = [column.name for column in fields(Fact)]
    refused: dict[str, list[int]] = defaultdict(list)
    for sha256, line in warehouse.inside(
        "select sha256, line_number from raw.rejected_lines inner join raw.landed_files using (file_id)"
        " where dataset = 'usage_records'"
    ):
        refused[sha256].append(line)
    audit = table("mart_load_audit", ("sha256", "lines", "rejected_lines", "rounded_records"))
    assert all(len(refused[sha256]) == rejected for sha256, _, rejected, _ in audit)
    return {
        "facts": [[*row] for row in table("fct_credit_usage", names)],
        "daily": _by(
            4,
            table(
                "agg_credits_daily",
                ("reporting_date", "tenant_id", "user_id", "kind", "credits", "operations", "estimated_credits"),
            ),
        ),
        "user_monthly": _by(2, table("agg_credits_user_monthly", ("month_start", "user_id", "credits", "operations"))),
        "tenant_monthly": _by(
            2, table("agg_credits_tenant_monthly", ("month_start", "tenant_id", "credits", "operations"))
        ),
        "by_interaction": {
            row[0]: row[1:]
            for row in table(
                "agg_credits_by_interaction",
                ("interaction_id", "credits", "operations", "usage_date", "user_id", "tenant_id"),
            )
        },
        "interactions": {
            row[0]: row[1:]
            for row in table(
                "dim_interactions", ("interaction_id", "user_id", "tenant_id", "first_used_at", "last_used_at")
            )
        },
        "users": table(
            "dim_users", ("user_id", "tenant_id", "display_name", "valid_from", "valid_to"), f"user_id <> '{_UNMAPPED}'"
        ),
        "tenants": table(
            "dim_tenants",
            ("tenant_id", "tenant_name", "timezone", "valid_from", "valid_to"),
            f"tenant_id <> '{_UNMAPPED}'",
        ),
        "conflicts": sorted({row[0] for row in table("mart_record_conflicts", ("record_id",))}),
        "files": {sha256: (lines, sorted(refused[sha256])) for sha256, lines, *_ in audit},
        "credits": table("fct_credit_usage", ("coalesce(sum(credits), 0)",))[0][0],
        "rounded": sum(row[3] for row in audit),
        "unmapped": {
            row[:2]: row[2:]
            for row in table("mart_unmapped_usage", ("interaction_id", "kind", "credits", "operations"))
        },
        "unreported": len(table("mart_unreported_operations")),
        "trend": _by(
            2,
            table(
                "agg_credits_trend_daily", ("reporting_date", "tenant_id", "credits", "operations"), "operations > 0"
            ),
        ),
        "reconciliation": _by(
            6,
            table(
                "mart_provider_reconciliation",
                (
                    *("window_from", "window_to", "user_id", "tenant_id", "environment", "corti_tenant"),
                    *("provider_credits", "our_credits", "operations", "status"),
                ),
            ),
        ),
    }


def whole_version(warehouse: Warehouse) -> Tables:
    """Every published table, without the columns that depend on the order in which files came."""
    tables: Tables = {}
    current = warehouse.settings.published / "current"
    with duckdb.connect(str(current / "credits.duckdb"), read_only=True) as connection:
        for name in warehouse.tables():
            columns = [row[0] for row in connection.execute(f"describe marts.{name}").fetchall()]
            kept = ", ".join(f'"{column}"' for column in columns if column not in _BY_ARRIVAL)
            tables[name] = fetched(connection, f"select {kept} from marts.{name}")
            files = f"{name}/*/*.parquet" if name in MONTHLY_TABLES else f"{name}.parquet"
            tables[f"{name} as Parquet"] = (
                fetched(
                    connection,
                    f"select {kept} from read_parquet('{current}/parquet/{files}', hive_partitioning = false)",
                )
                if [*(current / "parquet").glob(files)]
                else []
            )
    return tables


def without_sources(version: Tables) -> Tables:
    """A version without the sources of usage: bytes that lie below two folders are of the one where they landed first."""
    return {name: table for name, table in version.items() if not name.startswith("mart_capture_sources")}


def _interactions(found: Expected) -> dict[str, tuple[object, ...]]:
    times: dict[str, list[datetime]] = defaultdict(list)
    for fact in found.fact:
        times[fact.interaction_id or "(none)"].append(fact.occurred_at)
    return {key: (*found.by_interaction[key][3:], min(at), max(at)) for key, at in times.items()}


def _unmapped(found: Expected) -> dict[tuple[str | None, str | None], tuple[object, ...]]:
    groups: dict[tuple[str | None, str | None], list[Fact]] = defaultdict(list)
    for fact in found.fact:
        if "unmapped" in (fact.user_source, fact.tenant_source):
            groups[fact.interaction_id, None if fact.interaction_id else fact.kind].append(fact)
    return {key: (sum(fact.credits for fact in facts), len(facts)) for key, facts in groups.items()}


def _trend(found: Expected) -> dict[tuple[object, ...], tuple[object, ...]]:
    groups: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in found.fact:
        groups[fact.reporting_date, fact.tenant_id].append(fact)
    return {key: (sum(fact.credits for fact in facts), len(facts)) for key, facts in groups.items()}


def _by(width: int, rows: Iterable[tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {row[:width]: row[width:] for row in rows}
