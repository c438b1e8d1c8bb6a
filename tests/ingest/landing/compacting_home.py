"""A home whose landed files are joined into bundles, without models and statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ingest.landing.compacting import Compacted, compact
from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.landing_home import LandingHome

MARCH, APRIL = date(2025, 3, 1), date(2025, 4, 1)
BUNDLE = "usage_records/2025-03.bundle.tar"


def published(home: LandingHome) -> None:
    """Note that a version has all that has landed."""
    home.change("insert into raw.publications select 'a version', max(load_id), now()::timestamp, '' from raw.loads")


def compacted(home: LandingHome, *closed: date) -> Compacted:
    with open_build_database(home.settings) as connection:
        return compact(connection, home.settings.landing, closed or (MARCH,))


def landed_and_compacted(home: LandingHome, *closed: date) -> Compacted:
    home.land()
    published(home)
    return compacted(home, *closed)


def files_below(home: LandingHome, folder: str = "usage_records") -> list[str]:
    root = home.settings.landing
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*") if not path.is_dir())


def outcome(home: LandingHome) -> list[Any]:
    """All rows, ledger entries, refused lines and quarantine files; without the numbers of loads."""
    raw = "select path, line_number, {0}.* exclude (load_id, file_id, line_number)"
    return [
        *(
            home.rows(f"{raw.format(table)} from raw.{table} inner join raw.landed_files using (file_id) order by all")
            for table in ("usage_records", "heartbeats")
        ),
        home.rows(
            "select file_id, dataset, path, bytes, sha256, exported_at, lines, accepted, rejected, credits_accepted, "
            "credits_rounded from raw.landed_files order by all"
        ),
        home.rows("select file_id, line_number, reason, fields from raw.rejected_lines order by all"),
        home.rows("select file_id, notice, detail, rows from raw.file_notices order by all"),
        home.quarantined(),
    ]


def rebuilt(home: LandingHome) -> list[Any]:
    """What the outcome is when everything lands again."""
    home.settings.build_database.unlink()
    home.land()
    return outcome(home)


def bundle_of(home: LandingHome, name: str = BUNDLE) -> Path:
    return home.settings.landing / name


def left_out(home: LandingHome) -> Sequence[tuple[str, str]]:
    return [(left.path, left.kind) for left in home.land().left_out]
