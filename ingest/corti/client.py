"""GETs of Corti's API for one account: logged in, concurrency-limited, retries transient errors, never logs bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from ingest.corti.accounts import Account, AdminAccess
from ingest.corti.json_picking import BrokenBodyError, Item, Shape, picked
from ingest.corti.login import Login, Tokens, client_login, console_login
from ingest.corti.retrying import PASSING, PassingError, RetryPolicy, retry_after
from ingest.errors import BalanceError, CortiError, GoneError, LoginError

_NO_BALANCE = "A0021"
"""Corti's error code for an insufficient balance; it comes with 429."""
_ERROR = Shape("", {"type": "type", "error.code": "type"})
_LONGEST_ERROR = 64 * 1024
Params = Mapping[str, str | int]


@dataclass(frozen=True)
class Limits:
    """`concurrency` limits an account's requests at one time. The seconds limit the time to connect, between two pieces
    of an answer, and for a whole attempt.
    """

    concurrency: int = 8
    connect_seconds: float = 10
    read_seconds: float = 60
    attempt_seconds: float = 300
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class CortiClient:
    """Asks Corti for lists and single resources. Made by `opened`; `requests` counts attempts, including logins."""

    def __init__(
        self,
        account: Account,
        base_url: str,
        headers: Mapping[str, str],
        login: Login,
        http: httpx.AsyncClient,
        limits: Limits,
    ) -> None:
        self.account = account
        self._base_url = base_url
        self._headers = headers
        self._http = http
        self._limits = limits
        self._tokens = Tokens(login, http, limits.retries)
        self._places = asyncio.Semaphore(limits.concurrency)
        self._asked = 0

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._asked + self._tokens.logins

    async def get(self, path: str, shape: Shape, params: Params | None = None) -> list[Item]:
        """The picked items of `path`, which follows the base URL. Transient errors are retried.

        Raises:
            GoneError: there is no such resource.
            BalanceError: Corti refuses because there are no credits left.
            LoginError: Corti refuses the credentials.
            CortiError: anything else; `reason` says what.
        """
        async for attempt in self._limits.retries.retrying():
            with attempt:
                async with self._places:
                    return await self._get(path, shape, params or {})
        raise AssertionError("a loop that re-raises its last error has no end")

    async def _get(self, path: str, shape: Shape, params: Params) -> list[Item]:
        found: list[Item] = []
        refused: str | None = None
        try:
            async with asyncio.timeout(self._limits.attempt_seconds):
                for last in (False, True):
                    authorization = await self._tokens.authorization(refused)
                    headers = {**self._headers, "Authorization": authorization}
                    self._asked += 1
                    url = self._base_url + path
                    async with self._http.stream("GET", url, params=dict(params), headers=headers) as response:
                        if response.status_code == 401 and not last:
                            refused = authorization
                            continue
                        if response.status_code != 200:
                            raise await self._refusal(path, response)
                        await picked(response.aiter_bytes(), shape, found.append)
                        return found
        except TimeoutError:
            raise PassingError(self._said(path, "takes too long"), "timeout") from None
        except httpx.TimeoutException:
            raise PassingError(self._said(path, "takes too long"), "timeout") from None
        except httpx.TransportError:
            said = f"could not be reached at {self._base_url}: check the network and the account's URLs"
            raise PassingError(self._said(path, said), "unreachable") from None
        except (BrokenBodyError, httpx.DecodingError):
            raise PassingError(self._said(path, "answered in an unexpected form"), "broken") from None
        raise AssertionError("the second answer is returned or refused")

    async def _refusal(self, path: str, response: httpx.Response) -> CortiError:
        status = response.status_code
        if status == 401:
            return LoginError(self._said(path, "refuses a new token"), "login_refused")
        if status == 404:
            return GoneError(self._said(path, "does not exist (404)"), "gone")
        if status == 429 and _NO_BALANCE in await _error_type(response):
            return BalanceError(
                self._said(
                    path,
                    f"is refused: no credits are left, or no contract is valid ({_NO_BALANCE}); see Corti's console",
                ),
                "insufficient_balance",
            )
        if status in PASSING:
            wait = retry_after(response.headers.get("retry-after"))
            reason = "rate_limited" if status == 429 else "server_error"
            if self._limits.retries.is_patient_for(wait):
                return PassingError(self._said(path, f"answers {status}"), reason, wait)
            return CortiError(self._said(path, f"answers {status}, and asks to wait {wait:.0f} s"), reason)
        return CortiError(self._said(path, f"answers {status}"), "refused")

    def _said(self, path: str, what: str) -> str:
        # The words of the path without its ids are enough to know what was asked.
        words = "/".join("…" if any(map(str.isdigit, word)) else word for word in path.strip("/").split("/"))
        return f"{self.account.name}: {words} {what}"


async def _error_type(response: httpx.Response) -> str:
    found: list[Item] = []

    async def beginning() -> AsyncIterator[bytes]:
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > _LONGEST_ERROR:
                return
            yield chunk

    try:
        await picked(beginning(), _ERROR, found.append)
    except (BrokenBodyError, httpx.HTTPError):
        return ""
    return found[0].get("type", "") if found else ""


@asynccontextmanager
async def opened(account: Account, limits: Limits | None = None) -> AsyncIterator[CortiClient]:
    """A client for an account's API (paths below `/v2`); its connections are closed when the block ends."""
    limits = limits or Limits()
    headers = {"Tenant-Name": account.tenant}
    async with _connections(limits) as http:
        yield CortiClient(account, account.api_url, headers, client_login(account), http, limits)


@asynccontextmanager
async def opened_console(
    account: Account, admin: AdminAccess, limits: Limits | None = None
) -> AsyncIterator[CortiClient]:
    """A client for the console's API, as the project's admin."""
    limits = limits or Limits()
    async with _connections(limits) as http:
        yield CortiClient(account, admin.url, {}, console_login(account.name, admin), http, limits)


def _connections(limits: Limits) -> httpx.AsyncClient:
    # One more connection than concurrent requests, for the login.
    pool = httpx.Limits(max_connections=limits.concurrency + 1, max_keepalive_connections=limits.concurrency + 1)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
        limits=pool,
        headers={"User-Agent": "credits-warehouse", "Accept": "application/json"},
        follow_redirects=False,
    )
