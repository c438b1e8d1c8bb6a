"""The cost of a transcript or document is looked up if it is not final, and written when it is reported."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ingest.contract.landing_writer import LandingWriter
from ingest.corti.client import CortiClient
from ingest.corti.reading_back import Candidate, read_back
from ingest.corti.summaries import ReadSummary
from ingest.landing.inputs import LINE_INPUTS
from ingest.landing.line_reading import pick_fields, read_json_object
from ingest.landing.validating import Accepted
from tests.ingest.corti.corti_at_hand import NOW, CortiAtHand


def looked_up(corti: CortiAtHand, *candidates: Candidate) -> tuple[ReadSummary, list[dict[str, Any]]]:
    async def use(client: CortiClient) -> ReadSummary:
        return await read_back(
            client, candidates, LandingWriter(corti.landing / "usage_records", "read"), lambda *_: None
        )

    return corti.with_client(use), corti.lines("usage_records")


def test_a_transcript_is_followed_until_it_is_final(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    transcript = corti.transcript(interaction, "0.3470", done_at=time.monotonic() + 3600)
    candidate = Candidate("transcript", interaction.id, transcript.id, "eu", "acme")
    summary, lines = looked_up(corti, candidate)
    assert (summary.asked, summary.processing, lines) == (1, 1, [])
    transcript.done_at = 0
    summary, (line,) = looked_up(corti, candidate)
    assert summary.final == 1
    assert len(line.pop("recordId")) == 32
    assert line.pop("capturedAt")
    assert line == {
        "kind": "transcript",
        "interactionId": interaction.id,
        "resourceId": transcript.id,
        "status": "final",
        "source": "read",
        "environment": "eu",
        "cortiTenant": "acme",
        "creditsConsumed": 0.347,
    }


def test_what_is_read_is_recorded_under_the_kind_that_its_records_have(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    transcript = corti.transcript(interaction)
    (line,) = looked_up(corti, Candidate("transcript", interaction.id, transcript.id, recorded_kind="unspecified"))[1]
    assert (line["kind"], line["resourceId"]) == ("unspecified", transcript.id)


def test_a_reading_that_is_killed_keeps_what_it_had_delivered(
    corti: CortiAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.corti.reading_back._AT_ONCE", 2)
    monkeypatch.setattr("ingest.corti.reading_back._DELIVERED_AT", 2)
    interaction, folder = corti.interaction(), corti.landing / "usage_records"
    candidates = [Candidate("document", interaction.id, corti.document(interaction)) for _ in range(6)]
    delivered: list[int] = []

    async def use(client: CortiClient) -> ReadSummary:
        count = lambda *_: delivered.append(len([*folder.glob("*.jsonl")]))  # noqa: E731
        return await read_back(client, candidates, LandingWriter(folder, "read"), count)

    corti.with_client(use)
    assert delivered == [0, 1, 2]
    assert len(corti.lines("usage_records")) == 6


def test_credits_are_the_digits_that_corti_wrote(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    document = corti.document(interaction, "0.421000000")
    looked_up(corti, Candidate("document", interaction.id, document))
    (path,) = (corti.landing / "usage_records").glob("*.jsonl")
    assert '"creditsConsumed":0.421000000' in path.read_text()


def test_a_record_names_the_account_as_the_records_before_it_do(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    found = looked_up(corti, Candidate("document", interaction.id, corti.document(interaction)))[1]
    assert "environment" not in found[0]
    assert "cortiTenant" not in found[0]


def test_what_belongs_to_another_account_is_not_asked_for(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    document = corti.document(interaction)
    others = [
        Candidate("document", interaction.id, document, "us", "acme"),
        Candidate("document", interaction.id, document, "eu", "x"),
    ]
    assert looked_up(corti, *others)[0].asked == 0


def test_a_document_carries_its_own_time_and_a_transcript_the_one_that_was_given(corti: CortiAtHand) -> None:
    interaction = corti.interaction(2)
    transcript, document = corti.transcript(interaction), corti.document(interaction)
    given = "2026-03-29T13:00:00Z"
    candidates = [
        Candidate("transcript", interaction.id, transcript.id, created_at=given),
        Candidate("document", interaction.id, document, created_at="2020-01-01T00:00:00Z"),
    ]
    found = looked_up(corti, *candidates)[1]
    assert {line["kind"]: line["createdAt"] for line in found} == {
        "transcript": given,
        "document": interaction.created_at,
    }


def test_no_figure_no_record_and_what_is_gone_is_gone(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    document, other = corti.document(interaction), corti.document(interaction)
    corti.fault("no_usage", f"/documents/{document}")
    corti.fault("status", f"/documents/{other}", times=0)
    candidates = [
        Candidate("document", interaction.id, document),
        Candidate("document", interaction.id, other),
        Candidate("document", interaction.id, "d-unknown-1"),
        Candidate("transcript", "../../realms/x", "t-1"),
        Candidate("guided_document", interaction.id, "g-1"),
    ]
    summary, lines = looked_up(corti, *candidates)
    assert (summary.asked, summary.silent, summary.failed, summary.gone, lines) == (4, 1, 1, 2, [])


def test_credits_deep_in_a_text_of_the_document_are_no_figure(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    document = corti.document(interaction)
    body = interaction.documents[document]
    body["usageInfo"] = None
    body["sections"] = [{"usageInfo": {"creditsConsumed": 99}, "creditsConsumed": 98}]
    assert looked_up(corti, Candidate("document", interaction.id, document))[0].silent == 1


def test_a_lack_of_balance_ends_the_reading_and_keeps_what_was_read(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    documents = [corti.document(interaction) for _ in range(30)]
    corti.fault("status", f"/documents/{documents[9]}", status=429, times=0)
    summary, lines = looked_up(corti, *(Candidate("document", interaction.id, document) for document in documents))
    assert (summary.reason, summary.asked) == ("insufficient_balance", 9)
    assert [line["resourceId"] for line in lines] == documents[:9]


def test_a_server_that_is_down_ends_the_reading(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    documents = [corti.document(interaction) for _ in range(6)]
    corti.fault("status", "/documents/", times=0)
    summary, lines = looked_up(corti, *(Candidate("document", interaction.id, document) for document in documents))
    assert (summary.reason, summary.failed, lines) == ("server_error", 6, [])


def test_every_record_is_one_that_landing_accepts(corti: CortiAtHand) -> None:
    interaction = corti.interaction()
    looked_up(corti, Candidate("document", interaction.id, corti.document(interaction), "eu", "acme"))
    (path,) = (corti.landing / "usage_records").glob("*.jsonl")
    records = LINE_INPUTS["usage_records"]
    for line in path.read_bytes().splitlines():
        row = pick_fields(read_json_object(line), records.fields)
        assert isinstance(records.validate(row, NOW.replace(year=2030)), Accepted)
