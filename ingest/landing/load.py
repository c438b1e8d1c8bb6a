"""The landing step as a whole: find what is new, land it in one transaction, show what was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from ingest.errors import HomeError, WarehouseError
from ingest.landing.datasets import DATASETS
from ingest.landing.dated_windows import check_dated_windows
from ingest.landing.export_tables import EXPORT_TABLES
from ingest.landing.file_bytes import InspectedFile, inspect
from ingest.landing.files import USAGE_RECORDS, listing_fingerprint
from ingest.landing.ledger import (
    LedgerEntry,
    content_identity,
    known_contents,
    latest_content,
    mark_seen,
    record_landed,
    unseen_files,
)
from ingest.landing.left_out import FileNotice, LeftOut
from ingest.landing.loading import Loader
from ingest.landing.mapping_exports import read_mapping_export
from ingest.landing.period_files import PERIOD_DATASETS, check_closings, write_period_file
from ingest.landing.quarantine import clear_quarantine, write_quarantine
from ingest.landing.raw_writing import RawWriter, write_export, write_notices
from ingest.landing.reading import ReaderStoppedError
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings

Report = Callable[[str, int, int], None]
"""Is told what is being read, how many bytes are done and how many there are."""


@dataclass(frozen=True)
class LoadSummary:
    """What a landing step did. `load_id` is None where nothing was new; `left_out` names what stands below `landing/`
    and did not land, `notices` what a person should look at in the files that did.
    """

    load_id: int | None = None
    files: int = 0
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    credits_rounded: int = 0
    left_out: tuple[LeftOut, ...] = ()
    notices: tuple[FileNotice, ...] = ()


def land(settings: Settings, run_id: str, report: Report | None = None) -> LoadSummary:
    """Land all new files of the home. Safe to call again after it was cut off at any point.

    Raises:
        HomeError: a folder can't be read or written.
        MappingError: a mapping export is faulty, or what a month was closed with is not there; nothing has landed then.
        WarehouseError: the build database can't take it (its disk is full, say).
    """
    report = report or (lambda *_: None)
    with open_build_database(settings) as connection:
        try:
            try:
                summary = _land_in_one_transaction(connection, settings, run_id, report, probing=False)
            except ReaderStoppedError:
                connection.rollback()
                summary = _land_in_one_transaction(connection, settings, run_id, report, probing=True)
        except duckdb.Error as error:
            first_line = str(error).splitlines()[0][:200]
            raise WarehouseError(
                f"landing stopped ({type(error).__name__}: {first_line}): nothing of this load is kept; "
                "mend that and run again."
            ) from None
        except OSError as error:
            raise HomeError(
                f"{error.filename or settings.landing} cannot be read ({error.strerror}): nothing of this load "
                "is kept; mend that and run again."
            ) from None
        write_quarantine(connection, settings)
    return summary


def _land_in_one_transaction(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str, report: Report, *, probing: bool
) -> LoadSummary:
    connection.begin()
    # Taken before the files are read: what is delivered meanwhile makes the next listing another one.
    listing = listing_fingerprint(settings.landing)
    connection.execute("delete from raw.landing_state")
    connection.execute("insert into raw.landing_state values (?)", [listing])
    summary = _land(connection, settings, run_id, report, probing=probing)
    check_closings(connection, settings.landing)
    if summary.left_out:
        # Never the same as a later listing: the next run tries those files again.
        connection.execute("update raw.landing_state set listing = 'incomplete'")
    if summary.load_id == 1:
        clear_quarantine(settings)
    connection.commit()
    return summary


def _land(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str, report: Report, *, probing: bool
) -> LoadSummary:
    now = datetime.now(UTC)
    news, left_out = _new_contents(connection, settings, report)
    if not news:
        return LoadSummary(left_out=left_out)
    exports = [read_mapping_export(each.file) for each in news if each.file.dataset in EXPORT_TABLES]
    for table in EXPORT_TABLES.values():
        if table.has_windows:
            check_dated_windows(connection, table, [each for each in exports if each.table == table])
    row = connection.execute("select coalesce(max(load_id), 0) + 1 from raw.loads").fetchone()
    load_id = row[0] if row else 1
    total = sum(each.file.size for each in news)
    done = 0

    def progress(size: int) -> None:
        nonlocal done
        done += size
        report("landing", done, total)

    entries: list[LedgerEntry] = []
    landed: list[InspectedFile] = []
    noticed: dict[tuple[int, str, str], int] = {}
    for dataset in DATASETS.values():
        files = [each for each in news if each.file.dataset == dataset.name]
        if not files:
            continue
        writer = RawWriter(connection, dataset, load_id)
        entries += Loader(connection, dataset, writer, now, probing).land(files, progress)
        noticed |= writer.noticed
        landed += files
    for export in exports:
        each = next(each for each in news if each.file == export.file)
        entries.append(write_export(connection, load_id, each, export))
        noticed |= {(each.file_id, told.notice, told.detail): told.rows for told in export.notices}
        landed.append(each)
        progress(each.file.size)
    for each in news:
        if each.file.dataset in PERIOD_DATASETS:
            entries.append(write_period_file(connection, load_id, each))
            landed.append(each)
            progress(each.file.size)
    landed_at = now.replace(tzinfo=None)
    record_landed(connection, load_id, landed_at, landed, entries)
    notices = write_notices(connection, load_id, landed, noticed)
    connection.execute("insert into raw.loads values (?, ?, ?)", [load_id, run_id, landed_at])
    return LoadSummary(
        load_id,
        len(landed),
        sum(entry.lines for entry in entries),
        sum(entry.accepted for entry in entries),
        sum(entry.rejected for entry in entries),
        sum(entry.credits_rounded for entry in entries),
        left_out,
        notices,
    )


def _new_contents(
    connection: duckdb.DuckDBPyConnection, settings: Settings, report: Report
) -> tuple[list[InspectedFile], tuple[LeftOut, ...]]:
    unseen = unseen_files(connection, settings)
    known = known_contents(connection) if unseen else set()
    row = connection.execute("select coalesce(max(file_id), 0) from raw.landed_files").fetchone()
    file_id = row[0] if row else 0
    total = sum(file.size for file in unseen)
    done = 0
    news: list[InspectedFile] = []
    left_out: list[LeftOut] = []
    for file in unseen:
        try:
            facts = inspect(file)
        except OSError as error:
            reason = f"it can't be opened ({error.strerror}): check its owner and mode"
            left_out.append(LeftOut(file.path, reason, file.size, "unreadable"))
            continue
        done += file.size
        report("reading", done, total)
        identity = (file.dataset, content_identity(file.dataset, facts.sha256, file.exported_at))
        latest = latest_content(connection, file)
        # A mapping export put back to what it was before a correction is the one that stands again.
        put_back = latest is not None and file.dataset != USAGE_RECORDS
        if latest == facts.sha256 or (identity in known and not put_back):
            mark_seen(connection, file, facts.sha256, None)
            continue
        known.add(identity)
        file_id += 1
        news.append(InspectedFile(file_id, file, facts))
    return news, tuple(left_out)
