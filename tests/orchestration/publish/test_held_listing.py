"""Files that are copied or written again with the same content make another listing, but no other version."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ingest.contract.landing_listing import listing_fingerprint
from orchestration.change_detection import has_news
from orchestration.models.building import models_fingerprint
from orchestration.pipeline import land_new_files, publish_version
from orchestration.publish.publishing import holds_all
from tests.orchestration.homes import Home


def copy_again(landing: Path) -> None:
    """What a copy of the home does to its files: the same bytes and modification times."""
    shutil.copytree(landing, landing.with_name("copy"))
    shutil.rmtree(landing)
    landing.with_name("copy").rename(landing)


@pytest.mark.parametrize("publishes", [False, True])
def test_copied_files_are_looked_into_once_and_make_no_version(home: Home, publishes: bool) -> None:
    before = home.published_bytes()
    copy_again(home.settings.landing)
    assert has_news(home.settings)
    assert land_new_files(home.settings, "a run").summary.load_id is None
    if publishes:
        publish_version(home.settings)
    else:
        assert holds_all(home.settings, models_fingerprint())
    assert not has_news(home.settings)
    assert home.published_bytes() == before
    copy_again(home.settings.landing)
    assert has_news(home.settings)


def test_a_file_written_again_with_its_size_and_time_is_news(home: Home) -> None:
    path = home.settings.landing / "usage_records" / "again.jsonl"
    path.write_text('{"creditsConsumed": 1, "createdAt": "2026-01-01"}\n')
    land_new_files(home.settings, "a run")
    holds_all(home.settings, models_fingerprint())
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_text('{"creditsConsumed": 2, "createdAt": "2026-01-01"}\n')
    os.utime(path, ns=times)
    assert has_news(home.settings)
    assert land_new_files(home.settings, "a run").summary.files == 1


@pytest.mark.parametrize("note", ["", "[]", "{", '{"version": "another", "listing": "x"}', '{"version": 1}'])
def test_a_note_that_says_nothing_about_the_version_is_ignored(home: Home, note: str) -> None:
    land_new_files(home.settings, "a run")
    assert holds_all(home.settings, models_fingerprint())
    (home.settings.warehouse / "listing.json").write_text(note)
    assert has_news(home.settings) == (home.manifest()["inputs"] != listing_fingerprint(home.settings.landing))
