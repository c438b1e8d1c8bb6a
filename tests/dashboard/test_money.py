"""Amounts by currency follow the selection and equal SQL's to the last place; prepaid credits stand beside them."""

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
from tests.dashboard.viewing import Viewed, rows_of

COSTS = (
    # A price that no float holds, and an adjustment, usage without a rate and derived usage in the last days.
    "update marts.agg_cost_daily set amount = credits * 0.333333333333::decimal(18, 12) where currency = 'EUR'",
    """
    insert into marts.agg_cost_daily by name
    select date '2026-10-20' as reporting_date, 'tenant-0001' as tenant_id, '(none)' as user_id, '(adjustment)' as kind,
        'EUR' as currency, -2.5 as credits, 0 as operations, -1.25 as amount, -2.5 as adjustment_credits,
        0 as unrated_credits, 0 as derived_credits, 'USD' as list_currency, -2.5 as list_amount
    """,
    """
    update marts.agg_cost_daily set currency = '(unrated)', amount = null, unrated_credits = credits,
        derived_credits = credits
    where tenant_id = 'tenant-0003' and reporting_date >= date '2026-10-25'
    """,
)
BALANCE = """
    create table marts.mart_credit_balance as
    select 'eu' as environment, 'acme' as corti_tenant, date '2026-10-31' as balance_date, true as is_current,
        1234.5::decimal(38, 9) as remaining_credits, 0::decimal(38, 9) as overdrawn_credits,
        date '2026-12-24' as next_expiry_date, 200::decimal(38, 9) as next_expiring_credits, 45 as runway_days,
        38 as runway_days_low, 57 as runway_days_high
"""
SELECTIONS = {
    "#period=all": "true",
    "#period=28d": "reporting_date >= '2026-10-04'",
    "#from=2026-10-20&to=2026-10-28&tenant=tenant-0001": (
        "reporting_date between '2026-10-20' and '2026-10-28' and tenant_id = 'tenant-0001'"
    ),
    "#period=28d&kind=codes": "reporting_date >= '2026-10-04' and kind = 'codes'",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("money") / "credits.duckdb"
    write_ordinary_tables(database, *COSTS, BALANCE)
    return database


def amounts(viewed: Viewed) -> dict[str, Decimal]:
    """The exact amounts on the page, by price and currency."""
    return {
        str(found[0]): Decimal(found[1])
        for found in viewed.page.locator("#money [id^=cost-]").evaluate_all(
            "all => all.map(one => [one.id.slice(5), one.querySelector('.big').dataset.exact])"
        )
    }


def expected(database: Path, where: str) -> dict[str, Decimal]:
    rows = rows_of(
        database,
        f"""
        select 'agreed-' || currency, sum(amount) from marts.agg_cost_daily
        where {where} and currency != '(unrated)' group by 1
        union all
        select 'list-' || list_currency, sum(list_amount) from marts.agg_cost_daily where {where} group by list_currency
        """,
    )
    return dict(rows)


@pytest.mark.parametrize(("address", "where"), SELECTIONS.items())
def test_amounts_equal_those_of_sql_to_the_last_place(view: Open, database: Path, address: str, where: str) -> None:
    viewed = view(write_page(database), address=address)
    assert amounts(viewed) == expected(database, where)


def test_what_amounts_rest_on_is_said(view: Open, database: Path) -> None:
    viewed = view(write_page(database), address="#period=28d")
    (unrated,) = rows_of(
        database, "select sum(unrated_credits) from marts.agg_cost_daily where reporting_date >= '2026-10-04'"
    )[0]
    assert "Without an agreed price" in viewed.text("#money") and f"{unrated:,.2f}" in viewed.text("#money")
    note = viewed.text("#money-note")
    assert "adjustments of −2.50 credits" in note
    assert f"{unrated:,.2f} credits are derived from tokens" in note


def test_prepaid_credits_and_how_long_they_last(view: Open, database: Path) -> None:
    viewed = view(write_page(database))
    text = viewed.text("#money")
    assert "Prepaid credits left" in text and "1,234.50" in text
    assert "last 45 days, likely 38 to 57" in text
    assert "200.00 expire on 24 Dec 2026" in text and "as of 31 Oct 2026" in text


def test_a_customers_page_has_its_amounts_and_no_balance(view: Open, database: Path) -> None:
    viewed = view(write_page(database, "tenant-0001"), address="#period=all")
    assert amounts(viewed) == expected(database, "tenant_id = 'tenant-0001'")
    assert "Prepaid" not in viewed.text("#money")


def test_a_version_without_amounts_has_no_room_for_them(view: Open, tmp_path: Path) -> None:
    write_ordinary_tables(tmp_path / "credits.duckdb", "drop table marts.agg_cost_daily")
    viewed = view(write_page(tmp_path / "credits.duckdb"))
    assert viewed.page.locator("#money").is_hidden() and viewed.page.locator("#money-note").is_hidden()


@pytest.mark.parametrize("by_month", [False, True])
def test_a_large_version_keeps_amounts_without_users(
    view: Open, database: Path, tmp_path: Path, by_month: bool
) -> None:
    budget = Budget(daily=0 if by_month else Budget.daily, costs=10_000 if by_month else 100_000)
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        scope = Scope(connection, frozenset(name for (name,) in names), budget=budget)
        page = html(as_json(figures(scope, VersionStamp("v", "2026-10-31T21:00:00+00:00"))))
    target = tmp_path / "page.html"
    target.write_text(page, encoding="utf-8")
    viewed = view(target, address="#period=all")
    assert amounts(viewed) == expected(database, "true")
    user = rows_of(database, "select min(user_id) from marts.agg_credits_daily")[0][0]
    viewed.choose(f"#period=all&user={user}")
    assert amounts(viewed) == {}
    assert "not kept by user" in viewed.text("#money-note")
