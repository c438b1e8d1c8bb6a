"""How pulls go about it: read from the environment, each with a default (`.env.example` lists them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.corti.client import Limits
from ingest.settings import setting_value


@dataclass(frozen=True)
class PullSettings:
    """`lookback_days`: how many days of interactions, today included, a pull walks over. `settle_hours`: what was
    listed sooner than so many hours after its last change is listed once more behind them. `consumption_days`: how
    many whole days before today the console's totals are asked for, and `consumption_today` whether for today so far
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
        SettingsError: a variable holds something unusable.
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
