"""The settings of pulls, read from the environment, each with a default (`.env.example` lists them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.corti.client import Limits
from ingest.settings import setting_value


@dataclass(frozen=True)
class PullSettings:
    """`lookback_days`: for how many days, including today, a pull lists interactions. `settle_hours`: an interaction
    that was listed within so many hours after its last change is listed once more after them. `consumption_days`: for
    how many whole days before today the console is asked for totals; `consumption_today`: whether it is asked for today
    too. `legacy_list_credits`: see the module of that name.
    """

    lookback_days: int = 35
    page_size: int = 100
    settle_hours: int = 24
    consumption_days: int = 3
    consumption_today: bool = False
    legacy_list_credits: bool = False
    limits: Limits = field(default_factory=Limits)


def load_pull_settings(environ: Mapping[str, str] | None = None) -> PullSettings:
    """Read the settings.

    Raises:
        SettingsError: a variable has an unusable value.
    """

    def value(name: str) -> Any:
        return setting_value(f"CREDITS_CORTI_{name}", environ)

    return PullSettings(
        value("LOOKBACK_DAYS"),
        value("PAGE_SIZE"),
        value("SETTLE_HOURS"),
        value("CONSUMPTION_DAYS"),
        value("CONSUMPTION_TODAY"),
        value("OLDER_WAY"),
        Limits(concurrency=value("CONCURRENCY"), read_seconds=value("TIMEOUT_SECONDS")),
    )
