"""The guide's older way lands one record per resource whose list carries credits, and none for what was captured."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ingest.contract.landing_writer import LandingWriter
from ingest.corti.legacy_list_credits import Covered, LegacyListCredits
from tests.ingest.corti.corti_at_hand import CortiAtHand, nothing_covered


def older(corti: CortiAtHand, covered: Covered = nothing_covered) -> list[dict[str, Any]]:
    corti.pull(LegacyListCredits(LandingWriter(corti.landing / "usage_records", "listed"), covered))
    return sorted(corti.lines("usage_records"), key=lambda line: line["resourceId"])


def test_it_is_off_by_default(corti: CortiAtHand) -> None:
    corti.document(corti.interaction(1))
    corti.pull()
    assert corti.lines("usage_records") == []


def test_todays_api_carries_credits_in_the_list_of_documents_alone(corti: CortiAtHand) -> None:
    interaction = corti.interaction(1)
    corti.transcript(interaction)
    corti.guided(interaction)
    document = corti.document(interaction, "0.125")
    (line,) = older(corti)
    assert (line["kind"], line["resourceId"], line["creditsConsumed"]) == ("document", document, 0.125)
    assert (line["source"], line["status"], line["createdAt"]) == ("read", "final", interaction.created_at)


def test_an_older_api_is_summed_with_transcripts_and_facts(corti: CortiAtHand) -> None:
    corti.simulator.older_api = True
    interaction = corti.interaction(1)
    transcript, document = corti.transcript(interaction, "0.5"), corti.document(interaction, "0.25")
    found = older(corti)
    assert [(line["kind"], line["resourceId"], line["creditsConsumed"]) for line in found] == [
        ("document", document, 0.25),
        ("facts", f"{interaction.id}-1", 0.01),
        ("transcript", transcript.id, 0.5),
    ]
    assert {line["createdAt"] for line in found} == {interaction.created_at}


def test_what_a_record_covers_is_not_counted_again(corti: CortiAtHand) -> None:
    interaction = corti.interaction(1)
    captured, missed = corti.document(interaction), corti.document(interaction)
    asked: list[tuple[str, str]] = []

    def covered(identity: str, resources: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
        assert identity == interaction.id
        asked.extend(resources)
        return [("document", captured)]

    assert [line["resourceId"] for line in older(corti, covered)] == [missed]
    assert asked == [("document", captured), ("document", missed)]


def test_a_figure_of_nothing_is_no_record(corti: CortiAtHand) -> None:
    corti.document(corti.interaction(1), "0.000")
    assert older(corti) == []
