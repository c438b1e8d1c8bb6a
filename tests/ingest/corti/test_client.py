"""The client asks again for what passes by itself, and for nothing else; never more at once than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.corti import client as client_module
from ingest.corti.client import Limits, opened
from ingest.corti.json_picking import Shape
from ingest.corti.retrying import RetryPolicy, retry_after
from ingest.errors import BalanceError, CortiError, GoneError
from tests.ingest.corti.asking import PATH, RECORDINGS, recordings, waits
from tests.ingest.corti.corti_at_hand import CortiAtHand


def test_a_list_takes_a_login_and_a_get(asked: CortiAtHand) -> None:
    assert recordings(asked) == ([{"id": "r-1"}], 2)


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_fault_that_passes_is_asked_again(asked: CortiAtHand, status: int) -> None:
    asked.fault("status", PATH, status=status, times=2)
    assert recordings(asked) == ([{"id": "r-1"}], 4)


@pytest.mark.parametrize("action", ["broken_json", "cut_short", "null_list"])
def test_a_body_that_breaks_off_is_asked_again_and_a_null_list_is_empty(asked: CortiAtHand, action: str) -> None:
    asked.fault(action, PATH, times=1)
    items, requests = recordings(asked)
    assert (items, requests) == (([], 2) if action == "null_list" else ([{"id": "r-1"}], 3))


@pytest.mark.parametrize("action", ["slow", "drip"])
def test_an_answer_that_takes_too_long_is_given_up_and_asked_again(asked: CortiAtHand, action: str) -> None:
    limits = Limits(read_seconds=0.5, attempt_seconds=0.5, retries=RetryPolicy(attempts=2, first_seconds=0.001))
    asked.settings = replace(asked.settings, limits=limits)
    asked.simulator.interactions["i-00001"].recordings.update({f"r-{number}": 1 for number in range(50)})
    asked.fault(action, PATH, seconds=1 if action == "slow" else 0.1)
    assert len(recordings(asked)[0]) == 50
    asked.fault(action, PATH, seconds=1 if action == "slow" else 0.1, times=2)
    with pytest.raises(CortiError, match="takes too long") as raised:
        recordings(asked)
    assert raised.value.reason == "timeout"


def test_what_does_not_pass_is_given_up_after_the_last_attempt(asked: CortiAtHand) -> None:
    asked.fault("status", PATH, times=0)
    with pytest.raises(CortiError, match="main: interactions/…/recordings answers 503") as raised:
        recordings(asked)
    assert raised.value.reason == "server_error"


def test_retry_after_is_waited_out_to_the_second(asked: CortiAtHand, monkeypatch: pytest.MonkeyPatch) -> None:
    made = waits(monkeypatch)
    asked.fault("busy", PATH, status=429, reason="7")
    asked.fault("busy", PATH, status=503, reason="11")
    assert recordings(asked)[0] == [{"id": "r-1"}]
    assert made == [7, 11]


def test_a_retry_after_beyond_all_patience_is_a_failure(asked: CortiAtHand, monkeypatch: pytest.MonkeyPatch) -> None:
    made = waits(monkeypatch)
    asked.fault("busy", PATH, status=429, reason="86400")
    with pytest.raises(CortiError, match="asks to wait 86400 s") as raised:
        recordings(asked)
    assert (raised.value.reason, made) == ("rate_limited", [])


def test_pauses_are_drawn_at_random_and_grow(asked: CortiAtHand, monkeypatch: pytest.MonkeyPatch) -> None:
    made = waits(monkeypatch)
    policy = RetryPolicy(attempts=6, first_seconds=1, longest_seconds=4)
    asked.settings = replace(asked.settings, limits=Limits(retries=policy))
    asked.fault("status", PATH, times=5)
    assert recordings(asked)[0] == [{"id": "r-1"}]
    assert len({*made}) == 5
    assert all(0 <= pause <= most for pause, most in zip(made, [1, 2, 4, 4, 4], strict=True))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        *(("5", 5), (" 0 ", 0), ("Tue, 31 Mar 2026 12:00:30 GMT", 30), ("Tue, 31 Mar 2026 11:00:00 GMT", 0)),
        *(("soon", None), ("-1", None), ("", None), (None, None), ("1.5", None)),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 3, 31, 12, tzinfo=UTC)) == seconds


def test_a_lack_of_balance_is_told_apart_and_never_asked_again(asked: CortiAtHand) -> None:
    asked.fault("status", PATH, status=429)
    with pytest.raises(BalanceError, match="A0021"):
        recordings(asked)
    assert recordings(asked)[0] == [{"id": "r-1"}]


def test_what_is_not_there_is_not_asked_again(asked: CortiAtHand) -> None:
    asked.fault("status", PATH, status=404)
    with pytest.raises(GoneError):
        recordings(asked)


def test_a_refusal_is_not_asked_again(asked: CortiAtHand) -> None:
    asked.fault("status", PATH, status=403)
    with pytest.raises(CortiError, match="answers 403") as raised:
        recordings(asked)
    assert raised.value.reason == "refused"


def test_no_more_requests_are_under_way_than_allowed(asked: CortiAtHand, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way = most = 0
    read = client_module.picked

    async def picked(chunks: AsyncIterator[bytes], shape: Shape, take: object) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        await read(chunks, shape, take)  # type: ignore[arg-type]
        under_way -= 1

    monkeypatch.setattr(client_module, "picked", picked)

    async def run() -> None:
        async with opened(asked.account, Limits(concurrency=3)) as client:
            await asyncio.gather(*(client.get(PATH, RECORDINGS) for _ in range(12)))

    asyncio.run(run())
    assert most == 3


def test_a_server_that_is_not_there_is_said_so(asked: CortiAtHand) -> None:
    account = replace(asked.account, api_url="http://127.0.0.1:9/v2")
    with pytest.raises(CortiError, match=r"could not be reached at http://127.0.0.1:9/v2: check") as raised:
        recordings(asked, account)
    assert raised.value.reason == "unreachable"
