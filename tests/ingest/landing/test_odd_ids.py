"""Ids that look like another program's mistake land unchanged, and a notice names their file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome, record

HEADER = "resourceId,userId,tenantId,createdAt,creditsConsumed\n"


def noticed(home: LandingHome) -> dict[tuple[str, str], int]:
    """Rows by file and notice."""
    return {(Path(notice.path).name, notice.notice): notice.rows for notice in home.land().notices}


@pytest.mark.parametrize("ids", [("1.23457E+17", "9.8e+20", "1,23457E+17"), ("5E+3", "-1.5E+10", "1.0e+02")])
def test_ids_in_scientific_notation_are_cut_numbers(home: LandingHome, ids: tuple[str, ...]) -> None:
    home.usage("a.csv", HEADER + "".join(f'"{text}",u,t,{DAY},1\n' for text in ids) + f"12e4,u,t,{DAY},1\n")
    assert noticed(home) == {("a.csv", "cut_ids"): 3}
    assert set(home.credits()) == {*ids, "12e4"}


def test_blanks_around_ids_stay_and_are_named(home: LandingHome) -> None:
    home.usage("a.csv", f"{HEADER}r1,u1     ,tA  ,{DAY},1\nr2,   ,\u00a0,{DAY},1\nr3,\u3000u3,tA,{DAY},1\n")
    assert noticed(home) == {("a.csv", "padded_ids"): 2}
    owners = home.rows("select user_id, tenant_id from raw.usage_records order by resource_id")
    assert owners == [("u1     ", "tA  "), (None, None), ("\u3000u3", "tA")]


@pytest.mark.parametrize("word", ["nan", "NaN", "None", "\\N", "NULL", "null", "<NA>", "N/A", "undefined"])
def test_a_word_for_nothing_stays_a_text_and_is_named(home: LandingHome, word: str) -> None:
    home.usage("a.csv", f"{HEADER}r1,{word},t,{DAY},1\nr2,u,{word},{DAY},1\nr3,nana,none1,{DAY},1\n")
    assert noticed(home) == {("a.csv", "ids_for_nothing"): 2}
    assert home.rows("select user_id from raw.usage_records where resource_id = 'r1'") == [(word,)]


def test_parquet_is_looked_at_and_json_is_not(home: LandingHome) -> None:
    path = home.usage("a.parquet", b"")
    duckdb.connect().execute(
        f"copy (select 'r' as resourceId, 'None' as userId, '{DAY}' as createdAt, 1 as credits) to '{path}'"
    )
    home.usage("a.jsonl", [record("x", userId="None ")])
    assert noticed(home) == {("a.parquet", "ids_for_nothing"): 1}


def test_an_interactions_export_is_looked_at_too(home: LandingHome) -> None:
    home.deliver("mappings/interactions/i_2026-01-01.csv", "interactionId;userId\ni1;1.5E+12\n")
    assert noticed(home) == {("i_2026-01-01.csv", "cut_ids"): 1}
