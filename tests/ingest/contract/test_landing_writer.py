"""A file below landing appears whole, on disk and to its owner alone, or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ingest.contract import landing_writer
from ingest.contract.landing_listing import list_landing
from ingest.contract.landing_writer import AlreadyThereError, PartialFile, appearing
from ingest.errors import HomeError


def seen(landing: Path) -> list[str]:
    """What landing reads of a folder, and what it would name as left out."""
    listing = list_landing(landing)
    return [path for folder in listing.folders for path in folder.paths] + [left.path for left in listing.left_out]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "usage_records" / "deep"


def test_a_file_is_seen_by_nobody_until_it_is_whole(tmp_path: Path, folder: Path) -> None:
    partial = PartialFile(folder, "a.jsonl")
    with partial.open() as file:
        file.write(b"{}\n")
        file.flush()
        assert seen(tmp_path) == []
    assert partial.appear() == folder / "a.jsonl"
    assert seen(tmp_path) == ["usage_records/deep/a.jsonl"]
    assert (folder / "a.jsonl").read_bytes() == b"{}\n"


def test_a_file_may_get_its_name_when_it_is_whole(folder: Path) -> None:
    partial = PartialFile(folder, "unknown")
    with partial.open() as file:
        file.write(b"{}\n")
    assert partial.appear("known.jsonl") == folder / "known.jsonl"
    assert [path.name for path in folder.iterdir()] == ["known.jsonl"]


def test_nobody_but_its_owner_reads_a_file_whoever_wrote_it_and_with_whatever_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        with appearing(folder / "a.jsonl") as partial:
            partial.write_bytes(b"{}\n")
        with PartialFile(folder, "b.jsonl").open():
            assert mode(folder / ".b.jsonl.partial") == 0o600
    finally:
        os.umask(before)
    assert (mode(folder / "a.jsonl"), mode(folder), mode(folder.parent)) == (0o600, 0o700, 0o700)


def test_the_bytes_and_then_the_name_are_on_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    names = {"fsync": os.fsync, "rename": Path.rename}

    def fsync(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        names["fsync"](descriptor)

    def rename(path: Path, target: Path) -> Path:
        done.append("renamed")
        return names["rename"](path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    with appearing(folder / "a.jsonl") as partial:
        partial.write_bytes(b"{}\n")
    assert done == [".a.jsonl.partial", "renamed", "deep"]


def test_a_file_whose_writing_fails_leaves_nothing(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), appearing(folder / "a.jsonl") as partial:
        partial.write_bytes(b"{}\n")
        raise ZeroDivisionError
    assert [*folder.iterdir()] == []


def test_what_a_killed_writer_left_is_no_part_of_the_next_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / ".a.jsonl.partial").write_bytes(b"much more than the next one writes\n")
    partial = PartialFile(folder, "a.jsonl")
    with partial.open() as file:
        file.write(b"{}\n")
    partial.appear()
    assert (folder / "a.jsonl").read_bytes() == b"{}\n"


def test_a_file_that_is_to_be_created_replaces_none(folder: Path) -> None:
    with appearing(folder / "a.jsonl", create_only=True) as partial:
        partial.write_bytes(b"first\n")
    with pytest.raises(AlreadyThereError), appearing(folder / "a.jsonl", create_only=True):
        pytest.fail("the work is not done for nothing")
    with pytest.raises(AlreadyThereError), appearing(folder / "b.jsonl", create_only=True) as partial:
        partial.write_bytes(b"second\n")
        (folder / "b.jsonl").write_bytes(b"somebody else's\n")
    with appearing(folder / "a.jsonl") as partial:
        partial.write_bytes(b"third\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.jsonl": b"third\n",
        "b.jsonl": b"somebody else's\n",
    }


def test_a_delivery_that_fails_may_be_tried_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = landing_writer.LandingWriter(folder, "main")
    writer.add({"a": 1})
    with monkeypatch.context() as patched, pytest.raises(HomeError, match="No space"):
        patched.setattr(landing_writer, "appear", _full)
        writer.deliver()
    assert (delivered := writer.deliver()) and delivered.read_bytes() == b'{"a":1}\n'
    assert [path.name for path in folder.iterdir()] == [delivered.name]


def _full(*_: Path) -> None:
    raise OSError(28, os.strerror(28))
