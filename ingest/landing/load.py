"""The whole landing step: find what is new, land it in one transaction, write the refused lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import duckdb

from ingest.contract.bundles import BundleFaultError
from ingest.contract.datasets import USAGE_RECORDS
from ingest.contract.landing_files import LandingFile, in_landing_order, is_settled
from ingest.contract.landing_listing import Listing, list_landing
from ingest.contract.left_out import FileNotice, LeftOut
from ingest.error_lines import safe_line, storage_fault
from ingest.errors import HomeError, MappingError, WarehouseError
from ingest.landing.bundled_files import mark_bundles_seen, new_members, unseen_bundles
from ingest.landing.dated_windows import check_dated_windows
from ingest.landing.file_bytes import FileFacts, InspectedFile
from ingest.landing.file_tasks import Inspected, Tasks, facts_of, inspect_by_tasks, land_by_tasks
from ingest.landing.inputs import CLOSING_INPUTS, EXPORT_INPUTS, line_inputs
from ingest.landing.ledger import (
    KnownContent,
    LedgerEntry,
    content_identity,
    keep_earlier_reading,
    known_contents,
    latest_contents,
    mark_seen,
    record_landed,
    unseen_files,
)
from ingest.landing.left_out_files import listed_as, note_left_out, set_aside_before
from ingest.landing.loading import Loader
from ingest.landing.mapping_exports import MappingExport, read_mapping_export
from ingest.landing.period_files import check_closings, write_period_file
from ingest.landing.publications import forget_built_models, pending_loads
from ingest.landing.quarantine import clear_quarantine, clear_quarantine_of, write_quarantine
from ingest.landing.raw_writing import RawWriter, remove_file, write_export, write_notices
from ingest.landing.reading import FileStoppedError, ReaderStoppedError, naming
from ingest.landing.warehouse import open_build_database
from ingest.settings import Settings

Report = Callable[[str, int, int], None]
"""Gets what is being read, how many bytes are done and how many there are."""
_CHANGED = "it changed while it was read; the next run reads it"


@dataclass(frozen=True)
class LoadSummary:
    """The outcome of a landing step. `load_id` is None if nothing was new; `left_out` names files below `landing/` that
    did not land, `notices` what a person should look at in landed files, and `pending_loads` counts the loads that no
    published version contains.
    """

    load_id: int | None = None
    files: int = 0
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    credits_rounded: int = 0
    left_out: tuple[LeftOut, ...] = ()
    notices: tuple[FileNotice, ...] = ()
    pending_loads: int = 0


def land(settings: Settings, run_id: str, report: Report | None = None, tasks: Tasks | None = None) -> LoadSummary:
    """Land all new files of the home, with these tasks if there are any. Safe to call again after it was stopped at any
    point.

    Raises:
        HomeError: `landing/` itself can't be read, or the quarantine can't be written.
        MappingError: a file that a month was closed with is faulty or missing; then nothing has landed.
        WarehouseError: the build database can't be written, for example because its disk is full.
    """
    report = report or (lambda *_: None)
    with open_build_database(settings) as connection:
        try:
            summary = _land_as_it_stands(connection, settings, run_id, report, tasks)
        except duckdb.Error as error:
            reason = storage_fault(error, settings.warehouse) or safe_line(error)
            raise WarehouseError(
                f"landing stopped ({reason}): nothing of this load is kept; mend that and run again."
            ) from None
        except OSError as error:
            raise HomeError(
                f"{error.filename or settings.landing} cannot be read ({error.strerror}): nothing of this load "
                "is kept; mend that and run again."
            ) from None
        write_quarantine(connection, settings)
        return replace(summary, pending_loads=len(pending_loads(connection)))


def _land_as_it_stands(
    connection: duckdb.DuckDBPyConnection, settings: Settings, run_id: str, report: Report, tasks: Tasks | None
) -> LoadSummary:
    """Land in one transaction. If a file ends the transaction, the next attempt leaves it out, or checks each file
    before it reads it.
    """
    without: dict[str, LeftOut] = {}
    probing = False
    while True:
        connection.begin()
        landing = _Landing(connection, settings, run_id, report, tasks, probing, without)
        try:
            summary = landing.land()
            connection.commit()
        except FileStoppedError as error:
            connection.rollback()
            left = landing.left_out_unread(error)
            without[left.path] = left
        except (ReaderStoppedError, OSError) as error:
            connection.rollback()
            faulty = landing.left_out_for(error)
            if not faulty and (probing or isinstance(error, OSError)):
                if isinstance(error, OSError):
                    raise
                reason = safe_line(error.__cause__ or "a file could not be read")
                raise WarehouseError(f"landing stopped ({reason}): nothing of this load is kept; run again.") from None
            probing = probing or not faulty
            without |= {left.path: left for left in faulty}
        else:
            return summary


@dataclass
class _Landing:
    """One attempt, within the caller's transaction. `without` has the files, by path, that earlier attempts
    left out.
    """

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    run_id: str
    report: Report
    tasks: Tasks | None
    probing: bool
    without: Mapping[str, LeftOut]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    found: list[InspectedFile] = field(default_factory=list[InspectedFile])
    reread: set[int] = field(default_factory=set[int])
    left_out: dict[str, LeftOut] = field(default_factory=dict[str, LeftOut])
    copies: list[InspectedFile] = field(default_factory=list[InspectedFile])
    """Files with the same content as another one, and the id of that one."""
    bundles: dict[str, tuple[LandingFile, Sequence[LandingFile]]] = field(
        default_factory=dict[str, tuple[LandingFile, Sequence[LandingFile]]]
    )
    """The bundles that were looked into, by path, and those of their members that are new."""
    _kept: dict[tuple[str, str], KnownContent] = field(default_factory=dict[tuple[str, str], KnownContent])
    """The new contents by (dataset, identity)."""
    _last_id: int = 0
    _done: int = 0
    _total: int = 0

    def land(self) -> LoadSummary:
        """Land everything new, and note what was left out."""
        # Made before the files are read, so that files delivered meanwhile make the next listing different.
        listing = list_landing(self.settings.landing)
        self.left_out = {left.path: left for left in listing.left_out} | {**self.without}
        self._find(listing)
        summary = self._land_found() if self.found else LoadSummary()
        self._mark_bundles()
        check_closings(self.connection, self.settings.landing)
        left_out = tuple(self.left_out[path] for path in sorted(self.left_out))
        note_left_out(self.connection, listing, left_out, self.now.replace(tzinfo=None))
        if summary.load_id == 1:
            clear_quarantine(self.settings)
        return replace(summary, left_out=left_out)

    def left_out_for(self, error: Exception) -> list[LeftOut]:
        """The files that ended the attempt: those that changed, else the one named by the error."""
        files = [inspected.file for inspected in self.found]
        if changed := [file for file in files if not file.is_as_listed()]:
            return [_changed(file) for file in changed]
        if not isinstance(error, OSError):
            return []
        return [_unreadable(file, error) for file in files if str(file.absolute) == error.filename]

    def left_out_unread(self, error: FileStoppedError) -> LeftOut:
        """The message about a file whose reading failed with an unexpected error."""
        file = error.file
        if not file.is_as_listed():
            return _changed(file)
        reason = (
            f"reading it failed ({error.kind}): write or export it again; a file that fails again is worth a report"
        )
        return LeftOut(file.path, reason, file.size, "unreadable")

    def _find(self, listing: Listing) -> None:
        """Hash the files that are not in the ledger, and keep those with new contents."""
        unseen = in_landing_order([*unseen_files(self.connection, listing.folders), *self._unseen_members(listing)])
        if not unseen:
            return
        row = self.connection.execute("select coalesce(max(file_id), 0) from raw.landed_files").fetchone()
        self._last_id = row[0] if row else 0
        self._total = sum(file.size for file in unseen)
        before = set_aside_before(self.connection)
        self._keep_new([file for file in unseen if listed_as(file) not in before], listing.began_ns)
        # An unchanged export that was set aside before is read only if there are others of its dataset.
        changed = {inspected.file.dataset for inspected in self.found}
        again = [file for file in unseen if listed_as(file) in before]
        self._keep_new([file for file in again if file.dataset in changed], listing.began_ns)
        self.left_out |= {file.path: before[listed_as(file)] for file in again if file.dataset not in changed}

    def _unseen_members(self, listing: Listing) -> Iterator[LandingFile]:
        """The members of bundles that may be new; a faulty bundle is left out whole."""
        for bundle in unseen_bundles(self.connection, listing.bundles):
            if bundle.path in self.without:
                continue
            try:
                if not is_settled(bundle, listing.began_ns):
                    self._leave_out(_changed(bundle))
                    continue
                members = new_members(self.connection, bundle)
            except BundleFaultError as fault:
                self._leave_out(_faulty_bundle(bundle, fault))
            except OSError as error:
                self._leave_out(_unreadable(bundle, error) if bundle.is_as_listed() else _changed(bundle))
            else:
                self.bundles[bundle.path] = bundle, members
                yield from members

    def _mark_bundles(self) -> None:
        """Remember the bundles whose members have all landed."""
        looked_into = self.bundles.values()
        mark_bundles_seen(
            self.connection,
            (bundle for bundle, new in looked_into if not any(map(self._is_left_out, (bundle, *new)))),
        )

    def _is_left_out(self, file: LandingFile) -> bool:
        return not self.left_out.keys().isdisjoint((file.path, file.holder.path))

    def _keep_new(self, files: Sequence[LandingFile], began_ns: int) -> None:
        """Hash these files, and keep those with new contents."""
        known_facts = self._inspected_by_tasks(files)
        hashed = [(file, facts) for file in files if (facts := self._inspected(file, began_ns, known_facts))]
        if not hashed:
            return
        known = known_contents(self.connection, (facts.sha256 for _, facts in hashed))
        latest_of = latest_contents(self.connection, [file for file, _ in hashed])
        seen: list[tuple[LandingFile, str, int | None]] = []
        found = {inspected.file_id for inspected in self.found}
        for file, facts in hashed:
            identity = (file.dataset, content_identity(file, facts.sha256))
            earlier = self._kept.get(identity) or known.get(identity)
            latest = latest_of.get(file.path)
            # A mapping export that is restored to its state before a correction counts again.
            put_back = latest is not None and file.dataset != USAGE_RECORDS
            if (latest and latest.sha256 == facts.sha256) or (earlier and not put_back):
                is_delivered = not (latest and latest.is_still_in(file, facts.sha256))
                if earlier and earlier.file_id in found:
                    self.copies.append(InspectedFile(earlier.file_id, file, facts))
                elif earlier and earlier.is_refused and (is_delivered or earlier.by_earlier_rules):
                    self.reread.add(earlier.file_id)
                    found.add(earlier.file_id)
                    self.found.append(InspectedFile(earlier.file_id, file, facts))
                elif file.is_as_listed():
                    seen.append((file, facts.sha256, earlier.file_id if earlier else latest and latest.file_id))
                else:
                    self._leave_out(_changed(file))
                continue
            self._last_id += 1
            self._kept[identity] = KnownContent(self._last_id, file.form)
            found.add(self._last_id)
            self.found.append(InspectedFile(self._last_id, file, facts))
        mark_seen(self.connection, seen)

    def _inspected_by_tasks(self, files: Sequence[LandingFile]) -> Mapping[LandingFile, Inspected]:
        """What tasks say about files that they can open."""
        if not self.tasks:
            return {}
        return inspect_by_tasks(self.tasks, [file for file in files if file.has_own_path], self.settings.bounds)

    def _inspected(self, file: LandingFile, began_ns: int, known: Mapping[LandingFile, Inspected]) -> FileFacts | None:
        """What one pass over a file's bytes says, unless it is known; None if the file is left out."""
        if not self.without.keys().isdisjoint((file.path, file.holder.path)):
            return None
        if not is_settled(file, began_ns):
            self._leave_out(_changed(file))
            return None
        facts = known.get(file) or facts_of(file, self.settings.bounds)
        if isinstance(facts, FileStoppedError):
            self._leave_out(self.left_out_unread(facts))
            return None
        if isinstance(facts, OSError):
            self._leave_out(_unreadable(file, facts) if file.is_as_listed() else _changed(file))
            return None
        self._done += file.size
        self.report("reading", self._done, self._total)
        return facts

    def _land_found(self) -> LoadSummary:
        row = self.connection.execute("select coalesce(max(load_id), 0) + 1 from raw.loads").fetchone()
        load_id = row[0] if row else 1
        self._done = 0
        self._total = sum(inspected.file.size for inspected in self.found)
        landed: list[tuple[InspectedFile, LedgerEntry]] = []
        noticed: dict[tuple[int, str, str], int] = {}
        kept_earlier, replaced, changed_loads = set[int](), set[int](), set[int]()
        for dataset in line_inputs(self.settings.dimensions).values():
            if files := [inspected for inspected in self.found if inspected.file.dataset == dataset.name]:
                writer = RawWriter(self.connection, dataset, load_id, self.reread, self.settings.kept_refusals)
                loader = Loader(self.connection, dataset, writer, self.now, self.probing, self.settings.bounds)
                if self.tasks:
                    entries = land_by_tasks(self.tasks, loader, files, self._progress, self.settings.dimensions)
                else:
                    entries = loader.land(files, self._progress)
                landed += zip(files, entries, strict=True)
                noticed |= writer.noticed
                for inspected in files:
                    if fault := loader.faults.get(inspected.file_id):
                        self._set_aside(inspected.file, fault)
                    if stopped := loader.unread.get(inspected.file_id):
                        self._leave_out(self.left_out_unread(stopped))
                kept_earlier |= writer.kept_earlier
                changed_loads |= writer.changed_loads
                replaced |= writer.replaced
        for inspected, export in self._sound_exports():
            with naming(inspected.file):
                landed.append((inspected, write_export(self.connection, load_id, inspected, export)))
            noticed |= {(inspected.file_id, one.notice, one.detail): one.rows for one in export.notices}
            self._progress(inspected.file.size)
        for inspected in self.found:
            if inspected.file.dataset in CLOSING_INPUTS:
                with naming(inspected.file):
                    landed.append((inspected, write_period_file(self.connection, load_id, inspected)))
                self._progress(inspected.file.size)
        landed = self._without_left_out(load_id, landed)
        for inspected, _ in landed:
            if inspected.file_id in kept_earlier:
                keep_earlier_reading(self.connection, inspected)
        landed = [(inspected, entry) for inspected, entry in landed if inspected.file_id not in kept_earlier]
        self._mark_copies({inspected.file_id: entry for inspected, entry in landed})
        if replaced:
            forget_built_models(self.connection)
        clear_quarantine_of(self.settings, changed_loads)
        if not landed:
            return LoadSummary()
        landed_at = self.now.replace(tzinfo=None)
        record_landed(self.connection, load_id, landed_at, landed, self.reread)
        notices = write_notices(self.connection, load_id, [inspected for inspected, _ in landed], noticed)
        self.connection.execute(
            "insert into raw.loads (load_id, run_id, landed_at) values (?, ?, ?)", [load_id, self.run_id, landed_at]
        )
        return LoadSummary(
            load_id,
            len(landed),
            sum(entry.lines for _, entry in landed),
            sum(entry.accepted for _, entry in landed),
            sum(entry.rejected for _, entry in landed),
            sum(entry.credits_rounded for _, entry in landed),
            notices=notices,
        )

    def _sound_exports(self) -> list[tuple[InspectedFile, MappingExport]]:
        """The exports that people made, read and checked; faulty ones are set aside."""
        sound: list[tuple[InspectedFile, MappingExport]] = []
        for inspected in self.found:
            if inspected.file.dataset in EXPORT_INPUTS:
                try:
                    with naming(inspected.file):
                        sound.append((inspected, read_mapping_export(inspected.file)))
                except MappingError as error:
                    self._set_aside(inspected.file, error)
                except FileStoppedError as error:
                    self._leave_out(self.left_out_unread(error))
        for table in EXPORT_INPUTS.values():
            dated = [export for _, export in sound if export.table == table and table.has_windows]
            try:
                check_dated_windows(self.connection, table, dated)
            except MappingError:
                # One by one, the earliest first: of two that overlap, the later one is set aside.
                kept: list[MappingExport] = []
                for export in sorted(dated, key=lambda export: (export.file.exported_at, export.file.path)):
                    try:
                        check_dated_windows(self.connection, table, [*kept, export])
                        kept.append(export)
                    except MappingError as error:
                        self._set_aside(export.file, error)
        return [(inspected, export) for inspected, export in sound if inspected.file.path not in self.left_out]

    def _without_left_out(
        self, load_id: int, landed: Sequence[tuple[InspectedFile, LedgerEntry]]
    ) -> list[tuple[InspectedFile, LedgerEntry]]:
        """Keep the files that landed as they were hashed; nothing stays of a file that changed meanwhile or was set
        aside.
        """
        for inspected in self.found:
            if not inspected.file.is_as_listed():
                if inspected.file_id in self.reread:
                    raise ReaderStoppedError  # its earlier rows were deleted in this transaction
                self._leave_out(_changed(inspected.file))
        for inspected, _ in landed:
            if self._is_left_out(inspected.file):
                remove_file(self.connection, inspected, load_id)
        return [(inspected, entry) for inspected, entry in landed if not self._is_left_out(inspected.file)]

    def _mark_copies(self, landed: Mapping[int, LedgerEntry]) -> None:
        """Remember the files whose content landed under another path. If it did not land with the other's ending, the
        next run tries it with their own.
        """
        originals = {inspected.file_id: inspected.file for inspected in self.found}
        seen: list[tuple[LandingFile, str, int | None]] = []
        for copy in self.copies:
            original = originals[copy.file_id]
            entry = landed.get(copy.file_id)
            if not copy.file.is_as_listed():
                self._leave_out(_changed(copy.file))
            elif left := self.left_out.get(original.path) or self.left_out.get(original.holder.path):
                self._leave_out(LeftOut(copy.file.path, left.reason, copy.file.size, left.kind))
            elif copy.file.form != original.form and (entry is None or entry.rejected):
                why = f"{original.path} has the same bytes; the next run reads it"
                self._leave_out(LeftOut(copy.file.path, why, copy.file.size, "changed"))
            else:
                seen.append((copy.file, copy.facts.sha256, copy.file_id))
        mark_seen(self.connection, seen)

    def _set_aside(self, file: LandingFile, fault: MappingError) -> None:
        if file.is_as_listed():
            reason = str(fault).removeprefix(f"{file.path}: ").removesuffix(".")
            self._leave_out(LeftOut(file.path, reason, file.size, "set_aside"))
        else:
            self._leave_out(_changed(file))

    def _leave_out(self, left: LeftOut) -> None:
        self.left_out[left.path] = left

    def _progress(self, size: int) -> None:
        self._done += size
        self.report("landing", self._done, self._total)


def _changed(file: LandingFile) -> LeftOut:
    return LeftOut(file.holder.path, _CHANGED, file.holder.size, "changed")


def _unreadable(file: LandingFile, error: OSError) -> LeftOut:
    reason = f"it can't be opened ({error.strerror}): check its owner and mode"
    return LeftOut(file.holder.path, reason, file.holder.size, "unreadable")


def _faulty_bundle(bundle: LandingFile, fault: BundleFaultError) -> LeftOut:
    reason = f"nothing in this bundle is read, since {fault}: put it back from a backup, or move it out of landing/"
    return LeftOut(bundle.path, reason, bundle.size, "unreadable")
