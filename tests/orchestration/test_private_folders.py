"""What a user may not look into is named or unknown, never taken for empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from ingest.settings import Settings
from tests.orchestration.homes import Ended, Home
from tests.orchestration.made_version import VERSION, publish_by_hand
from tests.orchestration.test_delivery_errors import WITHOUT_PRIVILEGES

USED = ("final", datetime(2026, 10, 30, 12))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a published version, and all its private folders."""
    made = publish_by_hand(tmp_path / "home", fct_credit_usage=[USED])
    for folder in (made.warehouse, made.quarantine, made.logs, made.home / "alerts"):
        folder.mkdir()
    made.build_database.touch()
    return made


@contextmanager
def closed(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


def command(settings: Settings, *arguments: str) -> Ended:
    return Home(settings).process("-m", "orchestration.cli", *arguments, before=WITHOUT_PRIVILEGES)


@pytest.mark.parametrize("private", ["warehouse", "landing"])
def test_status_needs_nothing_but_what_is_published(settings: Settings, private: str) -> None:
    with closed(settings.home / private), closed(settings.quarantine), closed(settings.home / "alerts"):
        lines, found = command(settings, "status"), command(settings, "status", "--json")
    assert (lines.code, found.code) == (0, 0) and VERSION in lines.out and "what waits is unknown" in lines.out
    assert json.loads(found.out)["is_waiting"] is None


@pytest.mark.parametrize("private", ["quarantine", "quarantine/load-000001.jsonl"])
def test_a_quarantine_that_may_not_be_read_is_named(settings: Settings, private: str) -> None:
    refused = settings.home / private
    if refused.suffix:
        refused.write_text("{}\n")
    with closed(refused):
        ended = command(settings, "quarantine", "list")
    assert ended.code == 1 and "nothing was refused" not in ended.out
    assert f"{refused} cannot be read by this user (it belongs to {refused.owner()})" in ended.one_line


@pytest.mark.parametrize("arguments", [("status",), ("tenants",), ("run",), ("run", "--json")])
def test_a_published_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    settings: Settings, arguments: tuple[str, ...]
) -> None:
    with closed(settings.published):
        ended = command(settings, *arguments)
    assert ended.code == 1 and "nothing is published" not in ended.out + ended.err
    assert f"{settings.published} cannot be read by this user" in ended.one_line


def test_output_that_has_no_room_is_named_as_that(settings: Settings) -> None:
    shell = ("sh", "-c", 'exec "$@" > /dev/full', "sh")
    ended = Home(settings).process("-m", "orchestration.cli", "status", before=shell)
    assert ended.code == 1 and "the output cannot be written (No space left on device): free space" in ended.err
    assert "Traceback" not in ended.err and "owner" not in ended.err
