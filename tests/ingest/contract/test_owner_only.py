"""Whatever the umask, nobody but the owner may read what is written into landing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.capture.log_replay import import_log
from ingest.capture.spool import Spool
from ingest.contract.landing_writer import LandingWriter
from ingest.contract.owner_only import open_owner_only, owner_only_folder, owner_only_folders
from orchestration.cli import main


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177])
def umask(request: pytest.FixtureRequest) -> Iterator[Callable[[], object]]:
    before = os.umask(0o022)
    yield lambda: os.umask(request.param)
    os.umask(before)


def modes(folder: Path) -> set[tuple[bool, int]]:
    return {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [folder, *folder.rglob("*")]}


def test_files_and_folders_are_their_owner_s_alone(tmp_path: Path, umask: Callable[[], object]) -> None:
    umask()
    owner_only_folder(tmp_path / "a")
    owner_only_folder(tmp_path / "a")
    os.close(open_owner_only(tmp_path / "a" / "f", os.O_WRONLY | os.O_EXCL))
    assert modes(tmp_path / "a") == {(True, 0o700), (False, 0o600)}


def test_missing_folders_above_are_their_owner_s_alone_too(tmp_path: Path, umask: Callable[[], object]) -> None:
    umask()
    owner_only_folders(tmp_path / "home" / "landing" / "usage_records")
    Spool(tmp_path / "spooled" / "landing", send_heartbeats=False).close()
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"method": "POST", "path": "/v2/tools/coding/", "status": 200, "body": {"usageInfo": {"creditsConsumed": 1}}}'
    )
    assert import_log(log, tmp_path / "imported" / "landing").landed
    for home in ("home", "spooled", "imported"):
        assert {mode for is_folder, mode in modes(tmp_path / home) if is_folder} == {0o700}


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    owner_only_folder(tmp_path / "shared")
    assert modes(tmp_path / "shared") == {(True, 0o755)}
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        owner_only_folder(tmp_path / "file")


def test_what_a_pull_writes_is_its_owner_s_alone(tmp_path: Path, umask: Callable[[], object]) -> None:
    (tmp_path / "landing").mkdir()
    umask()
    drop = LandingWriter(tmp_path / "landing" / "usage_records", "read-main")
    drop.add({"recordId": "r1"})
    assert drop.deliver()
    assert modes(tmp_path / "landing" / "usage_records") == {(True, 0o700), (False, 0o600)}


def test_a_sample_is_its_owner_s_alone_and_readable_to_him(tmp_path: Path) -> None:
    arguments = ["sample", "--out", str(tmp_path / "home"), "--records", "200"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    below = tmp_path / "home" / "landing"
    assert set().union(*(modes(folder) for folder in below.iterdir() if folder.is_dir())) == {
        (True, 0o700),
        (False, 0o600),
    }
