"""Finished files of a spool reach a bucket once, whatever fails meanwhile."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.capture.sending import Sender, key_of
from ingest.capture.spool import Spool
from ingest.object_urls import parse_object_url
from tests.ingest.capture.spool_reading import eventually, landed_ids, record
from tests.ingest.memory_objects import MemoryObjects, storage_of

PLACE = parse_object_url("s3://bucket/place")
NAME = "gateway@host-20261130T235959Z-17-0123456789ab.jsonl"
KEY = f"usage_records/2026/11/30/gateway@host/{NAME}"


def waits() -> Iterator[None]:
    for _ in range(400):
        time.sleep(0.025)
        yield


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


def sender_of(objects: MemoryObjects, folder: Path, most_bytes: int = 1000) -> Sender:
    return Sender(folder, PLACE, most_bytes=most_bytes, open_place=lambda _: storage_of(objects))


def finished(folder: Path, name: str = NAME, content: bytes = b"{}\n") -> Path:
    path = folder / "usage_records" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def sent_ids(place: Path) -> list[str]:
    """The record ids of all lines in a folder that stands for a bucket, by key."""
    files = sorted((place / "usage_records").rglob("*.jsonl"))
    return [json.loads(line)["recordId"] for file in files for line in file.read_bytes().splitlines()]


def test_the_name_of_a_file_says_its_place(tmp_path: Path) -> None:
    assert key_of(finished(tmp_path)) == KEY
    other = tmp_path / "heartbeats" / "my-app@a-host-20261201T000001Z-9-aa00aa00aa00.jsonl"
    assert key_of(other) == f"heartbeats/2026/12/01/my-app@a-host/{other.name}"


@pytest.mark.parametrize("faults", [[], ["lost"], ["unsent"], ["conflict"], ["lost", "unsent", "conflict"]])
def test_a_file_is_sent_once_and_removed_whatever_happens_to_the_answers(
    objects: MemoryObjects, tmp_path: Path, faults: list[str]
) -> None:
    path, objects.faults = finished(tmp_path, content=b"one\n"), list(faults)
    sender = sender_of(objects, tmp_path)
    assert sender.unsent().files == 1
    sender._step()
    assert objects.kept == {KEY: (b"one\n", "e1")} and not path.exists()
    assert sender.unsent() == sender_of(objects, tmp_path).unsent() and sender.unsent().files == 0


def test_a_file_that_was_sent_and_not_removed_is_the_same_object(objects: MemoryObjects, tmp_path: Path) -> None:
    finished(tmp_path, content=b"one\n")
    sender_of(objects, tmp_path)._step()
    path = finished(tmp_path, content=b"one\n")  # as if the process had been killed before it removed the file
    sender_of(objects, tmp_path)._step()
    assert objects.kept == {KEY: (b"one\n", "e1")} and not path.exists()


def test_a_file_that_cannot_be_sent_stays_and_is_said_and_tried_again(
    objects: MemoryObjects, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, objects.faults = finished(tmp_path), ["refused", "refused", "refused"]
    sender = sender_of(objects, tmp_path)
    with caplog.at_level(logging.INFO, "ingest.capture.spool"):
        assert [sender._step(), sender._step(), sender._step()] == [1.0, 2.0, 4.0]
        assert path.exists() and sender.unsent().files == 1 and sender.unsent().reason == "no rights"
        sender._step()
    assert not path.exists() and sender.unsent().reason is None
    assert [line.getMessage().split(" (")[0] for line in caplog.records] == [
        f"finished files stay in {tmp_path} and are sent later",
        "finished files are sent again",
    ]


def test_a_file_whose_name_is_taken_stays_and_the_others_are_sent(objects: MemoryObjects, tmp_path: Path) -> None:
    objects.kept[KEY] = (b"other\n", "e0")
    taken = finished(tmp_path)
    later = finished(tmp_path, NAME.replace("20261130", "20261201"))
    sender = sender_of(objects, tmp_path)
    sender._step()
    assert taken.exists() and not later.exists() and len(objects.kept) == 2
    assert "exists with other content" in str(sender.unsent().reason) and sender.unsent().files == 1


def test_growing_and_foreign_files_are_not_sent(objects: MemoryObjects, tmp_path: Path) -> None:
    finished(tmp_path, f".growing/{NAME}") if (tmp_path / "usage_records/.growing").mkdir(parents=True) else None
    finished(tmp_path, "notes.txt")
    sender_of(objects, tmp_path)._step()
    assert objects.requests == []


def test_all_records_of_a_spool_reach_the_place_and_none_stays(tmp_path: Path) -> None:
    place, folder = tmp_path / "place", tmp_path / "spool"
    place.mkdir()
    spool = Spool(folder, send_to=place.as_uri(), rotate_seconds=0.1, rotate_bytes=2000)
    for number in range(200):
        spool.append(record(f"r{number:03}"))
    assert eventually(lambda: len(sent_ids(place)) == 200, waits())
    spool.close()
    assert sorted(sent_ids(place)) == [f"r{number:03}" for number in range(200)]
    assert landed_ids(folder) == [] and spool.health().unsent_files == 0
    assert list((place / "heartbeats").rglob("*.jsonl"))


def test_records_wait_on_this_disk_for_a_place_and_the_next_process_sends_them(tmp_path: Path) -> None:
    place, folder = tmp_path / "place", tmp_path / "spool"
    spool = Spool(folder, send_to=place.as_uri(), send_heartbeats=False)
    spool.append(record("r1"))
    spool.close()
    assert landed_ids(folder) == ["r1"]
    health = spool.health()
    assert health.unsent_files == 1 and "does not exist" in str(health.unsent_reason) and health.lost == 0
    place.mkdir()
    second = Spool(folder, send_to=place.as_uri(), send_heartbeats=False)
    assert eventually(lambda: sent_ids(place) == ["r1"], waits())
    second.close()


def test_a_full_spool_says_so_and_takes_records_again_when_there_is_room(tmp_path: Path) -> None:
    place, folder = tmp_path / "place", tmp_path / "spool"
    spool = Spool(folder, send_to=place.as_uri(), send_heartbeats=False, send_most_bytes=500, rotate_bytes=300)
    for number in range(100):
        spool.append(record(f"r{number:02}"))
        time.sleep(0.002)
    assert eventually(lambda: spool.health().buffered > 0, waits())
    assert "unsent files" in str(spool.health().unwritable) and spool.health().lost == 0
    assert sum(path.stat().st_size for path in folder.rglob("*.jsonl")) < 5000
    place.mkdir()
    assert eventually(lambda: len(sent_ids(place)) >= 90 and spool.health().buffered == 0, waits())
    spool.close()
    assert sorted(sent_ids(place)) == [f"r{number:02}" for number in range(100)]


def test_a_forked_child_leaves_sending_to_its_parent(tmp_path: Path) -> None:
    place, folder = tmp_path / "place", tmp_path / "spool"
    place.mkdir()
    spool = Spool(folder, send_to=place.as_uri(), send_heartbeats=False, rotate_seconds=0.1)
    spool.append(record("parent"))
    child = os.fork()
    if not child:
        spool.append(record("child"))
        spool.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert eventually(lambda: sorted(sent_ids(place)) == ["child", "parent"], waits())
    spool.close()


def test_a_place_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        Spool(tmp_path, send_to="ftp://bucket/x")
