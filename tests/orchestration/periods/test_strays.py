"""What killed closings left is cleared away, and never a file that an event names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.contract.datasets import CLOSED_CHARGES, CLOSED_LINES, FOLDERS, PERIOD_EVENTS
from ingest.landing.warehouse import open_build_database, prepare_folders
from ingest.settings import Settings, load_settings
from orchestration.periods.strays import clear_strays

STAMP = "2026-11-02T08-00-00Z"
FROZEN = f"2026-10-{STAMP}.parquet"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings({"CREDITS_HOME": str(tmp_path)})
    prepare_folders(made)
    return made


def put(settings: Settings, dataset: str, name: str, text: str = "frozen") -> Path:
    path = settings.landing / FOLDERS[dataset] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def event(*names: str) -> str:
    files = [f"{FOLDERS[dataset]}/{name}" for dataset, name in zip((CLOSED_CHARGES, CLOSED_LINES), names, strict=True)]
    return json.dumps({"event": "close", "chargesFile": files[0], "linesFile": files[1]}) + "\n"


def test_partial_files_of_closings_are_removed_and_those_of_others_are_not(settings: Settings) -> None:
    ours = [
        put(settings, CLOSED_CHARGES, f".{FROZEN}.partial"),
        put(settings, CLOSED_LINES, f".{FROZEN}.partial"),
        put(settings, PERIOD_EVENTS, f".2026-10-close-{STAMP}.jsonl.partial"),
        put(settings, PERIOD_EVENTS, f".2026-10-reopen-{STAMP}.jsonl.partial"),
    ]
    others = [put(settings, PERIOD_EVENTS, ".notes.partial"), put(settings, CLOSED_LINES, "mine.parquet.partial")]
    clear_strays(settings)
    assert not any(path.exists() for path in ours) and all(path.exists() for path in others)


def test_frozen_files_that_no_event_names_are_moved_to_the_quarantine(settings: Settings) -> None:
    named = [put(settings, dataset, FROZEN) for dataset in (CLOSED_CHARGES, CLOSED_LINES)]
    put(settings, PERIOD_EVENTS, f"2026-10-close-{STAMP}.jsonl", event(FROZEN, FROZEN))
    stray = put(settings, CLOSED_CHARGES, "2026-09-2026-10-02T08-00-00Z.parquet", "stray")
    copy = put(settings, CLOSED_CHARGES, "copy of a person.parquet")
    clear_strays(settings)
    assert all(path.exists() for path in [*named, copy]) and not stray.exists()
    [moved] = (settings.quarantine / "closings").rglob("*.parquet")
    assert (moved.parent.name, moved.name, moved.read_text()) == ("closed_charges", stray.name, "stray")


def test_file_that_only_a_landed_event_names_stays(settings: Settings) -> None:
    path = put(settings, CLOSED_CHARGES, FROZEN)
    with open_build_database(settings) as connection:
        connection.execute(
            "insert into raw.period_events (load_id, file_id, line_number, event, month_start, happened_at, made_by, "
            "charges_file) values (1, 1, 1, 'close', '2026-10-01', '2026-11-02', 'anna', ?)",
            [f"{FOLDERS[CLOSED_CHARGES]}/{FROZEN}"],
        )
    clear_strays(settings)
    assert path.exists()


@pytest.mark.parametrize("name", ["old.csv", "events.jsonl.gz"])
def test_nothing_is_moved_where_it_is_not_known_what_events_name(settings: Settings, name: str) -> None:
    path = put(settings, CLOSED_CHARGES, FROZEN)
    put(settings, PERIOD_EVENTS, name)
    clear_strays(settings)
    assert path.exists()


def test_nothing_is_moved_where_the_build_database_cannot_be_read(settings: Settings) -> None:
    path = put(settings, CLOSED_CHARGES, FROZEN)
    settings.build_database.write_text("no database")
    clear_strays(settings)
    assert path.exists()
