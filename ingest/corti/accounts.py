"""The Corti accounts to pull, read from the environment; secrets may come from mounted files.

`CREDITS_CORTI_ACCOUNTS=main,trial` names the accounts; each has its own variables, `CREDITS_CORTI_MAIN_…`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ingest.errors import SettingsError
from ingest.secret import Secret

_NAMES = "CREDITS_CORTI_ACCOUNTS"
_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,31}", re.ASCII)
_TENANT = re.compile(r"[!-~]{1,128}")
"""The tenant is sent in a header, so its form is limited."""
_LOCAL = ("127.0.0.1", "localhost", "::1")
ADMIN_API = "https://api.console.corti.app/functions/v1/public"
"""The console's API, from Corti's public API reference."""


@dataclass(frozen=True)
class AdminAccess:
    """A console login (a project's admin or owner), and the project whose users' consumption it reads."""

    url: str
    email: str
    password: Secret
    project: str


@dataclass(frozen=True)
class Account:
    """One Corti account: an environment and a tenant, as in usage records, and a client's credentials.

    `api_url` ends in `/v2`, `login_url` in `/realms`, both without a trailing slash.
    """

    name: str
    environment: str
    tenant: str
    api_url: str
    login_url: str
    client_id: str
    client_secret: Secret
    admin: AdminAccess | None = field(default=None)


def load_accounts(environ: Mapping[str, str] | None = None) -> tuple[Account, ...]:
    """The configured accounts; none if `CREDITS_CORTI_ACCOUNTS` is empty.

    Raises:
        SettingsError: a variable is missing or unusable; the message never contains a secret.
    """
    env = os.environ if environ is None else environ
    names = [name.strip().lower() for name in (env.get(_NAMES) or "").split(",") if name.strip()]
    for name in names:
        if not _NAME.fullmatch(name):
            raise SettingsError(f"{_NAMES} names {name!r}: use letters, digits and underscores, 32 at most.")
    if len({*names}) < len(names):
        raise SettingsError(f"{_NAMES} names an account twice.")
    accounts = tuple(_account(env, name) for name in names)
    if len({(account.environment, account.tenant) for account in accounts}) < len(accounts):
        raise SettingsError(f"{_NAMES}: two accounts have the same environment and tenant; keep one of them.")
    return accounts


def _account(env: Mapping[str, str], name: str) -> Account:
    start = f"CREDITS_CORTI_{name.upper()}_"
    environment = _needed(env, f"{start}ENVIRONMENT")
    if not re.fullmatch(r"[a-z0-9-]{1,32}", environment):
        raise SettingsError(f"{start}ENVIRONMENT is {environment!r}: give eu or us, or what your records say.")
    tenant = _needed(env, f"{start}TENANT")
    if not _TENANT.fullmatch(tenant):
        raise SettingsError(f"{start}TENANT is {tenant!r}: give it as Corti does, in ASCII and without blanks.")
    return Account(
        name,
        environment,
        tenant,
        _url(env, f"{start}API_URL", f"https://api.{environment}.corti.app/v2"),
        _url(env, f"{start}LOGIN_URL", f"https://auth.{environment}.corti.app/realms"),
        _needed(env, f"{start}CLIENT_ID"),
        _secret(env, f"{start}CLIENT_SECRET"),
        _admin(env, f"{start}ADMIN_"),
    )


def _admin(env: Mapping[str, str], start: str) -> AdminAccess | None:
    email = env.get(f"{start}EMAIL")
    if not email:
        return None
    return AdminAccess(
        _url(env, f"{start}URL", ADMIN_API),
        email,
        _secret(env, f"{start}PASSWORD"),
        _needed(env, f"{start}PROJECT"),
    )


def _needed(env: Mapping[str, str], name: str) -> str:
    value = (env.get(name) or "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: give it a value, or take its account out of {_NAMES}.")
    return value


def _url(env: Mapping[str, str], name: str, default: str) -> str:
    url = (env.get(name) or default).rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.username or parts.password:
        raise SettingsError(f"{name} is not a base URL: give one such as {default}.")
    if parts.scheme == "http" and host not in _LOCAL:
        raise SettingsError(f"{name} would send credentials unencrypted: give a URL that begins with https://.")
    return url


def _secret(env: Mapping[str, str], name: str) -> Secret:
    path = env.get(f"{name}_FILE")
    if path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{name}_FILE can't be read: check the file, its owner and its mode.") from None
    else:
        text = (env.get(name) or "").strip()
    if not text:
        raise SettingsError(f"{name} is not set: give it, or {name}_FILE with the path of a file that holds it.")
    return Secret(text)
