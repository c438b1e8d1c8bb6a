"""A pull writes what Corti lists, day by day; what was written is not asked for again; what failed says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ingest.corti.client import CortiClient
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
        "encounterType": "other",
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
    interaction = corti.interaction(2 / 24)
    assert corti.pull().listed == 1
    late = corti.transcript(interaction)  # Corti need not say that this changed the interaction
    assert corti.pull(now=NOW + timedelta(hours=20)).listed == 0
    assert corti.pull(now=NOW + timedelta(hours=23)).listed == 1
    assert corti.pull(now=NOW + timedelta(hours=30)).listed == 0
    assert corti.resources() == [("transcript", late.id)]


def test_an_interaction_that_is_gone_meanwhile_has_nothing(corti: CortiAtHand) -> None:
    corti.interaction(1)
    corti.fault("status", "/interactions/i-00001/", status=404, times=0)
    summary = corti.pull()
    assert (summary.reason, summary.resources, summary.days_failed) == (None, 0, 0)


def test_guided_documents_that_are_not_offered_fail_nothing(corti: CortiAtHand) -> None:
    corti.interaction(1)
    corti.fault("status", "/v2/documents/", status=403, times=0)
    summary = corti.pull()
    assert (summary.reason, summary.guided_refused, summary.days_failed) == (None, True, 0)


def test_a_day_of_which_something_can_not_be_had_has_failed_and_the_others_go_on(corti: CortiAtHand) -> None:
    broken, *_ = [corti.interaction(days) for days in (3, 2, 1)]
    corti.fault("status", f"/interactions/{broken.id}/documents/", times=0)
    summary = corti.pull()
    assert (summary.reason, summary.days_complete, summary.days_failed) == (None, 4, 1)
    assert corti.days()["2026-03-28"] == ("failed", 1, "server_error")
    assert corti.listed() == ["i-00002", "i-00003"]
    corti.simulator.faults.clear()
    assert corti.pull().listed == 1
    assert corti.days()["2026-03-28"] == ("complete", 1, None)


def test_a_server_that_is_down_ends_the_pull_and_fails_the_days_that_were_left(corti: CortiAtHand) -> None:
    made = [corti.interaction(4 - number / 10) for number in range(30)]
    corti.fault("status", "/transcripts/", times=0)
    summary = corti.pull()
    assert (summary.reason, summary.days_failed) == ("server_error", 5)
    assert corti.listed() == []
    corti.simulator.faults.clear()
    corti.pull()
    assert corti.listed() == [interaction.id for interaction in made]
    assert {outcome for outcome, _, _ in corti.days().values()} == {"complete"}


def test_a_lack_of_balance_ends_the_pull_at_once_and_is_named(corti: CortiAtHand) -> None:
    for days in (3, 2, 1):
        corti.interaction(days)
    corti.fault("status", "/interactions/i-00002/", status=429, times=0)
    summary = corti.pull()
    assert summary.reason == "insufficient_balance"
    assert "A0021" in str(summary.message)
    assert corti.days()["2026-03-29"][0] == "failed"
    assert corti.days()["2026-03-27"] == ("complete", 0, None)


class _CutOff(BaseException):
    """Ends a pull as an interrupt does."""


@pytest.mark.parametrize("cut_at", range(1, 53, 4))
def test_a_pull_that_is_cut_off_at_any_request_is_taken_up_where_it_was(
    corti: CortiAtHand, monkeypatch: pytest.MonkeyPatch, cut_at: int
) -> None:
    made = [corti.interaction(4 - number / 3) for number in range(12)]
    expected = sorted(("transcript", corti.transcript(interaction).id) for interaction in made)
    asked: list[str] = []
    ask: Any = CortiClient.get

    async def get(self: CortiClient, path: str, *rest: Any) -> Any:
        asked.append(path)
        if len(asked) == cut_at:
            raise _CutOff
        return await ask(self, path, *rest)

    monkeypatch.setattr(CortiClient, "get", get)
    with pytest.raises(_CutOff):
        corti.pull()
    before = corti.listed()
    assert {outcome for outcome, _, _ in corti.days().values()} <= {"complete", "failed"}
    rest = corti.pull()
    assert rest.listed == len(made) - len(before)
    assert corti.listed() == [interaction.id for interaction in made]
    assert corti.resources() == expected
    assert {outcome for outcome, _, _ in corti.days().values()} == {"complete"}


def test_no_line_speaks_of_an_interaction_before_its_resources_have_landed(
    corti: CortiAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.corti.pull._DELIVERED_AT", 1)
    for number in range(6):
        corti.transcript(corti.interaction(4 - number / 2))
    corti.pull()
    interactions = sorted(
        (corti.landing / "corti/interactions").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns
    )
    resources = sorted((corti.landing / "corti/resources").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    assert len(interactions) == len(resources) > 1
    for earlier, later in zip(resources, interactions, strict=True):
        assert earlier.stat().st_mtime_ns <= later.stat().st_mtime_ns


def test_two_accounts_do_not_know_of_each_other(corti: CortiAtHand) -> None:
    corti.interaction(1)
    corti.pull()
    moved = (corti.landing / "corti/interactions").glob("*.jsonl")
    for path in moved:
        path.write_text(path.read_text().replace('"acme"', '"another"'))
    assert corti.pull().listed == 1
