"""Joins small landed files of closed months into one bundle for each month and dataset.

A bundle appears whole and checked before any of its files is removed, and a file with a path of its own counts before a
member of the same path. So it may be stopped at any moment; the next call goes on from there.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import signal
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

import duckdb

from ingest.contract.bundles import (
    LARGEST_MEMBER,
    BundleFaultError,
    BundleMember,
    bundle_members,
    end_of,
    first_damaged,
    write_end,
    write_member,
)
from ingest.contract.datasets import BUNDLE_ENDING, BUNDLED, FOLDERS, NO_REASON_TO_RUN
from ingest.contract.landing_files import LandingFile
from ingest.contract.landing_listing import Listing, list_landing
from ingest.contract.landing_writer import PartialFile, unwritable
from ingest.landing.bundled_files import mark_bundles_seen, new_members
from ingest.landing.ledger import Landed, landed_as_listed

_FEWEST_FILES = 2
"""The fewest files for which a new bundle is made."""
_COPIED_AT_ONCE = 8 * 1024 * 1024


@dataclass
class Compacted:
    """What was joined: `files` are now members of `bundles`, by path. `faulty` are bundles that can't grow, with the
    reason. `fingerprint` is that of the listing before; `fingerprint_after` is the present one, or None if nothing was
    joined or something else below `landing/` has changed meanwhile.
    """

    fingerprint: str
    fingerprint_after: str | None = None
    files: int = 0
    months: set[date] = field(default_factory=set[date])
    bundles: dict[str, LandingFile] = field(default_factory=dict[str, LandingFile])
    faulty: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Joinable:
    """The landed files of one dataset and month that may be members of the bundle at `path`; `bundle` is what is there
    already.
    """

    path: str
    month: date
    bundle: LandingFile | None
    files: Sequence[Landed]


def joinable_files(connection: duckdb.DuckDBPyConnection, listing: Listing, closed: Collection[date]) -> list[Joinable]:
    """The small published files whose records all have times in closed months (UTC, first days of months), by the month
    of the latest one. A file without a record stays as it is.
    """
    folders = [folder for folder in listing.folders if folder.dataset in BUNDLED]
    landed = landed_as_listed(connection, folders, LARGEST_MEMBER)
    months = _months_in(connection, {one.file_id for one in landed}, closed)
    there = {bundle.path: bundle for bundle in listing.bundles}
    groups: dict[tuple[date, str], list[Landed]] = {}
    for one in landed:
        if month := months.get(one.file_id):
            path = f"{FOLDERS[one.file.dataset]}/{month:%Y-%m}{BUNDLE_ENDING}"
            groups.setdefault((month, path), []).append(one)
    return [
        Joinable(path, month, there.get(path), files)
        for (month, path), files in sorted(groups.items(), key=lambda group: group[0])
        if path in there or len(files) >= _FEWEST_FILES
    ]


def compact(connection: duckdb.DuckDBPyConnection, landing: Path, closed: Collection[date]) -> Compacted:
    """Join the files of `joinable_files`. The caller holds the writer's lock.

    Raises:
        HomeError: `landing/` can't be read or written.
    """
    _remove_partial_bundles(landing)
    listing = list_landing(landing)
    done = Compacted(listing.fingerprint)
    removed: set[str] = set()
    for joinable in joinable_files(connection, listing, closed):
        try:
            bundle, held = _written(landing, joinable)
            if bundle and not new_members(connection, bundle):
                mark_bundles_seen(connection, [bundle])
            gone = [one.file.path for one in held if _is_removed(one.file)]
        except BundleFaultError as fault:
            done.faulty[joinable.path] = str(fault)
            continue
        except OSError as error:
            folder = Path(str(error.filename)).parent if error.filename else landing
            raise unwritable(folder, error) from None
        if bundle and gone:
            done.files += len(gone)
            done.months.add(joinable.month)
            done.bundles[joinable.path] = bundle
            removed.update(gone)
    if removed:
        done.fingerprint_after = _fingerprint_after(landing, listing, removed, done.bundles)
    return done


def _months_in(
    connection: duckdb.DuckDBPyConnection, files: Collection[int], closed: Collection[date]
) -> Mapping[int, date]:
    """The month of the latest record of each file, if all months of its records are closed."""
    rows = connection.execute(
        """
        with files as (select unnest($files::integer[]) as file_id),

        moments as (
            select file_id, coalesce(created_at, captured_at) as moment from raw.usage_records
            union all
            select file_id, heard_at as moment from raw.heartbeats
        ),

        months as (
            select distinct file_id, date_trunc('month', moment)::date as month
            from moments semi join files using (file_id)
        )

        select file_id, max(month) from months
        group by file_id
        having bool_and(month in (select unnest($closed::date[])))
        """,
        {"files": sorted(files), "closed": sorted(closed)},
    ).fetchall()
    return dict(rows)


def _written(landing: Path, joinable: Joinable) -> tuple[LandingFile | None, list[Landed]]:
    """The bundle, which has grown if it lacked some of the files, and those files whose bytes it has.

    Raises:
        BundleFaultError: the bundle that is there can't be used.
        OSError: a file can't be written.
    """
    target = landing / joinable.path
    if target.is_symlink() or (joinable.bundle is None and target.exists()):
        raise BundleFaultError("it is not an ordinary file")
    members = bundle_members(joinable.bundle) if joinable.bundle else []
    hashes = {member.path: member.sha256 for member in members}
    new = [one for one in joinable.files if one.file.path not in hashes]
    if new and not _has_grown(target, joinable, members, new, hashes):
        new = []
    held = {one.file.path: one for one in joinable.files if hashes.get(one.file.path) == one.sha256}
    if not new and (damaged := first_damaged([member for member in members if member.path in held])):
        raise _damage(damaged)
    return _as_listed(joinable, target) if hashes else None, [*held.values()]


def _has_grown(
    target: Path,
    joinable: Joinable,
    members: Sequence[BundleMember],
    new: Sequence[Landed],
    hashes: dict[str, str],
) -> bool:
    """Write the bundle with those of the new files that are still as they landed, and add these to `hashes`; False if
    there are none.
    """
    partial = PartialFile(target.parent, target.name)
    try:
        with partial.open() as out:
            if joinable.bundle:
                with joinable.bundle.open() as source:
                    _copy(source, out, end_of(members))
            for one in new:
                if (original := _bytes_of(one)) is not None:
                    write_member(out, one.file.path, one.file.modified_ns, *original)
                    hashes[one.file.path] = one.sha256
            write_end(out)
        if len(hashes) == len(members):
            return False
        _check(_as_listed(joinable, partial.path), hashes)
        if joinable.bundle and not joinable.bundle.is_as_listed():
            raise BundleFaultError("it changed meanwhile")
        partial.appear()
    finally:
        partial.discard()
    return True


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    """Copy the first `size` bytes."""
    while size:
        data = source.read(min(size, _COPIED_AT_ONCE))
        if not data:
            raise BundleFaultError("it is cut off")
        target.write(data)
        size -= len(data)


def _bytes_of(landed: Landed) -> tuple[int, bytes] | None:
    """The mode and the bytes of a file, if it is an ordinary file with the bytes that have landed."""
    try:
        descriptor = os.open(landed.file.absolute, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as source:
        found = os.fstat(descriptor)
        data = source.read(landed.file.size + 1) if stat.S_ISREG(found.st_mode) else b""
        is_landed = hashlib.sha256(data).hexdigest() == landed.sha256 and _is_listed(landed.file, os.fstat(descriptor))
        is_landed = is_landed and not _is_open_for_writing(descriptor)
    return (found.st_mode & 0o777, data) if is_landed else None


def _is_listed(file: LandingFile, found: os.stat_result) -> bool:
    listed = (file.size, file.modified_ns, file.inode, file.changed_ns)
    return listed == (found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns)


def _check(bundle: LandingFile, hashes: Mapping[str, str]) -> None:
    """Read a bundle back, and compare it with the hashes that its members must have."""
    members = bundle_members(bundle)
    if {member.path: member.sha256 for member in members} != hashes:
        raise BundleFaultError("it was read back with other members: check the disk")
    if damaged := first_damaged(members):
        raise _damage(damaged)


def _damage(member: BundleMember) -> BundleFaultError:
    return BundleFaultError(f"the bytes of its member {member.path[:80]!r} are not those that were written")


def _as_listed(joinable: Joinable, absolute: Path) -> LandingFile:
    found = absolute.stat()
    return LandingFile(
        *(joinable.files[0].file.dataset, joinable.path, absolute),
        *(found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns),
    )


def _is_removed(file: LandingFile) -> bool:
    """Remove a file that its bundle has, if it is still the one that landed."""
    try:
        with file.absolute.open("rb") as source:
            if _is_open_for_writing(source.fileno()) or not _is_listed(file, file.absolute.lstat()):
                return False
            file.absolute.unlink()
    except FileNotFoundError:
        return False
    return True


def _is_open_for_writing(descriptor: int) -> bool:
    """Whether a process has an open file of ours open for writing, and so may go on; False if the file system can't
    tell.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # The kernel grants a read lease only on a file that nobody has open for writing.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # ignored, unlike the usual signal of a broken lease
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def _remove_partial_bundles(landing: Path) -> None:
    """Remove what a call that was killed has left."""
    for dataset in BUNDLED:
        for partial in (landing / FOLDERS[dataset]).glob(f".????-??{BUNDLE_ENDING}.partial"):
            partial.unlink()


def _fingerprint_after(
    landing: Path, before: Listing, removed: Collection[str], bundles: Mapping[str, LandingFile]
) -> str | None:
    """The fingerprint of what is below `landing/` now, if nothing else has changed."""
    after = list_landing(landing)
    expected = {file for file in _listed(before) if file[0] not in removed and file[0] not in bundles}
    expected |= {_key(bundle) for bundle in bundles.values() if bundle.dataset not in NO_REASON_TO_RUN}
    return after.fingerprint if _listed(after) == expected and after.left_out == before.left_out else None


def _listed(listing: Listing) -> set[tuple[str, int, int, int]]:
    """The files that can start a run, with sizes and times."""
    of_folders: Iterable[tuple[str, int, int, int]] = (
        row
        for folder in listing.folders
        if folder.dataset not in NO_REASON_TO_RUN
        for row in zip(folder.paths, folder.sizes, folder.modified_ns, folder.changed_ns, strict=True)
    )
    return {*of_folders, *(_key(bundle) for bundle in listing.bundles if bundle.dataset not in NO_REASON_TO_RUN)}


def _key(file: LandingFile) -> tuple[str, int, int, int]:
    return file.path, file.size, file.modified_ns, file.changed_ns
