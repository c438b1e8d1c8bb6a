"""A file that a command was asked to write is written whole or not at all, and what stops it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import ArgumentError
from orchestration.commands.output_file import write_output


def test_what_stood_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("earlier")
    write_output(tmp_path / "a.html", b"later")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.html", b"later")]


@pytest.mark.parametrize("name", ["no/such/folder/a.html", "file/a.html", "folder", "x" * 300])
def test_a_place_that_takes_no_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ArgumentError, match=r"can't be written \(.*\): give another --out") as raised:
        write_output(tmp_path / name, b"content")
    assert name in str(raised.value) and ".partial" not in str(raised.value)
    assert sorted(tmp_path.iterdir()) == before
