from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.errors import MissingObjectError, ObjectChangedError, StorageError
from ingest.object_storage import ObjectStorage, open_storage
from ingest.object_urls import HiddenValueError, parse_object_url
from tests.ingest.memory_objects import MemoryObjects, storage_of


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def storage(objects: MemoryObjects) -> ObjectStorage:
    return storage_of(objects)


@pytest.mark.parametrize(
    "faults", [[], ["lost"], ["unsent"], ["conflict"], ["conflict", "unsent"], ["lost", "cut"], ["unsent"] * 4]
)
def test_an_object_is_created_once_whatever_happens_to_the_answers(
    objects: MemoryObjects, storage: ObjectStorage, faults: list[str]
) -> None:
    objects.faults = list(faults)
    storage.create("a/b", b"content")
    assert objects.kept["a/b"] == (b"content", "e1")


def test_creating_the_same_content_again_says_that_it_is_there(objects: MemoryObjects, storage: ObjectStorage) -> None:
    assert storage.create("a/b", b"content")
    assert not storage.create("a/b", b"content")
    assert objects.kept["a/b"][1] == "e1"


@pytest.mark.parametrize("other", [b"CONTENT", b"longer content"])
def test_other_content_is_never_written_over(objects: MemoryObjects, storage: ObjectStorage, other: bytes) -> None:
    storage.create("a/b", b"content")
    with pytest.raises(ObjectChangedError, match="s3://bucket/place/a/b exists with other content"):
        storage.create("a/b", other)
    assert objects.kept["a/b"] == (b"content", "e1")


def test_a_store_that_refuses_again_and_again_is_said_and_never_taken_for_done(
    objects: MemoryObjects, storage: ObjectStorage
) -> None:
    objects.faults = ["conflict", ""] * 20
    with pytest.raises(StorageError, match="refuses it again and again") as raised:
        storage.create("a/b", b"content")
    assert raised.value.is_passing and len(objects.requests) == 8


def test_a_refusal_of_rights_is_not_tried_again(objects: MemoryObjects, storage: ObjectStorage) -> None:
    objects.faults = ["refused"]
    with pytest.raises(StorageError, match="no rights"):
        storage.create("a/b", b"content")
    assert objects.requests == ["put a/b"]


@pytest.mark.parametrize(
    "faults", [[], ["lost"], ["unsent"], ["conflict"], ["lost", "unsent", "cut"], ["unsent", "", "unsent", "cut"]]
)
def test_a_swap_wins_whatever_happens_to_the_answers(
    objects: MemoryObjects, storage: ObjectStorage, faults: list[str]
) -> None:
    first = storage.swap("current.json", b"1", None)
    objects.faults = list(faults)
    assert storage.swap("current.json", b"2", first) == "e2"
    assert objects.kept["current.json"] == (b"2", "e2")


@pytest.mark.parametrize("faults", [[], ["unsent"], ["conflict"]])
def test_of_two_swaps_the_second_is_told(objects: MemoryObjects, storage: ObjectStorage, faults: list[str]) -> None:
    first = storage.swap("current.json", b"1", None)
    storage.swap("current.json", b"2", first)
    objects.faults = list(faults)
    with pytest.raises(ObjectChangedError, match="somebody else"):
        storage.swap("current.json", b"3", first)
    with pytest.raises(ObjectChangedError, match="somebody else"):
        storage.swap("current.json", b"3", None)
    assert objects.kept["current.json"][0] == b"2"


def test_a_transfer_that_breaks_off_is_tried_again(
    objects: MemoryObjects, storage: ObjectStorage, tmp_path: Path
) -> None:
    storage.create("a/b", b"content")
    objects.faults = ["cut", "unsent", "cut"]
    assert storage.read("a/b")[0] == b"content"
    objects.faults = ["cut"]
    storage.read_into("a/b", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"content"
    objects.faults = ["cut"] * 10
    with pytest.raises(StorageError, match="could not be read whole"):
        storage.read("a/b")


def test_another_content_than_the_listed_one_is_not_read(objects: MemoryObjects, storage: ObjectStorage) -> None:
    storage.create("a/b", b"content")
    entry = storage.list("a")[0]
    objects.kept["a/b"] = (b"changed", "e9")
    with pytest.raises(ObjectChangedError, match="has changed since"):
        storage.read("a/b", entry.e_tag)
    with pytest.raises(MissingObjectError):
        storage.read("a/c")


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b", "a/.", "a\0b", "a\nb", "k" * 2000])
def test_a_name_that_is_no_path_is_never_written(objects: MemoryObjects, storage: ObjectStorage, key: str) -> None:
    with pytest.raises(StorageError, match="can't be named"):
        storage.create(key, b"content")
    assert not objects.requests


def test_a_folder_keeps_the_same_promises(tmp_path: Path) -> None:
    storage = open_storage(tmp_path.as_uri())
    assert storage.list() == [] and storage.list("a") == []
    (tmp_path / "source").write_bytes(b"content")
    assert storage.create("a/b", tmp_path / "source") and not storage.create("a/b", b"content")
    with pytest.raises(ObjectChangedError):
        storage.create("a/b", b"other")
    first = storage.swap("current.json", b"1", None)
    second = storage.swap("current.json", b"2", first)
    assert storage.swap("current.json", b"2", first) == second
    with pytest.raises(ObjectChangedError):
        storage.swap("current.json", b"3", first)
    assert storage.read("current.json", second)[0] == b"2"
    with pytest.raises(ObjectChangedError):
        storage.read("current.json", first)
    assert [entry.key for entry in storage.list()] == ["a/b", "current.json", "source"]
    storage.delete("a/b")
    storage.delete("a/b")
    assert storage.list("a") == []
    with pytest.raises(MissingObjectError):
        storage.read("a/b")


def test_of_many_swaps_of_a_file_at_once_one_wins(tmp_path: Path) -> None:
    storage = open_storage(tmp_path.as_uri())
    first, won = storage.swap("current.json", b"start", None), []

    def swap(number: int) -> None:
        try:
            storage.swap("current.json", f"{number}".encode(), first)
        except ObjectChangedError:
            return
        won.append(number)

    threads = [threading.Thread(target=swap, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and storage.read("current.json")[0] == f"{won[0]}".encode()


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist: make the folder first"):
        open_storage((tmp_path / "none").as_uri()).list()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/", "s3://bucket"),
        ("az://container/some/prefix/", "az://container/some/prefix"),
        ("gs://bucket/a b", "gs://bucket/a b"),
        ("file:///srv/landing", "file:///srv/landing"),
    ],
)
def test_urls_are_read(text: str, kept: str) -> None:
    assert str(parse_object_url(text)) == kept


@pytest.mark.parametrize(
    "text",
    ["s3://", "ftp://bucket/x", "s3:/bucket", "bucket", "s3://b/../c", "s3://b/a//c", "file://host/x", "s3://b/\n"],
)
def test_other_texts_are_no_urls(text: str) -> None:
    with pytest.raises(ValueError):
        parse_object_url(text)


@pytest.mark.parametrize("text", ["s3://id:hush@bucket/x", "az://container/x?sig=hush"])
def test_a_url_with_a_credential_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(HiddenValueError) as raised:
        parse_object_url(text)
    assert "hush" not in str(raised.value)
    with pytest.raises(StorageError) as refused:
        open_storage(text)
    assert "hush" not in str(refused.value)


def test_a_missing_extra_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(StorageError, match=r"pip install 'credits-warehouse\[objects\]'"):
        open_storage("s3://bucket/x")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AWS_ENDPOINT_URL": "nowhere"}, "AWS_ENDPOINT_URL is not an address"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ALLOW_HTTP=true"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true"}, "can't be reached"),
    ],
)
def test_what_is_wrong_with_a_bucket_is_one_line_without_credentials(
    environ: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {"AWS_ACCESS_KEY_ID": "hush", "AWS_SECRET_ACCESS_KEY": "hush", **environ}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageError, match=said) as raised:
        storage = open_storage("s3://bucket/x")
        storage._sleep = lambda _: None
        storage.list()
    assert "hush" not in str(raised.value) and "\n" not in str(raised.value)


def test_opening_a_folder_imports_no_client(tmp_path: Path) -> None:
    code = (
        f"import sys, ingest.object_storage as o; o.open_storage({tmp_path.as_uri()!r}).list(); "
        "sys.exit('obstore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
