"""dbt's own documentation opens on what this warehouse is, and leads on to its tables."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.dashboard.viewing import Published


def test_it_opens_on_the_projects_own_overview(browser: Browser, published: Published) -> None:
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    page.goto((published.current / "docs" / "index.html").as_uri())
    page.wait_for_selector("text=Where to begin")
    tables = {name for (name,) in published.sql("select table_name from duckdb_tables() where schema_name = 'marts'")}
    links = page.locator("a[href*='#!/model/model.credits.']").all_text_contents()
    named = {text.strip() for text in links}
    assert {"fct_credit_usage", "agg_credits_daily", "dim_tenants"} <= named <= tables
    page.click("a:text-is('agg_credits_daily')")
    page.wait_for_selector("text=One row per reporting date")
    context.close()
