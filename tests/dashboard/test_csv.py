"""Each table of the page can be had as a CSV file: with all its rows and all places, made offline by the page itself."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dashboard.conftest import Open
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import Viewed, rows_of


def rows(viewed: Viewed, name: str, folder: Path) -> list[dict[str, str]]:
    with viewed.page.expect_download() as expected:
        viewed.page.click(f"[data-csv='{name}']")
    download = expected.value
    assert download.suggested_filename.startswith(f"credits-{name}-2026-10-04-2026-10-31")
    target = folder / f"{name}.csv"
    download.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("width", [390, 1440])
def test_a_ranking_has_all_its_members_and_places(view: Open, ordinary: Path, tmp_path: Path, width: int) -> None:
    viewed = view(ordinary, address="#period=28d", width=width, accept_downloads=True)
    shown = viewed.page.locator("#users tbody tr").count()
    found = {row["Name id"]: Decimal(row["Credits"]) for row in rows(viewed, "users", tmp_path) if row["Name id"]}
    expected = rows_of(
        ordinary.with_name("credits.duckdb"),
        "select user_id, sum(credits) from marts.agg_credits_daily where reporting_date >= '2026-10-04' group by 1",
    )
    used = dict(expected)
    assert {user: credits for user, credits in found.items() if credits} == used and len(found) > shown
    assert viewed.page.locator("#users tbody tr").count() == shown, "the page itself is as it was"


@pytest.mark.parametrize("name", ["over-time-figures", "kinds", "tenants", "quotas", "interactions"])
def test_every_table_can_be_had(view: Open, ordinary: Path, tmp_path: Path, name: str) -> None:
    viewed = view(ordinary, address="#period=28d", accept_downloads=True)
    assert rows(viewed, name, tmp_path)


def test_a_name_that_looks_like_a_formula_stays_a_text(view: Open, tmp_path: Path) -> None:
    formula = """update marts.dim_tenants set tenant_name = '=1+1,"x"' where tenant_id = 'tenant-0001'"""
    write_ordinary_tables(tmp_path / "credits.duckdb", formula)
    viewed = view(write_page(tmp_path / "credits.duckdb"), address="#period=28d", accept_downloads=True)
    names = [row["Name"] for row in rows(viewed, "tenants", tmp_path)]
    assert '\'=1+1,"x"' in names


def test_an_empty_list_offers_no_file(view: Open, tmp_path: Path) -> None:
    write_ordinary_tables(tmp_path / "credits.duckdb", "drop table marts.mart_quota_consumption")
    viewed = view(write_page(tmp_path / "credits.duckdb"))
    assert not viewed.page.locator("[data-csv='quotas']").is_visible()
    assert viewed.page.locator("[data-csv='tenants']").is_visible()
