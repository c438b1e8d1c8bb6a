"""A setting that is unusable is refused by its name, with what to give instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ingest.settings import CHECKOUT, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("CREDITS_THREADS", value) for value in ("0", "-1", "two", "1.5", "\u0662", " 2")),
        *(
            ("CREDITS_MEMORY_LIMIT", value)
            for value in ("4", "GB", "0GB", "4 GB", "-4GB", "4TB", "much", "\u0663GB", "\u00b2GB")
        ),
        *(("CREDITS_KEEP_VERSIONS", value) for value in ("0", "all")),
        *(("CREDITS_LOCK_WAIT_SECONDS", value) for value in ("-1", "forever", "1e3")),
    ],
)
def test_an_unusable_setting_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is .*: give a ") as error:
        load_settings({name: value})
    assert repr(value) in str(error.value)


def test_nothing_set_is_a_safe_local_default() -> None:
    settings = load_settings({})
    assert (settings.home, settings.keep_versions) == (CHECKOUT / "data", 3)
    assert settings == load_settings({"CREDITS_HOME": "", "CREDITS_THREADS": ""})


def test_the_home_is_absolute_wherever_the_process_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(
        {"CREDITS_HOME": "here", "CREDITS_LOCK_WAIT_SECONDS": "0", "CREDITS_MEMORY_LIMIT": "512mb"}
    )
    assert settings.landing == tmp_path / "here" / "landing"
    assert (settings.lock_wait_seconds, settings.memory_limit) == (0, "512MB")
