"""Over several runs with news of every kind, a published page is the one that its tables give without kept months."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.settings import load_settings
from orchestration.dashboard.kept_months import Contents, KeptMonths
from orchestration.dashboard.making import KEPT, make_dashboard
from orchestration.dashboard.page_data import VersionStamp, as_json, figures
from orchestration.dashboard.scope import Budget, Scope
from orchestration.publish.parquet_export import PublishedFile
from orchestration.publish.version_files import contents_by_month
from tests.dashboard.viewing import Published
from tests.orchestration.homes import Home

BY_MONTH = Budget(daily=0, interactions=20)


def contents(home: Home) -> Contents:
    """The hash of each month's file, as the manifest has it."""
    tables = home.manifest()["tables"].items()
    return contents_by_month({table: [PublishedFile(**file) for file in said["files"]] for table, said in tables})


def page_by_month(home: Home, kept: KeptMonths | None) -> str:
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        scope = Scope(connection, frozenset(name for (name,) in names), budget=BY_MONTH, kept=kept)
        return as_json(figures(scope, VersionStamp("v", "2026-11-01T00:00:00+00:00")))


def an_old_record(home: Home) -> None:
    home.deliver(
        "late.jsonl",
        {"kind": "facts", "resourceId": "late", "creditsConsumed": "0.5", "createdAt": "2026-06-02T10:00Z"},
    )


def the_owner_of_interactions(home: Home) -> None:
    path = home.settings.landing / "mappings/interactions/interactions-2026-09-01.csv"
    path.parent.mkdir(parents=True)
    rows = [f"i-{n:04},u-23,t-formula,2026-06-01T00:00:00Z" for n in range(0, 200, 5)]
    path.write_text("\n".join(["interactionId,userId,tenantId,createdAt", *rows]) + "\n")


def names_members_and_a_zone(home: Home) -> None:
    users, tenants = (home.settings.landing / "mappings" / table for table in ("users", "tenants"))
    before = (users / "users-2026-01-01.csv").read_text(encoding="utf-8")
    moved = before.replace("Dr. 10", "Dr. Renamed").replace("u-11,<b>t-bold</b>", "u-11,t-out")
    assert moved.count("u-11,t-out") == 1 and "Dr. Renamed" in moved
    (users / "users-2026-07-01.csv").write_text(moved, encoding="utf-8")
    zones = (tenants / "tenants-2026-01-01.csv").read_text(encoding="utf-8").replace("Plain,UTC", "Plain,Asia/Tokyo")
    (tenants / "tenants-2026-06-30.csv").write_text(zones, encoding="utf-8")


def damage(home: Home) -> None:
    for path in (home.settings.warehouse / KEPT).iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    home.deliver("later.jsonl", {"kind": "facts", "creditsConsumed": "0.25", "createdAt": "2026-07-31T23:30:00Z"})


def another_record(home: Home) -> None:
    home.deliver("last.jsonl", {"kind": "codes", "creditsConsumed": "0.125", "createdAt": "2026-07-31T23:30:00Z"})


def test_the_page_of_each_run_is_that_of_its_tables(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["cp", "-a", str(published.settings.home), str(tmp_path / "home")], check=True)
    settings = load_settings({"CREDITS_HOME": str(tmp_path / "home")})
    monkeypatch.setenv("CREDITS_HOME", str(settings.home))
    home = Home(settings)
    seen = {home.manifest()["version"]}
    files = {path.name for path in (settings.warehouse / KEPT).iterdir()}
    assert {name.partition("-20")[0] for name in files} == {"months", "interactions", "usage"}

    def run(command: str, news: Callable[[Home], None] | None = None) -> None:
        if news:
            news(home)
        ended = home.credits(command)
        assert ended.code == 0, ended.err
        manifest = home.manifest()
        made = VersionStamp(manifest["version"], manifest["built_at"])
        assert manifest["version"] not in seen
        seen.add(manifest["version"])
        page = (home.current / "dashboard.html").read_bytes()
        assert page == make_dashboard(settings, home.current / "credits.duckdb", made)
        kept = KeptMonths(tmp_path / "months", contents(home))
        assert page_by_month(home, kept) == page_by_month(home, None)
        kept.remove_unused()

    for news in (an_old_record, the_owner_of_interactions, names_members_and_a_zone):
        run("run", news)
    monkeypatch.setenv("CREDITS_RECONCILIATION_TOLERANCE", "0.9")
    run("run", damage)
    run("rebuild", another_record)


def test_every_file_of_a_month_is_part_of_its_content() -> None:
    def content(*hashes: str) -> Contents:
        folder = "parquet/fct_credit_usage/month=2026-06"
        files = [PublishedFile(f"{folder}/{n}.parquet", 1, 1, sha256) for n, sha256 in enumerate(hashes)]
        return contents_by_month(
            {"fct_credit_usage": files, "dim_users": [PublishedFile("dim_users.parquet", 1, 1, "x")]}
        )

    june = date(2026, 6, 1)
    assert len({content(*hashes)["fct_credit_usage"][june] for hashes in ("ab", "cb", "ac", "b", "ba", "a")}) == 6
    assert content("a")["dim_users"] == {}
