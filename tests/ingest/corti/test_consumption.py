"""The console's totals land as windows to which both ends belong, so that two days never share an instant."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from ingest.contract.landing_writer import LandingWriter, made_at
from ingest.corti.client import opened_console
from ingest.corti.consumption import pull_consumption, windows
from ingest.corti.summaries import ConsumptionSummary
from ingest.simulator.ledger import Charge
from tests.ingest.corti.corti_at_hand import NOW, CortiAtHand


def totals(corti: CortiAtHand) -> tuple[ConsumptionSummary, list[dict[str, object]]]:
    async def run() -> ConsumptionSummary:
        account = corti.account
        assert account.admin
        async with opened_console(account, account.admin, corti.settings.limits) as client:
            drop = LandingWriter(corti.landing / "provider/consumption", "main")
            return await pull_consumption(client, account.admin.project, windows(2, NOW), drop, lambda *_: None)

    return asyncio.run(run()), corti.lines("provider/consumption")


def charged(corti: CortiAtHand, interaction: str, credits: str, *when: int) -> None:
    moment = datetime(2026, 3, *when, tzinfo=UTC)  # type: ignore[misc]
    corti.simulator.ledger.charge(Charge("document", Decimal(credits), interaction, at=moment))


def test_each_user_has_a_total_of_each_day(corti: CortiAtHand) -> None:
    mine, other = (corti.interaction(assigned_user_id=user).id for user in ("u-1", "u-2"))
    charged(corti, mine, "0.10", 29, 0, 0, 0)
    charged(corti, mine, "0.20", 29, 23, 59, 59, 999000)
    charged(corti, mine, "0.40", 30, 0, 0, 0)
    charged(corti, mine, "9", 31, 0, 0, 0)
    charged(corti, other, "7", 28, 23, 59, 59)
    summary, lines = totals(corti)
    assert (summary.users, summary.totals, summary.reason) == (2, 4, None)
    assert [(line["userId"], line["from"], line["to"], line["credits"]) for line in lines] == [
        ("u-1", "2026-03-29T00:00:00.000Z", "2026-03-29T23:59:59.999Z", "0.30"),
        ("u-1", "2026-03-30T00:00:00.000Z", "2026-03-30T23:59:59.999Z", "0.40"),
        ("u-2", "2026-03-29T00:00:00.000Z", "2026-03-29T23:59:59.999Z", "0"),
        ("u-2", "2026-03-30T00:00:00.000Z", "2026-03-30T23:59:59.999Z", "0"),
    ]
    assert {(line["tenantId"], line["environment"], line["cortiTenant"]) for line in lines} == {
        ("customer-1", "eu", "acme")
    }


def test_the_file_says_when_it_was_exported(corti: CortiAtHand) -> None:
    corti.interaction()
    totals(corti)
    (path,) = (corti.landing / "provider/consumption").glob("*.jsonl")
    assert made_at(path) is not None


def test_all_pages_of_users_are_asked_for(corti: CortiAtHand) -> None:
    for number in range(150):
        corti.interaction(assigned_user_id=f"user-{number:04d}")
    assert totals(corti)[0].users == 150


def test_a_console_that_refuses_is_said_so_and_what_it_gave_is_kept(corti: CortiAtHand) -> None:
    for user in ("u-1", "u-2"):
        corti.interaction(assigned_user_id=user)
    corti.fault("status", "/users/u-2/", status=403, times=0)
    summary, lines = totals(corti)
    assert (summary.reason, summary.totals, len(lines)) == ("refused", 2, 2)


def test_today_is_asked_for_where_that_is_wanted_by_the_same_window_each_time() -> None:
    now = datetime(2026, 4, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    *days, today = windows(1, now, with_today=True)
    assert windows(1, now + timedelta(minutes=20), with_today=True) == [*days, today]
    assert [(day.first, day.last) for day in days] == [("2026-03-30T00:00:00.000Z", "2026-03-30T23:59:59.999Z")]
    assert (today.first, today.last) == ("2026-03-31T00:00:00.000Z", "2026-03-31T23:59:59.999Z")
    assert windows(1, now) == days
