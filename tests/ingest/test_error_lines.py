"""An error is one line with its cause; names are kept, values of records are masked."""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import duckdb
import pytest

from ingest.error_lines import LONGEST_LINE, causes, raise_if_interrupted, safe_line, safe_traceback, storage_fault

CONTENT = 'Jane Doe\'s "file"'


def error_of(query: str) -> duckdb.Error:
    with pytest.raises(duckdb.Error) as raised, duckdb.connect() as connection:
        connection.execute("create table visits as select $1 as who, 12345678 as number", [CONTENT])
        connection.execute(query)
    return raised.value


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("select cast(who as int) from visits", "when casting from source column who"),
        ("select who::decimal(3, 2) from visits", "to DECIMAL(3,2)"),
        ("select number::tinyint from visits", "out of range for the destination type INT8"),
        ("select who::timestamp from visits", "invalid timestamp field format"),
        ("select who::json from visits", "Malformed JSON"),
        ("select strptime(who, '%Y') from visits", "Could not parse string"),
        ("create table once (who varchar unique); insert into once select who from visits, range(2)", "duplicate key"),
    ],
)
def test_value_that_a_message_quotes_is_masked(query: str, kept: str) -> None:
    line = safe_line(error_of(query))
    assert kept in line and "\n" not in line
    assert not any(part in line for part in ("Jane", "Doe", "file", "12345678"))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("select absent from visits", 'Referenced column "absent" not found'),
        ("select * from absent", "Table with name absent does not exist"),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select * from read_csv('/absent.csv')", "/absent.csv"),
        ("create table full_of (who varchar not null); insert into full_of values (null)", "full_of.who"),
    ],
)
def test_names_of_columns_tables_and_files_are_kept(query: str, kept: str) -> None:
    assert kept in safe_line(error_of(query))


def test_messages_of_dbt_name_the_model_the_cause_and_what_breaks_a_contract() -> None:
    converted = (
        "Runtime Error in model fct (models/marts/fct.sql)\n  Conversion Error: Could not convert string 'Jane\nDoe' "
        "to INT32 when casting from source column credits\n  \n  LINE 3: select 'Jane'\n  compiled code at target/fct.sql"
    )
    assert safe_line(converted) == (
        "Runtime Error in model fct (models/marts/fct.sql) Conversion Error: Could not convert string … to INT32 "
        "when casting from source column credits"
    )
    contract = (
        "Compilation Error in model agg (models/agg.sql)\n  This model has an enforced contract that failed.\n  Please "
        "ensure the name, data_type, and number of columns in your contract match the columns in your model's "
        "definition.\n\n  | column_name | definition_type | contract_type | mismatch_reason       |\n"
        "  | ----------- | --------------- | ------------- | --------------------- |\n"
        "  | extra       |                 | INT32         | missing in definition |\n\n  > in macro f (macros/f.sql)"
    )
    assert safe_line(contract) == (
        "Compilation Error in model agg (models/agg.sql) This model has an enforced contract that failed. "
        "| extra | | INT32 | missing in definition |"
    )


def test_line_is_never_longer_than_300_characters() -> None:
    assert len(safe_line(ValueError("x " * 1000))) == LONGEST_LINE


def test_walk_over_causes_ends_where_two_errors_name_each_other() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__context__ = other, one
    assert [*causes(one)] == [one, other]
    assert safe_traceback(one).count("ValueError") == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk of /home/w is full"),
        ('IO Error: Could not write file "/home/w/b": No space left on device', "the disk of /home/w is full"),
        ("failed to offload data block (max_temp_directory_size)", "the disk of /home/w is full"),
        (OSError(errno.EIO, "Input/output error"), "has an input/output error"),
        (OSError(errno.EROFS, "Read-only file system"), "can only be read"),
        ("Out of Memory Error: could not allocate block", "CREDITS_MEMORY_LIMIT"),
        (MemoryError(), "memory ran out"),
    ],
)
def test_fault_of_the_machine_is_told_as_such(error: BaseException | str, said: str) -> None:
    assert said in (storage_fault(error, Path("/home/w")) or "")


def test_fault_of_the_machine_is_found_below_another_error() -> None:
    error = RuntimeError("a step failed")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert storage_fault(error, Path("/w"))
    assert storage_fault(RuntimeError("a step failed"), Path("/w")) is None


def test_stop_that_reaches_duckdb_at_work_is_a_stop() -> None:
    endless = "select count(*) from range(1000000000000) where hash(range) % 7 = 0"
    stop = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        stop.start()
        with duckdb.connect(config={"threads": 1}) as connection, pytest.raises(RuntimeError) as stopped:
            connection.execute(endless)
    finally:
        stop.join()
        signal.signal(signal.SIGINT, before)
    with pytest.raises(KeyboardInterrupt):
        raise_if_interrupted(stopped.value)
    raise_if_interrupted(RuntimeError("another"))
