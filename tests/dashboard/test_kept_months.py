"""A page from kept months is the page from the tables alone, whatever has changed, and whatever became of the files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from bench.dashboard_tables import make_tables
from ingest.errors import PublishError
from ingest.settings import load_settings
from orchestration.dashboard.kept_months import Contents, KeptMonths
from orchestration.dashboard.making import KEPT, make_dashboard, make_dashboard_by_month
from orchestration.dashboard.page_data import VersionStamp, as_json, figures
from orchestration.dashboard.scope import Budget, Scope

MADE = VersionStamp("kept", "2026-11-01T00:00:00+00:00")
BY_DAY = Budget(interactions=40)
BY_MONTH = Budget(daily=0, interactions=40)
FOLDED = Budget(daily=0, tenant_months=3_000, user_months=2_000, tenant_days=1_500, interactions=10)
PUBLISHED_BY_MONTH = {
    "agg_credits_daily": "reporting_date",
    "fct_credit_usage": "reporting_date",
    "agg_credits_by_interaction": "usage_date",
    "dim_interactions": "first_used_at",
}
AGGREGATES = (
    """
    create or replace table marts.agg_credits_daily as
    select reporting_date, tenant_id, user_id, kind, sum(credits)::decimal(38, 9) as credits, count(*) as operations,
        coalesce(sum(credits) filter (status = 'estimate'), 0)::decimal(38, 9) as estimated_credits
    from marts.fct_credit_usage group by all
    """,
    """
    create or replace table marts.agg_credits_by_interaction as
    select coalesce(interaction_id, '(none)') as interaction_id, min(user_id) as user_id, min(tenant_id) as tenant_id,
        min(usage_date) as usage_date, sum(credits)::decimal(38, 9) as credits, count(*) as operations
    from marts.fct_credit_usage group by all
    """,
    """
    create or replace table marts.dim_interactions as
    select interaction_id, min(occurred_at) as first_used_at, max(occurred_at) as last_used_at
    from marts.fct_credit_usage where interaction_id is not null group by all
    """,
)
OLD = "date_trunc('month', usage_date) = date '2026-07-01'"
LISTED = "(select interaction_id from marts.agg_credits_by_interaction order by credits desc limit 3)"
CHANGES = {
    "nothing": "select 1",
    "a record in an old month": f"""
        insert into marts.fct_credit_usage by name
        select * replace ('new' as operation_key, 'new' as interaction_id, 0.000000001 as credits) from marts.fct_credit_usage where {OLD} limit 1
    """,
    "a record in a new month": """
        insert into marts.fct_credit_usage by name
        select * replace ('new' as operation_key, occurred_at + interval 40 day as occurred_at,
            usage_date + 40 as usage_date, reporting_date + 40 as reporting_date)
        from marts.fct_credit_usage order by usage_date desc limit 1
    """,
    "an old interaction that now costs most": f"""
        update marts.fct_credit_usage set credits = 5000 where operation_key = (
            select min(operation_key) from marts.fct_credit_usage where {OLD} and credits < 1)
    """,
    "a listed interaction that goes on in another month": f"""
        insert into marts.fct_credit_usage by name
        select * replace ('new' as operation_key, timestamp '2026-10-20 23:30:00' as occurred_at,
            date '2026-10-20' as usage_date, date '2026-10-21' as reporting_date)
        from marts.fct_credit_usage where interaction_id in {LISTED} limit 1
    """,
    "a listed interaction that costs nothing any more": f"""
        update marts.fct_credit_usage set credits = 0 where interaction_id in {LISTED}
    """,
    "interactions of another owner": f"""
        update marts.fct_credit_usage set user_id = 'user-of-others', tenant_id = 'tenant-0001'
        where interaction_id in {LISTED}
    """,
    "another owner within one month": f"""
        update marts.fct_credit_usage set tenant_id = 'tenant-0002' where {OLD} and tenant_id = 'tenant-0000'
    """,
    "operations without an interaction": f"update marts.fct_credit_usage set interaction_id = null where {OLD}",
    "an estimate": f"update marts.fct_credit_usage set status = 'estimate' where {OLD}",
    "another zone, which moves days to other months": """
        update marts.fct_credit_usage set reporting_date = reporting_date + 1 where tenant_id = 'tenant-0003'
    """,
    "a month without usage": f"delete from marts.fct_credit_usage where {OLD}",
    "a renamed user": "update marts.dim_users set display_name = 'Dr. Other' where user_id like 'user-00000%'",
    "a renamed customer": "update marts.dim_tenants set tenant_name = 'Other' where tenant_id = 'tenant-0001'",
    "a kind that was unknown": f"update marts.fct_credit_usage set kind = 'letter' where {OLD} and kind = 'codes'",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("kept") / "credits.duckdb"
    make_tables(database, tenants=6, users=24, days=200, operations=3_000)
    change(database, "select 1")
    return database


@dataclass(frozen=True)
class Pages:
    """Pages of a database, with and without a folder of kept months."""

    database: Path
    folder: Path

    def kept(self, budget: Budget) -> str:
        kept = KeptMonths(self.folder, contents(self.database))
        page = self._page(budget, kept)
        kept.remove_unused()
        return page

    def alone(self, budget: Budget) -> str:
        return self._page(budget, None)

    def _page(self, budget: Budget, kept: KeptMonths | None) -> str:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            names = connection.execute("select table_name from duckdb_tables()").fetchall()
            scope = Scope(connection, frozenset(name for (name,) in names), budget=budget, kept=kept)
            return as_json(figures(scope, MADE))

    def files(self) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in self.folder.iterdir()}


@pytest.fixture
def pages(tables: Path, tmp_path: Path) -> Pages:
    database = tmp_path / "credits.duckdb"
    shutil.copyfile(tables, database)
    return Pages(database, tmp_path / "months")


def change(database: Path, statement: str) -> None:
    """Change operations or names, and make the aggregates of them again."""
    with duckdb.connect(str(database)) as connection:
        for each_of_them in (statement, *AGGREGATES):
            connection.execute(each_of_them)


def contents(database: Path) -> Contents:
    """The hash of each month, as publishing would have it of the month's file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            table: dict(
                connection.execute(
                    f"""
                    select date_trunc('month', {column})::date, md5(string_agg(row::varchar, '|' order by row::varchar))
                    from marts.{table} as row group by all
                    """
                ).fetchall()
            )
            for table, column in PUBLISHED_BY_MONTH.items()
        }


@pytest.mark.parametrize("budget", [BY_DAY, BY_MONTH, FOLDED], ids=["by day", "by month", "folded"])
@pytest.mark.parametrize("statement", CHANGES.values(), ids=list(CHANGES))
def test_a_page_from_kept_months_is_the_page_from_the_tables(pages: Pages, statement: str, budget: Budget) -> None:
    assert pages.kept(budget) == pages.alone(budget)
    change(pages.database, statement)
    expected = pages.alone(budget)
    assert pages.kept(budget) == expected
    assert pages.kept(budget) == expected


def test_only_the_months_that_changed_are_read_again_and_nothing_outdated_stays(pages: Pages) -> None:
    pages.kept(BY_MONTH)
    before = pages.files()
    assert {name.partition("-20")[0] for name in before} == {"months", "days", "interactions", "usage"}
    change(pages.database, CHANGES["a record in an old month"])
    pages.kept(BY_MONTH)
    after = pages.files()
    assert {name[: name.index("-20") + 8].partition("-20")[2] for name in after.keys() - before.keys()} == {"26-07"}
    assert len(after) == len(before)
    assert all(before[name] == after[name] for name in before.keys() & after.keys())


def test_a_month_is_read_again_for_interactions_that_it_was_not_read_for(pages: Pages) -> None:
    pages.kept(Budget(interactions=5))
    few = pages.files()
    pages.kept(Budget(interactions=40))
    more = pages.files()
    assert {name for name in few.keys() - more.keys() if name.startswith("usage-")}
    pages.kept(Budget(interactions=5))
    usage = {name for name in more if name.startswith("usage-")}
    assert usage <= pages.files().keys(), "those for more interactions serve for fewer"


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "empty": lambda path: path.write_bytes(b""),
    "another byte": lambda path: path.write_bytes(
        path.read_bytes()[:60] + bytes([path.read_bytes()[60] ^ 1]) + path.read_bytes()[61:]
    ),
    "removed": lambda path: path.unlink(),
    "of another month": lambda path: path.write_bytes(min(path.parent.iterdir()).read_bytes()),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_file_is_made_again(pages: Pages, damage: Callable[[Path], object]) -> None:
    page = pages.kept(BY_MONTH)
    before = sorted(pages.folder.iterdir())
    for path in before[1:]:
        damage(path)
    assert pages.kept(BY_MONTH) == page
    after = sorted(pages.folder.iterdir())
    assert [path.name.rpartition("-")[0] for path in after] == [path.name.rpartition("-")[0] for path in before]
    assert all(hashlib.sha256(path.read_bytes()).hexdigest()[:32] in path.name for path in after)


def test_what_a_killed_run_has_left_goes(pages: Pages) -> None:
    page = pages.kept(BY_MONTH)
    left = pages.folder / "writing"
    left.write_bytes(b"PAR1")
    assert pages.kept(BY_MONTH) == page
    assert not left.exists()


def test_usage_without_interactions_has_a_page(pages: Pages) -> None:
    change(pages.database, "update marts.fct_credit_usage set interaction_id = null")
    assert pages.kept(BY_MONTH) == pages.alone(BY_MONTH)


def _block(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")


def _fill(folder: Path) -> None:
    (folder / "a folder.parquet").mkdir(parents=True)


@pytest.mark.parametrize("spoil", [_block, _fill])
def test_a_folder_that_cannot_be_used_is_no_reason_not_to_publish(
    pages: Pages, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    settings = load_settings({"CREDITS_HOME": str(tmp_path / "home")})
    spoil(settings.warehouse / KEPT)
    page = make_dashboard_by_month(settings, pages.database, MADE, contents(pages.database))
    assert page == make_dashboard(settings, pages.database, MADE)


def test_figures_that_differ_from_the_tables_are_not_shown(pages: Pages, tmp_path: Path) -> None:
    settings = load_settings({"CREDITS_HOME": str(tmp_path / "home")})
    outdated = contents(pages.database)
    pages.kept(BY_MONTH)
    make_dashboard_by_month(settings, pages.database, MADE, outdated)
    change(pages.database, "update marts.fct_credit_usage set credits = credits + 1")
    with (
        duckdb.connect(str(pages.database), read_only=True) as connection,
        pytest.raises(PublishError, match="agg_credits_daily"),
    ):
        figures(Scope(connection, frozenset(), budget=BY_MONTH, kept=KeptMonths(pages.folder, outdated)), MADE)
    partly = {**contents(pages.database), "fct_credit_usage": outdated["fct_credit_usage"]}
    expected = make_dashboard(settings, pages.database, MADE)
    assert make_dashboard_by_month(settings, pages.database, MADE, partly) == expected


@pytest.fixture
def opened(pages: Pages) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(pages.database), read_only=True) as connection:
        yield connection


def test_a_file_is_named_by_its_own_bytes(pages: Pages, opened: duckdb.DuckDBPyConnection) -> None:
    path = KeptMonths(pages.folder, {}).keep(opened, "a-key", "select 1 as one")
    assert path.name == f"a-key-{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}.parquet"
    assert KeptMonths(pages.folder, {}).find("a-key") == path
    assert KeptMonths(pages.folder, {}).find("another") is None
