from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.contract.landing_listing import list_landing, listing_fingerprint
from ingest.errors import StorageError
from ingest.landing_store import FolderLanding, landing_store
from ingest.mirrored_landing import MirroredLanding
from ingest.settings import load_settings
from tests.ingest.memory_objects import AT, MemoryObjects, storage_of


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


def store_of(objects: MemoryObjects, warehouse: Path) -> MirroredLanding:
    return MirroredLanding(storage_of(objects), warehouse, 0.5)


def put(objects: MemoryObjects, key: str, content: bytes = b"{}\n") -> None:
    objects.kept[key] = (content, f"e{len(objects.kept)}-{content.hex()[:8]}-{len(content)}")


def copied(warehouse: Path) -> dict[str, bytes]:
    landing = warehouse / "landing"
    return {
        path.relative_to(landing).as_posix(): path.read_bytes()
        for path in landing.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def requests_of(objects: MemoryObjects, store: MirroredLanding) -> list[str]:
    objects.requests.clear()
    store.bring()
    return objects.requests


def test_only_what_is_new_or_changed_is_fetched(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/a/1.jsonl", b"one\n")
    put(objects, "usage_records/2.jsonl", b"two\n")
    assert sorted(requests_of(objects, store)) == ["get usage_records/2.jsonl", "get usage_records/a/1.jsonl", "list "]
    assert copied(tmp_path) == {"usage_records/a/1.jsonl": b"one\n", "usage_records/2.jsonl": b"two\n"}
    assert (tmp_path / "landing/usage_records/2.jsonl").stat().st_mtime == AT.timestamp()
    before = listing_fingerprint(tmp_path / "landing")
    assert requests_of(objects, store) == ["list "]
    assert listing_fingerprint(tmp_path / "landing") == before and not store.is_behind()
    put(objects, "usage_records/2.jsonl", b"TWO\n")
    del objects.kept["usage_records/a/1.jsonl"]
    assert store.is_behind()
    assert requests_of(objects, store) == ["list ", "get usage_records/2.jsonl"]
    assert (
        copied(tmp_path) == {"usage_records/2.jsonl": b"TWO\n"} and not (tmp_path / "landing/usage_records/a").exists()
    )


def test_a_copy_that_somebody_changed_or_removed_is_made_good(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl", b"one\n")
    store.bring()
    copy = tmp_path / "landing/usage_records/1.jsonl"
    copy.write_bytes(b"own\n")
    (copy.parent / "own.jsonl").write_bytes(b"own\n")
    store.bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"one\n"}
    copy.unlink()
    store.bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"one\n"}
    (tmp_path / "landing-objects.json").write_text("[")
    assert requests_of(objects, store) == ["list ", "get usage_records/1.jsonl"]


def test_another_place_is_another_copy(objects: MemoryObjects, tmp_path: Path) -> None:
    put(objects, "usage_records/1.jsonl", b"one\n")
    store_of(objects, tmp_path).bring()
    other = MemoryObjects()
    other.kept["usage_records/1.jsonl"] = (b"two\n", objects.kept["usage_records/1.jsonl"][1])
    MirroredLanding(storage_of(other, "s3://bucket/other"), tmp_path, 0.5).bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"two\n"}


def test_what_is_not_ready_and_marks_of_folders_are_left_alone(objects: MemoryObjects, tmp_path: Path) -> None:
    for key in (
        "usage_records",
        "usage_records/2026",
        "empty",
        "usage_records/.x.jsonl",
        "_tmp/1.jsonl",
        "usage_records/a.tmp",
    ):
        put(objects, key, b"")
    put(objects, "usage_records/2026/1.jsonl", b"one\n")
    put(objects, "usage_records/empty.jsonl", b"")
    store_of(objects, tmp_path).bring()
    assert copied(tmp_path) == {"usage_records/2026/1.jsonl": b"one\n", "usage_records/empty.jsonl": b""}
    assert not list_landing(tmp_path / "landing").left_out


def test_what_landing_does_not_read_is_named_and_not_fetched(objects: MemoryObjects, tmp_path: Path) -> None:
    put(objects, "usage_records/film.mp4", b"x" * 5000)
    put(objects, "else/1.jsonl")
    put(objects, "erasures/1.jsonl")
    put(objects, "readme.md")
    put(objects, "usage_records/1.JSONL")
    store = store_of(objects, tmp_path)
    assert sorted(requests_of(objects, store)) == ["get usage_records/1.JSONL", "list "]
    assert [(left.path, left.size, left.kind) for left in list_landing(tmp_path / "landing").left_out] == [
        ("else/1.jsonl", 3, "unread"),
        ("erasures/1.jsonl", 3, "unread"),
        ("readme.md", 3, "unread"),
        ("usage_records/film.mp4", 5000, "unread"),
    ]
    assert requests_of(objects, store) == ["list "]


@pytest.mark.parametrize("bad", ["..", ".", "", "../../../evil.jsonl", "./x.jsonl", "/etc/x.jsonl"])
def test_a_name_that_leads_elsewhere_is_named_and_never_written(
    objects: MemoryObjects, tmp_path: Path, bad: str
) -> None:
    warehouse = tmp_path / "home" / "warehouse"
    store = store_of(objects, warehouse)
    put(objects, "usage_records/good/1.jsonl", b"one\n")
    put(objects, "usage_records/bad/0.jsonl", b"nil\n")
    store.bring()
    put(objects, f"usage_records/bad/{bad}", b"bad\n")
    put(objects, "usage_records/good/2.jsonl", b"two\n")
    store.bring()
    # What lay in that folder before stays; the folder is named until its object is renamed.
    assert sorted(copied(warehouse)) == [
        "usage_records/bad/0.jsonl",
        "usage_records/good/1.jsonl",
        "usage_records/good/2.jsonl",
    ]
    (left,) = list_landing(warehouse / "landing").left_out
    assert left.path == "usage_records/bad/" and left.kind == "unreadable" and "can't be a path" in left.reason
    assert sorted(path.name for path in tmp_path.rglob("*evil*")) == []
    del objects.kept[f"usage_records/bad/{bad}"]
    store.bring()
    assert not list_landing(warehouse / "landing").left_out


def test_a_bad_name_at_the_top_ends_with_one_line(objects: MemoryObjects, tmp_path: Path) -> None:
    put(objects, "usage_records/1.jsonl")
    put(objects, "../x.jsonl")
    with pytest.raises(StorageError, match="can't be a path"):
        store_of(objects, tmp_path).bring()


def test_names_that_no_disk_takes_are_named(objects: MemoryObjects, tmp_path: Path) -> None:
    put(objects, f"usage_records/{'n' * 260}.jsonl")
    put(objects, "/".join(["usage_records", *["d" * 100] * 11, "1.jsonl"]))
    put(objects, "usage_records/a.jsonl")
    put(objects, "usage_records/a.jsonl/b.jsonl")
    put(objects, "usage_records/\ud800.jsonl")
    put(objects, "usage_records/nul\0.jsonl")
    store = store_of(objects, tmp_path)
    store.bring()
    assert list(copied(tmp_path)) == ["usage_records/a.jsonl/b.jsonl"]
    reasons = {left.path[:24]: left.reason for left in list_landing(tmp_path / "landing").left_out}
    assert len(reasons) == 5 and all(left.kind == "unreadable" for left in list_landing(tmp_path / "landing").left_out)
    assert "folder" in reasons["usage_records/a.jsonl"]
    assert r"usage_records/nul\x00.js" in reasons
    assert requests_of(objects, store) == ["list "]


def test_a_file_may_become_a_folder_and_a_folder_a_file(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/x.jsonl", b"one\n")
    store.bring()
    del objects.kept["usage_records/x.jsonl"]
    put(objects, "usage_records/x.jsonl/y.jsonl", b"two\n")
    store.bring()
    assert copied(tmp_path) == {"usage_records/x.jsonl/y.jsonl": b"two\n"}
    objects.kept = {"usage_records/x.jsonl": (b"three\n", "e")}
    store.bring()
    assert copied(tmp_path) == {"usage_records/x.jsonl": b"three\n"}


def test_a_transfer_that_breaks_off_never_leaves_half_a_file(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl", b"one\n" * 100)
    objects.faults = ["", *["cut"] * 10]
    with pytest.raises(StorageError, match="could not be read whole"):
        store.bring()
    assert copied(tmp_path) == {}
    objects.faults = ["", "cut", "unsent"]
    store.bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"one\n" * 100}
    assert not (tmp_path / "landing-arriving").exists()


def test_an_object_that_changes_while_it_is_fetched_waits_for_the_next_time(
    objects: MemoryObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl", b"one\n")
    put(objects, "usage_records/2.jsonl", b"two\n")
    listed = storage_of(objects).list_around()
    put(objects, "usage_records/1.jsonl", b"new\n")
    del objects.kept["usage_records/2.jsonl"]
    with monkeypatch.context() as patch:
        patch.setattr(store._storage, "list_around", lambda: listed)
        store.bring()
    assert copied(tmp_path) == {}
    left = {left.path: left.kind for left in list_landing(tmp_path / "landing").left_out}
    assert left == {"usage_records/1.jsonl": "changed", "usage_records/2.jsonl": "unreadable"}
    store.bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"new\n"}
    assert not list_landing(tmp_path / "landing").left_out


def test_an_object_that_this_user_may_not_read_is_named_and_the_others_land(
    objects: MemoryObjects, tmp_path: Path
) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl")
    store.bring()
    put(objects, "usage_records/2.jsonl")
    objects.faults = ["", "refused"]
    store.bring()
    (left,) = list_landing(tmp_path / "landing").left_out
    assert (left.path, left.kind) == (
        "usage_records/2.jsonl",
        "unreadable",
    ) and "can't be fetched (no rights)" in left.reason
    assert store.is_behind()
    store.bring()
    assert not list_landing(tmp_path / "landing").left_out and len(copied(tmp_path)) == 2


def test_a_place_without_any_object_is_refused_and_the_copy_stays(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl")
    store.bring()
    objects.kept.clear()
    with pytest.raises(StorageError, match="holds no input file: check CREDITS_LANDING"):
        store.bring()
    assert len(copied(tmp_path)) == 1
    store.bring(may_be_empty=True)
    assert not copied(tmp_path)


def test_a_home_that_is_made_can_be_entered_and_its_copy_only_by_its_owner(
    objects: MemoryObjects, tmp_path: Path
) -> None:
    put(objects, "usage_records/a/1.jsonl")
    warehouse = tmp_path / "home" / "warehouse"
    store_of(objects, warehouse).bring()
    assert warehouse.parent.stat().st_mode & 0o055
    private = [path for path in warehouse.rglob("*") if path.name != "landing-objects.json"]
    assert not [path for path in (warehouse, *private) if path.stat().st_mode & 0o077]


def test_a_store_that_is_away_is_an_error_and_the_copy_stays(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl")
    store.bring()
    objects.faults = ["unsent"] * 10
    with pytest.raises(StorageError):
        store.bring()
    assert len(copied(tmp_path)) == 1


def test_files_of_an_outbox_are_sent_once_and_events_last(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    with store.outbox(resend=False) as folder:
        for name in ("billing/periods/e.jsonl", "billing/closed_lines/l.parquet", "usage_records/.p.jsonl.partial"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(name.encode())
        assert store.place_of(folder / "billing/periods/e.jsonl", folder) == "s3://bucket/place/billing/periods/e.jsonl"
    assert objects.requests == ["put billing/closed_lines/l.parquet", "put billing/periods/e.jsonl"]
    assert not any((tmp_path / "landing-outbox").iterdir())


def test_what_a_command_could_not_send_is_sent_by_the_next_run(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    objects.faults = ["unsent"] * 8
    with (
        pytest.raises(StorageError, match=r"stays below .* and is sent by the next run"),
        store.outbox(resend=True) as folder,
    ):
        (folder / "usage_records").mkdir()
        (folder / "usage_records/1.jsonl").write_bytes(b"one\n")
    assert objects.kept == {}
    store.bring()
    assert copied(tmp_path) == {"usage_records/1.jsonl": b"one\n"} and not any((tmp_path / "landing-outbox").iterdir())


def test_what_a_closing_could_not_send_is_never_sent_later(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl")
    with pytest.raises(RuntimeError), store.outbox(resend=False) as folder:
        (folder / "billing").mkdir()
        (folder / "billing/1.parquet").write_bytes(b"one\n")
        raise RuntimeError
    killed = tmp_path / "landing-outbox/drop-1-a"
    killed.mkdir(parents=True)
    (killed / "billing.parquet").write_bytes(b"one\n")
    store.bring()
    assert list(objects.kept) == ["usage_records/1.jsonl"] and not any((tmp_path / "landing-outbox").iterdir())


def test_the_outbox_of_a_command_at_work_is_left_alone(objects: MemoryObjects, tmp_path: Path) -> None:
    store = store_of(objects, tmp_path)
    put(objects, "usage_records/1.jsonl")
    with store.outbox(resend=True) as folder:
        (folder / "usage_records").mkdir()
        (folder / "usage_records/2.jsonl").write_bytes(b"two\n")
        store.bring()
        assert list(objects.kept) == ["usage_records/1.jsonl"]
    assert "usage_records/2.jsonl" in objects.kept


def test_a_folder_costs_nothing_and_imports_no_client(tmp_path: Path) -> None:
    env = {"CREDITS_HOME": str(tmp_path), "CREDITS_LANDING": f"file://{tmp_path}/in"}
    settings = load_settings(env)
    assert settings.landing == tmp_path / "in" and isinstance(landing_store(settings), FolderLanding)
    assert load_settings({"CREDITS_HOME": str(tmp_path)}).landing == tmp_path / "landing"
    code = (
        "import sys, orchestration.cli, orchestration.commands.run, orchestration.change_detection as c; "
        "from ingest.settings import load_settings; s = load_settings(); s.landing.mkdir(parents=True); "
        "c.bring_landing(s); c.has_news(s); "
        "sys.exit(len(sys.modules.keys() & {'obstore', 'ingest.mirrored_landing', 'ingest.object_storage'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"CREDITS_HOME": str(tmp_path / "h"), "PATH": ""}, check=False
    )
    assert done.returncode == 0
