"""Where the files are that come with the program: in the installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

from ingest.settings import CHECKOUT

_PACKAGED = Path(__file__).parent / "shipped"


def _shipped(packaged: str, in_checkout: str) -> Path:
    found = _PACKAGED / packaged
    return found if found.exists() else CHECKOUT / in_checkout


DBT_PROJECT = _shipped("dbt_project", "dbt_project")
SAMPLE = _shipped("sample", "data/sample")
"""A home with input files to try things with; it has nothing but `landing/`."""
SETTINGS_EXAMPLE = _shipped("settings.env", ".env.example")
"""All settings with what they mean and their defaults."""
