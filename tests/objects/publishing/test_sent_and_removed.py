"""What a version sends, and what is removed after it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from ingest.object_storage import ObjectStorage
from orchestration.publish.bucket_cleaning import remove_unneeded
from orchestration.publish.bucket_versions import BucketVersions
from orchestration.publish.version_folders import written_beside
from tests.objects.publishing.small_versions import BASE, SmallHome, pointer_of, total_of, write_version
from tests.objects.publishing.test_killed_publishers import require_agreement, whole

pytestmark = pytest.mark.objects


def named(storage: ObjectStorage, version: str) -> set[str]:
    """The data files that a version's manifest names."""
    says = json.loads(storage.read(f"versions/{version}/manifest.json")[0])
    return {file["path"] for table in says["tables"].values() for file in table["files"]}


def test_version_with_one_changed_month_sends_that_month_the_small_tables_and_its_folder(small_home: SmallHome) -> None:
    first = small_home.publish(BASE)
    before = {entry.key: entry for entry in small_home.storage.list()}
    second = small_home.publish({**BASE, "2026-03": "33"})
    after = {entry.key: entry for entry in small_home.storage.list()}
    sent = {key for key in after if key not in before}
    data = {key for key in sent if key.endswith(".parquet")}
    assert data == named(small_home.storage, second) - named(small_home.storage, first)
    by_table = sorted(key.split("/")[1] for key in data)
    assert by_table == ["agg_credits_daily", "fct_credit_usage", "mart_audit"]
    assert {key for key in sent if key.startswith("versions/")} == {
        f"versions/{second}/{name}"
        for name in (
            "publisher.json",
            "credits.duckdb",
            "dashboard.html",
            "data-dictionary.html",
            "docs/index.html",
            "manifest.json",
            "pointer.json",
        )
    }
    commits = {key for key in sent if "/_delta_log/" in key}
    assert commits == {f"tables/{table}/_delta_log/{1:020}.json" for table in by_table}
    rewritten = {key for key in before if after[key].e_tag != before[key].e_tag}
    assert rewritten == {"current.json", "publishing.json"}


def test_each_commit_names_its_version_and_its_publication(small_home: SmallHome) -> None:
    from deltalake import DeltaTable

    versions = [small_home.publish(BASE), small_home.publish({**BASE, "2026-03": "33"})]
    table = DeltaTable(f"{small_home.storage.url}/tables/fct_credit_usage")
    key = "tables/fct_credit_usage/_delta_log/{:020}.json"
    commits = [small_home.storage.read(key.format(number))[0].decode().splitlines() for number in range(2)]
    infos = [json.loads(line)["commitInfo"] for commit in commits for line in commit if '"commitInfo"' in line]
    assert [info["credits.version"] for info in infos] == versions
    assert table.transaction_version("credits-publish") == 2 == pointer_of(small_home.storage)["publication"]
    actions = [json.loads(line) for line in commits[1]]
    assert [name for action in actions for name in action if name in ("add", "remove")].count("add") == 1
    assert all("://" not in action["add"]["path"] for action in actions if "add" in action)


def test_columns_that_changed_are_one_commit_that_older_versions_survive(small_home: SmallHome) -> None:
    """The first time column of a table needs another protocol."""
    from deltalake import DeltaTable

    small_home.publish(BASE)
    place = f"{small_home.storage.url}/tables/mart_audit"
    store = BucketVersions(small_home.settings, small_home.storage)
    version = store.new_version()
    with written_beside(small_home.settings, version) as partial:
        write_version(partial, version, BASE)
        says = json.loads((partial / "manifest.json").read_text())
        with duckdb.connect(str(partial / "credits.duckdb")) as connection:
            connection.execute("alter table marts.mart_audit add column seen_at timestamp default '2026-01-01'")
            path = partial / says["tables"]["mart_audit"]["files"][0]["path"]
            connection.execute(f"copy marts.mart_audit to '{path}' (format parquet)")
        _describe_again(says["tables"]["mart_audit"], path, {"name": "seen_at", "type": "TIMESTAMP"})
        (partial / "manifest.json").write_text(json.dumps(says))
        store.switch_to(partial, version, "models")
    table = DeltaTable(place)
    assert (table.version(), [field.name for field in table.schema().fields][-1]) == (1, "seen_at")
    assert table.to_pyarrow_table().num_rows == 1
    assert DeltaTable(place, version=0).to_pyarrow_table().column_names == ["version", "is_whole"]
    require_agreement(small_home)


def _describe_again(table: dict[str, Any], path: Any, column: dict[str, str]) -> None:
    import hashlib

    content = path.read_bytes()
    table["files"][0] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    table["columns"].append(column)


def test_cleaning_removes_nothing_that_a_kept_manifest_names(small_home: SmallHome) -> None:
    versions = [small_home.publish({**BASE, "2026-03": str(number)}) for number in range(5)]
    storage = small_home.storage
    unfinished = "tables/fct_credit_usage/0123456789abcdef0123456789abcdef.parquet"
    storage.create(unfinished, b"sent by a publisher that has not switched yet")
    now = datetime.now(UTC) + timedelta(seconds=2)
    assert remove_unneeded(storage, 2, versions[-1], now) == []
    removed = remove_unneeded(storage, 2, versions[-1], now, kept_days=0)
    kept = named(storage, versions[-1]) | named(storage, versions[-2])
    left = {entry.key for entry in storage.list()}
    assert kept <= left and not kept & {*removed}
    assert {key for key in left if key.endswith(".parquet")} == kept and unfinished in removed
    assert {key.split("/")[1] for key in left if key.startswith("versions/")} == {*versions[-2:]}
    assert whole(small_home) == total_of({**BASE, "2026-03": "4"})
    small_home.publish({**BASE, "2026-03": "0"})
    assert whole(small_home) == total_of({**BASE, "2026-03": "0"})


def test_published_version_stays_although_many_are_newer(small_home: SmallHome) -> None:
    versions = [small_home.publish({**BASE, "2026-03": str(number)}) for number in range(4)]
    storage = small_home.storage
    back = storage.read(f"versions/{versions[0]}/pointer.json")[0]
    storage.swap("current.json", back, storage.read("current.json")[1].e_tag)
    remove_unneeded(storage, 1, versions[0], datetime.now(UTC) + timedelta(seconds=2), kept_days=0)
    assert whole(small_home) == total_of({**BASE, "2026-03": "0"})


def test_version_that_follows_a_rollback_commits_what_differs_from_the_tables(small_home: SmallHome) -> None:
    first = small_home.publish(BASE)
    small_home.publish({**BASE, "2026-03": "33", "2026-08": "8"})
    small_home.settings.published.joinpath("current").unlink()
    small_home.settings.published.joinpath("current").symlink_to(f"versions/{first}")
    storage = small_home.storage
    back = storage.read(f"versions/{first}/pointer.json")[0]
    storage.swap("current.json", back, storage.read("current.json")[1].e_tag)
    assert whole(small_home) == total_of(BASE)
    small_home.publish({**BASE, "2026-04": "44"})
    assert whole(small_home) == total_of({**BASE, "2026-04": "44"})
    require_agreement(small_home)
    assert pointer_of(storage)["publication"] == 3
