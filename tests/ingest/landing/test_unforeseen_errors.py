"""A file whose reading fails with an unexpected error is named, and affects no other file."""

from __future__ import annotations

import os
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from ingest.contract.landing_files import LandingFile
from ingest.errors import WarehouseError
from ingest.landing.load import LoadSummary
from tests.ingest.landing.landing_home import DAY, LandingHome, record

HEADER = "userId,resourceId,creditsConsumed,createdAt"
EARLIER = "mappings/interactions/i.csv"


def unreadable(summary: LoadSummary) -> list[tuple[str, str]]:
    return [(left.path, left.reason.split(":")[0]) for left in summary.left_out if left.kind == "unreadable"]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER},Größe\nu1,a,1,{DAY},x\n",
        f"sep=§\n{HEADER.replace(',', '§')}\nu1§a§1§{DAY}\n",
        f"Größe;{HEADER.replace(',', ';')}\nü;u1;a;1;{DAY}\n;u2;b;2;{DAY}\n",
    ],
)
def test_a_header_or_delimiter_that_is_no_utf8_stops_no_run(home: LandingHome, content: str) -> None:
    home.usage("excel.csv", content.encode("latin-1"))
    home.usage("good.jsonl", [record("good", 2)])
    assert home.land().left_out == ()
    assert home.credits("%good%") == {"good": Decimal(2)}
    assert home.credits("%excel%") in ({"a": Decimal(1)}, {"b": Decimal(2)})


def test_an_interactions_export_with_such_a_header_lands(home: LandingHome) -> None:
    home.deliver(EARLIER, "interactionId,userId,Größe\ni1,u1,x\n".encode("latin-1"))
    home.land()
    assert home.rows("select interaction_id, user_id from raw.interactions") == [("i1", "u1")]


ERRORS = [RuntimeError("std::bad_cast"), UnicodeError("secret"), OverflowError("secret"), pa.ArrowInvalid("secret")]
ERRORS += [duckdb.ConversionException("secret"), KeyError("secret"), RecursionError(), OSError("secret")]
READERS = {
    "usage_records/bad.csv": ("ingest.landing.loading.csv_header", f"{HEADER}\nu1,bad,1,{DAY}\n"),
    "usage_records/bad.json": ("ingest.landing.exact_rows.json_objects", "[]"),
    "usage_records/bad.parquet": ("ingest.landing.loading.open_parquet", "x"),
    "usage_records/bad.jsonl": ("ingest.landing.file_tasks.inspect", [record("bad")]),
    "mappings/users/bad.csv": ("ingest.landing.load.read_mapping_export", "userId,tenantId\nu,t\n"),
    "provider/consumption/bad.xlsx": ("ingest.landing.loading.read_sheet", "x"),
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("path", READERS)
def test_any_error_of_reading_one_file_names_that_file_with_the_kind_of_the_error(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, path: str, error: Exception
) -> None:
    place, content = READERS[path]
    home.deliver(path, content)

    def fail(*_: object, **__: object) -> object:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        if not place.endswith("inspect"):
            home.usage("good.jsonl", [record("good")])
        [left] = home.land().left_out
    assert (left.path, left.kind) == (path, "unreadable")
    if not (isinstance(error, OSError) and place.endswith("inspect")):
        assert f"reading it failed ({type(error).__name__})" in left.reason
    assert "secret" not in left.reason
    assert home.credits("%bad%") == {}
    home.usage("later.jsonl", [record("later")])
    home.land()
    assert "later" in home.credits()


@pytest.mark.parametrize("error", [MemoryError(), duckdb.OutOfMemoryException("no memory")])
def test_memory_that_runs_out_is_no_fault_of_the_file(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    home.usage("a.csv", f"{HEADER}\nu1,a,1,{DAY}\n")

    def fail(*_: object) -> object:
        raise error

    monkeypatch.setattr("ingest.landing.loading.csv_header", fail)
    with pytest.raises((MemoryError, WarehouseError)):
        home.land()


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_modification_time_beyond_what_64_bits_hold_stops_no_run(home: LandingHome, form: str) -> None:
    row = f"{HEADER}\nu1,far,1,{DAY}\n" if form == "csv" else [record("far")]
    far = home.usage(f"far.{form}", row)
    home.usage("good.jsonl", [record("good")])
    os.utime(far, ns=(0, 9_300_000_000 * 10**9))
    if far.stat().st_mtime_ns < 2**63:
        pytest.skip("the file system keeps no such time")
    home.land()
    assert set(home.credits()) == {"far", "good"}
    assert home.land().load_id is None


def test_an_export_without_a_time_of_its_own_has_a_fault() -> None:
    far = 300_000_000_000 * 10**9
    named = LandingFile("users", "mappings/users/u_2026-01-31.csv", Path(), 1, far)
    assert (named.exported_at, named.export_time_fault) == (datetime(2026, 1, 31), None)
    unnamed = LandingFile("users", "mappings/users/u.csv", Path(), 1, far)
    assert unnamed.exported_at == datetime.max
    assert "after the year 9999" in str(unnamed.export_time_fault)
