"""`credits run` with a bucket: the first version, a small change, a kill between the two switches, and `status`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.object_storage import open_storage
from ingest.settings import load_settings
from orchestration.published_version import published
from tests.objects.publishing.small_versions import pointer_of, read_in_each_way
from tests.orchestration.homes import Home, marked

pytestmark = pytest.mark.objects

KILLED = """
import os, signal
from orchestration.publish import version_folders
version_folders.point_to = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from orchestration.cli import console
console()
"""
"""`credits`, which dies when a version is to be switched in on this disk."""


@pytest.fixture
def bucket_home(home: Home, url: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home after its second version, which is to be published in a bucket too."""
    monkeypatch.setenv("CREDITS_PUBLISH_TO", url)
    return home


def require_same(home: Home, url: str, cache: Path) -> None:
    """The bucket and this disk hold the same version, in each way to read it."""
    storage = open_storage(url)
    assert pointer_of(storage)["version"] == home.manifest()["version"]
    total = Decimal(home.manifest()["totals"]["credits"])
    assert read_in_each_way(storage, cache) == dict.fromkeys(
        ("by_polars", "by_duckdb", "by_delta", "by_database"), total
    )


def test_home_publishes_what_it_has_then_what_changes_and_mends_a_kill(
    bucket_home: Home, url: str, tmp_path: Path
) -> None:
    storage = open_storage(url)
    first = bucket_home.manifest()["version"]
    waiting = bucket_home.credits("status")
    assert f"bucket      {url} has no version yet: run `credits run`" in waiting.out
    assert "new files or models wait" in waiting.out
    sent = bucket_home.credits("run")
    assert sent.code == 0, sent.err
    assert f"version {first} is published to {url} too" in sent.out
    assert bucket_home.manifest()["version"] == first
    require_same(bucket_home, url, tmp_path)
    assert "nothing new" in bucket_home.credits("run").out
    assert f"bucket      {url} has the same version since 0.0 h" in bucket_home.credits("status").out

    before = {entry.key: entry for entry in storage.list()}
    bucket_home.deliver("third.jsonl", marked("2026-08-11T10:00:00Z", "8", "2026-10-03T00:00:00Z"))
    changed = bucket_home.credits("run")
    assert changed.code == 0 and f"to {url} in" in changed.out, changed.err
    require_same(bucket_home, url, tmp_path)
    after = {entry.key: entry for entry in storage.list()}
    data = [key for key in after if key not in before and key.endswith(".parquet")]
    says = bucket_home.manifest()["tables"]
    for table in ("fct_credit_usage", "agg_credits_daily", "focus_cost_and_usage"):
        months = {
            file["path"].split("month=")[1][:7]
            for file in says[table]["files"]
            if f"tables/{table}/{file['sha256'][:32]}.parquet" in data
        }
        assert months == {"2026-08"}, table
    everything = sum(entry.size for key, entry in after.items() if key.endswith(".parquet"))
    print(f"{len(data)} of {sum(len(table['files']) for table in says.values())} files sent,", everything, "bytes")

    bucket_home.deliver("fourth.jsonl", marked("2026-08-11T10:00:00Z", "9", "2026-10-04T00:00:00Z"))
    third = bucket_home.manifest()["version"]
    killed = bucket_home.process("-c", KILLED, "run")
    assert killed.code == -9, killed.err
    assert bucket_home.current.readlink().name == third != pointer_of(storage)["version"]
    bucket_home.settings.warehouse.joinpath("build.duckdb.wal").unlink(missing_ok=True)
    mended = bucket_home.credits("run")
    assert mended.code == 0, mended.err
    require_same(bucket_home, url, tmp_path)
    assert "nothing new" in bucket_home.credits("run").out
    assert published("fct_credit_usage", load_settings())["credits"].sum() == Decimal(
        bucket_home.manifest()["totals"]["credits"]
    )


def test_bucket_that_cannot_be_used_is_one_line_and_changes_nothing(
    bucket_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bucket_home.published_bytes()
    monkeypatch.setenv("CREDITS_PUBLISH_TO", "s3://no-such-bucket/place")
    ended = bucket_home.credits("run")
    assert ended.code == 1 and "no-such-bucket" in ended.one_line
    assert bucket_home.published_bytes() == before
    assert "no-such-bucket" in bucket_home.credits("status").out


def test_another_home_with_fewer_operations_is_refused(bucket_home: Home, url: str) -> None:
    from orchestration.publish.published_pointer import Pointer

    storage = open_storage(url)
    assert bucket_home.credits("run").code == 0
    content, entry = storage.read("current.json")
    says = json.loads(content)
    manifest = json.loads(storage.read(says["manifest"])[0])
    manifest["totals"]["operations"] += 5
    larger = json.dumps(manifest).encode()
    import hashlib

    storage.create("versions/2026-12-31T00-00-00Z/manifest.json", larger)
    other = Pointer(
        "2026-12-31T00-00-00Z",
        "versions/2026-12-31T00-00-00Z/manifest.json",
        hashlib.sha256(larger).hexdigest(),
        says["delta"],
        says["publication"] + 1,
        "another",
        "elsewhere",
        "2026-12-31T00:00:00+00:00",
    )
    storage.swap("current.json", other.as_bytes(), entry.e_tag)
    assert "nothing new" in bucket_home.credits("run").out
    assert "another version, 2026-12-31T00-00-00Z," in bucket_home.credits("status").out
    bucket_home.deliver("third.jsonl", marked("2026-08-11T10:00:00Z", "8", "2026-10-03T00:00:00Z"))
    ended = bucket_home.credits("run")
    assert ended.code == 1 and "let it land what that version holds" in ended.one_line
    assert pointer_of(storage)["version"] == "2026-12-31T00-00-00Z"


def test_versions_may_be_published_in_another_folder(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setenv("CREDITS_PUBLISH_TO", folder.as_uri())
    ended = home.credits("run")
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in folder.iterdir()) == ["current", "versions"]
    assert (folder / "current" / "credits.duckdb").exists()
    assert str(folder) in home.credits("status").out or home.credits("status").code == 0
