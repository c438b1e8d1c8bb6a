"""`credits status` says the same facts as lines and as JSON, names what was left out, and ends with the code for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.commands.status import status_lines
from orchestration.freshness import age_in_words
from orchestration.status import as_object, read_status
from tests.orchestration.homes import CHECKOUT, Ended
from tests.orchestration.made_version import VERSION, publish_by_hand

WITH_A_THREAD = """
import threading
import duckdb
from orchestration.cli import console
def waits():
    held = duckdb.connect()
    threading.Event().wait()
threading.Thread(target=waits, daemon=True).start()
console()
"""
SEEN = datetime(2026, 11, 1)
NOT_READ = ("usage.xlsx", "its ending is not read", 12, "unread", SEEN)
FAULTY = (
    "mappings/users/u.csv",
    "row 2, column 'userId' is empty; give it a value; row 3 has no 'userId'",
    40,
    "set_aside",
    SEEN,
)
FAULTS = ["row 2, column 'userId' is empty; give it a value", "row 3 has no 'userId'"]
NO_MODE = ("usage_records/a\x1bb.jsonl", "it can't be opened", None, "unreadable", SEEN)
USED = ("final", datetime(2026, 10, 30, 12, 0, 0, 500_000))


def status(home: Path, *arguments: str) -> Ended:
    ended = CliRunner().invoke(main, ["status", *arguments], env={"CREDITS_HOME": str(home)})
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


def test_nothing_published_ends_with_1_and_one_line(tmp_path: Path) -> None:
    ended = status(tmp_path)
    assert ended.code == 1 and f"home        {tmp_path}" in ended.out
    assert ended.one_line == "credits: nothing is published yet: run `credits run`."
    ended = status(tmp_path, "--json")
    found = json.loads(ended.out)
    assert (found["version"], found["credits"], found["operations"], found["exit_code"]) == (None, None, None, 1)


def test_counts_of_one_are_singular(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_by_hand(home, mart_unread_files=[FAULTY], fct_credit_usage=[USED])
    ended = status(home)
    assert ended.one_line.endswith("what is published lacks it.")
    assert "  1 operation whose usage" in ended.out and "  1 line refused" in ended.out


def test_a_home_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = status(tmp_path / "none")
    assert ended.code == 1 and f"{tmp_path / 'none'} is not a folder" in ended.one_line


def test_what_a_person_has_to_mend_ends_with_3_and_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_by_hand(home, mart_unread_files=[NOT_READ, FAULTY, NO_MODE], fct_credit_usage=[USED])
    ended = status(home)
    assert ended.code == 3
    assert "2 files to mend (mappings/users/u.csv, usage_records/a\\x1bb.jsonl)" in ended.one_line
    assert "set aside   1 file below landing/: mart_unread_files" in ended.out
    assert (
        "  mappings/users/u.csv: row 2, column 'userId' is empty; give it a value; row 3 has no 'userId'" in ended.out
    )
    assert "  usage.xlsx: its ending is not read" in ended.out
    assert "\x1b" not in ended.out + ended.err


def test_a_file_that_is_not_read_is_named_and_no_reason_for_another_exit_code(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "home", mart_unread_files=[NOT_READ], fct_credit_usage=[USED])
    ended = status(tmp_path / "home")
    assert (ended.code, ended.err) == (0, "") and "usage.xlsx: its ending is not read" in ended.out


def test_json_says_the_same_facts_as_one_object(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_by_hand(
        home,
        mart_unread_files=[NOT_READ, FAULTY],
        mart_file_notices=[("a.csv", "usage_records", "unknown_column", "no field takes the column 'timeZone'", 0)],
        fct_credit_usage=[USED],
        mart_record_conflicts=[("r1",), ("r1",)],
    )
    ended = status(home, "--json")
    found = json.loads(ended.out)
    assert ended.code == found["exit_code"] == 3
    assert (found["version"], found["credits"], found["operations"]) == (VERSION, "12.500000001", 3)
    assert found["last_usage_at"] == "2026-10-30T12:00:00.500000Z"
    assert found["verdicts"] == {"new": 3, "duplicate": 1, "correction": 0, "conflict": 0, "rejected": 1}
    assert found["unread_files"] == [dict(zip(("path", "reason", "size", "kind"), NOT_READ[:4], strict=True))]
    assert found["set_aside"] == [{"path": "mappings/users/u.csv", "faults": FAULTS, "size": 40}]
    assert found["notices"][0]["detail"] == "no field takes the column 'timeZone'"
    assert (found["conflicts"], found["quarantined_lines"], found["unmapped_credits"]) == (1, 1, "2.500000000")
    assert (found["home"], found["is_waiting"], found["built_at"]) == (str(home), True, "2026-11-01T00:00:00Z")


def test_faults_that_are_only_counted_stay_one_text(tmp_path: Path) -> None:
    reason = "row 2, column 'userId' is empty; give it a value (and 2 more: row 3, column 'userId'; row 4)"
    settings = publish_by_hand(tmp_path / "home", mart_unread_files=[("u.csv", reason, 1, "set_aside", SEEN)])
    assert as_object(read_status(settings))["set_aside"][0]["faults"] == [reason]


def test_many_files_are_named_up_to_20_and_then_counted(tmp_path: Path) -> None:
    rows = [(f"f{number:02}.txt", "its ending is not read", 1, "unread", SEEN) for number in range(25)]
    notices = [(f"g{number:02}.csv", "users", "cut_ids", "ids are cut", 3) for number in range(22)]
    settings = publish_by_hand(tmp_path / "home", mart_unread_files=rows, mart_file_notices=notices)
    lines = [*status_lines(read_status(settings), datetime.now(UTC))]
    assert "  f19.txt: its ending is not read" in lines and "  … and 5 more" in lines
    assert not any("f20" in line for line in lines)
    assert "  g19.csv: ids are cut (3 rows)" in lines and "  … and 2 more" in lines


def test_the_age_of_the_last_usage_is_said_in_words(tmp_path: Path) -> None:
    settings = publish_by_hand(tmp_path / "home", fct_credit_usage=[USED])
    lines = [*status_lines(read_status(settings), datetime(2026, 11, 29, 12, 30, tzinfo=UTC))]
    assert "last usage  2026-10-30 12:00:00 UTC, 30 days ago" in lines


def test_silence_is_said_by_name_beside_the_last_heartbeat(tmp_path: Path) -> None:
    heard = datetime(2026, 11, 29, 12, 0)
    rows = [(f"h{number}/gateway", heard, number != 2) for number in range(5)]
    home = tmp_path / "home"
    settings = publish_by_hand(home, fct_credit_usage=[USED], mart_capture_sources=rows)
    lines = [*status_lines(read_status(settings), datetime(2026, 11, 29, 12, 30, tzinfo=UTC))]
    assert "heartbeat   2026-11-29 12:00:00 UTC, 30 minutes ago" in lines
    assert "silent      4 sources (h0/gateway, h1/gateway, h3/gateway, …): mart_capture_sources" in lines
    found = json.loads(status(home, "--json").out)
    assert found["last_heartbeat_at"] == "2026-11-29T12:00:00Z"
    assert found["silent_sources"] == ["h0/gateway", "h1/gateway", "h3/gateway", "h4/gateway"]


def test_the_balance_of_each_account_is_said_briefly(tmp_path: Path) -> None:
    today = date(2026, 11, 1)
    rows = [
        ("eu", "a", today, True, Decimal("12.5"), 40, 35, 47, date(2026, 12, 31), Decimal(2)),
        ("eu", "a", date(2026, 10, 31), False, Decimal(13), None, None, None, None, None),
        ("us", None, today, True, Decimal(3), None, None, None, None, None),
        *((f"x{number}", "b", today, True, Decimal(0), 0, 0, 0, None, None) for number in range(5)),
    ]
    home = tmp_path / "home"
    settings = publish_by_hand(home, mart_credit_balance=rows)
    lines = [*status_lines(read_status(settings), datetime(2026, 11, 1, tzinfo=UTC))]
    assert [line for line in lines if line.startswith("balance")] == [
        "balance     eu/a: 12.500000000 credits, for 35 to 47 days; 2.000000000 expire on 2026-12-31: mart_credit_balance",
        "balance     us/?: 3.000000000 credits: mart_credit_balance",
        *(f"balance     x{number}/b: 0.000000000 credits: mart_credit_balance" for number in range(3)),
        "balance     2 more accounts: mart_credit_balance",
    ]
    found = json.loads(status(home, "--json").out)["balances"]
    assert len(found) == 7 and found[0] == {
        "environment": "eu",
        "corti_tenant": "a",
        "balance_date": "2026-11-01",
        "remaining_credits": "12.500000000",
        "runway_days": 40,
        "runway_days_low": 35,
        "runway_days_high": 47,
        "next_expiry_date": "2026-12-31",
        "next_expiring_credits": "2.000000000",
    }


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3, minutes=59), "3 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
        (timedelta(hours=-2), "in 2 hours"),
    ],
)
def test_ages_are_told_in_their_largest_unit(age: timedelta, words: str) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert age_in_words(now - age, now) == words


def test_no_thread_that_is_left_makes_the_command_end_with_pages_of_leaks(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "home", fct_credit_usage=[USED])
    ended = subprocess.run(
        [sys.executable, "-c", WITH_A_THREAD, "status"],
        cwd=CHECKOUT,
        env={**os.environ, "CREDITS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "") and VERSION in ended.stdout


def test_a_version_of_an_earlier_release_has_a_status_too(tmp_path: Path) -> None:
    settings = publish_by_hand(tmp_path / "home")
    manifest = settings.published / "current" / "manifest.json"
    manifest.write_text(
        manifest.read_text().replace(
            '"mart_unread_files": {}, "mart_file_notices": {}, "mart_capture_sources": {}, ', ""
        )
    )
    found = read_status(settings)
    assert (found.exit_code, found.left_out, found.credits) == (0, (), Decimal("12.500000001"))
