"""Answers that are lost, and conflicts that are none, neither double a version nor lose one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from ingest.errors import PublishError
from ingest.object_urls import parse_object_url
from ingest.settings import Settings
from orchestration.publish import bucket_versions
from orchestration.publish.bucket_versions import BucketVersions
from orchestration.publish.delta_tables import OpenedTable, OvertakenError, TableContent, contents_of
from tests.ingest.memory_objects import MemoryObjects, storage_of
from tests.objects.publishing.small_versions import BASE, Months, SmallHome, pointer_of, total_of, write_version
from tests.objects.publishing.test_killed_publishers import require_agreement, whole
from tests.objects.servers import Place

pytestmark = pytest.mark.objects

NEXT = {**BASE, "2026-07": "7"}


class _NoTable:
    """In place of a Delta table, for which the store in memory has no server."""

    last_publication = 0

    def __init__(self, place: str) -> None:
        self.place = place

    def commit(self, content: TableContent, version: str, publication: int) -> int:
        return publication


def published_in(objects: MemoryObjects) -> dict[str, Any]:
    """What a reader finds: the pointer; everything that it names must be there."""
    pointer = json.loads(objects.kept["current.json"][0])
    manifest = json.loads(objects.kept[pointer["manifest"]][0])
    for table in manifest["tables"].values():
        assert all(file["path"] in objects.kept for file in table["files"])
    return {**pointer, "credits": Decimal(manifest["totals"]["credits"])}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    monkeypatch.setattr(bucket_versions, "OpenedTable", _NoTable)
    settings = Settings(tmp_path / "home", 1, "1GB", 3, 0, publish_to=parse_object_url("s3://bucket/place"))
    settings.warehouse.mkdir(parents=True)
    settings.published.mkdir()
    return SmallHome(settings)


@pytest.mark.parametrize("fault", ["lost", "unsent", "conflict"])
def test_one_fault_at_any_request_changes_nothing(home: SmallHome, fault: str) -> None:
    objects = MemoryObjects()
    home.publish(BASE, BucketVersions(home.settings, storage_of(objects)))
    before = dict(objects.kept)
    objects.requests.clear()
    home.publish(NEXT, BucketVersions(home.settings, storage_of(objects)))
    requests = len(objects.requests)
    assert requests > 15
    for number in range(requests):
        objects.kept = dict(before)
        objects.faults = [*[""] * number, fault]
        version = home.publish(NEXT, BucketVersions(home.settings, storage_of(objects)))
        found = published_in(objects)
        assert (found["version"], found["publication"], found["credits"]) == (version, 2, total_of(NEXT)), number
        assert len([key for key in objects.kept if key.endswith("manifest.json")]) == 2
        assert home.current == version


def test_store_that_refuses_leaves_the_version_before(home: SmallHome) -> None:
    objects = MemoryObjects()
    first = home.publish(BASE, BucketVersions(home.settings, storage_of(objects)))
    store = BucketVersions(home.settings, storage_of(objects))
    objects.faults = [*[""] * 8, "refused"]
    with pytest.raises(Exception, match="no rights"):
        home.publish(NEXT, store)
    assert published_in(objects)["version"] == first == home.current


@contextmanager
def written(folder: Path, months: Months) -> Iterator[TableContent]:
    """The fact of a version, with its files in place."""
    import os

    import duckdb

    version = folder / f"version-{len(months)}"
    version.mkdir(parents=True)
    write_version(version, "one", months)
    says = json.loads((version / "manifest.json").read_text())
    with duckdb.connect(str(version / "credits.duckdb"), read_only=True) as marts:
        [content] = [found for found in contents_of(version, says["tables"], marts) if found.name == "fct_credit_usage"]
    place = folder / "delta"
    place.mkdir(exist_ok=True)
    for file in content.files:
        if not (place / file.name).exists():
            os.link(file.path, place / file.name)
    yield content


@pytest.mark.parametrize("how", ["lose", "conflict"])
@pytest.mark.parametrize("what", [r"/_delta_log/\d+\.json", r"/current\.json", r"\.parquet", r"/credits\.duckdb"])
def test_answers_spoiled_on_their_way_neither_double_nor_lose(
    place: Place, small_home: SmallHome, what: str, how: str
) -> None:
    """Of each object the first answer is lost after it was written, or refused without reason."""
    small_home.publish(BASE)
    spoiled: list[str] = []

    def spoil(method: str, path: str) -> str | None:
        if method != "PUT" or not re.search(what, path) or path in spoiled:
            return None
        spoiled.append(path)
        return how

    place.proxy.spoil = spoil
    try:
        version = small_home.publish(NEXT)
    finally:
        place.proxy.spoil = lambda method, path: None
    assert spoiled
    assert pointer_of(small_home.storage)["version"] == version
    assert {*pointer_of(small_home.storage)["delta"].values()} == {0, 1}
    assert whole(small_home) == total_of(NEXT)
    require_agreement(small_home)


def test_commit_whose_answer_is_lost_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "delta")
    with written(tmp_path, BASE) as base, written(tmp_path, NEXT) as content:
        assert OpenedTable(place).commit(base, "one", 1) == 0
        table = OpenedTable(place)
        write = table._write

        def lose(*arguments: Any) -> None:
            write(*arguments)
            raise CommitFailedError("the answer was lost")

        monkeypatch.setattr(table, "_write", lose)
        assert table.commit(content, "two", 2) == 1
    assert DeltaTable(place).version() == 1 and len(DeltaTable(place).file_uris()) == len(NEXT)


def test_commit_that_did_not_land_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "delta")
    with written(tmp_path, BASE) as base, written(tmp_path, NEXT) as content:
        OpenedTable(place).commit(base, "one", 1)
        table = OpenedTable(place)

        def refuse(*_: Any) -> None:
            raise CommitFailedError("refused")

        monkeypatch.setattr(table, "_write", refuse)
        with pytest.raises(PublishError, match=r"can't be written .*run again"):
            table.commit(content, "two", 2)
    assert DeltaTable(place).version() == 0


def test_log_of_many_versions_gets_checkpoints_and_keeps_every_version(tmp_path: Path) -> None:
    place = str(tmp_path / "delta")
    with written(tmp_path, BASE) as base, written(tmp_path, NEXT) as content:
        for number in range(110):
            assert OpenedTable(place).commit(content if number % 2 else base, f"{number}", number + 1) == number
    assert [*(tmp_path / "delta" / "_delta_log").glob("*.checkpoint.parquet")]
    for number in (0, 1, 99, 100, 109):
        assert len(DeltaTable(place, version=number).file_uris()) == len(NEXT if number % 2 else BASE)
    assert OpenedTable(place).last_publication == 110


def test_two_versions_that_only_add_do_not_both_land(tmp_path: Path) -> None:
    place = str(tmp_path / "delta")
    with written(tmp_path, BASE) as base, written(tmp_path, NEXT) as content:
        OpenedTable(place).commit(base, "one", 1)
        tables = [OpenedTable(place) for _ in range(6)]
        assert tables[0].commit(content, "two", 2) == 1
        for number, table in enumerate(tables[1:]):
            months = {**BASE, **{f"2027-{month:02}": "1" for month in range(1, number + 2)}}
            with written(tmp_path / f"{number}", months) as other, pytest.raises(OvertakenError, match="two"):
                table.commit(other, f"other {number}", 2)
        # Another publisher's commit of the very same files is as good as one's own.
        assert OpenedTable(place).commit(content, "three", 3) == 1
    assert len(DeltaTable(place).file_uris()) == len(NEXT)
