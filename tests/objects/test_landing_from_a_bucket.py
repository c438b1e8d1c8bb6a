from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from ingest.contract.landing_listing import list_landing
from ingest.errors import StorageError
from ingest.mirrored_landing import MirroredLanding
from ingest.object_storage import ObjectStorage, open_storage
from ingest.settings import CHECKOUT
from tests.objects.servers import Place

pytestmark = pytest.mark.objects
SAMPLE = CHECKOUT / "data" / "sample" / "landing"
BY_TIME = {"run_id", "landed_at", "file_id", "first_seen_at", "version", "computed_at", "as_of"}
"""Columns that tell when something ran."""


def upload(folder: Path, storage: ObjectStorage) -> None:
    """Put every file, and give it the time that its object has."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: storage.create(key, files[key]), files))
    for entry in storage.list():
        modified_ns = int(entry.modified_at.timestamp()) * 10**9
        os.utime(files[entry.key], ns=(modified_ns, modified_ns))


def credits(*arguments: str, home: Path, landing: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    env = {**os.environ, "CREDITS_HOME": str(home), "CREDITS_LANDING": landing}
    command = [sys.executable, "-m", "orchestration.cli", *arguments]
    ended = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert not check or ended.returncode in (0, 3), ended.stderr
    assert "Traceback" not in ended.stderr
    for name in ("AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_ACCOUNT_KEY"):
        assert not os.environ.get(name) or os.environ[name] not in ended.stdout + ended.stderr
    return ended


def published(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every published table but for columns that tell when something ran."""
    current = home / "published" / "current"
    manifest = json.loads((current / "manifest.json").read_text())
    with duckdb.connect(str(current / manifest["database"]), read_only=True) as connection:
        tables: dict[str, list[tuple[object, ...]]] = {}
        for table in manifest["tables"]:
            columns = [name for (name, *_) in connection.execute(f"describe marts.{table}").fetchall()]
            kept = ", ".join(f'"{name}"' for name in columns if name not in BY_TIME)
            tables[table] = sorted(connection.execute(f"select {kept} from marts.{table}").fetchall(), key=repr)
        return tables


@pytest.fixture
def store(place: Place, tmp_path: Path) -> MirroredLanding:
    return MirroredLanding(open_storage(place.new()), tmp_path / "warehouse", 1)


@pytest.fixture(scope="module")
def homes() -> Iterator[dict[str, Path]]:
    """Homes that later tests go on with, by the name of their server."""
    kept: dict[str, Path] = {}
    yield kept


def test_a_thousand_objects_with_nothing_new_cost_one_request(
    place: Place, store: MirroredLanding, tmp_path: Path, record_property: object
) -> None:
    with ThreadPoolExecutor(16) as pool:
        key = "usage_records/2026/11/30/gateway@h{}/{:04}.jsonl"
        list(
            pool.map(
                lambda n: store._storage.create(key.format(n % 3, n), b'{"creditsConsumed":%d}\n' % n), range(1000)
            )
        )
    place.proxy.requests.clear()
    store.bring()
    assert len(place.proxy.requests) == 1001 and len(place.listings) == 1
    files = list((tmp_path / "warehouse/landing").rglob("*.jsonl"))
    assert sorted(path.read_bytes() for path in files) == sorted(b'{"creditsConsumed":%d}\n' % n for n in range(1000))
    place.proxy.requests.clear()
    store.bring()
    print(f"{place.name}: 1,000 objects with nothing new: {len(place.proxy.requests)} request")
    assert len(place.proxy.requests) == len(place.listings) == 1
    store._storage.delete(key.format(0, 0))
    store._storage.create(key.format(0, 1000), b"{}\n")
    place.proxy.requests.clear()
    store.bring()
    assert [method for method, _ in place.proxy.requests] == ["GET", "GET"] and len(place.listings) == 1


def test_tables_from_a_bucket_equal_those_from_a_folder(place: Place, homes: dict[str, Path], tmp_path: Path) -> None:
    url, home, local = place.new(), tmp_path / "home", tmp_path / "local"
    shutil.copytree(SAMPLE, local / "landing")
    broken = local / "landing/usage_records/film.mp4"
    broken.write_bytes(b"not a record")
    upload(local / "landing", open_storage(url))
    said = credits("run", home=home, landing=url)
    assert "left out: usage_records/film.mp4: its ending is not read" in said.stdout
    place.proxy.requests.clear()
    assert "nothing new" in credits("run", home=home, landing=url).stdout
    assert len(place.proxy.requests) == len(place.listings) == 1
    assert "holds all that has landed" in credits("status", home=home, landing=url).stdout
    credits("run", home=local)
    ours, wanted = published(home), published(local)
    assert ours.keys() == wanted.keys()
    assert [table for table in wanted if ours[table] != wanted[table]] == []
    quarantine = [path.read_bytes() for at in (home, local) for path in sorted((at / "quarantine").glob("*.jsonl"))]
    assert len(quarantine) == 2 and quarantine[0].count(b"\n") == quarantine[1].count(b"\n")
    homes[place.name] = home
    (home / "url").write_text(url)


def test_commands_say_in_one_line_what_a_bucket_does_not_allow(
    place: Place, homes: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if place.name not in homes:
        pytest.skip("no home was built")
    home = homes[place.name]
    url = (home / "url").read_text()
    joined = credits("compact", home=home, landing=url, check=False)
    assert joined.returncode == 2 and "works on a landing folder only" in joined.stderr
    before = (home / "published/current").resolve()
    for name in ("AWS_ENDPOINT_URL", "AZURE_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/devstoreaccount1")
    ended = credits("run", home=home, landing=url, check=False)
    assert ended.returncode == 1 and "can't be reached" in ended.stderr and ended.stderr.count("\n") == 1
    assert (home / "published/current").resolve() == before
    assert "what waits is unknown" in credits("status", home=home, landing=url).stdout


def test_a_month_is_closed_and_opened_again_in_the_bucket(place: Place, homes: dict[str, Path]) -> None:
    if place.name != "moto" or place.name not in homes:
        pytest.skip("one server is enough")
    home = homes[place.name]
    url = (home / "url").read_text()
    storage = open_storage(url)
    before = {entry.key for entry in storage.list("billing")}
    closed = credits("close", "2026-08", "--by", "a test", home=home, landing=url)
    new = {entry.key for entry in storage.list("billing")} - before
    assert sorted(key.split("/")[1] for key in new) == ["closed_charges", "closed_lines", "periods"]
    assert f"closed 2026-08: {url}/billing/periods/" in closed.stdout
    opened = credits("reopen", "2026-08", "--by", "a test", "--reason", "a try", home=home, landing=url)
    assert f"reopened 2026-08: {url}/billing/periods/" in opened.stdout
    assert not list((home / "warehouse/landing-outbox").iterdir())


def test_imported_logs_are_put_into_the_bucket_once(place: Place, tmp_path: Path) -> None:
    url, log = place.new(), tmp_path / "app.log"
    line = {"method": "POST", "url": "https://api.eu.corti.app/v2/tools/coding/", "status": 200}
    log.write_text(
        json.dumps({**line, "body": {"usageInfo": {"creditsConsumed": 0.011}}, "time": "2026-03-02T09:20:11Z"})
    )
    for _ in range(2):
        said = credits("capture", "import", str(log), home=tmp_path / "home", landing=url)
        assert f"1 usage record from 1 line -> {url}/usage_records/" in said.stdout
    (entry,) = open_storage(url).list()
    assert b"0.011" in open_storage(url).read(entry.key)[0]


def test_a_transfer_that_breaks_half_way_is_fetched_again_and_never_seen(
    place: Place, store: MirroredLanding, tmp_path: Path
) -> None:
    content = {f"usage_records/{n}.jsonl": os.urandom(200_000) for n in range(8)}
    for key, value in content.items():
        store._storage.create(key, value)
    gets: list[str] = []

    def cut_first(method: str, path: str) -> str | None:
        if method != "GET" or "list" in path or "usage_records" not in path:
            return None
        gets.append(path)
        return "cut" if gets.count(path) == 1 else None

    place.proxy.spoil = cut_first
    store.bring()
    landing = tmp_path / "warehouse/landing"
    assert {key: (landing / key).read_bytes() for key in content} == content
    assert len(gets) > len(content)
    store._storage.create("usage_records/last.jsonl", b"x" * 200_000)
    place.proxy.spoil = lambda method, path: "cut" if "last.jsonl" in path else None
    store._storage._sleep = lambda _: None
    with pytest.raises(StorageError):
        store.bring()
    assert (
        not (landing / "usage_records/last.jsonl").exists() and not (tmp_path / "warehouse/landing-arriving").exists()
    )
    place.proxy.spoil = lambda method, path: None
    store.bring()
    assert (landing / "usage_records/last.jsonl").stat().st_size == 200_000


def test_lost_answers_and_conflicts_neither_double_nor_lose(place: Place) -> None:
    storage = open_storage(place.new())
    storage._sleep = lambda _: None
    writes: list[str] = []

    def spoil(method: str, path: str) -> str | None:
        if method != "PUT":
            return None
        writes.append(path)
        return {0: "lose", 2: "conflict"}.get(len(writes) % 5)

    place.proxy.spoil = spoil
    content = {f"usage_records/{n:03}.jsonl": b"%d\n" % n for n in range(60)}
    for key, value in content.items():
        storage.create(key, value)
    place.proxy.spoil = lambda method, path: None
    assert {entry.key: storage.read(entry.key)[0] for entry in storage.list()} == content
    place.proxy.spoil = spoil
    now = storage.swap("current.json", b"0", None)
    for n in range(1, 30):
        now = storage.swap("current.json", b"%d" % n, now)
    assert storage.read("current.json")[0] == b"29"


def test_of_many_writers_at_once_one_wins(place: Place) -> None:
    url = place.new()
    for attempt in range(5):
        storages = [open_storage(url) for _ in range(8)]

        def write(n: int, storages: list[ObjectStorage] = storages, attempt: int = attempt) -> str:
            try:
                storages[n].create(f"a{attempt}", b"%d" % n)
            except StorageError as error:
                return type(error).__name__
            return "won"

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(write, range(8)))
        assert outcomes.count("won") == 1 and set(outcomes) == {"won", "ObjectChangedError"}


def test_names_that_can_be_no_paths_are_named_and_never_written(
    place: Place, store: MirroredLanding, tmp_path: Path
) -> None:
    if place.put_raw is None:
        pytest.skip("this server's own client resolves such names")
    container, _, prefix = str(store).removeprefix("s3://").partition("/")
    store._storage.create("usage_records/good/1.jsonl", b"{}\n")
    store._storage.create("usage_records/é b%20c.jsonl", b"{}\n")
    store._storage.create(f"usage_records/long/{'n' * 240}.jsonl", b"{}\n")
    names = ["a//b.jsonl", "b/./c.jsonl", "c/ctl\x01.jsonl", "d/"]
    put: list[str] = []
    for name in names:
        try:
            place.put_raw(container, f"{prefix}/usage_records/{name}", b"" if name == "d/" else b"{}\n")
            put.append(name)
        except subprocess.CalledProcessError:
            continue  # this server refuses the name itself
    store.bring()
    landing = tmp_path / "warehouse/landing"
    files = {path.relative_to(landing).as_posix() for path in landing.rglob("*.jsonl")}
    left = {left.path: left.kind for left in list_landing(landing).left_out}
    assert {"usage_records/good/1.jsonl", "usage_records/é b%20c.jsonl"} < files and set(left.values()) <= {
        "unreadable"
    }
    # A server on a file system keeps `a//b` as `a/b`: then that is its name.
    for name in put:
        is_named = any(path.startswith(f"usage_records/{name[0]}/") for path in left)
        assert name == "d/" or is_named != (os.path.normpath(f"usage_records/{name}") in files), name
    assert place.name != "moto" or len(left) == len(names) - 1
    assert {path.name for path in tmp_path.iterdir()} == {"warehouse"}
