"""The copy of a database shares its blocks where the file system can, and is whole where it can't."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from pathlib import Path

import pytest

from orchestration.publish.file_copy import copy_file

CONTENT = os.urandom(3 * 4096 + 17)
FICLONE = 0x40049409


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def test_a_copy_is_whole_and_independent_on_this_file_system(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"older and longer" * len(CONTENT))
    copy_file(source, target)
    source.write_bytes(b"changed")
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("reason", [errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY])
def test_a_file_system_that_shares_no_blocks_copies_them(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refuse(_descriptor: int, _request: int, _argument: int) -> int:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(fcntl, "ioctl", refuse)
    copy_file(source, tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == CONTENT


def test_where_blocks_are_shared_no_byte_is_copied(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def share(descriptor: int, request: int, original: int) -> int:
        asked.append(request)
        os.pwrite(descriptor, os.pread(original, len(CONTENT), 0), 0)
        return 0

    monkeypatch.setattr(fcntl, "ioctl", share)
    monkeypatch.delattr(shutil, "copyfile")
    copy_file(source, tmp_path / "target")
    assert (asked, (tmp_path / "target").read_bytes()) == ([FICLONE], CONTENT)
