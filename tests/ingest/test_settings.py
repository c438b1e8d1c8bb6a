"""Settings have safe defaults, and an unusable one is named with its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ingest.settings import CHECKOUT, load_settings


def test_defaults_need_no_environment() -> None:
    settings = load_settings({})
    assert settings.home == CHECKOUT / "data"
    assert (settings.memory_limit, settings.keep_versions, settings.lock_wait_seconds) == ("4GB", 3, 60)


def test_home_is_absolute_and_a_tilde_is_the_users_folder() -> None:
    assert load_settings({"CREDITS_HOME": "~/credits"}).home == (Path.home() / "credits").resolve()
    assert load_settings({"CREDITS_HOME": "somewhere"}).home.is_absolute()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDITS_MEMORY_LIMIT", value)
        for value in ("4", "GB", "4TB", "-1GB", "1.5GB", "0GB", "\u0663GB", "\u00b2GB", "4GB; drop table x")
    ]
    + [("CREDITS_THREADS", value) for value in ("0", "two", "\u0662", "-1", "1.5")]
    + [("CREDITS_KEEP_VERSIONS", "0"), ("CREDITS_LOCK_WAIT_SECONDS", "-1")],
)
def test_an_unusable_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings({name: value})
    assert repr(value) in str(caught.value)


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert load_settings({"CREDITS_THREADS": "", "CREDITS_HOME": ""}) == load_settings({})


def test_units_are_taken_in_either_case() -> None:
    assert load_settings({"CREDITS_MEMORY_LIMIT": "512mb"}).memory_limit == "512MB"
