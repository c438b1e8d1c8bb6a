"""Deliveries that cannot be read, or say what cannot be, are named; what is published is left alone or without them."""

from __future__ import annotations

import errno
import os

import pytest

from ingest.contract.landing_files import LandingFile
from ingest.landing import file_tasks
from ingest.landing.file_bytes import Bounds, FileFacts
from ingest.landing.names import Field
from orchestration import pipeline
from orchestration.pipeline import publish_version
from tests.orchestration.homes import Home

MAPPING_FAULTS = {
    "missing column": ("users", "userId\nu1\n", ["column 'tenantId' is missing"]),
    "impossible window": (
        "users",
        "userId,tenantId,validFrom,validTo\nu1,t1,2025-02-01,2025-01-01\n",
        ["row 2", "'validTo' is 2025-01-01"],
    ),
    "overlapping windows": (
        "tenants",
        "tenantId,name,validFrom,validTo\nt1,A,2025-01-01,2025-03-01\nt1,B,2025-02-01,\n",
        ["row 3", "overlaps", "row 2"],
    ),
    "unknown zone": (
        "tenants",
        "tenantId,name,timezone\nt1,A,Mars/Olympus\n",
        ["row 2", "'timezone' is 'Mars/Olympus'"],
    ),
    "time that is none": ("users", "userId,tenantId,validFrom\nu1,t1,soon\n", ["row 2", "'validFrom' is 'soon'"]),
}
# Modes do not bind root; root without these privileges is bound like anybody.
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


@pytest.mark.parametrize("command", ["run", "rebuild"])
def test_missing_landing_folder_names_the_setting(fresh_home: Home, command: str) -> None:
    line = fresh_home.credits(command).one_line
    assert f"{fresh_home.settings.landing} does not exist" in line and "CREDITS_HOME" in line


def test_unreadable_landing_folder_is_named(home: Home) -> None:
    before = home.published_bytes()
    unreadable = home.settings.landing
    mode = unreadable.stat().st_mode
    unreadable.chmod(0)
    try:
        ended = home.process("-m", "orchestration.cli", "run", before=WITHOUT_PRIVILEGES)
    finally:
        unreadable.chmod(mode)
    assert str(unreadable) in ended.one_line and "mode" in ended.one_line
    assert home.published_bytes() == before


@pytest.mark.parametrize("fault", MAPPING_FAULTS)
def test_faulty_mapping_names_file_row_and_column(home: Home, fault: str) -> None:
    table, content, expected = MAPPING_FAULTS[fault]
    before = home.manifest()
    (home.settings.landing / "mappings" / table / "faulty_2027-01-01.csv").write_text(content)
    ended = home.credits("run")
    line = ended.one_line
    assert ended.code == 3
    assert f"mappings/{table}/faulty_2027-01-01.csv" in line and all(part in line for part in expected)
    after = home.manifest()
    assert after["totals"]["credits"] == before["totals"]["credits"]
    assert after["tables"]["mart_unread_files"]["rows"] == 1


def test_file_that_cannot_be_read_is_told_after_the_others_are_published(home: Home) -> None:
    before = home.manifest()
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    # It can't be read by anybody, root included.
    (home.settings.landing / "usage_records" / "unreadable.jsonl").symlink_to("unreadable.jsonl")
    ended = home.credits("run")
    after = home.manifest()
    assert ended.code == 3 and "left out: usage_records/unreadable.jsonl: " in ended.out
    assert "usage_records/unreadable.jsonl" in ended.one_line and "can't be followed" in ended.one_line
    assert after["totals"]["operations"] == before["totals"]["operations"] + 1
    # Tried again and again, it must not push out the earlier versions that are kept.
    assert publish_version(home.settings).version == after["version"]


def test_a_file_that_may_not_be_opened_is_tried_again_at_each_run_and_costs_no_build(home: Home) -> None:
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    locked = home.deliver("locked.jsonl", {"creditsConsumed": 2, "createdAt": "2026-01-01"})
    locked.chmod(0)
    run = ("-m", "orchestration.cli", "run")
    first = home.process(*run, before=WITHOUT_PRIVILEGES)
    logs = {*(home.path / "logs").iterdir()}
    again = home.process(*run, before=WITHOUT_PRIVILEGES)
    status = home.process("-m", "orchestration.cli", "status", before=WITHOUT_PRIVILEGES)
    assert (first.code, again.code, status.code) == (3, 3, 3)
    assert "published 20" in first.out and "nothing new: version" in again.out and "holds all" in status.out
    assert "usage_records/locked.jsonl" in again.one_line and "can't be opened" in again.one_line
    assert {*(home.path / "logs").iterdir()} == logs
    before = home.manifest()["totals"]["operations"]
    locked.chmod(0o600)
    assert home.process(*run, before=WITHOUT_PRIVILEGES).code == 0
    assert home.manifest()["totals"]["operations"] == before + 1


def test_a_file_whose_reading_fails_later_on_costs_no_build(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = home.deliver("broken.jsonl", {"creditsConsumed": 2, "createdAt": "2026-01-01"})
    inspect = file_tasks.inspect

    def failing(file: LandingFile, fields: tuple[Field, ...], bounds: Bounds) -> FileFacts:
        if file.absolute == broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(broken))
        return inspect(file, fields, bounds)

    monkeypatch.setattr(file_tasks, "inspect", failing)
    first = home.credits("run")
    monkeypatch.setattr(pipeline, "build", lambda _: pytest.fail("nothing is to be built"))
    again = home.credits("run")
    assert (first.code, again.code) == (3, 3) and "the run changed nothing" in again.out
    assert "usage_records/broken.jsonl" in again.one_line and "Input/output error" in again.one_line
