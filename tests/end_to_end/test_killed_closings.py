"""A `credits close` that is killed: the month is closed with all that belongs to it, or open as it was."""

from __future__ import annotations

import time
from datetime import date

from tests.end_to_end.billing_homes import APRIL, MARCH, MAY, close, lines, rates, used
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.test_killed_runs import KILLED, later, once
from tests.end_to_end.test_statements import is_what_a_rebuild_makes


def closed_months(warehouse: Warehouse) -> set[date]:
    return {row[0] for row in lines(warehouse, "period_status = 'closed'", ("month_start",))}


def test_a_closing_that_is_killed_at_any_moment_is_whole_or_none(warehouse: Warehouse) -> None:
    rates(warehouse, "rates", ",,0.5,EUR,2024-01-01,")
    warehouse.usage("a.jsonl", *(used(f"x{n}", f"2025-0{n}-10", f"{n}") for n in (3, 4, 5)))
    warehouse.run()
    moments = {
        MARCH: once("landing/billing/closed_charges/*"),
        APRIL: once("landing/billing/periods/*"),
        MAY: later(once("landing/billing/periods/*"), 0.3),
    }
    killed = 0
    for month, moment in moments.items():
        warehouse.usage(f"{month:%m}.jsonl", used(f"late{month:%m}", "2025-03-11", "1"))
        moment(warehouse)
        process = started(warehouse, "close", f"{month:%Y-%m}", "--by", "anna")
        while process.poll() is None and not moment(warehouse):
            time.sleep(0.001)
        process.kill()
        code, _, err = ended(process)
        assert code in (0, KILLED), err
        killed += code == KILLED
        warehouse.run()
        events = [*(warehouse.settings.landing / "billing" / "periods").glob(f"{month:%Y-%m}-*.jsonl")]
        assert (month in closed_months(warehouse)) == bool(events)
        frozen = [*(warehouse.settings.landing / "billing").glob(f"closed_*/{month:%Y-%m}-*.parquet")]
        assert len(frozen) == 2 * len(events)
        assert not [*(warehouse.settings.landing / "billing").glob("*/.*")]
        if not events:
            close(warehouse, month)
    assert killed == len(moments)
    assert closed_months(warehouse) == {MARCH, APRIL, MAY}
    assert is_what_a_rebuild_makes(warehouse)
