"""Parquet files as tools write them: names, nested usage, folders of columns, and files that can't be read whole."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome
from tests.ingest.landing.test_parquet_types import parquet

FIGURES = ["1.5", "2.5"]


def nested(home: LandingHome, name: str, values: pa.Array) -> list[Any]:
    home.usage("a.parquet", parquet({"createdAt": [DAY] * len(values), name: values}))
    home.land()
    assert not home.refused(), home.refused()
    return [credits for (credits,) in home.rows("select credits from raw.usage_records order by line_number")]


STRUCTS = [
    pa.array([{"creditsConsumed": 1.5}, {"creditsConsumed": 2.5}]),
    pa.array([{"CREDITS_CONSUMED": 1.5, "note": "x"}, {"CREDITS_CONSUMED": 2.5, "note": "y"}]),
    pa.array([[("creditsConsumed", 1.5)], [("x", 9.0), ("creditsConsumed", 2.5)]], pa.map_(pa.string(), pa.float64())),
    pa.array([[("credits_consumed", "1.5")], [("credits_consumed", "2.5")]], pa.map_(pa.string(), pa.string())),
    pa.array([[("creditsConsumed", 1.5)], [("CreditsConsumed", 2.5)]], pa.map_(pa.large_string(), pa.float32())),
    pa.array(['{"creditsConsumed": 1.5}', '{"creditsConsumed": "2.5"}']),
    pa.array([b'{"Credits-Consumed": 1.5}', b'{"creditsConsumed": 2.5, "x": {"creditsConsumed": 9}}']),
    pa.array(['{"creditsConsumed": 1.5}', '{"creditsConsumed": 2.5}'], pa.json_()),
    pa.array(['{"creditsConsumed": 1.5}', '{"creditsConsumed": 2.5}']).dictionary_encode(),
]


@pytest.mark.parametrize("values", STRUCTS, ids=lambda value: str(value.type)[:40])
@pytest.mark.parametrize("name", ["usageInfo", "usage_info", "UsageInfo"])
def test_usage_info_is_read_from_every_form_that_it_is_stored_in(
    home: LandingHome, name: str, values: pa.Array
) -> None:
    assert nested(home, name, values) == [Decimal(figure) for figure in FIGURES]


@pytest.mark.parametrize(
    "values",
    [
        ["{'creditsConsumed': 1.5}::variant", "{'creditsConsumed': 2.5}::variant"],
        ["{'creditsConsumed': 1.5}::variant", "{'creditsConsumed': '2.5', 'more': [{'a': true}]}::variant"],
        ["{'credits_consumed': 1.5::double}::variant", "{'credits_consumed': 2.5::float}::variant"],
        ["{'creditsConsumed': 1.5::decimal(38, 9)}::variant", "'{\"creditsConsumed\": 2.5}'::json::variant"],
    ],
)
def test_a_variant_is_read_shredded_or_not(home: LandingHome, values: Sequence[str]) -> None:
    path = home.usage("a.parquet", b"")
    rows = " union all ".join(f"select '{DAY}' as createdAt, {value} as usageInfo" for value in values)
    duckdb.execute(f"copy ({rows}) to '{path}'")
    home.land()
    assert home.refused() == []
    found = home.rows("select credits from raw.usage_records order by line_number")
    assert found == [(Decimal(figure),) for figure in FIGURES]


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"creditsConsumed": true}'])
def test_usage_info_that_is_not_understood_refuses_its_row(home: LandingHome, text: str) -> None:
    home.usage("a.parquet", parquet({"createdAt": [DAY], "usageInfo": [text]}))
    home.land()
    assert home.refused() == [("a.parquet", 1, "credits_not_a_number")]


def test_the_exact_name_counts_and_fills_row_by_row_from_the_others(home: LandingHome) -> None:
    columns = {"CREDITS": [9, 9], "credits": [1, None], "created_at": [DAY, DAY], "TenantID": ["x", None]}
    home.usage("a.parquet", parquet({**columns, "customerId": ["y", "z"], "tenantId": [None, None]}))
    home.land()
    found = home.rows("select credits, tenant_id from raw.usage_records order by line_number")
    assert found == [(Decimal(1), "x"), (Decimal(9), "z")]


def test_columns_in_folder_names_are_values_of_the_rows_that_lack_them(home: LandingHome) -> None:
    rows = {"credits": [1, 2], "createdAt": [DAY, DAY], "tenantId": ["own", None]}
    home.usage("tenant_id=t%20A/cortiTenant=c/a.parquet", parquet(rows))
    home.land()
    found = home.rows("select tenant_id, corti_tenant from raw.usage_records order by line_number")
    assert found == [("own", "c"), ("t A", "c")]


def test_a_file_without_a_known_column_says_which_it_has(home: LandingHome) -> None:
    home.usage("a.parquet", parquet({"foo": [1, 2, 3], "bar": ["a", "b", "c"]}))
    [notice] = home.land().notices
    assert notice.detail == "no column has a known name; its columns are 'foo', 'bar'"
    assert home.refused() == [("a.parquet", line, "no_known_column") for line in (1, 2, 3)]


def refused_whole(home: LandingHome, content: bytes, reason: str, rows: int) -> None:
    home.usage("a.parquet", content)
    home.usage("good.parquet", parquet({"credits": [1], "createdAt": [DAY]}))
    home.land()
    assert home.rows("select count(*) from raw.usage_records") == [(1,)]
    assert home.refused() == [("a.parquet", line, reason) for line in range(1, rows + 1)]


def test_a_file_with_a_broken_page_refuses_all_its_rows(home: LandingHome) -> None:
    columns = {"credits": list(range(100_000)), "createdAt": [DAY] * 100_000}
    content = bytearray(parquet(columns, write_page_checksum=True))
    content[5000:5200] = bytes(200)
    home.usage("a.parquet", bytes(content))
    summary = home.land()
    assert (summary.accepted, summary.rejected) == (0, 100_000)
    assert home.rows("select count(*), min(reason), max(reason) from raw.rejected_lines") == [
        (10_000, "unreadable_file", "unreadable_file")
    ]


def test_a_file_that_is_cut_off_is_refused(home: LandingHome) -> None:
    refused_whole(home, parquet({"credits": [1, 2], "createdAt": [DAY, DAY]})[:-20], "unreadable_file", 1)


def test_an_encrypted_file_is_named_as_such(home: LandingHome) -> None:
    class Keys(pe.KmsClient):
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
            return base64.b64encode(key_bytes)

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
            return base64.b64decode(wrapped_key)

    config = pe.EncryptionConfiguration(footer_key="k", column_keys={"k": ["credits", "createdAt"]})
    properties = pe.CryptoFactory(lambda _: Keys()).file_encryption_properties(pe.KmsConnectionConfig(), config)
    path = home.usage("a.parquet", b"")
    table = pa.table({"credits": [1], "createdAt": [DAY]})
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    refused_whole(home, path.read_bytes(), "encrypted_file", 1)


def test_text_that_is_no_utf8_refuses_its_row_and_no_other(home: LandingHome) -> None:
    broken = pa.array([b"caf\xe9", b"good"]).view(pa.string())
    home.usage("a.parquet", parquet({"credits": [1, 2], "createdAt": [DAY, DAY], "userId": broken}))
    home.land()
    assert home.rows("select user_id from raw.usage_records") == [("good",)]
    assert home.refused() == [("a.parquet", 1, "id_unusable")]


def test_rows_keep_their_order_over_row_groups(home: LandingHome) -> None:
    count = 150_000
    columns = {"resourceId": [str(n) for n in range(count)], "credits": [1] * count, "createdAt": [DAY] * count}
    home.usage("a.parquet", parquet(columns, row_group_size=7_001))
    home.land()
    assert home.rows("select count(*), count_if(resource_id::bigint + 1 <> line_number) from raw.usage_records") == [
        (count, 0)
    ]


def test_of_columns_of_one_name_the_first_that_is_there_counts(home: LandingHome) -> None:
    columns = [pa.array([DAY, DAY]), pa.array(["a", None]), pa.array([1, 2]), pa.array(["b", "c"])]
    path = home.usage("a.parquet", b"")
    pq.write_table(pa.table(columns, names=["createdAt", "userId", "credits", "userId"]), path)
    home.land()
    found = home.rows("select user_id, credits from raw.usage_records order by line_number")
    assert found == [("a", Decimal(1)), ("c", Decimal(2))]
