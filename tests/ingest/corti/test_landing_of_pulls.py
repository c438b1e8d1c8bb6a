"""What pulls write is what landing reads: every line accepted, every value as Corti said it."""

from __future__ import annotations

import asyncio
import os
from datetime import date, datetime
from pathlib import Path

from ingest.contract.landing_writer import LandingWriter
from ingest.corti.client import CortiClient, opened_console
from ingest.corti.consumption import pull_consumption, windows
from ingest.corti.reading_back import Candidate, read_back
from ingest.corti.summaries import ReadSummary
from tests.ingest.corti.corti_at_hand import NOW, CortiAtHand
from tests.ingest.landing.landing_home import LandingHome


def test_every_line_of_a_pull_lands(corti: CortiAtHand) -> None:
    home = LandingHome.at(corti.landing.parent)
    interaction = corti.interaction(1, recordings={"r-1": 1})
    document = corti.document(interaction, "0.421000001")
    corti.transcript(interaction)
    corti.guided(interaction)

    async def read(client: CortiClient) -> ReadSummary:
        drop = LandingWriter(corti.landing / "usage_records", "read")
        return await read_back(client, [Candidate("document", interaction.id, document)], drop, lambda *_: None)

    async def ask() -> None:
        account = corti.account
        assert account.admin
        async with opened_console(account, account.admin, corti.settings.limits) as client:
            drop = LandingWriter(corti.landing / "provider/consumption", "main")
            await pull_consumption(client, "p1", windows(1, NOW), drop, lambda *_: None)

    corti.pull()
    corti.with_client(read)
    asyncio.run(ask())
    summary = home.land()
    assert (summary.files, summary.lines, summary.rejected) == (5, 1 + 4 + 5 + 1 + 1, 0)
    at = datetime(2026, 3, 30, 12)
    assert home.rows("select interaction_id, created_at, updated_at, pulled_at from raw.corti_interactions") == [
        (interaction.id, at, at, NOW.replace(tzinfo=None))
    ]
    assert home.rows("select kind from raw.corti_resources order by 1") == [
        (kind,) for kind in ("document", "guided_document", "recording", "transcript")
    ]
    assert home.rows("select min(day), max(day), sum(interactions)::int from raw.corti_pulls") == [
        (date(2026, 3, 27), date(2026, 3, 31), 1)
    ]
    assert home.rows("select source, credits::varchar from raw.usage_records") == [("read", "0.421000001")]
    assert home.rows("select window_from, window_to from raw.provider_consumption") == [
        (datetime(2026, 3, 30), datetime(2026, 3, 30, 23, 59, 59, 999000))
    ]


def test_a_file_that_is_being_written_is_not_seen(corti: CortiAtHand) -> None:
    home = LandingHome.at(corti.landing.parent)
    drop = LandingWriter(corti.landing / "corti/interactions", "main")
    drop.add({"interactionId": "i1", "pulledAt": "2026-03-31T00:00:00Z"})
    assert home.land().files == 0
    delivered = drop.deliver()
    assert delivered is not None
    assert home.land().accepted == 1
    assert drop.deliver() is None


def test_requests_of_days_add_up_to_those_of_the_pull(corti: CortiAtHand) -> None:
    for number in range(12):
        corti.interaction(4 - number / 3)
    summary = corti.pull()
    assert sum(row["requests"] for row in corti.lines("corti/pulls")) == summary.requests


def test_of_files_that_were_never_finished_only_its_own_old_ones_are_removed(tmp_path: Path) -> None:
    own, recent, others = (
        ".main-2026-03-01T00-00-00Z-0123abcd.jsonl.partial",
        ".main-2026-03-02T00-00-00Z-0123abcd.jsonl.partial",
        (".export.jsonl.partial", ".main-notes.jsonl.partial", ".trial-2026-03-01T00-00-00Z-0123abcd.jsonl.partial"),
    )
    for name in (own, recent, *others):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, None if name == recent else (0, 0))
    LandingWriter(tmp_path, "main")
    assert {path.name for path in tmp_path.iterdir()} == {recent, *others}
