"""Where alerts are sent: URLs from the environment or from a mounted file, and one message to one of them.

A URL contains secrets (passwords, tokens, private paths): it is named by its scheme and a short hash, and never shown.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import SettingsError
from ingest.secret import Secret

if TYPE_CHECKING:
    import apprise

SETTING = "CREDITS_ALERT_URLS"
_SCHEME = re.compile(r"([a-z][a-z0-9]{0,31})://\S", re.ASCII | re.IGNORECASE)
_TALKATIVE = ("apprise", "requests", "urllib3")


@dataclass(frozen=True)
class Target:
    """One service that gets alerts. `name` is safe to log."""

    name: str
    url: Secret


@dataclass(frozen=True)
class Message:
    """The text of one notification, and its alerts (their keys)."""

    title: str
    body: str
    is_critical: bool
    alerts: tuple[str, ...]


def load_targets(environ: Mapping[str, str] | None = None) -> tuple[Target, ...]:
    """The configured targets, each once; none if neither the setting nor its file is given.

    URLs are separated by blanks or line ends; a line of the file that begins with `#` is a comment.

    Raises:
        SettingsError: the file can't be read, or a word is not a URL; the message does not show it.
    """
    env = os.environ if environ is None else environ
    text = env.get(SETTING) or ""
    if path := env.get(f"{SETTING}_FILE"):
        try:
            text += "\n" + Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{SETTING}_FILE can't be read: check the file, its owner and its mode.") from None
    urls = [url for line in text.splitlines() if not line.lstrip().startswith("#") for url in line.split()]
    return tuple(_target(number, url) for number, url in enumerate(dict.fromkeys(urls), start=1))


def _target(number: int, url: str) -> Target:
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise SettingsError(
            f"{SETTING}: entry {number} is not a URL: give one such as mailto://…, slack://… or json://…, "
            "with blanks between them."
        )
    # Slow on purpose: nobody who reads a log should be able to test passwords against the name.
    digest = hashlib.scrypt(url.encode(), salt=b"credits alert target", n=2**14, r=8, p=1, dklen=4)
    return Target(f"{scheme[1].lower()}-{digest.hex()}", Secret(url))


def check_targets(environ: Mapping[str, str] | None = None) -> None:
    """Refuse URLs that no message could be sent to. Contacts no service.

    Raises:
        SettingsError: one is not a URL, has an unknown service, or lacks something.
    """
    for target in load_targets(environ):
        _service(target)


def send(target: Target, message: Message) -> bool:
    """Send one message; return whether the service accepted it.

    Raises:
        SettingsError: the URL has an unknown service, or lacks something.
    """
    service = _service(target)
    import apprise

    if service.overflow_mode is apprise.OverflowMode.UPSTREAM:
        service.overflow_mode = apprise.OverflowMode.SPLIT
    notifier = apprise.Apprise(asset=service.asset)
    notifier.add(service)
    with _silenced():
        kind = apprise.NotifyType.FAILURE if message.is_critical else apprise.NotifyType.WARNING
        try:
            return bool(
                notifier.notify(
                    title=message.title, body=message.body, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
                )
            )
        except Exception:  # any error of a service's plugin may quote the URL
            return False


def _service(target: Target) -> apprise.NotifyBase:
    import apprise  # takes half a second, which runs without a target should not need

    # A redirect would send the message, and the URL's secrets, to a host that nobody named.
    asset = apprise.AppriseAsset(app_id="Credits", app_desc="Corti credits", http_redirects=False)
    with _silenced():
        service = apprise.Apprise.instantiate(target.url.reveal(), asset=asset)
    if not isinstance(service, apprise.NotifyBase):
        raise SettingsError(f"{target.name} is not the URL of a known service: correct {SETTING}.")
    return service


@contextmanager
def _silenced() -> Iterator[None]:
    """Keep the libraries' messages about hosts, paths and answers out of every log."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
