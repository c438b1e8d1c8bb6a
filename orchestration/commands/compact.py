"""`credits compact`: joins small landed files of closed months into bundles."""

from __future__ import annotations

from collections.abc import Callable

from ingest.contract.landing_listing import list_landing
from ingest.errors import ArgumentError, CreditsError
from ingest.landing.compacting import Compacted, compact, joinable_files
from ingest.landing.warehouse import open_build_database, writer_lock
from ingest.settings import Settings
from ingest.wording import counted
from orchestration.change_detection import require_landing
from orchestration.periods.closing import closed_months
from orchestration.publish.held_listing import held_listing, note_held_listing
from orchestration.published_version import current_manifest
from orchestration.terminal_text import shown_path, shown_reason

Show = Callable[[str], object]
_NOTHING = "nothing to join: no small file with records of closed months only has been published since the last time."
_NONE_CLOSED = "nothing to join: no month is closed; `credits close YYYY-MM` closes one."


class FaultyBundleError(CreditsError):
    """A bundle can't grow; all others did."""

    exit_code = 3


def compact_landing(settings: Settings, *, dry_run: bool, show: Show) -> None:
    """Join the files, and say what was joined; with `dry_run` say what would be joined, and write nothing.

    Raises:
        ArgumentError: the input files are in a bucket.
        CreditsError: landing or the build database can't be used.
        FaultyBundleError: a bundle is damaged, or is not one; its month stays as it is.
    """
    if settings.landing_url:
        raise ArgumentError(
            f"input files in {settings.landing_url} are not joined: `credits compact` works on a landing folder only."
        )
    require_landing(settings)
    with writer_lock(settings, "compact"):
        if not settings.build_database.exists():
            show("nothing to join: nothing has landed; `credits run` lands.")
            return
        with open_build_database(settings, read_only=dry_run) as connection:
            closed = closed_months(connection)
            if not closed:
                show(_NONE_CLOSED)
                return
            if dry_run:
                found = joinable_files(connection, list_landing(settings.landing), closed)
                files = sum(len(joinable.files) for joinable in found)
                show(_said("would join", files, len({one.month for one in found}), len(found)) if files else _NOTHING)
                return
            done = compact(connection, settings.landing, closed)
        _note_listing(settings, done)
    show(_said("joined", done.files, len(done.months), len(done.bundles)) if done.files else _NOTHING)
    for path, reason in done.faulty.items():
        raise FaultyBundleError(
            f"{shown_path(path)} below landing/ can't grow, since {shown_reason(reason)}: put it back from a backup, "
            "or move it out of landing/."
        )


def _said(what: str, files: int, months: int, bundles: int) -> str:
    return f"{what} {counted(files, 'file')} of {counted(months, 'closed month')} in {counted(bundles, 'bundle')}"


def _note_listing(settings: Settings, done: Compacted) -> None:
    """Let the next run find nothing new, if it would have found nothing new before."""
    manifest = current_manifest(settings)
    if manifest and done.fingerprint_after and held_listing(settings, manifest) == done.fingerprint:
        note_held_listing(settings, str(manifest["version"]), done.fingerprint_after)
