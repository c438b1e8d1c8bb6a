"""docs/outputs.md names all published tables, and its query for names is right, also in the set for Superset."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml

from bi.superset.dataset_files import NAMED
from bi.superset.files import FOLDER
from tests.orchestration.homes import CHECKOUT, Home

OUTPUTS = (CHECKOUT / "docs" / "outputs.md").read_text(encoding="utf-8")


def query_of(source: str) -> str:
    """The query of the page, or of the set's dataset with names."""
    if source == "docs":
        found = re.search(r"(?s)### Names\n.*?```sql\n(.*?)```", OUTPUTS)
        assert found
        return found[1]
    return yaml.safe_load((FOLDER / "datasets" / "credits" / f"{NAMED}.yaml").read_text(encoding="utf-8"))["sql"]


@pytest.mark.parametrize("source", ["docs", "superset"])
def test_names_are_those_of_today_and_double_no_row(home: Home, source: str) -> None:
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as connection:

        def rows(query: str) -> list[tuple[object, ...]]:
            return sorted(connection.execute(query).fetchall(), key=repr)

        named = query_of(source)
        columns = "reporting_date, tenant_id, user_id, kind, credits, operations"
        assert rows(f"select {columns} from ({named})") == rows(f"select {columns} from marts.agg_credits_daily")
        # A join on the id alone would double some: else this shows nothing.
        joined = "marts.agg_credits_daily as days left join marts.dim_users as users on days.user_id = users.user_id"
        assert rows(f"select count(*) > (select count(*) from marts.agg_credits_daily) from {joined}") == [(True,)]
        for dimension, key, name, shown in (
            ("dim_tenants", "tenant_id", "tenant_name", "tenant_name"),
            ("dim_users", "user_id", "display_name", "user_name"),
        ):
            current = f"select {key}, {name} from marts.{dimension} where is_current and {name} is not null"
            used = f"(select distinct {key} from marts.agg_credits_daily)"
            expected = f"select {key}, coalesce({name}, {key}) from {used} left join ({current}) using ({key})"
            assert rows(f"select distinct {key}, {shown} from ({named})") == rows(expected)
            ((ids, current_rows),) = rows(f"select count(distinct {key}), count(*) from ({current})")
            assert ids == current_rows and rows(f"select count(*) > {ids} from marts.{dimension}") == [(True,)]


def test_every_published_table_is_told(home: Home) -> None:
    got = re.findall(r"(?m)^\| `(\w+)` \|", OUTPUTS.partition("## Tables")[2].partition("## Reading")[0])
    assert sorted(got) == sorted(home.manifest()["tables"])


def test_every_page_for_a_reader_leads_to_the_query_for_names() -> None:
    for page in (CHECKOUT / "docs" / "bi").glob("*.md"):
        assert "../outputs.md#names" in page.read_text(encoding="utf-8"), page.name
