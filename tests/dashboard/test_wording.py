"""One of a thing is said in the singular, one day once, and a sign is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page

ONE = "where operation_key = (select min(operation_key) from marts.fct_credit_usage where status != 'unreported')"
ONE_OPERATION = (
    f"delete from marts.fct_credit_usage where operation_key not in (select operation_key from marts.fct_credit_usage {ONE})",
    "delete from marts.agg_credits_daily",
    """
    insert into marts.agg_credits_daily
    select reporting_date, tenant_id, user_id, kind, sum(credits), count(*), 0 from marts.fct_credit_usage group by all
    """,
    "update marts.mart_load_audit set lines = 1, rejected_lines = 0",
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page of a version with one operation."""
    write_ordinary_tables(tmp_path / "credits.duckdb", *ONE_OPERATION)
    return write_page(tmp_path / "credits.duckdb")


def test_a_version_of_one_operation_says_one(view: Open, page: Path) -> None:
    viewed = view(page)
    assert viewed.text("#subtitle").count("202") == 2 and " to " not in viewed.text("#subtitle")
    assert viewed.text("#said").endswith("credits in 1 operation.")
    assert "1 interaction is listed" in viewed.text("#foot")
    assert "0 of 1 line read were refused" in viewed.text("#trust-quarantined")


def test_one_customer_more_is_one_customer(view: Open, tmp_path: Path) -> None:
    write_ordinary_tables(tmp_path / "credits.duckdb", tenants=9)
    viewed = view(write_page(tmp_path / "credits.duckdb"), address="#period=all")
    assert viewed.page.locator("#tenants tfoot th").all_text_contents() == ["1 more customer", "All customers"]


def test_a_small_negative_figure_keeps_its_sign(view: Open, tmp_path: Path) -> None:
    less = "update marts.agg_credits_daily set credits = -0.004"
    write_ordinary_tables(tmp_path / "credits.duckdb", *ONE_OPERATION, less)
    viewed = view(write_page(tmp_path / "credits.duckdb"), address="#period=all")
    assert viewed.text("#kpi-credits") == ">−0.01"
