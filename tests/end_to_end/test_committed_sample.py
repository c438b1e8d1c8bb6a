"""The sample that ships with the project, in whole, against the reference."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from ingest.sample import write_sample
from ingest.settings import CHECKOUT
from orchestration.commands.status import status_lines
from orchestration.status import read_status
from tests.end_to_end.comparing import expected_tables, published_tables
from tests.end_to_end.driving import Warehouse


def test_the_committed_sample_is_published_as_the_reference_computes_it(warehouse: Warehouse) -> None:
    shutil.copytree(CHECKOUT / "data" / "sample" / "landing", warehouse.settings.landing, dirs_exist_ok=True)
    publication = warehouse.run()
    expected = expected_tables(warehouse.home)
    published = published_tables(warehouse)
    assert published.keys() == expected.keys()
    for name, table in expected.items():
        assert published[name] == table, name
    assert publication.totals.credits == expected["credits"]
    assert publication.totals.credits > Decimal(100)
    printed = (CHECKOUT / "README.md").read_text().splitlines()
    lines = status_lines(read_status(warehouse.settings), datetime.now(UTC))
    by_the_clock = ("home ", "published ", "last usage ", "silent ", "alerts ")
    said = [line for line in lines if not line.startswith(by_the_clock)]
    assert [line for line in said if line not in printed] == []
    reconciliation = warehouse.table("mart_provider_reconciliation", ("user_id", "difference", "status"))
    assert reconciliation == [
        ("user_12345", Decimal(0), "matched"),
        ("user_67890", Decimal(0), "matched"),
        ("user_98765", Decimal("-12.5"), "under"),
        ("user_98765", Decimal(-40), "no records"),
        (None, Decimal(0), "matched"),
    ]
    _shows_money_and_limits(warehouse)


def _shows_money_and_limits(warehouse: Warehouse) -> None:
    quotas = warehouse.table("mart_quota_consumption", ("is_current", "scope", "status"))
    assert {(True, "tenant", "over"), (True, "tenant", "warn"), (True, "user", "over")} <= {*quotas}
    alerts = warehouse.table("mart_usage_alerts", ("is_open", "alert_type", "last_seen_on"))
    assert (True, "unusual_day", date(2026, 10, 27)) in alerts
    statements = warehouse.table("mart_tenant_statements", ("period_status", "month_start", "currency"))
    closed = {row[1:] for row in statements if row[0] == "closed"}
    assert closed == {(date(2026, 9, 1), currency) for currency in ("EUR", "USD", "(unrated)")}
    corrections = warehouse.table("mart_tenant_statement_lines", ("line_type", "month_start", "usage_month"))
    corrected = {row[1:] for row in corrections if row[0] == "correction"}
    assert corrected == {(date(2026, 10, 1), date(2026, 9, 1))}


def test_the_committed_sample_is_what_its_generator_writes(tmp_path: Path) -> None:
    write_sample(tmp_path, records=3000, days=120, seed=7)
    made, committed = (_files(folder / "landing") for folder in (tmp_path, CHECKOUT / "data" / "sample"))
    assert made.items() <= committed.items()
    assert {path.parent.name for path in committed.keys() - made.keys()} == {
        "closed_charges",
        "closed_lines",
        "periods",
    }


def _files(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
