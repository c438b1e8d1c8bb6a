"""The files of the sample: reproducible, counted, small, and never written into a landing folder in use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sample import SampleSummary, write_sample
from tests.ingest.sample.reading import bytes_below, rows


def test_same_arguments_give_the_same_bytes_and_another_seed_gives_others(
    tmp_path: Path, home: Path, summary: SampleSummary
) -> None:
    write_sample(tmp_path / "again", records=3000, days=120, seed=7)
    write_sample(tmp_path / "other", records=3000, days=120, seed=8)
    assert bytes_below(tmp_path / "again") == bytes_below(home)
    assert bytes_below(tmp_path / "other") != bytes_below(home)


def test_every_file_is_counted_and_the_whole_stays_small(home: Path, summary: SampleSummary) -> None:
    found = bytes_below(home)
    assert {str(path.relative_to(home)) for path in summary.paths} == set(found)
    assert summary.files == len(found) == summary.usage_files + summary.mapping_files + summary.export_files
    assert 25 <= summary.files <= 55
    assert summary.size_bytes == sum(map(len, found.values())) < 1_500_000


@pytest.mark.parametrize(("records", "days", "seed"), [(99, 14, 1), (100, 13, 1), (100, 5000, 1), (100, 14, -1)])
def test_unusable_arguments_are_refused(tmp_path: Path, records: int, days: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        write_sample(tmp_path, records=records, days=days, seed=seed)
    assert not list(tmp_path.iterdir())


def test_a_landing_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        write_sample(tmp_path, records=100, days=14, seed=1)
    assert bytes_below(tmp_path) == {"landing/mine.txt": b"mine"}


def test_the_smallest_sample_ends_on_the_same_day(tmp_path: Path) -> None:
    summary = write_sample(tmp_path, records=100, days=14, seed=0)
    captured = [
        str(row["capturedAt"]) for path in summary.paths if path.parent.name == "capture" for row in rows(path) if row
    ]
    first = datetime(2026, 10, 31, tzinfo=UTC) - timedelta(days=13)
    assert f"{first:%Y-%m-%d}" <= min(captured) and max(captured) < "2026-11-01"
