"""Each cost dimension adds up to all usage of the selection, `(none)` included."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.dashboard.design import html
from orchestration.dashboard.page_data import VersionStamp, as_json, figures
from orchestration.dashboard.scope import Budget, Scope
from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import rows_of

TABLE = """
    create table marts.agg_cost_by_dimension as
    select
        reporting_date, tenant_id, dimension, currency, sum(credits)::decimal(38, 9) as credits,
        case
            when dimension = 'label' or hash(user_id) % 3 = 0 then '(none)' else 'value ' || hash(user_id) % 11
        end as dimension_value, sum(amount)::decimal(38, 21) as amount,
        sum(adjustment_credits)::decimal(38, 9) as adjustment_credits
    from marts.agg_cost_daily, (values ('template'), ('workflow'), ('label')) as keys(dimension)
    group by all
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("dimensions") / "credits.duckdb"
    adjusted = """
        insert into marts.agg_cost_daily by name
        select date '2026-10-20' as reporting_date, 'tenant-0001' as tenant_id, '(none)' as user_id,
            '(adjustment)' as kind, 'EUR' as currency, -2.5 as credits, 0 as operations, -1.25 as amount,
            -2.5 as adjustment_credits, 0 as unrated_credits, 0 as derived_credits, 'USD' as list_currency,
            -2.5 as list_amount
    """
    write_ordinary_tables(database, adjusted, TABLE)
    return database


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("#period=all", "true"),
        ("#period=28d", "reporting_date >= '2026-10-04'"),
        ("#period=28d&tenant=tenant-0001", "reporting_date >= '2026-10-04' and tenant_id = 'tenant-0001'"),
    ],
)
def test_values_are_those_of_sql_and_add_up_to_the_usage(view: Open, database: Path, address: str, where: str) -> None:
    viewed = view(write_page(database), address=address)
    if viewed.page.locator("#dimensions .more").count():
        viewed.page.click("#dimensions .more")
    expected = rows_of(
        database,
        f"""
        select dimension_value, sum(credits - adjustment_credits) from marts.agg_cost_by_dimension
        where dimension = 'template' and {where} group by 1
        """,
    )
    shown = viewed.table("#dimensions")
    assert {value: credits for value, credits in shown.items() if credits} == dict(expected)
    assert "(none)" in shown and sum(shown.values()) == viewed.credits("#kpi-credits")


def test_only_dimensions_with_a_value_can_be_chosen(view: Open, database: Path) -> None:
    viewed = view(write_page(database))
    assert viewed.page.locator("#dimension option").all_text_contents() == ["Template", "Workflow"]
    viewed.page.select_option("#dimension", label="Workflow")
    assert sum(viewed.table("#dimensions").values(), Decimal(0)) <= viewed.credits("#kpi-credits")
    assert viewed.page.evaluate("document.activeElement.id") == "dimension"


def test_a_user_or_kind_has_none(view: Open, database: Path) -> None:
    viewed = view(write_page(database), address="#period=28d&kind=codes")
    assert "not kept by kind" in viewed.text("#dimensions")


def test_without_values_there_is_no_room_for_them(view: Open, ordinary: Path) -> None:
    assert view(ordinary).page.locator("#dimensions-card").is_hidden()


@pytest.mark.parametrize(("room", "said"), [(15_000, "not kept by customer"), (1_000, "too many values")])
def test_a_large_version_keeps_less_and_says_so(
    view: Open, database: Path, tmp_path: Path, room: int, said: str
) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        budget = Budget(daily=0, dimensions=room)
        scope = Scope(connection, frozenset(name for (name,) in names), budget=budget)
        page = html(as_json(figures(scope, VersionStamp("v", "2026-10-31T21:00:00+00:00"))))
    target = tmp_path / "page.html"
    target.write_text(page, encoding="utf-8")
    viewed = view(target, address="#period=all&tenant=tenant-0001")
    assert said in viewed.text("#dimensions")
