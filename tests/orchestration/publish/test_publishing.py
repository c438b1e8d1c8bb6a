"""One published version: what is in it, what the manifest says of it, and what it shares with the one before."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from ingest.settings import CHECKOUT, load_settings
from orchestration.pipeline import publish_version
from orchestration.publish.version_folders import new_version
from tests.orchestration.homes import MARKED, MOVED, UNTOUCHED, Home, Versions

PLAIN_TYPES = {"VARCHAR", "BOOLEAN", "INTEGER", "BIGINT", "DATE", "TIMESTAMP"}
MONTHLY = ("fct_credit_usage", "agg_credits_daily", "agg_credits_by_interaction", "dim_interactions")


def opened(home: Home) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home.current / "credits.duckdb"), read_only=True)


def test_manifest_says_what_each_table_holds(home: Home) -> None:
    manifest = home.manifest()
    with opened(home) as connection:
        for name, table in manifest["tables"].items():
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [name]
            ).fetchall()
            assert [(column["name"], column["type"]) for column in table["columns"]] == columns
            total = "sum(credits)" if "credits" in dict(columns) else "null"
            rows = connection.execute(f"select count(*), {total} from marts.{name}").fetchone()
            assert rows == (table["rows"], Decimal(table["credits"]) if table["credits"] else None), name
    assert datetime.fromisoformat(manifest["built_at"]) <= datetime.now(UTC)
    assert manifest["version"] == home.current.readlink().name == home.current.resolve().name


def test_manifest_lists_every_file_with_its_bytes_hash_rows_and_credits(home: Home) -> None:
    manifest = home.manifest()
    page = home.current / manifest["dashboard"]["path"]
    content = page.read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (
        manifest["dashboard"]["bytes"],
        manifest["dashboard"]["sha256"],
    )
    listed = {home.current / "manifest.json", home.current / manifest["database"], page}
    listed |= {home.current / page["path"] for page in manifest["documentation"]}
    for name, table in manifest["tables"].items():
        for file in table["files"]:
            path = home.current / file["path"]
            content = path.read_bytes()
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
            row = duckdb.connect().execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
            assert row == (file["rows"],)
            listed.add(path)
        assert sum(file["rows"] for file in table["files"]) == table["rows"]
        if name in MONTHLY and table["credits"] is not None:
            assert sum(Decimal(file["credits"]) for file in table["files"]) == Decimal(table["credits"])
    assert listed == {path for path in home.current.rglob("*") if path.is_file()}


def test_monthly_files_are_named_by_month_and_content(home: Home) -> None:
    for name in MONTHLY:
        files = home.manifest()["tables"][name]["files"]
        assert len(files) > 3, name
        for file in files:
            match = re.fullmatch(rf"parquet/{name}/month=\d{{4}}-\d\d/([0-9a-f]{{16}})\.parquet", file["path"])
            assert match and (file["sha256"].startswith(match[1]) or "day" in file)
    fact = home.manifest()["tables"]["fct_credit_usage"]["files"]
    days = [file["day"] for file in fact if "day" in file]
    assert 31 < len(days) == len({*days}) < len(fact)
    assert all(f"/month={file['day'][:7]}/" in file["path"] for file in fact if "day" in file)


def test_every_mart_is_published_and_nothing_else(home: Home) -> None:
    marts = {path.stem for path in (CHECKOUT / "dbt_project" / "models" / "marts").rglob("*.sql")}
    assert set(home.manifest()["tables"]) == marts


def test_parquet_holds_the_rows_of_the_tables(home: Home) -> None:
    with opened(home) as connection:
        for name, table in home.manifest()["tables"].items():
            files = [str(home.current / file["path"]) for file in table["files"]]
            parquet = f"select * from read_parquet({files}, hive_partitioning = false)"
            for one, other in ((parquet, f"from marts.{name}"), (f"from marts.{name}", parquet)):
                assert connection.execute(f"({one}) except all ({other})").fetchall() == [], name


def test_tables_are_real_and_hold_plain_types(home: Home) -> None:
    with opened(home) as connection:
        assert connection.execute("select view_name from duckdb_views() where not internal").fetchall() == []
        types = connection.execute("select distinct data_type from duckdb_columns() where not internal").fetchall()
        assert connection.execute("select distinct schema_name from duckdb_tables()").fetchall() == [("marts",)]
    assert {re.sub(r"DECIMAL\(\d+,\d+\)", "DECIMAL", kind) for (kind,) in types} <= PLAIN_TYPES | {"DECIMAL"}


def test_every_table_and_column_carries_its_comment(home: Home) -> None:
    with opened(home) as connection:
        bare = connection.execute(
            """
            select table_name, null from duckdb_tables() where coalesce(comment, '') = ''
            union all
            select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''
            """
        ).fetchall()
    assert bare == []


def test_files_are_read_only_and_nothing_is_left_half_written(home: Home) -> None:
    files = [path for path in home.settings.published.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert [path for path in home.settings.published.rglob("*") if path.name.endswith((".wal", ".partial"))] == []
    assert sorted(path.name for path in home.settings.published.iterdir()) == ["current", "versions"]
    assert not home.current.readlink().is_absolute()  # the home may be moved, or mounted elsewhere


def test_months_that_a_run_left_alone_are_the_same_files_on_disk(home: Home) -> None:
    earlier, later = (home.settings.published / "versions" / name for name in home.version_names())
    with opened(home) as connection:
        query = (
            "select strftime(usage_date, '%Y-%m') from marts.agg_credits_by_interaction where interaction_id = '(none)'"
        )
        [(first_use,)] = connection.execute(query).fetchall()
    by_date = {at[:7] for at in (*MARKED, MOVED)}
    # The corrected operations have no interaction.
    changed = dict.fromkeys(MONTHLY[:2], by_date) | {table: {first_use} for table in MONTHLY[2:]}
    for table, touched in changed.items():
        before, months = (
            {folder.name[6:]: {path.stat().st_ino for path in folder.iterdir()} for folder in path.iterdir()}
            for path in (earlier / "parquet" / table, later / "parquet" / table)
        )
        assert {UNTOUCHED, *touched} <= set(months) == set(before)
        assert {month for month, files in months.items() if files != before[month]} == touched, table


def test_version_that_follows_a_rollback_carries_nothing_stale(home: Home) -> None:
    home.roll_back()
    publication = publish_version(home.settings)
    assert publication.version == home.version_names()[-1] and UNTOUCHED in publication.months_written
    test_parquet_holds_the_rows_of_the_tables(home)


def test_damaged_file_of_the_earlier_version_is_not_carried_over(home: Home, versions: Versions) -> None:
    home.restore(versions.first_state)
    file = next((home.current / "parquet" / "fct_credit_usage" / f"month={UNTOUCHED}").glob("*.parquet"))
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])
    shutil.copyfile(versions.second_state / "warehouse" / "build.duckdb", home.settings.build_database)
    shutil.copyfile(versions.second_state / "warehouse" / "marts.duckdb", home.settings.marts_database)
    with duckdb.connect(str(home.settings.build_database)) as connection:
        connection.execute("delete from raw.publications where version <> ?", [home.current.resolve().name])
    assert UNTOUCHED in publish_version(home.settings).months_written
    test_manifest_lists_every_file_with_its_bytes_hash_rows_and_credits(home)


def test_nothing_new_keeps_the_version_that_there_is(home: Home) -> None:
    before = home.published_bytes()
    publication = publish_version(home.settings)
    assert (publication.version, publication.months_written) == (home.manifest()["version"], ())
    assert home.published_bytes() == before


@pytest.mark.parametrize(("setting", "kept"), [(None, 3), ("2", 2), ("1", 1)])
def test_so_many_versions_are_kept(home: Home, monkeypatch: pytest.MonkeyPatch, setting: str | None, kept: int) -> None:
    if setting:
        monkeypatch.setenv("CREDITS_KEEP_VERSIONS", setting)
    made = home.version_names()
    for _ in range(3):
        home.roll_back()
        made.append(publish_version(load_settings()).version)
    assert home.version_names() == made[-kept:]


def test_versions_sort_by_age_also_within_a_second(home: Home) -> None:
    names = []
    for _ in range(25):
        names.append(new_version(home.settings))
        (home.settings.published / "versions" / names[-1]).mkdir()
    assert names == sorted(names) and len(set(names)) == 25


def test_what_a_killed_publisher_left_is_swept(home: Home) -> None:
    (home.settings.published / "versions" / ".2026-01-01T00-00-00Z.partial" / "parquet").mkdir(parents=True)
    (home.settings.published / ".current.next").symlink_to("versions/2026-01-01T00-00-00Z")
    home.roll_back()
    publish_version(home.settings)
    test_files_are_read_only_and_nothing_is_left_half_written(home)
