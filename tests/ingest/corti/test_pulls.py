"""A pull writes what Corti lists, day by day; what was written is not asked for again; what failed says so."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ingest.corti.client import CortiClient
from ingest.corti.resources import Listed
from tests.ingest.corti.corti_at_hand import NOW, CortiAtHand

DAYS = ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]


def test_everything_that_hangs_on_an_interaction_is_listed(corti: CortiAtHand) -> None:
    interaction = corti.interaction(1, recordings={"r-1": 10}, encounter={"status": "in-progress", "type": "a b"})
    transcript, document = corti.transcript(interaction), corti.document(interaction)
    guided, other = corti.guided(interaction), corti.guided(corti.interaction(2))
    summary = corti.pull()
    assert (summary.interactions, summary.listed, summary.resources) == (2, 2, 5)
    assert corti.resources() == [
        ("document", document),
        ("guided_document", guided),
        ("guided_document", other),
        ("recording", "r-1"),
        ("transcript", transcript.id),
    ]
    line = corti.lines("corti/interactions")[-1]
    line.pop("pulledAt")
    assert line == {
        "environment": "eu",
        "cortiTenant": "acme",
        "interactionId": interaction.id,
        "assignedUserId": "u-1",
        "createdAt": "2026-03-30T12:00:00Z",
        "updatedAt": "2026-03-30T12:00:00Z",
        "encounterStatus": "in-progress",
    }
    created = {line["resourceId"]: line.get("createdAt") for line in corti.lines("corti/resources")}
    assert created[document] == interaction.created_at
    assert created[transcript.id] is None


def test_an_empty_day_is_complete_and_a_day_not_asked_for_has_no_row(corti: CortiAtHand) -> None:
    corti.interaction(1)
    corti.interaction(40)
    corti.pull()
    assert corti.days() == {day: ("complete", int(day == "2026-03-30"), None) for day in DAYS}
    assert corti.listed() == ["i-00001"]


def test_an_account_without_interactions_is_pulled_by_three_requests(corti: CortiAtHand) -> None:
    summary = corti.pull()
    assert (summary.requests, summary.days_complete) == (3, 5)  # a login, the search for a first page, the walk


def test_lists_that_are_null_hold_nothing(corti: CortiAtHand) -> None:
    corti.interaction()
    for path in ("/transcripts/", "/documents/", "/recordings/"):
        corti.fault("null_list", path, times=0)
    summary = corti.pull()
    assert (summary.reason, summary.listed, summary.resources) == (None, 1, 0)


def test_an_unchanged_day_is_asked_for_its_pages_alone(corti: CortiAtHand) -> None:
    for number in range(10):
        corti.transcript(corti.interaction(2 + number / 100))
    first = corti.pull()
    second = corti.pull()
    assert (first.listed, second.listed, second.interactions) == (10, 0, 10)
    assert first.requests - second.requests == 10 * 4
    assert len(corti.listed()) == 10


def test_only_interactions_that_changed_are_listed_again(corti: CortiAtHand) -> None:
    made = [corti.interaction(3) for _ in range(4)]
    corti.pull()
    late = corti.transcript(made[2])
    made[2].updated_at = "2026-03-31T09:00:00Z"
    assert corti.pull().listed == 1
    assert corti.resources() == [("transcript", late.id)]


def test_what_was_listed_too_soon_after_its_last_change_is_listed_once_more(corti: CortiAtHand) -> None:
    interaction = corti.interaction(-1 / 24, updated_at="2099-01-01T00:00:00Z")
    interaction.created_at = interaction.updated_at = corti.lines("corti/none") or "2026-03-31T11:00:00Z"  # type: ignore[assignment]
    corti.pull()
    late = corti.transcript(interaction)
    assert corti.pull().listed == 0
    assert late.id not in dict(corti.resources())
