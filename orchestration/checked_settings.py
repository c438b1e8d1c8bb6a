"""Checks all settings at once, which each command and each launched run does first."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ingest.corti.accounts import load_accounts
from ingest.object_urls import ObjectUrl
from ingest.settings import check_settings, setting_value, unread_settings
from orchestration.alerts.targets import check_targets
from orchestration.publish.delta_tables import require_deltalake

_MOST_WARNINGS = 20


def check_all_settings(environ: Mapping[str, str] | None = None) -> list[str]:
    """Refuse values that can't be used; return a line for each variable that looks like a setting and that nothing
    reads.

    Raises:
        SettingsError: a variable has a value that can't be used, or a required one is missing; no secret is shown.
    """
    env = os.environ if environ is None else environ
    check_settings(env)
    load_accounts(env)
    check_targets(env)
    if setting_value("CREDITS_PUBLISH_DELTA", env):
        require_deltalake("CREDITS_PUBLISH_DELTA=1")
    if isinstance(to := setting_value("CREDITS_PUBLISH_TO", env), ObjectUrl):
        require_deltalake(f"CREDITS_PUBLISH_TO={to}")
    unread = [*unread_settings(env)]
    more = len(unread) - _MOST_WARNINGS
    return [*unread[:_MOST_WARNINGS], f"{more} more CREDITS_ variables are not known settings."] if more > 0 else unread
