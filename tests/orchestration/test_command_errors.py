"""Whatever goes wrong ends in one clear line and a code that is not 0, and leaves the published version alone."""

from __future__ import annotations

import os
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
    """Mount a disk of this size with the folder's content on it, or skip where mounting is refused."""
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


@pytest.mark.parametrize("command", ["run", "rebuild"])
def test_missing_landing_folder_names_the_setting(fresh_home: Home, command: str) -> None:
    line = fresh_home.credits(command).one_line
    assert f"{fresh_home.settings.landing} does not exist" in line and "CREDITS_HOME" in line


@pytest.mark.parametrize("folder", ["landing", "landing/usage_records", "landing/mappings/users"])
def test_unreadable_folder_is_named(home: Home, folder: str) -> None:
    before = home.published_bytes()
    unreadable = home.path / folder
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
    before = home.published_bytes()
    (home.settings.landing / "mappings" / table / "faulty_2027-01-01.csv").write_text(content)
    line = home.credits("run").one_line
    assert f"mappings/{table}/faulty_2027-01-01.csv" in line and all(part in line for part in expected)
    assert home.published_bytes() == before


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
        connection.execute("insert into raw.schema_version values (99)")
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
        assert line.startswith("not published (") and f"free space or check {home.settings.published}" in line
        assert home.published_bytes() == before
    assert publish_version(home.settings).version == home.manifest()["version"] > before["current"][-20:]


def test_file_that_cannot_be_read_is_told_after_the_others_are_published(home: Home) -> None:
    before = home.manifest()
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    # Its first byte can't be read by anybody, root included.
    (home.settings.landing / "usage_records" / "unreadable.jsonl").symlink_to("/proc/self/mem")
    ended = home.credits("run")
    after = home.manifest()
    assert "1 files below" in ended.one_line and "could not be opened" in ended.one_line
    assert after["totals"]["operations"] == before["totals"]["operations"] + 1
    # Tried again and again, it must not push out the earlier versions that are kept.
    assert publish_version(home.settings).version == after["version"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CREDITS_THREADS", "none"),
        ("CREDITS_MEMORY_LIMIT", "plenty"),
        ("CREDITS_KEEP_VERSIONS", "0"),
        ("CREDITS_LOCK_WAIT_SECONDS", "-1"),
    ],
)
def test_unusable_setting_is_named_with_its_value(
    home: Home, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    line = home.credits("run").one_line
    assert f"{name} is '{value}': give " in line


def test_home_that_cannot_hold_a_warehouse_is_named(
    fresh_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    (tmp_path / "landing").mkdir()
    (tmp_path / "warehouse").write_text("no folder")
    line = fresh_home.credits("run").one_line
    assert f"{tmp_path / 'warehouse'} cannot be made" in line and "CREDITS_HOME" in line


def test_dagster_home_that_is_no_path_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.deliver("more.jsonl", {"creditsConsumed": 1, "createdAt": "2026-01-01"})
    monkeypatch.setenv("DAGSTER_HOME", "relative")
    assert "DAGSTER_HOME" in home.credits("run").one_line


def test_damaged_manifest_is_named_with_the_way_out(home: Home) -> None:
    manifest = (home.current / "manifest.json").resolve()
    manifest.unlink()
    manifest.write_text("{")
    line = home.credits("status").one_line
    assert str(manifest) in line and f"remove {home.current}" in line


def test_sample_that_cannot_be_written_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert "give another --out" in home.credits("sample", "--out", str(tmp_path / "file" / "below")).one_line


def test_dev_copy_of_nothing_says_so_and_keeps_what_there_was(fresh_home: Home) -> None:
    assert "nothing is published yet" in fresh_home.credits("dev-copy", "--from-published").one_line


@pytest.mark.parametrize("arguments", [("nonsense",), ("run", "--fast"), ("quarantine", "list", "--limit", "-1")])
def test_wrong_arguments_end_with_code_2_and_the_way_to_help(home: Home, arguments: tuple[str, ...]) -> None:
    said = home.credits(*arguments)
    assert said.code == 2 and "--help" in said.err and "Traceback" not in said.err
