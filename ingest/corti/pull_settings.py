"""How pulls go about it: read from the environment, each with a default (`.env.example` lists them)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.corti.client import Limits
from ingest.errors import SettingsError

_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class PullSettings:
    """`lookback_days`: how many days of interactions, today included, a pull walks over. `settle_hours`: what was
    listed sooner than so many hours after its last change is listed once more behind them. `consumption_days`: how
    many whole days before today the console's totals are asked for, and `consumption_today` whether for today so far
    too. `older_way`: see `older_way.py`.
    """

    lookback_days: int = 35
    page_size: int = 100
    settle_hours: int = 24
    consumption_days: int = 3
    consumption_today: bool = False
    older_way: bool = False
    limits: Limits = field(default_factory=Limits)


def load_pull_settings(environ: Mapping[str, str] | None = None) -> PullSettings:
    """Read the settings.

    Raises:
        SettingsError: a variable holds something unusable.
    """
    env = os.environ if environ is None else environ
    known = PullSettings()
    return PullSettings(
        _number(env, "CREDITS_CORTI_LOOKBACK_DAYS", known.lookback_days, least=1),
        _number(env, "CREDITS_CORTI_PAGE_SIZE", known.page_size, least=1),
        _number(env, "CREDITS_CORTI_SETTLE_HOURS", known.settle_hours, least=0),
        _number(env, "CREDITS_CORTI_CONSUMPTION_DAYS", known.consumption_days, least=1),
        _switch(env, "CREDITS_CORTI_CONSUMPTION_TODAY"),
        _switch(env, "CREDITS_CORTI_OLDER_WAY"),
        Limits(
            concurrency=_number(env, "CREDITS_CORTI_CONCURRENCY", known.limits.concurrency, least=1),
            read_seconds=_number(env, "CREDITS_CORTI_TIMEOUT_SECONDS", int(known.limits.read_seconds), least=1),
        ),
    )


def _number(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 10_000:
        raise SettingsError(f"{name} is {text!r}: give a whole number from {least} to 10000.")
    return int(text)


def _switch(env: Mapping[str, str], name: str) -> bool:
    text = (env.get(name) or "").lower()
    if text not in _ON + _OFF:
        raise SettingsError(f"{name} is {text!r}: give 1 or 0.")
    return text in _ON
