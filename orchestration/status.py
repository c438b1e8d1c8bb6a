"""The published version and what needs a person, as typed facts; `credits status` and `credits run --json`
print them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract.left_out import TO_MEND
from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.object_urls import ObjectUrl
from ingest.settings import Settings
from orchestration.alerts.alerting import delivery_lines, open_alerts
from orchestration.change_detection import would_publish
from orchestration.freshness import read_freshness
from orchestration.publish.elsewhere import published_elsewhere
from orchestration.published_version import current_manifest, current_version
from orchestration.version_tables import open_tables

UNREAD = "mart_unread_files"
NOTICES = "mart_file_notices"
_NEXT_FAULT = re.compile(r"; (?=row \d|column '|the file )")
_COUNTED_FAULTS = re.compile(r" \(and (at least )?\d+ more: ")


@dataclass(frozen=True)
class LeftOutFile:
    """A file or folder below `landing/` that is not in the version. `path` is relative to `landing/`, `size` is in
    bytes and None if it is unknown, and `kind` is one of `ingest.contract.left_out.Kind`.
    """

    path: str
    reason: str
    size: int | None
    kind: str


@dataclass(frozen=True)
class NoticedFile:
    """Something that a person should look at in a landed file; `rows` is 0 if it is about the whole file."""

    path: str
    notice: str
    detail: str
    rows: int


@dataclass(frozen=True)
class Coverage:
    """How many of Corti's listed resources have a record, days whose pull failed, and days that were not asked for."""

    listed: int
    covered: int
    missing: int
    days_failed: int
    days_not_asked: int


@dataclass(frozen=True)
class Reconciliation:
    """How many totals Corti reported, and how many of them match ours."""

    totals: int
    matched: int


@dataclass(frozen=True)
class Quotas:
    """The quotas of the current periods: how many there are, how many are exceeded, and how many are near
    their limit.
    """

    quotas: int
    over: int
    near: int


@dataclass(frozen=True)
class Balance:
    """What remains of an account's prepaid credits, how many days they last, and what expires next. What is not known
    or not the case is None.
    """

    environment: str | None
    corti_tenant: str | None
    balance_date: date
    remaining_credits: Decimal
    runway_days: int | None
    runway_days_low: int | None
    runway_days_high: int | None
    next_expiry_date: date | None
    next_expiring_credits: Decimal | None


@dataclass(frozen=True)
class Elsewhere:
    """What is published below the URL of CREDITS_PUBLISH_TO: the version, who published it and when. `version` is None
    if nothing is published there, or if `error` says why that is not known.
    """

    url: str
    version: str | None = None
    host: str | None = None
    published_at: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Status:
    """The published version. `version` is None if nothing is published; then only `home` has a meaning.

    Credits are exact. Times are aware. `whole_checks_at` is when the checks last compared all of history; versions of
    earlier releases do not say it. `is_waiting` says that a run would publish something new; it is None if this
    user can't read that. `conflicts` counts record ids with different contents, `late_provisional` operations that are
    still processing after more than a day, `open_corrections` correction lines on open statements; `deliveries` are
    lines about alerts that did not arrive. `elsewhere` is None if versions are published on this disk only.
    """

    home: Path
    version: str | None = None
    built_at: datetime | None = None
    whole_checks_at: datetime | None = None
    is_waiting: bool | None = True
    credits: Decimal = Decimal(0)
    operations: int = 0
    lines_read: int = 0
    verdicts: Mapping[str, int] | None = None
    unmapped_credits: Decimal = Decimal(0)
    estimated_credits: Decimal = Decimal(0)
    unreported_operations: int = 0
    quarantined_lines: int = 0
    conflicts: int = 0
    last_usage_at: datetime | None = None
    last_heartbeat_at: datetime | None = None
    silent_sources: tuple[str, ...] = ()
    late_provisional: int = 0
    coverage: Coverage | None = None
    reconciliation: Reconciliation | None = None
    quotas: Quotas | None = None
    balances: tuple[Balance, ...] = ()
    amounts: Mapping[str, Decimal] | None = None
    unrated_credits: Decimal = Decimal(0)
    closed_months: tuple[str, ...] = ()
    open_corrections: int = 0
    alerts_open: int = 0
    alerts_critical: int = 0
    deliveries: tuple[str, ...] = ()
    left_out: tuple[LeftOutFile, ...] = ()
    notices: tuple[NoticedFile, ...] = ()
    elsewhere: Elsewhere | None = None

    @property
    def to_mend(self) -> tuple[LeftOutFile, ...]:
        """The files that stay left out until a person mends them."""
        return tuple(file for file in self.left_out if file.kind in TO_MEND)

    @property
    def exit_code(self) -> int:
        """The exit code of `credits status`."""
        if self.version is None:
            return 1
        return 3 if self.to_mend else 0


def read_status(settings: Settings, *, ask_bucket: bool = True) -> Status:
    """The facts of the published version, and whether something waits for the next run, if this user can read that.
    Opens only the published database, and needs only `published/`. With `ask_bucket=False` input files in a bucket are
    not listed: after a run they just have been.

    Raises:
        CreditsError: the published version can't be read.
    """
    if not settings.home.is_dir():
        return Status(settings.home)
    manifest, version = current_manifest(settings), current_version(settings)
    if manifest is None or version is None:
        return Status(settings.home)
    totals = manifest["totals"]
    critical = [alert.is_critical for alert in open_alerts(settings)]
    with _opened(version / str(manifest["database"])) as marts:
        return Status(
            home=settings.home,
            version=manifest["version"],
            built_at=datetime.fromisoformat(manifest["built_at"]),
            whole_checks_at=datetime.fromisoformat(checked) if (checked := manifest.get("whole_checks_at")) else None,
            is_waiting=would_publish(settings, ask_bucket=ask_bucket),
            credits=Decimal(totals["credits"]),
            operations=totals["operations"],
            lines_read=totals["lines_read"],
            verdicts=totals["verdicts"],
            unmapped_credits=Decimal(totals["credits_unmapped"]),
            estimated_credits=Decimal(totals["credits_estimated"]),
            unreported_operations=totals["unreported_operations"],
            quarantined_lines=totals["verdicts"]["rejected"],
            amounts={currency: Decimal(amount) for currency, amount in totals.get("amounts", {}).items()},
            unrated_credits=Decimal(totals.get("credits_unrated", 0)),
            closed_months=tuple(totals.get("closed_months", ())),
            alerts_open=len(critical),
            alerts_critical=sum(critical),
            deliveries=tuple(delivery_lines(settings))[1:],
            elsewhere=_elsewhere(settings),
            **_facts_of(marts, {*manifest["tables"]}),
        )


def _elsewhere(settings: Settings) -> Elsewhere | None:
    if not isinstance(settings.publish_to, ObjectUrl):
        return None
    url = str(settings.publish_to)
    try:
        pointer = published_elsewhere(settings)
    except CreditsError as error:
        return Elsewhere(url, error=str(error))
    return Elsewhere(url, pointer.version, pointer.host, pointer.published_at) if pointer else Elsewhere(url)


def as_object(status: Status) -> dict[str, Any]:
    """The facts for JSON: decimals and times are texts, files that were left out are in two lists."""
    facts = {field.name: _plain(getattr(status, field.name)) for field in fields(status) if field.name != "left_out"}
    set_aside = [file for file in status.left_out if file.kind == "set_aside"]
    unread = [file for file in status.left_out if file.kind != "set_aside"]
    if status.version is None:
        facts |= {"credits": None, "operations": None}
    return facts | {
        "unread_files": _plain(unread),
        "set_aside": [{"path": file.path, "faults": _faults(file.reason), "size": file.size} for file in set_aside],
        "exit_code": status.exit_code,
    }


def unknown_facts() -> dict[str, Any]:
    """The same object if nothing is known: everything is null."""
    names = [field.name for field in fields(Status) if field.name != "left_out"]
    return dict.fromkeys([*names, "unread_files", "set_aside", "exit_code"])


def _faults(reason: str) -> list[str]:
    """The faults of an export, one by one; if the reason only counts them after the first, the reason itself."""
    return [reason] if _COUNTED_FAULTS.search(reason) else _NEXT_FAULT.split(reason)


def _plain(value: object) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Path():
            return str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case Coverage() | Reconciliation() | Quotas() | Balance() | LeftOutFile() | NoticedFile() | Elsewhere():
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def _facts_of(marts: duckdb.DuckDBPyConnection, tables: Collection[str]) -> dict[str, Any]:
    """The facts from the tables. Versions of earlier releases lack some tables."""
    facts: dict[str, Any] = {
        **vars(read_freshness(marts, tables)),
        "conflicts": _row(marts, "select count(distinct record_id) from marts.mart_record_conflicts")[0],
        "late_provisional": _row(
            marts,
            "select count(*) from marts.fct_credit_usage "
            "where status = 'provisional' and occurred_at < (now() at time zone 'UTC') - interval 1 day",
        )[0],
    }
    if "mart_capture_coverage" in tables:
        coverage = Coverage(
            *_counts(
                marts,
                """
                select sum(created_at_corti), sum(captured + filled_by_read), sum(missing),
                    count(distinct (date_day, environment, corti_tenant)) filter (where pull_outcome = 'failed'),
                    count(distinct (date_day, environment, corti_tenant))
                        filter (where pull_outcome = 'not asked' and kind = 'transcript')
                from marts.mart_capture_coverage
                """,
            )
        )
        facts["coverage"] = coverage if coverage.listed or coverage.days_failed else None
    if "mart_provider_reconciliation" in tables:
        found = Reconciliation(
            *_counts(
                marts,
                "select count(*), count(*) filter (where status = 'matched') from marts.mart_provider_reconciliation",
            )
        )
        facts["reconciliation"] = found if found.totals else None
    if "mart_quota_consumption" in tables:
        quotas = Quotas(
            *_counts(
                marts,
                """
                select count(*), count(*) filter (where status = 'over'), count(*) filter (where status = 'warn')
                from marts.mart_quota_consumption where is_current
                """,
            )
        )
        facts["quotas"] = quotas if quotas.quotas else None
    if "mart_credit_balance" in tables:
        rows = marts.execute(
            f"select {', '.join(field.name for field in fields(Balance))} from marts.mart_credit_balance "
            "where is_current order by environment, corti_tenant"
        ).fetchall()
        facts["balances"] = tuple(Balance(*row) for row in rows)
    if "mart_tenant_statement_lines" in tables:
        facts["open_corrections"] = _row(
            marts,
            "select count(*) from marts.mart_tenant_statement_lines "
            "where line_type = 'correction' and period_status = 'open'",
        )[0]
    if UNREAD in tables:
        rows = marts.execute(f"select path, reason, size, kind from marts.{UNREAD} order by path").fetchall()
        facts["left_out"] = tuple(LeftOutFile(*row) for row in rows)
    if NOTICES in tables:
        rows = marts.execute(
            f"select path, notice, detail, rows from marts.{NOTICES} order by path, notice, detail"
        ).fetchall()
        facts["notices"] = tuple(NoticedFile(*row) for row in rows)
    return facts


def _row(marts: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = marts.execute(query).fetchone()
    assert row is not None  # an aggregate without groups has one row
    return row


def _counts(marts: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return tuple(int(value or 0) for value in _row(marts, query))


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return open_tables(path)
    except duckdb.Error as error:
        raise CreditsError(f"{path} can't be read ({safe_line(error)}): run `credits rebuild`.") from None
