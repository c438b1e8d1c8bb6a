"""A database that is held, locked, too new or out of room ends a run in one line and keeps the published version."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from ingest.errors import PublishError
from ingest.landing.warehouse import writer_lock
from orchestration.pipeline import publish_version
from tests.orchestration.homes import Home


def holding(statement: str) -> str:
    return f"import sys\n{statement}\nprint('held', flush=True)\nsys.stdin.read()"


@contextmanager
def another_process(source: str, *arguments: str) -> Iterator[None]:
    """A process that says `held` once it holds something, until the block ends."""
    command = [sys.executable, "-c", source, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield
        process.communicate()


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Mount a disk of this size with the folder's content on it, or skip if mounting is refused."""
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, check=False).returncode == 0
    try:
        if not mounted:
            pytest.skip("mounting is refused here")
        subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
        aside.rename(folder)


def test_database_open_in_another_process_is_named(home: Home) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    database = str(home.settings.build_database)
    with another_process(holding("import duckdb; held = duckdb.connect(sys.argv[1])"), database):
        line = home.credits("run").one_line
    assert database in line and "open in another process" in line
    assert home.published_bytes() == before


def test_second_writer_is_told_who_writes(home: Home) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    with writer_lock(home.settings, "the first"):
        line = home.credits("run").one_line
    assert "(the first, since 20" in line and "is writing the warehouse" in line and "CREDITS_LOCK_WAIT_SECONDS" in line
    assert home.published_bytes() == before


def test_database_of_a_newer_version_of_the_project_is_left_alone(home: Home) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    with duckdb.connect(str(home.settings.build_database)) as connection:
        connection.execute("update raw.schema_version set version = 99")
    line = home.credits("run").one_line
    assert "newer version of this project (schema 99" in line and "credits rebuild" in line
    with duckdb.connect(str(home.settings.build_database), read_only=True) as connection:
        assert connection.execute("select max(version) from raw.schema_version").fetchone() == (99,)
    assert home.published_bytes() == before


def test_full_disk_while_publishing_keeps_the_published_version(home: Home) -> None:
    home.roll_back()
    files = (path for path in home.settings.published.rglob("*") if not path.is_symlink())
    needed = sum(path.stat().st_blocks // 2 for path in files)
    with small_disk(home.settings.published, needed + 1000):
        before = home.published_bytes()
        with pytest.raises(PublishError) as caught:
            publish_version(home.settings)
        line = str(caught.value)
        assert line.startswith(f"not published: the disk of {home.settings.published} is full: free space, then run")
        assert home.published_bytes() == before
    assert publish_version(home.settings).version == home.manifest()["version"] > before["current"][-20:]
