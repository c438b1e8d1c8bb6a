"""Many small files of JSON Lines are read as one, with the same result as one by one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ingest.contract.landing_files import LandingFile
from ingest.landing import file_tasks, joined_files
from ingest.landing.file_bytes import FileFacts
from ingest.landing.reading import Reader
from tests.ingest.landing.landing_home import LandingHome, json_lines, record

ODD = {
    "no end.jsonl": json.dumps(record("no end")).encode(),
    "broken.jsonl": json_lines([record("before")]).encode() + b'{"torn": ',
    "only broken.jsonl": b"nonsense",
    "mark.jsonl": b"\xef\xbb\xbf" + json_lines([record("mark")]).encode(),
    "not utf8.jsonl": b'{"resourceId": "\xff", "creditsConsumed": 1, "createdAt": "2025-03-01"}\n',
    "returns.jsonl": json_lines([record("r1"), record("r2")]).replace("\n", "\r\n").encode(),
    "digits.jsonl": b'{"resourceId": 1.50, "creditsConsumed": 0.12345678901234, "createdAt": "2025-03-01"}\n',
    "upper.jsonl": b'{"RESOURCEID": "upper", "creditsConsumed": 1, "createdAt": "2025-03-01"}\n',
    "array.json": json.dumps([record("in array 1"), record("in array 2")]).encode(),
    "empty.jsonl": b"",
    "open text.jsonl": b'{"resourceId": "open\n',
    "tenantId=acme/of a folder.jsonl": json_lines([record("of a folder")]).encode(),
}
BLANK = {
    "blank.jsonl": b"\n" + json_lines([record("after a blank")]).encode() + b"\n\n",
    "blank last.jsonl": json_lines([record("before a blank")]).encode() + b" \n",
}
RAW = "select path, line_number, usage_records.* exclude (load_id, file_id, line_number)"


def deliver(home: LandingHome, more: dict[str, bytes]) -> None:
    for number in range(40):
        home.usage(f"{number % 3}/{number}.jsonl", [record(f"{number}-{line}") for line in range(number % 4 + 1)])
    for name, content in more.items():
        home.usage(name, content)


def outcome(home: LandingHome) -> list[Any]:
    assert home.land().load_id == 1
    return [
        home.rows(f"{RAW} from raw.usage_records inner join raw.landed_files using (file_id) order by all"),
        home.rows("select path, lines, accepted, rejected, credits_accepted from raw.landed_files order by all"),
        home.refused(),
        home.quarantined(),
    ]


@pytest.mark.parametrize("odd", [{}, ODD, BLANK, ODD | BLANK], ids=["sound", "odd", "blank", "both"])
def test_small_files_land_alike_together_and_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: dict[str, bytes]
) -> None:
    together, apart = LandingHome.at(tmp_path / "together"), LandingHome.at(tmp_path / "apart")
    joined: list[int] = []
    read_joined = Reader._read_joined
    monkeypatch.setattr(
        Reader, "_read_joined", lambda reader, files, path: joined.append(1) or read_joined(reader, files, path)
    )
    for home in (together, apart):
        deliver(home, odd)
    found = outcome(together)
    assert joined
    monkeypatch.setattr(joined_files, "_FEWEST_FILES", 1000)
    assert outcome(apart) == found


def test_small_files_land_where_no_file_in_memory_is_allowed(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: str) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "memfd_create", forbidden)
    deliver(home, {})
    assert (home.land().files, len(home.credits())) == (40, 100)


def test_a_small_file_that_changes_after_its_hash_costs_no_other_file(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(home, {})
    inspect = file_tasks.inspect

    def then_changed(file: LandingFile, *given: Any) -> FileFacts:
        facts = inspect(file, *given)
        if file.absolute.name == "7.jsonl":
            file.absolute.write_bytes(b"")
        if file.absolute.name == "8.jsonl":
            file.absolute.unlink()
        return facts

    monkeypatch.setattr(file_tasks, "inspect", then_changed)
    changed = {left.path for left in home.land().left_out}
    assert changed == {"usage_records/1/7.jsonl", "usage_records/2/8.jsonl"}
    assert home.rows("select count(*) from raw.landed_files") == [(38,)]
