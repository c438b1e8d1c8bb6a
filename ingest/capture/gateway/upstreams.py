"""Finds the host of Corti for a path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.errors import SettingsError

ENVIRONMENTS = ("eu", "us")
"""Corti's environments, as its SDKs name them."""

_SOCKETS, _CORE, _LOGIN, _MODELS = b"/audio-bridge/v2/", b"/v2/", b"/realms/", (b"/v1/", b"/anthropic/")
_SCHEMES = {"base": "http", "wss": "ws", "login": "http", "agents": "http", "models": "http"}


@dataclass(frozen=True)
class Target:
    """Where one call goes: `origin` is `scheme://host`, `authority` the Host header, `path` the path as it is sent."""

    origin: str
    authority: bytes
    path: bytes


@dataclass(frozen=True)
class Upstreams:
    """The four base URLs of an SDK's `environment` option, and the host of Corti Models; a URL that is None is not
    served.

    `environment` is that of the records: Corti's own word if the hosts are Corti's, else the operator's word.
    """

    base: str | None
    wss: str | None
    login: str | None
    agents: str | None
    environment: str | None = None
    models: str | None = None

    def call(self, path: bytes) -> Target | None:
        """Where an HTTP call with this path goes; None if its URL was not given."""
        if path.startswith(_CORE):
            return _target(self.base, path[len(_CORE) - 1 :])
        if path.startswith(_LOGIN):
            return _target(self.login, path[len(_LOGIN) - 1 :])
        if path.startswith(_SOCKETS) and self.wss:
            return _target(re.sub("^ws", "http", self.wss), path[len(_SOCKETS) - 1 :])
        if path.startswith(_MODELS):
            return _target(self.models, path)
        return _target(self.agents, path)

    def socket(self, path: bytes) -> Target | None:
        """Where a socket with this path goes; None if its URL was not given."""
        return _target(self.wss, path[len(_SOCKETS) - 1 :]) if path.startswith(_SOCKETS) else None


def upstreams_for(
    environment: str | None,
    *,
    name: str | None = None,
    base: str | None = None,
    wss: str | None = None,
    login: str | None = None,
    agents: str | None = None,
    models: str | None = None,
) -> Upstreams:
    """The upstreams of Corti's environment, or the given URLs in their place.

    `name` is the environment of records (default: `environment`, which may be None if URLs are given).

    Raises:
        SettingsError: there is neither an environment nor a URL, or a URL can't be used.
    """
    if models is not None:
        models = models.rstrip("/").removesuffix("/v1")  # which clients of OpenAI's interface have in their base URL
    given = {"base": base, "wss": wss, "login": login, "agents": agents, "models": models}
    for option, url in given.items():
        parts = urlsplit(url or "")
        if url is not None and (
            parts.scheme not in (_SCHEMES[option], _SCHEMES[option] + "s") or not parts.netloc or parts.query
        ):
            raise SettingsError(f"--upstream-{option} is {url!r}: give a URL that begins with {_SCHEMES[option]}s://.")
    if environment is None:
        if not any(given.values()):
            raise SettingsError("no upstream is given: give --environment eu or us, or --upstream-… URLs.")
        return Upstreams(**given, environment=name)
    corti = {
        "base": f"https://api.{environment}.corti.app/v2",
        "wss": f"wss://api.{environment}.corti.app/audio-bridge/v2",
        "login": f"https://auth.{environment}.corti.app/realms",
        "agents": f"https://api.{environment}.corti.app",
        "models": f"https://ai.{environment}.corti.app",
    }
    return Upstreams(**{option: given[option] or corti[option] for option in corti}, environment=name or environment)


def _target(url: str | None, path: bytes) -> Target | None:
    if url is None:
        return None
    parts = urlsplit(url)
    return Target(f"{parts.scheme}://{parts.netloc}", parts.netloc.encode(), parts.path.rstrip("/").encode() + path)
