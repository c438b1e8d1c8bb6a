"""`dbt build` by hand, on the sample and on a copy of what is published."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.contract.dimensions import COLUMN_DESCRIPTION, DEFAULT_KEYS
from ingest.settings import Settings
from tests.dbt_models.by_hand import DevDatabases, dev_databases

PLAIN = re.compile(r"VARCHAR|BOOLEAN|INTEGER|BIGINT|DECIMAL\(\d+,\d+\)|DATE|TIMESTAMP")


FINE = {"success", "pass", "no-op"}
WARNINGS = dict.fromkeys(
    ("assert_nothing_stays_provisional_for_over_a_day", "assert_our_sums_match_those_that_corti_reports"), "warn"
)
"""The sample holds transcripts whose final figure never came, and totals of Corti's that say more than its records."""


def test_dbt_build_by_hand_builds_everything_and_every_balance_holds(statuses: Mapping[str, str]) -> None:
    assert {name: status for name, status in statuses.items() if status not in FINE} == WARNINGS


def test_every_rule_holds(statuses: Mapping[str, str], manifest: Mapping[str, Any]) -> None:
    rules = {test["name"] for test in manifest["unit_tests"].values()}
    assert len(rules) > 50
    assert {name: statuses.get(name) for name in rules} == dict.fromkeys(rules, "pass")


def test_the_marts_have_plain_types_and_nothing_else(built: DevDatabases) -> None:
    columns = built.look("select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts'")
    assert len({table for table, _, _ in columns}) == 34
    assert [column for column in columns if not PLAIN.fullmatch(column[2])] == []
    assert built.look("select count(*) from duckdb_views() where not internal and database_name = 'dev'") == [(0,)]


def test_every_description_is_a_comment_in_the_file(built: DevDatabases, models: Mapping[str, Any]) -> None:
    tables = built.look("select table_name, comment from duckdb_tables() where schema_name = 'marts'")
    columns = built.look(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts' order by 1"
    )
    marts = {name: node for name, node in models.items() if node["schema"] == "marts"}
    assert dict(tables) == {name: node["description"] for name, node in marts.items()}
    of_settings = {(table, column) for table, column, _ in columns if column not in marts[table]["columns"]}
    assert of_settings == {
        (table, f"dimension_{key}") for table in ("fct_credit_charges", "fct_credit_usage") for key in DEFAULT_KEYS
    }
    assert {(column, comment) for table, column, comment in columns if (table, column) in of_settings} == {
        (f"dimension_{key}", COLUMN_DESCRIPTION.format(key=key)) for key in DEFAULT_KEYS
    }
    assert {(table, column): comment for table, column, comment in columns if (table, column) not in of_settings} == {
        (name, column["name"]): column["description"]
        for name, node in marts.items()
        for column in node["columns"].values()
    }


def test_a_second_build_by_hand_makes_all_anew(built: DevDatabases) -> None:
    """A rule that was changed has to show in rows that were there before, also in those that nothing pending touches."""
    total = built.look("select count(*), sum(credits) from marts.agg_credits_daily")
    with duckdb.connect(str(built.build)) as connection:
        connection.execute("insert into raw.publications values ('v1', 1000, now()::timestamp, 'these models')")
        connection.execute("delete from intermediate.int_touched_dates")
    with built.opened() as connection:
        connection.execute("update marts.agg_credits_daily set credits = credits + 1")
    again = built.dbt("build", "--select", "agg_credits_daily", "--exclude-resource-type", "unit_test")
    assert {*again.values()} <= FINE
    assert built.look("select count(*), sum(credits) from marts.agg_credits_daily") == total


@pytest.fixture
def published(built: DevDatabases, settings: Settings) -> Settings:
    """A home with one published version."""
    version = settings.published / "versions" / "v1"
    shutil.rmtree(settings.published, ignore_errors=True)
    version.mkdir(parents=True)
    shutil.copyfile(built.marts, version / "credits.duckdb")
    (version / "manifest.json").write_text("{}", encoding="utf-8")
    (settings.published / "current").symlink_to(Path("versions") / "v1")
    return settings


def test_a_mart_is_built_by_itself_on_a_copy_of_the_published_version(published: Settings, tmp_path: Path) -> None:
    with dev_databases(tmp_path / "dev", published, from_published=True) as databases:
        for model in ("agg_credits_daily", "agg_credits_tenant_monthly", "mart_user_ranking"):
            rows = databases.look(f"select * from marts.{model} order by all")
            assert rows
            with databases.opened() as connection:
                connection.execute(f"update marts.{model} set credits = 0")
            statuses = databases.dbt("build", "--select", model, "--exclude-resource-type", "unit_test")
            assert statuses[model] == "success"
            assert {*statuses.values()} <= FINE
            assert databases.look(f"select * from marts.{model} order by all") == rows
