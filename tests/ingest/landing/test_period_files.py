"""Events of months and what was frozen with them: landed as written, or refused by name."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import MappingError
from ingest.landing.raw_tables import RAW_TABLES
from tests.ingest.landing.landing_home import LandingHome

EVENT = {"event": "close", "month": "2025-03", "at": "2025-04-02T10:00:00.5+02:00", "by": "Anna"}
REOPENED = {"event": "reopen", "month": "2025-03", "at": "2025-04-03T10:00:00+00:00", "by": "Ben", "reason": "a rate"}
EVENTS = "billing/periods/"


def frozen(
    home: LandingHome, kind: str, rows: int = 1, name: str = "2025-03", without: str | None = None
) -> dict[str, object]:
    """Write a file of frozen rows; return how an event names it. `without` names a column that the file lacks."""
    table, path = f"closed_{kind}", f"billing/closed_{kind}/{name}.parquet"
    target = home.settings.landing / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(RAW_TABLES)
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where table_name = ? "
            "and column_name not in ('load_id', 'file_id') order by column_index",
            [table],
        ).fetchall()
        texts = {"DATE": "2025-03-01", "VARCHAR": "word"}
        values = ", ".join(
            f"'{texts.get(kind, '1')}'::{kind} as {column}" for column, kind in columns if column != without
        )
        connection.execute(f"copy (select {values} from range({rows})) to '{target}' (format parquet)")
    sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
    return {f"{kind}File": path, f"{kind}Sha256": sha256, f"{kind}Rows": rows}


def closing(home: LandingHome) -> dict[str, object]:
    return {**EVENT, **frozen(home, "charges", 3), **frozen(home, "lines", 2)}


def test_a_closing_and_a_reopening_land_with_what_was_frozen(home: LandingHome) -> None:
    home.deliver(f"{EVENTS}a.jsonl", [closing(home)])
    home.deliver(f"{EVENTS}b.jsonl", [REOPENED])
    summary = home.land()
    assert (summary.files, summary.accepted) == (4, 7)
    columns = "event, month_start, happened_at, made_by, reason, charges_rows, lines_file"
    assert home.rows(f"select {columns} from raw.period_events order by happened_at") == [
        ("close", date(2025, 3, 1), datetime(2025, 4, 2, 8, 0, 0, 500000), "Anna", None, 3, LINES),
        ("reopen", date(2025, 3, 1), datetime(2025, 4, 3, 10), "Ben", "a rate", None, None),
    ]
    assert home.rows("select count(*), min(credits)::varchar from raw.closed_charges") == [(3, "1.000000000")]
    assert home.rows("select count(*), min(amount)::varchar from raw.closed_lines") == [(2, "1.0000")]
    assert home.land().load_id is None


LINES = "billing/closed_lines/2025-03.parquet"
FAULTS = {
    "no JSON": "{",
    "no object": "[]",
    "another event": json.dumps({**REOPENED, "event": "shut"}),
    "no month": json.dumps({**REOPENED, "month": "March"}),
    "no time": json.dumps({**REOPENED, "at": "yesterday"}),
    "a time without a zone": json.dumps({**REOPENED, "at": "2025-04-03T10:00:00"}),
    "nobody": json.dumps({**REOPENED, "by": ""}),
    "no reason": json.dumps({**REOPENED, "reason": None}),
    "a reason that is none": json.dumps({**REOPENED, "reason": ["x"]}),
    "nothing frozen": json.dumps(EVENT),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_event_that_the_command_did_not_write_is_refused_by_name(home: LandingHome, fault: str) -> None:
    home.deliver(f"{EVENTS}a.jsonl", [REOPENED])
    home.land()
    home.deliver(f"{EVENTS}b.jsonl", FAULTS[fault] + "\n")
    with pytest.raises(MappingError, match=r"^billing/periods/b.jsonl: row 1 .*: put it back as `credits close`"):
        home.land()
    assert home.rows("select made_by from raw.period_events") == [("Ben",)]


@pytest.mark.parametrize("path", ["../../etc/passwd", "billing/closed_lines/../../x.parquet", "/etc/passwd"])
def test_an_event_names_files_of_its_own_folders_alone(home: LandingHome, path: str) -> None:
    home.deliver(f"{EVENTS}a.jsonl", [{**closing(home), "linesFile": path}])
    with pytest.raises(MappingError, match=r"a.jsonl: row 1 has missing or wrong fields"):
        home.land()


def test_a_file_that_a_closing_names_has_to_be_there_as_it_was(home: LandingHome) -> None:
    event = closing(home)
    path = home.settings.landing / LINES
    content = path.read_bytes()
    home.deliver(f"{EVENTS}a.jsonl", [event])
    path.unlink()
    refused(home, f"{LINES} is missing; 2025-03 was closed with it: put it back from a backup.")
    frozen(home, "lines", 3)
    refused(home, f"{LINES} differs from the file that closed 2025-03: put it back from a backup.")
    path.write_bytes(content[:-10])
    refused(home, f"{LINES} is not what `credits close` wrote: put it back from a backup.")
    path.write_bytes(content)
    home.land()
    frozen(home, "lines", 3)
    refused(home, f"{LINES} differs from the file that closed 2025-03: put it back from a backup.")
    path.write_bytes(content)
    home.deliver(f"{EVENTS}a.jsonl", [{**event, "linesRows": 3}])
    refused(home, f"{LINES} differs from the file that closed 2025-03: put it back from a backup.")


def refused(home: LandingHome, said: str) -> None:
    with pytest.raises(MappingError, match=re.escape(said)):
        home.land()


def test_a_file_of_other_columns_is_none_that_was_frozen(home: LandingHome, tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    duckdb.connect().execute(f"copy (select 1 as credits) to '{other}'")
    home.deliver(LINES, other.read_bytes())
    refused(home, f"{LINES} is not what `credits close` wrote: put it back from a backup.")


def test_a_closing_of_before_a_column_was_added_lands_without_it(home: LandingHome) -> None:
    event = {**EVENT, **frozen(home, "charges"), **frozen(home, "lines", without="corrects_line_key")}
    home.deliver(f"{EVENTS}a.jsonl", [event])
    home.land()
    assert home.rows("select kind, corrects_line_key from raw.closed_lines") == [("word", None)]


def test_what_no_event_names_lands_and_says_nothing(home: LandingHome) -> None:
    frozen(home, "lines", 2)
    assert home.land().accepted == 2
