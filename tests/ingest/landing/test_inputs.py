"""The one list of inputs, and what comes from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
import yaml

from ingest.contract.datasets import FOLDERS
from ingest.contract.forms import comparable_name
from ingest.landing.inputs import INPUTS, LINE_INPUTS
from ingest.landing.raw_tables import RAW_DESCRIPTIONS, RAW_TABLES
from ingest.landing.validating import Accepted, Rejected
from ingest.landing.warehouse import open_build_database
from ingest.settings import CHECKOUT
from tests.ingest.landing.landing_home import DAY, LandingHome, record

SOURCES = CHECKOUT / "dbt_project" / "models" / "staging" / "sources.yml"


def raw_columns() -> dict[str, set[str]]:
    with duckdb.connect() as connection:
        connection.execute(RAW_TABLES)
        found = connection.execute(
            "select table_name, list(column_name) from duckdb_columns() where schema_name = 'raw' group by all"
        ).fetchall()
    return {table: {*columns} for table, columns in found}


def test_each_folder_below_landing_has_one_input_and_they_land_in_that_order() -> None:
    assert [(name, entry.name, entry.folder) for name, entry in INPUTS.items()] == [
        (name, name, folder) for name, folder in FOLDERS.items()
    ]


def test_no_two_columns_of_an_input_share_a_name() -> None:
    for name, entry in INPUTS.items():
        columns = [column.name for column in entry.columns]
        spellings = [(column.name, comparable_name(name)) for column in entry.columns for name in column.names]
        taken = {spelling for _, spelling in spellings}
        assert len(columns) == len({*columns}), name
        assert len({*spellings}) == len(taken), name


def test_a_raw_table_has_the_columns_of_its_input_and_those_of_landing() -> None:
    own = {"load_id", "file_id", "line_number", "exported_at", "is_snapshot"}
    found = raw_columns()
    assert {name: found[name] - own for name in INPUTS} == {
        name: {column.name for column in entry.columns} - own for name, entry in INPUTS.items()
    }


def test_dbt_reads_the_raw_tables_that_are_described_by_those_words() -> None:
    [source] = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))["sources"]
    assert {table["name"]: table["description"] for table in source["tables"]} == RAW_DESCRIPTIONS
    unknown = {
        (table["name"], column["name"])
        for table in source["tables"]
        for column in table.get("columns", ())
        if column["name"] not in raw_columns()[table["name"]]
    }
    assert unknown == set()


USED = {
    "usage_records/a.jsonl": [record("a", 2, recordId="r", kind="facts", model="m", inputTokens=3), record("b", -1)],
    "usage_records/b.json": [record("c", "1.5", userId="u"), {"nothing": 1}],
    "usage_records/c.csv": "createdAt,credits,resourceId,userId\n2025-03-01,1,d,u\n",
    "mappings/interactions/2025-03-01.jsonl": [{"interactionId": "i", "userId": "u", "createdAt": DAY}],
    "mappings/users/2025-03-01.csv": "userId,tenantId,displayName\nu,t,Anna\n",
    "billing/rates/2025-03-01.csv": "pricePerCredit,currency,tenantId\n0.5,EUR,t\n",
    "billing/adjustments/2025-03-01.csv": "adjustmentId,tenantId,credits,effectiveDate,reason\na,t,-5,2025-03-01,why\n",
    "billing/periods/a.jsonl": [
        {"event": "reopen", "month": "2025-03", "at": "2025-04-03T10:00:00+00:00", "by": "Ben", "reason": "a rate"}
    ],
    "corti/pulls/a.jsonl": [{"day": DAY, "outcome": "complete", "endedAt": DAY, "cortiTenant": "c", "requests": 2}],
    "provider/consumption/2025-03-01.jsonl": [
        {"from": DAY, "to": "2025-03-02", "credits": "4", "environment": "eu", "cortiTenant": "c"}
    ],
    "heartbeats/a.jsonl": [{"source": "s", "at": DAY, "records": 0, "environment": "eu"}],
}


def landed_rows(home: LandingHome, before: Callable[[duckdb.DuckDBPyConnection], None]) -> dict[str, list[Any]]:
    for name, content in USED.items():
        home.deliver(name, content)
    parquet = home.settings.landing / "usage_records" / "d.parquet"
    pyarrow.parquet.write_table(
        pyarrow.table({"createdAt": [DAY], "credits": [Decimal("2.5")], "id": ["e"], "outputTokens": [7]}), parquet
    )
    with open_build_database(home.settings) as connection:
        before(connection)
    home.land()
    columns = {name: ", ".join(sorted(found)) for name, found in raw_columns().items() if name in INPUTS}
    return {name: home.rows(f"select {picked} from raw.{name} order by all") for name, picked in columns.items()}


def turn_columns_around(connection: duckdb.DuckDBPyConnection) -> None:
    for name, entry in INPUTS.items():
        described = connection.execute(f"describe {entry.table}").fetchall()
        backwards = ", ".join(f'"{column[0]}"' for column in reversed(described))
        connection.execute(f"create or replace table {entry.table} as select {backwards} from raw.{name}")


def test_rows_are_written_by_name_in_whatever_order_a_raw_table_has_its_columns(
    home: LandingHome, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = LandingHome.at(tmp_path_factory.mktemp("other") / "home")
    plain, turned = landed_rows(home, lambda _: None), landed_rows(other, turn_columns_around)
    assert turned == plain
    assert len(plain["usage_records"]) == 4 and plain["heartbeats"] and plain["period_events"]


@pytest.mark.parametrize(
    ("dataset", "row", "reason"),
    [
        ("usage_records", {"credits": "x" * 3, "record_id": "r" * 200}, "credits_not_a_number"),
        ("usage_records", {"record_id": "r" * 200, "credits": "1"}, "time_absent"),
        ("usage_records", {"record_id": "r" * 200, "credits": "1", "created_at": DAY}, "id_too_long"),
        ("usage_records", {"credits": "1", "created_at": DAY, "captured_at": "soon"}, "time_unusable"),
        ("interactions", {"tenant_id": "t" * 300}, "id_too_long"),
        ("interactions", {"user_id": "u", "created_at": "soon"}, "time_unusable"),
        ("interactions", {"user_id": "u"}, "interaction_id_absent"),
        ("corti_resources", {}, "resource_id_absent"),
        ("corti_resources", {"resource_id": "r", "kind": "document", "pulled_at": "soon"}, "time_unusable"),
        ("provider_consumption", {"window_to": "soon", "user_id": "u" * 300}, "credits_absent"),
        ("provider_consumption", {"window_to": "soon", "credits": "1"}, "time_absent"),
        (
            "provider_consumption",
            {"window_from": "2025-03-02", "window_to": DAY, "credits": "1", "user_id": "u" * 300},
            "window_inverted",
        ),
        ("heartbeats", {"heard_at": DAY, "environment": "e" * 200}, "id_too_long"),
    ],
)
def test_of_several_faults_of_a_line_the_same_one_is_always_named(
    dataset: str, row: dict[str, str], reason: str
) -> None:
    found = LINE_INPUTS[dataset].validate(row, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, Rejected) and found.reason == reason


def test_a_value_that_only_optional_columns_take_refuses_no_line() -> None:
    row = {"day": DAY, "outcome": "complete", "ended_at": DAY, "interactions": "many", "reason": "two words"}
    found = LINE_INPUTS["corti_pulls"].validate(row, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, Accepted)
    assert found.values == {"day": DAY, "outcome": "complete", "ended_at": "2025-03-01 00:00:00.000000"}
