"""The client asks again for what passes by itself, and for nothing else; it renews its token, and says no secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from ingest.corti import client as client_module
from ingest.corti.accounts import Account, Secret
from ingest.corti.client import CortiClient, Limits, opened
from ingest.corti.json_picking import Item, Shape
from ingest.corti.login import Tokens, client_login
from ingest.corti.retrying import RetryPolicy, retry_after
from ingest.errors import BalanceError, CortiError, GoneError, LoginError
from tests.ingest.corti.corti_at_hand import SECRET, CortiAtHand

RECORDINGS = Shape("recordings.item", {"": "id"}, needed="recordings")
PATH = "/interactions/i-00001/recordings/"


@pytest.fixture
def asked(corti: CortiAtHand) -> CortiAtHand:
    """A Corti with one interaction that has one recording."""
    corti.interaction(recordings={"r-1": 10})
    return corti


def recordings(corti: CortiAtHand, account: Account | None = None) -> tuple[list[Item], int]:
    """What the list of recordings says, and how many requests that took."""

    async def use(client: CortiClient) -> tuple[list[Item], int]:
        return await client.get(PATH, RECORDINGS), client.requests

    return corti.with_client(use, account)


def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which is waited for."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("ingest.corti.retrying.pause", pause)
    return made


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
    with pytest.raises(CortiError, match="to wait 86400 s") as raised:
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


def test_a_token_that_is_refused_is_renewed_once(asked: CortiAtHand) -> None:
    asked.fault("forget_tokens", PATH)
    assert recordings(asked) == ([{"id": "r-1"}], 4)
    asked.fault("status", PATH, status=401, times=0)
    with pytest.raises(LoginError, match="refuses a new token"):
        recordings(asked)


def test_a_token_is_renewed_before_it_ends_and_used_until_then(
    asked: CortiAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("ingest.corti.login.time.monotonic", lambda: clock[0])
    asked.simulator.accepts = lambda token: token.startswith("Bearer secret-token-")  # type: ignore[method-assign]

    async def use(client: CortiClient) -> list[int]:
        counts = []
        for passed in (0, 100, 79, 2, 170):
            clock[0] += passed
            await client.get(PATH, RECORDINGS)
            counts.append(client.requests)
        return counts

    assert asked.with_client(use) == [2, 3, 4, 6, 7]  # 300 s: a new one behind 180


def test_many_that_wait_for_a_token_log_in_once(asked: CortiAtHand) -> None:
    async def use(client: CortiClient) -> int:
        await asyncio.gather(*(client.get(PATH, RECORDINGS) for _ in range(20)))
        return client.requests

    assert asked.with_client(use) == 21


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


def test_refused_credentials_are_said_without_them_and_tried_once(
    asked: CortiAtHand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = replace(asked.account, client_id="")
    with pytest.raises(LoginError, match=r"main: Corti refuses the login \(401\)") as raised:
        recordings(asked, account)
    assert recordings(asked)[0] == [{"id": "r-1"}]
    told = caplog.text + repr(raised.value) + repr(account) + str(account)
    assert SECRET not in told
    assert "secret-token" not in told


def test_a_login_that_is_not_ready_is_tried_again(asked: CortiAtHand) -> None:
    asked.fault("status", "/realms/", times=2)
    assert recordings(asked) == ([{"id": "r-1"}], 4)


def test_a_login_that_never_is_ready_is_not_tried_for_ever(asked: CortiAtHand) -> None:
    asked.fault("status", "/realms/", times=0)

    async def use(client: CortiClient) -> tuple[str, int]:
        with pytest.raises(CortiError) as raised:
            await client.get(PATH, RECORDINGS)
        return raised.value.reason, client.requests

    assert asked.with_client(use) == ("login_unavailable", 3)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip at all")),
        httpx.Response(200, json={"access_token": "tok\u00e9n", "expires_in": 300}),
        httpx.Response(200, json={"access_token": "tok\nen", "expires_in": 300}),
    ],
)
def test_a_login_that_answers_with_something_else_is_one_clear_failure(
    asked: CortiAtHand, answer: httpx.Response
) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
            tokens = Tokens(client_login(asked.account), http, RetryPolicy(attempts=1))
            with pytest.raises(CortiError) as raised:
                await tokens.authorization()
        assert raised.value.reason == "login_unavailable"
        assert len(str(raised.value).splitlines()) == 1

    asyncio.run(run())


def test_a_server_that_is_not_there_is_said_so(asked: CortiAtHand) -> None:
    account = replace(asked.account, api_url="http://127.0.0.1:9/v2")
    with pytest.raises(CortiError, match=r"could not be reached at http://127.0.0.1:9/v2: check") as raised:
        recordings(asked, account)
    assert raised.value.reason == "unreachable"


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(SECRET)
    assert SECRET not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == SECRET
    with pytest.raises(TypeError):
        __import__("pickle").dumps(secret)
