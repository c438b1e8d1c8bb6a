"""Where everything lives and how much of the machine may be used, read from the environment at one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """All settings, each with a safe local default (`.env.example` lists them).

    `home` is absolute. `memory_limit` is in DuckDB's spelling (`4GB`); `lock_wait_seconds` is how long a
    second writer waits for the first.
    """

    home: Path
    threads: int
    memory_limit: str
    keep_versions: int
    lock_wait_seconds: float

    @property
    def landing(self) -> Path:
        """Input files, as any writer drops them."""
        return self.home / "landing"

    @property
    def quarantine(self) -> Path:
        """What was refused, with the reason and where it came from."""
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        """Folder of the private build databases."""
        return self.home / "warehouse"

    @property
    def build_database(self) -> Path:
        """Raw, staging and intermediate tables."""
        return self.warehouse / "build.duckdb"

    @property
    def marts_database(self) -> Path:
        """The public tables, in a file of their own that is published as a copy."""
        return self.warehouse / "marts.duckdb"

    @property
    def published(self) -> Path:
        """What BI reads: `current` and the versions behind it."""
        return self.home / "published"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (the process environment by default).

    Raises:
        SettingsError: a variable holds something unusable.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("CREDITS_HOME") or CHECKOUT / "data").expanduser().resolve()
    return Settings(
        home=home,
        threads=_whole_number(env, "CREDITS_THREADS", os.cpu_count() or 1),
        memory_limit=_memory(env, "CREDITS_MEMORY_LIMIT", "4GB"),
        keep_versions=_whole_number(env, "CREDITS_KEEP_VERSIONS", 3),
        lock_wait_seconds=_whole_number(env, "CREDITS_LOCK_WAIT_SECONDS", 60, least=0),
    )


def _whole_number(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}: give a whole number of at least {least}.")
    return int(text)


def _memory(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name) or default
    number, unit = text[:-2], text[-2:].upper()
    if unit not in {"MB", "GB"} or not number.isascii() or not number.isdigit() or int(number) < 1:
        raise SettingsError(f"{name} is {text!r}: give a size such as 512MB or 4GB.")
    return number + unit
