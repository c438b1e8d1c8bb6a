"""Interactions exports are as large as the usage itself, and are read in the same way, except that columns may be
missing.
"""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from tests.ingest.landing.landing_home import LandingHome, json_lines, record

FOLDER = "mappings/interactions/"
ROWS = [
    {"interactionId": "i1", "userId": "u1", "tenantId": "t1", "createdAt": "2025-03-01T10:00:00+01:00"},
    {"interactionId": 7, "userId": "u2"},
]
TABLE = "interactionId,userId,tenantId,createdAt\ni1,u1,t1,2025-03-01T10:00:00+01:00\n7,u2,,\n"


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
@pytest.mark.parametrize("snake", [False, True])
def test_every_form_and_spelling_says_the_same(home: LandingHome, name: str, snake: bool) -> None:
    text = json_lines(ROWS) if "jsonl" in name else TABLE
    if snake:
        for camel in ("interactionId", "userId", "tenantId", "createdAt"):
            text = text.replace(camel, "".join(f"_{c.lower()}" if c.isupper() else c for c in camel))
    path = home.deliver(FOLDER + name, text)
    if name == "a.parquet":
        source = home.settings.home / "source.csv"
        source.write_text(text)
        duckdb.connect().execute(f"copy (from read_csv('{source}', all_varchar = true, header = true)) to '{path}'")
    home.land()
    found = home.rows(
        "select interaction_id, user_id, tenant_id, created_at from raw.interactions order by line_number"
    )
    assert found == [("i1", "u1", "t1", datetime(2025, 3, 1, 9)), ("7", "u2", None, None)]


@pytest.mark.parametrize(("missing", "kept"), [("interactionId", "userId"), ("userId", "interactionId")])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_a_missing_column_is_named_and_its_file_set_aside(
    home: LandingHome, missing: str, kept: str, name: str
) -> None:
    path = home.deliver(FOLDER + name, f"{kept},tenantId\nx,t\n")
    if name == "a.parquet":
        duckdb.connect().execute(f"copy (select 'x' as {kept}, 't' as tenantId) to '{path}'")
    home.usage("a.jsonl", [record("a")])
    assert home.set_aside().startswith(f"{FOLDER}{name}: column '{missing}' is missing")
    assert home.rows("select dataset from raw.landed_files") == [("usage_records",)]


def test_an_empty_table_is_one_without_columns(home: LandingHome) -> None:
    home.deliver(f"{FOLDER}a.csv", "")
    assert "column 'interactionId' is missing" in home.set_aside()


def test_a_row_without_both_ids_is_refused_alone(home: LandingHome) -> None:
    rows = [
        *({"interactionId": "i1", "userId": "u1"}, {"interactionId": "i2"}, {"userId": "u"}, {}),
        *({"interactionId": "", "userId": "u"}, {"interactionId": "i" * 129, "userId": "u"}),
        *({"interactionId": True, "userId": "u"}, {"interactionId": "i3", "userId": {"id": "u"}}),
        {"interactionId": "i4", "userId": "u" * 257},
        {"interactionId": "i5", "userId": "u5", "createdAt": " ", "tenantId": "t" * 256},
        {"interactionId": "i6", "userId": "u6", "createdAt": "nonsense"},
    ]
    home.deliver(f"{FOLDER}a.jsonl", json_lines(rows) + "broken\n")
    home.land()
    assert home.rows("select interaction_id, user_id, tenant_id, created_at from raw.interactions order by 1") == [
        ("i1", "u1", None, None),
        ("i5", "u5", "t" * 256, None),
    ]
    reasons = ["user_id_absent", "interaction_id_absent", "interaction_id_absent", "interaction_id_absent"]
    reasons += ["id_too_long", "id_unusable", "id_unusable", "id_too_long", "time_unusable", "broken_json"]
    expected = [(line, reason) for line, reason in zip([2, 3, 4, 5, 6, 7, 8, 9, 11, 12], reasons, strict=True)]
    assert [(line, reason) for _, line, reason in home.refused()] == expected


def test_the_same_table_exported_later_holds_again(home: LandingHome) -> None:
    for name in ("a_2025-03-01.jsonl", "a_2025-03-02.jsonl", "again_2025-03-02.jsonl"):
        home.deliver(FOLDER + name, ROWS)
    assert home.land().files == 2
    assert home.rows("select distinct exported_at from raw.interactions order by 1") == [
        (datetime(2025, 3, 1),),
        (datetime(2025, 3, 2),),
    ]
