"""A small published version that is made by hand: what `credits status`, `tenants` and `users` read of one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from ingest.settings import Settings, load_settings

VERSION = "2026-11-01T00-00-00Z"
_TABLES = {
    "fct_credit_usage": "status varchar, occurred_at timestamp",
    "mart_record_conflicts": "record_id varchar",
    "mart_unread_files": "path varchar, reason varchar, size bigint, kind varchar, first_seen_at timestamp",
    "mart_file_notices": "path varchar, dataset varchar, notice varchar, detail varchar, rows bigint",
    "mart_capture_sources": "source varchar, last_heartbeat_at timestamp, is_silent boolean",
    "mart_credit_balance": "environment varchar, corti_tenant varchar, balance_date date, is_current boolean, "
    "remaining_credits decimal(38, 9), runway_days integer, runway_days_low integer, runway_days_high integer, "
    "next_expiry_date date, next_expiring_credits decimal(38, 9)",
    "dim_tenants": "tenant_id varchar, tenant_name varchar, is_current boolean, valid_from timestamp",
    "dim_users": "user_id varchar, tenant_id varchar, display_name varchar, is_current boolean, valid_from timestamp",
    "agg_credits_daily": "tenant_id varchar, user_id varchar, credits decimal(38, 9)",
}
Rows = Sequence[tuple[object, ...]]


def publish_by_hand(home: Path, **rows: Rows) -> Settings:
    """Make a home whose published version holds these rows, by table."""
    settings = load_settings({"CREDITS_HOME": str(home)})
    version = settings.published / "versions" / VERSION
    version.mkdir(parents=True)
    settings.landing.mkdir()
    with duckdb.connect(str(version / "credits.duckdb")) as marts:
        marts.execute("create schema marts")
        for table, columns in _TABLES.items():
            marts.execute(f"create table marts.{table} ({columns})")
            for row in rows.get(table, []):
                marts.execute(f"insert into marts.{table} values ({', '.join('?' * len(row))})", list(row))
    totals = {
        "lines_read": 5,
        "verdicts": {"new": 3, "duplicate": 1, "correction": 0, "conflict": 0, "rejected": 1},
        "operations": 3,
        "credits": "12.500000001",
        "credits_unmapped": "2.500000000",
        "credits_estimated": "0.000000000",
        "unreported_operations": 1,
    }
    manifest = {
        "version": VERSION,
        "built_at": "2026-11-01T00:00:00+00:00",
        "models": "of these models",
        "inputs": "of this listing",
        "database": "credits.duckdb",
        "tables": {table: {} for table in _TABLES},
        "totals": totals,
    }
    (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (settings.published / "current").symlink_to(Path("versions") / VERSION)
    return settings
