"""Bundles: tar files that hold many small landing files, each under its own path, with its bytes and its times.

`credits compact` writes them. A bundle is a plain tar (POSIX pax) that any `tar` unpacks into `landing/`. Each member
has a pax header with its modification time in nanoseconds and, as its comment, the SHA-256 of its bytes. Nothing else
is read as a bundle, so that no tar can name a file outside its dataset's folder or ask for much memory.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from ingest.contract.datasets import BUNDLE_ENDING, FOLDERS, RECORD_ENDINGS, is_ready_name
from ingest.contract.landing_files import LandingFile

LARGEST_MEMBER = 256 * 1024
"""The size of the largest file that is worth joining with others, in bytes; a larger one costs more to read than to
list.
"""
_BLOCK = 512
_MAGIC = b"ustar\0"
_END = bytes(2 * _BLOCK)
_MOST_PADDING = 20 * _BLOCK
"""How many zeros other tar programs write at most after the end."""
_MOST_RECORDS = 8 * 1024
"""The size of the largest pax header that is read."""
_RECORD = re.compile(rb"(\d{1,5}) ([^=\n]+)=")
_TIME = re.compile(r"(-?)(\d{1,19})\.(\d{9})", re.ASCII)
_COMMENT = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)


class BundleFaultError(Exception):
    """A bundle is damaged, or is not one; the message says what is wrong, without its end."""


@dataclass(frozen=True)
class BundleMember(LandingFile):
    """A landing file whose bytes are in a bundle. `path`, `size` and `modified_ns` are its own; the other attributes of
    the file are the bundle's. `start` is where its bytes begin, `sha256` the hash with which it was written.
    """

    bundle: LandingFile = field(kw_only=True)
    start: int = field(kw_only=True)
    sha256: str = field(kw_only=True)

    @property
    def holder(self) -> LandingFile:
        """The bundle."""
        return self.bundle

    def open(self, buffering: int = -1) -> BinaryIO:
        """Open its bytes for reading; they are in memory.

        Raises:
            OSError: the bundle can't be opened.
        """
        with self.bundle.open(0) as source:
            source.seek(self.start)
            data = source.read(self.size)
        return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, io.BytesIO(data))))

    def is_as_listed(self) -> bool:
        """Whether its bundle is still the one that was listed, and unchanged."""
        return self.bundle.is_as_listed()


def bundle_members(bundle: LandingFile) -> list[BundleMember]:
    """The members of a bundle, in its order. Their bytes are not read.

    Raises:
        BundleFaultError: it is damaged, or not a bundle.
        OSError: it can't be read.
    """
    with bundle.open() as source:
        members = list(_members(bundle, source))
        rest = source.read(_MOST_PADDING + 1)
        if len(rest) > _MOST_PADDING or rest.strip(b"\0"):
            raise BundleFaultError(f"it has more after its {len(members)} members")
    if len({member.path for member in members}) < len(members):
        raise BundleFaultError("it has two members of one path")
    return members


def first_damaged(members: Sequence[BundleMember]) -> BundleMember | None:
    """The first of some members of one bundle whose bytes are not those with which it was written.

    Raises:
        OSError: the bundle can't be read.
    """
    if not members:
        return None
    with members[0].bundle.open() as source:
        for member in members:
            source.seek(member.start)
            if hashlib.sha256(source.read(member.size)).hexdigest() != member.sha256:
                return member
    return None


def _members(bundle: LandingFile, source: BinaryIO) -> Iterator[BundleMember]:
    end = bundle.size
    while (block := _block(source)) != bytes(_BLOCK):
        _, size_of_records = _header(block, tarfile.XHDTYPE)
        records = _records(source, size_of_records)
        name, size = _header(_block(source), tarfile.REGTYPE)
        path = records.get("path", name)
        hashed, time = _COMMENT.fullmatch(records.get("comment", "")), _TIME.fullmatch(records.get("mtime", ""))
        if hashed is None or time is None or not 0 <= size <= LARGEST_MEMBER:
            raise BundleFaultError("`credits compact` has not written it")
        if not _is_allowed(bundle.dataset, path):
            raise BundleFaultError(f"its member {path[:80]!r} is not a file of {FOLDERS[bundle.dataset]}/")
        start = source.tell()
        if start + size > end:
            raise BundleFaultError("it is cut off")
        modified_ns = int(time[2] + time[3]) * (-1 if time[1] else 1)
        yield BundleMember(
            *(bundle.dataset, path, bundle.absolute, size, modified_ns, bundle.inode, bundle.changed_ns),
            bundle=bundle,
            start=start,
            sha256=hashed[1],
        )
        source.seek(_padded(size), io.SEEK_CUR)
    if _block(source) != bytes(_BLOCK):
        raise BundleFaultError("it is damaged")


def _block(source: BinaryIO) -> bytes:
    return _read(source, _BLOCK)


def _read(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise BundleFaultError("it is cut off")
    return data


def _header(block: bytes, kind: bytes) -> tuple[str, int]:
    """The name and the size in a tar header of this kind."""
    checksum = block[148:156]
    try:
        name, size = block[:100].rstrip(b"\0").decode(), int(block[124:136].rstrip(b" \0"), 8)
        is_sound = int(checksum.rstrip(b" \0"), 8) == sum(block) - sum(checksum) + 8 * ord(" ")
    except ValueError:
        is_sound, name, size = False, "", 0
    if not is_sound or block[257:263] != _MAGIC:
        raise BundleFaultError("it is damaged, or not a tar file")
    is_link, has_prefix = block[157:257].strip(b"\0"), block[345:500].strip(b"\0")
    if block[156:157] != kind or is_link or has_prefix:
        raise BundleFaultError("`credits compact` has not written it")
    return name, size


def _records(source: BinaryIO, size: int) -> Mapping[str, str]:
    """The records of a pax header: each is its own length, a blank, name, `=`, value and a line end."""
    if not 0 < size <= _MOST_RECORDS:
        raise BundleFaultError("`credits compact` has not written it")
    data = _read(source, _padded(size))
    records: dict[str, str] = {}
    at = 0
    try:
        while at < size:
            found = _RECORD.match(data, at)
            end = at + int(found[1]) if found else 0
            if found is None or not found.end() < end <= size or data[end - 1 : end] != b"\n":
                raise BundleFaultError("it is damaged")
            records[found[2].decode()] = data[found.end() : end - 1].decode()
            at = end
    except UnicodeDecodeError:
        raise BundleFaultError("it is damaged") from None
    return records


def _is_allowed(dataset: str, path: str) -> bool:
    """Whether a ready file of the dataset may have this path."""
    folder = f"{FOLDERS[dataset]}/"
    names = path.removeprefix(folder).split("/")
    return (
        path.startswith(folder)
        and all(name and is_ready_name(name) and "\0" not in name for name in names)
        and names[-1].lower().endswith(RECORD_ENDINGS)
    )


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def write_member(target: BinaryIO, path: str, modified_ns: int, mode: int, data: bytes) -> None:
    """Write one member at the place where `target` stands.

    Raises:
        OSError: it can't be written.
    """
    header = tarfile.TarInfo(path)
    header.size, header.mode, header.mtime = len(data), mode, max(modified_ns // 10**9, 0)
    seconds, nanoseconds = divmod(abs(modified_ns), 10**9)
    header.pax_headers = {
        "mtime": f"{'-' if modified_ns < 0 else ''}{seconds}.{nanoseconds:09}",
        "comment": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }
    target.write(header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))
    target.write(data)
    target.write(bytes(_padded(len(data)) - len(data)))


def write_end(target: BinaryIO) -> None:
    """Write what ends a bundle.

    Raises:
        OSError: it can't be written.
    """
    target.write(_END)


def end_of(members: Iterable[BundleMember]) -> int:
    """Where a bundle may go on after its members: what comes before it is written as it is when the bundle grows."""
    return max((member.start + _padded(member.size) for member in members), default=0)


def is_bundle(name: str) -> bool:
    """Whether a file of this name is a bundle."""
    return name.lower().endswith(BUNDLE_ENDING)
