"""Nothing of a patient, no clinical text and no secret gets out of a pull: not into a file, a log or an error."""

from __future__ import annotations

import asyncio
import logging

import pytest

from ingest.contract.landing_writer import LandingWriter
from ingest.corti.client import CortiClient, opened_console
from ingest.corti.consumption import pull_consumption, windows
from ingest.corti.legacy_list_credits import LegacyListCredits
from ingest.corti.reading_back import Candidate, read_back
from ingest.corti.summaries import ConsumptionSummary, ReadSummary
from ingest.simulator.invention import MARKER
from tests.ingest.corti.corti_at_hand import NOW, PASSWORD, SECRET, CortiAtHand, nothing_covered

HIDDEN = (MARKER, SECRET, PASSWORD, "secret-token", "admin@clinic.test", "@example.invalid")


def ask_for_everything(corti: CortiAtHand) -> list[object]:
    text = corti.simulator.invention.text
    candidates = []
    for number in range(6):
        encounter = {"status": text(), "type": MARKER, "identifier": text(), "title": text(), "period": text()}
        interaction = corti.interaction(number / 2, encounter=encounter, recordings={text(): 1, "r-1": 1})
        transcript, document = corti.transcript(interaction), corti.document(interaction)
        corti.guided(interaction)
        candidates += [
            Candidate("transcript", interaction.id, transcript.id),
            Candidate("document", interaction.id, document),
        ]
    corti.simulator.older_api = True

    async def read(client: CortiClient) -> ReadSummary:
        return await read_back(client, candidates, LandingWriter(corti.landing / "usage_records", "r"), lambda *_: None)

    async def ask() -> ConsumptionSummary:
        account = corti.account
        assert account.admin
        async with opened_console(account, account.admin, corti.settings.limits) as client:
            drop = LandingWriter(corti.landing / "provider/consumption", "main")
            return await pull_consumption(client, "p1", windows(1, NOW), drop, lambda *_: None)

    legacy_list_credits = LegacyListCredits(LandingWriter(corti.landing / "usage_records", "listed"), nothing_covered)
    return [corti.pull(legacy_list_credits), corti.with_client(read), asyncio.run(ask())]


@pytest.mark.parametrize("action", [None, "broken_json", "cut_short", "status", "busy", "null_list", "forget_tokens"])
def test_nothing_that_is_hidden_is_found_anywhere(
    corti: CortiAtHand, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], action: str | None
) -> None:
    caplog.set_level(logging.DEBUG)
    if action:
        corti.fault(action, "/documents/", times=7, reason="0")
        corti.fault("status", "/i-00003/", times=0, status=400)
    summaries = ask_for_everything(corti)
    written = b"".join(path.read_bytes() for path in corti.landing.rglob("*") if path.is_file())
    assert b'"interactionId":"i-00001"' in written
    got = caplog.text + "".join(map(repr, summaries)) + "".join(capfd.readouterr())
    for word in HIDDEN:
        assert word.encode() not in written, word
        assert word not in got, word


def test_a_word_in_the_place_of_an_id_or_a_time_is_left_out(corti: CortiAtHand) -> None:
    interaction = corti.interaction(1, assigned_user_id="Mrs Marker 1950", updated_at="when Mrs Marker came")
    interaction.documents["d"] = {"id": "Letter of Mrs Marker 7", "createdAt": "yesterday"}
    interaction.documents["e"] = {"id": "e-1", "createdAt": "Mrs Marker's birthday"}
    corti.pull()
    assert corti.resources() == [("document", "e-1")]
    written = b"".join(path.read_bytes() for path in corti.landing.rglob("*.jsonl"))
    assert b"Marker" not in written
