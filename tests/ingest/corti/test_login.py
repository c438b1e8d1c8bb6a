"""The client renews its token in time and once for all who wait, and says no secret."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import httpx
import pytest

from ingest.corti.client import CortiClient
from ingest.corti.login import Tokens, client_login
from ingest.corti.retrying import RetryPolicy
from ingest.errors import CortiError, LoginError
from ingest.secret import Secret
from tests.ingest.corti.asking import PATH, RECORDINGS, recordings
from tests.ingest.corti.corti_at_hand import SECRET, CortiAtHand


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

    assert asked.with_client(use) == [2, 3, 4, 6, 7]  # 300 s: a new one after 180


def test_many_that_wait_for_a_token_log_in_once(asked: CortiAtHand) -> None:
    async def use(client: CortiClient) -> int:
        await asyncio.gather(*(client.get(PATH, RECORDINGS) for _ in range(20)))
        return client.requests

    assert asked.with_client(use) == 21


def test_refused_credentials_are_said_without_them_and_tried_once(
    asked: CortiAtHand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = replace(asked.account, client_id="")
    with pytest.raises(LoginError, match=r"main: Corti refuses the login \(401\)") as raised:
        recordings(asked, account)
    assert recordings(asked)[0] == [{"id": "r-1"}]
    got = caplog.text + repr(raised.value) + repr(account) + str(account)
    assert SECRET not in got
    assert "secret-token" not in got


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


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(SECRET)
    assert SECRET not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == SECRET
    with pytest.raises(TypeError):
        __import__("pickle").dumps(secret)
