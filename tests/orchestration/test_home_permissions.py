"""What cannot be opened or written is named with its owner, and stays as it is: only proven damage is made again."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from ingest.errors import CreditsError, DamagedError, HomeError, WarehouseError
from ingest.landing.warehouse import check_marts_database, prepare_folders
from ingest.settings import Settings, load_settings
from orchestration.pipeline import build, land_new_files
from tests.orchestration.homes import Home
from tests.orchestration.test_delivery_errors import WITHOUT_PRIVILEGES


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home in which something has landed."""
    made = load_settings({"CREDITS_HOME": str(tmp_path)})
    made.landing.mkdir()
    land_new_files(made, "a run")
    return made


def run_without_privileges(settings: Settings) -> str:
    """The one line of a run by somebody whom modes bind."""
    ended = Home(settings).process("-m", "orchestration.cli", "run", before=WITHOUT_PRIVILEGES)
    assert ended.code == 1
    return ended.one_line


@pytest.mark.parametrize("folder", ["warehouse", "published", "quarantine", "logs"])
def test_folder_that_cannot_be_written_is_named_with_its_owner(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    refused = settings.home / folder

    def access(path: Path, mode: int) -> bool:
        return path != refused or not mode & os.W_OK

    monkeypatch.setattr(os, "access", access)
    with pytest.raises(HomeError) as raised:
        prepare_folders(settings)
    assert str(raised.value).startswith(f"{refused} cannot be written by this user (it belongs to {refused.owner()})")


def test_lock_that_is_read_only_is_named_with_its_owner(settings: Settings) -> None:
    lock = settings.warehouse / ".lock"
    lock.touch()
    lock.chmod(0o400)
    line = run_without_privileges(settings)
    assert f"{lock} cannot be written by this user (it belongs to {lock.owner()})" in line and "chown" in line


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_database_that_may_not_be_opened_is_named_and_kept(settings: Settings, mode: int) -> None:
    before = settings.build_database.read_bytes()
    settings.build_database.chmod(mode)
    line = run_without_privileges(settings)
    assert f"{settings.build_database} cannot be opened" in line and "Permission denied" in line
    settings.build_database.chmod(0o600)
    assert settings.build_database.read_bytes() == before


@pytest.mark.parametrize(
    "part", ["warehouse/dbt", "warehouse/dbt/of_models/partial_parse.msgpack", "published/versions"]
)
def test_what_a_build_would_write_at_its_end_is_looked_at_before(settings: Settings, part: str) -> None:
    refused = settings.home / part
    refused.parent.mkdir(parents=True, exist_ok=True)
    refused.touch() if refused.suffix else refused.mkdir()
    refused.chmod(0o400 if refused.is_file() else 0o500)
    line = run_without_privileges(settings)
    assert f"{refused} cannot be written by this user (it belongs to {refused.owner()})" in line and "chown" in line


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_marts_that_may_not_be_written_are_named_with_their_owner_and_kept(settings: Settings, mode: int) -> None:
    marts = settings.marts_database
    before = marts.read_bytes()
    marts.chmod(mode)
    line = run_without_privileges(settings)
    assert f"{marts} cannot be opened" in line and f"it belongs to {marts.owner()}" in line and "chown" in line
    marts.chmod(0o600)
    assert marts.read_bytes() == before


def test_folder_in_the_place_of_the_marts_is_named_and_kept(settings: Settings) -> None:
    settings.marts_database.unlink()
    (settings.marts_database / "kept").mkdir(parents=True)
    for rebuild in (False, True):
        with pytest.raises(CreditsError, match=rf"{settings.marts_database} cannot be "):
            land_new_files(settings, "a run", rebuild=rebuild)
            build(settings)
    assert (settings.marts_database / "kept").is_dir()


@pytest.mark.parametrize("size", [0, 12, 4000, 9000])
@pytest.mark.parametrize("is_cut", [True, False], ids=["cut", "noise"])
def test_marts_that_are_no_database_are_damaged(settings: Settings, size: int, is_cut: bool) -> None:
    whole = settings.marts_database.read_bytes()
    settings.marts_database.write_bytes(whole[:size] if is_cut else os.urandom(size))
    with pytest.raises(DamagedError):
        check_marts_database(settings)


def test_marts_without_their_schema_are_damaged(settings: Settings) -> None:
    with duckdb.connect(str(settings.marts_database)) as connection:
        connection.execute("drop schema marts cascade")
    with pytest.raises(DamagedError):
        check_marts_database(settings)


def test_folder_in_the_place_of_the_database_is_named_and_kept(settings: Settings) -> None:
    settings.build_database.unlink()
    (settings.build_database / "kept").mkdir(parents=True)
    with pytest.raises(WarehouseError, match="Is a directory"):
        land_new_files(settings, "a run")
    assert (settings.build_database / "kept").is_dir()


@pytest.mark.parametrize(
    ("message", "is_damage"),
    [
        ('IO Error: Could not read from file "b": Input/output error', False),
        ("Out of Memory Error: could not allocate block of size 256.0 KiB", False),
        ('IO Error: Could not write file "b": No space left on device', False),
        ('IO Error: Cannot open file "b": Permission denied', False),
        ('IO Error: Failure while replaying WAL file "b.wal": Permission denied', False),
        ("something that nobody has seen before", False),
        ("Corrupt database file: computed checksum 1 does not match stored checksum 2", True),
        ('IO Error: Failure while replaying WAL file "b.wal": Corrupt WAL file', True),
    ],
)
def test_only_proven_damage_makes_the_databases_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, message: str, is_damage: bool
) -> None:
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("create table raw.of_this_file as select 1 as one")
    opened = duckdb.connect
    failing = [True]

    def connect(*arguments: object, **keywords: object) -> duckdb.DuckDBPyConnection:
        if failing.pop() if failing else False:
            raise duckdb.IOException(message)
        return opened(*arguments, **keywords)  # pyright: ignore[reportArgumentType, reportCallIssue]

    monkeypatch.setattr(duckdb, "connect", connect)
    if is_damage:
        assert land_new_files(settings, "a run").rebuilt == "the build database could not be read"
    else:
        with pytest.raises(WarehouseError) as raised:
            land_new_files(settings, "a run")
        assert not isinstance(raised.value, DamagedError) and "\n" not in str(raised.value)
    with opened(str(settings.build_database)) as connection:
        kept = connection.execute("select 1 from duckdb_tables() where table_name = 'of_this_file'").fetchall()
    assert bool(kept) is not is_damage


def test_database_without_its_raw_tables_is_made_again(settings: Settings) -> None:
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("alter table raw.usage_records drop column credits")
    assert land_new_files(settings, "a run").rebuilt == "the build database could not be read"
