"""Access tokens: requested with credentials, kept only in memory, renewed before they expire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from ingest.corti.accounts import Account, AdminAccess
from ingest.corti.json_picking import BrokenBodyError, Item, Shape, picked
from ingest.corti.retrying import PASSING, PassingError, RetryPolicy, retry_after
from ingest.errors import CortiError, LoginError

_SHORTEST = 30.0
_RENEWED_EARLY = 0.4
"""The share of a token's life that is left when it is renewed: two of Corti's five minutes, as in its SDKs."""


@dataclass(frozen=True)
class Login:
    """How a token is requested: a POST of a form or of JSON, and its place in the answer. Never shows its secrets."""

    name: str
    url: str
    grant: Shape
    form: Callable[[], dict[str, str]] | None = None
    json: Callable[[], dict[str, str]] | None = None


def client_login(account: Account) -> Login:
    """The login of an account's client, by client credentials."""

    def form() -> dict[str, str]:
        secret = account.client_secret.reveal()
        grant = {"grant_type": "client_credentials", "scope": "openid"}
        return {"client_id": account.client_id, "client_secret": secret, **grant}

    url = f"{account.login_url}/{quote(account.tenant, safe='')}/protocol/openid-connect/token"
    return Login(account.name, url, Shape("", {"access_token": "token", "expires_in": "seconds"}), form=form)


def console_login(name: str, admin: AdminAccess) -> Login:
    """The login of a project's admin at the console's API."""

    def json() -> dict[str, str]:
        return {"email": admin.email, "password": admin.password.reveal()}

    grant = Shape("", {"accessToken": "token", "expiresIn": "seconds"})
    return Login(name, f"{admin.url}/auth/token", grant, json=json)


class Tokens:
    """Gives the token of one login. Many tasks may ask at once: one of them logs in, and the others wait for it.

    A login changes nothing at Corti, so it is retried like a GET.
    """

    def __init__(self, login: Login, http: httpx.AsyncClient, policy: RetryPolicy) -> None:
        self._login = login
        self._http = http
        self._policy = policy
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self.logins = 0

    async def authorization(self, refused: str | None = None) -> str:
        """The value of the `Authorization` header. `refused` is a value that the API has just answered with 401.

        Raises:
            LoginError: the credentials are refused.
            CortiError: the login endpoint gave no token in any attempt.
        """
        async with self._lock:
            if self._token is None or time.monotonic() >= self._renew_at or refused == f"Bearer {self._token}":
                self._token = None
                try:
                    async for attempt in self._policy.retrying():
                        with attempt:
                            await self._log_in()
                except PassingError as error:  # retried often enough: the caller need not try again
                    raise CortiError(str(error), error.reason) from None
            return f"Bearer {self._token}"

    async def _log_in(self) -> None:
        login = self._login
        asked_at = time.monotonic()
        self.logins += 1
        found: list[Item] = []
        try:
            form, json = login.form and login.form(), login.json and login.json()
            async with self._http.stream("POST", login.url, data=form, json=json) as response:
                if response.status_code in PASSING:
                    wait = retry_after(response.headers.get("retry-after"))
                    wait = wait if self._policy.is_patient_for(wait) else None
                    raise PassingError(f"{login.name}: the login endpoint is not ready", "login_unavailable", wait)
                if response.status_code != 200:
                    raise LoginError(
                        f"{login.name}: Corti refuses the login ({response.status_code}): check its id, its secret, "
                        "the tenant and the environment.",
                        "login_refused",
                    )
                await picked(response.aiter_bytes(), login.grant, found.append)
        except (httpx.TransportError, httpx.DecodingError, BrokenBodyError):
            said = f"{login.name}: {login.url} does not answer: check the network and the account's URLs"
            raise PassingError(said, "login_unavailable") from None
        grant = found[0] if found else {}
        token = grant.get("token", "")
        if not token.isascii() or not token.isprintable() or not token:
            raise PassingError(f"{login.name}: the login endpoint gave no token", "login_unavailable")
        try:
            seconds = float(grant.get("seconds", 0))
        except ValueError:
            seconds = 0.0
        self._token = token
        self._renew_at = asked_at + (max(seconds, _SHORTEST) * (1 - _RENEWED_EARLY) if seconds else _SHORTEST)
