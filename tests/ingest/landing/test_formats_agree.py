"""The same table says the same, whatever format it is delivered in."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from tests.ingest.landing.landing_home import DAY, LandingHome

TABLES = ["csv", "jsonl", "json", "parquet"]


def table(form: str, *rows: dict[str, Any]) -> bytes:
    names = list(rows[0])
    if form == "csv":
        return "\n".join(",".join(map(str, values)) for values in [names, *(row.values() for row in rows)]).encode()
    if form == "parquet":
        stream = io.BytesIO()
        pq.write_table(pa.Table.from_pylist([*rows]), stream)
        return stream.getvalue()
    if form == "xlsx":
        book, stream = Workbook(), io.BytesIO()
        assert book.active is not None
        for values in [names, *(row.values() for row in rows)]:
            book.active.append([*values])
        book.save(stream)
        return stream.getvalue()
    return (json.dumps(rows) if form == "json" else "\n".join(map(json.dumps, rows))).encode()


FOLDERS = [
    ("customerId=a/tenantId=b", "b"),
    ("tenantId=b/customerID=a", "b"),
    ("tenant_id=c/tenantId=b", "b"),
    ("tenantId= /customerId=a", "a"),
]


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(("folder", "tenant"), FOLDERS)
def test_the_strongest_name_among_the_folders_counts(home: LandingHome, form: str, folder: str, tenant: str) -> None:
    home.usage(f"{folder}/a.{form}", table(form, {"recordId": "r", "credits": 1.5, "createdAt": DAY}))
    home.land()
    assert home.rows("select tenant_id from raw.usage_records") == [(tenant,)]


@pytest.mark.parametrize("form", [*TABLES, "xlsx"])
def test_a_column_that_an_export_needs_may_be_a_folder(home: LandingHome, form: str) -> None:
    home.deliver(f"mappings/interactions/userId=uX/i.{form}", table(form, {"interactionId": "i1"}))
    window = {"from": "2026-01-01", "to": "2026-01-02", "userId": "u"}
    home.deliver(f"provider/consumption/credits=7/p.{form}", table(form, window))
    assert home.land().left_out == ()
    assert home.rows("select interaction_id, user_id from raw.interactions") == [("i1", "uX")]
    assert home.rows("select credits::integer from raw.provider_consumption") == [(7,)]


COUNTS = [(120.0, 120), (0.0, 0), (2.0**40, 2**40), (1.5, None), (-3.0, None), (1e30, None)]


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(("written", "kept"), COUNTS)
def test_a_whole_number_of_tokens_counts_however_it_is_written(
    home: LandingHome, form: str, written: float, kept: int | None
) -> None:
    row = {"recordId": "r", "status": "metered", "model": "m", "inputTokens": written, "createdAt": DAY}
    home.usage(f"a.{form}", table(form, row))
    home.land()
    assert home.rows("select input_tokens from raw.usage_records") == ([] if kept is None else [(kept,)])
    assert [reason for _, _, reason in home.refused()] == ([] if kept is not None else ["credits_absent"])


@pytest.mark.parametrize("text", ["120", "120.0", "1.2e2", " 120 ", "+120.000"])
def test_a_count_may_be_a_text(home: LandingHome, text: str) -> None:
    for form in ("csv", "jsonl"):
        row = {"recordId": form, "credits": "1", "createdAt": DAY, "inputTokens": text}
        home.usage(f"a.{form}", table(form, row))
        pull = {"day": DAY, "outcome": "complete", "endedAt": DAY, "requests": text}
        home.deliver(f"corti/pulls/a.{form}", table(form, pull))
    home.land()
    assert home.rows("select input_tokens from raw.usage_records") == [(120,), (120,)]
    assert home.rows("select requests from raw.corti_pulls") == [(120,), (120,)]


@pytest.mark.parametrize("form", ["jsonl", "json", "parquet"])
@pytest.mark.parametrize("model", [True, False, {"name": "m"}, ["m"]])
def test_a_model_that_is_no_text_is_absent(home: LandingHome, form: str, model: object) -> None:
    home.usage(f"a.{form}", table(form, {"recordId": "r", "credits": 1.5, "createdAt": DAY, "model": model}))
    home.land()
    assert home.rows("select record_id, model from raw.usage_records") == [("r", None)]
    assert home.refused() == []


@pytest.mark.parametrize(("written", "kept"), [(4.5, "4.5"), (4, "4"), ("4.10", "4.10")])
@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_model_that_is_a_number_is_its_digits(home: LandingHome, form: str, written: object, kept: str) -> None:
    home.usage(f"a.{form}", table(form, {"recordId": "r", "credits": 1.5, "createdAt": DAY, "model": written}))
    home.land()
    assert home.rows("select record_id, model from raw.usage_records") == [("r", kept)]
    assert home.refused() == []
