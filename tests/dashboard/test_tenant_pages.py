"""A page of one customer has nothing of any other: no id, no name, no figure, nothing of the warehouse as a whole."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.commands.dashboard import write_tenant_dashboard
from orchestration.dashboard.design import PAGE, html
from orchestration.dashboard.making import make_dashboard
from orchestration.dashboard.page_data import VersionStamp, as_json
from tests.dashboard.conftest import Open
from tests.dashboard.quota_and_coverage_tables import QUOTAS, TYPES
from tests.dashboard.viewing import Published, rows_of

TENANT = "t-script"
DATA = re.compile(r'(?s)<script type="application/json" id="data">(.*?)</script>')


@pytest.fixture(scope="module")
def page(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tenant_dashboard(published.settings, TENANT, tmp_path_factory.mktemp("tenant") / "page.html")


def own_text(page: Path) -> str:
    """All of the page but the charts' code, with no letter written in another way."""
    charts = (PAGE / "vendor" / "echarts.min.js").read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8").replace(charts, "")
    return text.replace("\\u003c", "<").replace('\\"', '"')


def written(value: object) -> set[str]:
    """A figure in the forms in which it could be in the page."""
    text = f"{value:f}"
    return {text, text.rstrip("0").rstrip(".")}


def test_ids_and_names_of_other_customers_are_not_in_its_bytes(published: Published, page: Path) -> None:
    text = own_text(page)
    foreign = published.sql(
        """
        select tenant_id from marts.dim_tenants where tenant_id != $1 union
        select tenant_name from marts.dim_tenants where tenant_id != $1 union
        select user_id from marts.fct_credit_usage group by user_id having not list_contains(list(tenant_id), $1) union
        select display_name from marts.dim_users where tenant_id != $1 union
        select interaction_id from marts.fct_credit_usage where interaction_id is not null
        group by interaction_id having not list_contains(list(tenant_id), $1)
        except select tenant_name from marts.dim_tenants where tenant_id = $1
        except select display_name from marts.dim_users where tenant_id = $1
        """,
        TENANT,
    )
    # The members for an unknown owner are in the page's code too.
    words = {word for (word,) in foreign} - {"(unmapped)"}
    assert len(words) > 100
    held = {json.dumps(word, ensure_ascii=False)[1:-1].replace('\\"', '"') for word in words}
    assert [word for word in held if f'"{word}"' in text or (len(word) > 6 and word in text)] == []


def test_figures_of_others_and_of_the_whole_are_not_in_its_bytes(published: Published, page: Path) -> None:
    found = DATA.search(page.read_text(encoding="utf-8"))
    assert found
    figures = set(re.split(r'[" ,:\[\]{}]+', found[1]))
    foreign = published.sql(
        """
        select credits from marts.fct_credit_usage where tenant_id != $1 and credits > 0 union
        select sum(credits) from marts.fct_credit_usage union
        select sum(credits) from marts.fct_credit_usage group by tenant_id having tenant_id != $1 union
        select credits from marts.agg_credits_by_interaction where tenant_id != $1 and credits > 0
        except select credits from marts.fct_credit_usage where tenant_id = $1
        """,
        TENANT,
    )
    assert len(foreign) > 500
    assert {text for (value,) in foreign for text in written(value)} & figures == set()
    data = json.loads(found[1])
    (operations, tenants) = published.sql("select count(*), count(distinct tenant_id) from marts.fct_credit_usage")[0]
    assert str(operations) not in figures and tenants > 2
    assert data["lines"] is None
    assert [tenant[0] for tenant in data["tenants"]] == [TENANT]
    for name in ("coverage", "missing"):
        assert data[name]["rows"] == 0


def test_it_shows_the_customers_own_figures(view: Open, published: Published, page: Path) -> None:
    viewed = view(page, address="#period=all")
    (credits, operations, name) = published.sql(
        """
        select sum(credits), count(*), (select max(tenant_name) from marts.dim_tenants where tenant_id = $1)
        from marts.fct_credit_usage where tenant_id = $1
        """,
        TENANT,
    )[0]
    assert viewed.credits("#kpi-credits") == credits
    assert viewed.exact("#kpi-operations") == str(operations)
    assert viewed.text("#title") == f"Corti credits: {name}"
    assert viewed.page.locator("#tenant, #tenants-card, #trust-quarantined, #trust-coverage").count() == 0
    users = published.sql(
        "select user_id, sum(credits) from marts.agg_credits_daily where tenant_id = $1 group by 1 order by 2 desc, 1",
        TENANT,
    )
    assert list(viewed.table("#users").items()) == users[:8]
    found = published.sql(
        """
        select interaction_id, sum(credits) from marts.fct_credit_usage
        where tenant_id = $1 and interaction_id is not null group by 1 order by 2 desc, 1 limit 10
        """,
        TENANT,
    )
    assert list(viewed.table("#interactions").items()) == found


def test_its_quotas_are_as_of_its_own_last_usage(view: Open, published: Published, tmp_path: Path) -> None:
    database = tmp_path / "credits.duckdb"
    shutil.copyfile(published.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"delete from marts.agg_credits_daily where tenant_id = '{TENANT}' and reporting_date > '2026-08-05'"
        )
        connection.execute(QUOTAS)
        connection.execute(TYPES)
    (own,) = rows_of(database, "select max(reporting_date) from marts.agg_credits_daily where tenant_id = ?", TENANT)[0]
    target = tmp_path / "page.html"
    target.write_bytes(
        make_dashboard(published.settings, database, VersionStamp("v", "2026-08-28T01:00:00+00:00"), TENANT)
    )
    viewed = view(target)
    assert f"last usage {own.day} Aug 2026" in viewed.text("#quotas-note")
    assert "450.50 of 500.00" in viewed.text("#quotas")


def test_a_broken_one_does_not_tell_the_customer_to_run_anything(view: Open, page: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    found = DATA.search(page.read_text(encoding="utf-8"))
    assert found
    for data in (found[1][: len(found[1]) // 2], found[1].replace('"format":4', '"format":99')):
        broken.write_text(html(data), encoding="utf-8")
        said = view(broken).text("#state")
        assert "This page can't be shown" in said and "Ask whoever sent it for a new one." in said
        assert "credits run" not in said


def test_it_names_no_table_of_the_warehouse(view: Open, published: Published, page: Path, tmp_path: Path) -> None:
    """Of a customer with more quotas than are listed."""
    found = DATA.search(page.read_text(encoding="utf-8"))
    assert found
    data = json.loads(found[1])
    names = ("tenant", "user", "kind", "from", "to", "period", "exhausted", "earliest", "latest", "status")
    data["quotas"] = {
        "rows": 1,
        "place": dict.fromkeys(names, "0") | {"user": "", "kind": "", "period": str(len(data["words"]))},
        "exact": dict.fromkeys(("allowance", "warn_at", "used", "projected"), "0"),
        "amount": {},
        "count": {},
    }
    data |= {"quotaCount": 7, "quotasAsOf": "2026-08-05", "words": [*data["words"], "month"]}
    target = tmp_path / "page.html"
    target.write_text(html(as_json(data)), encoding="utf-8")
    said = view(target).text("#quotas")
    assert "6 more quotas with the smallest shares used are not listed." in said


def test_every_customer_has_a_page(published: Published, tmp_path: Path) -> None:
    for (tenant,) in published.sql("select distinct tenant_id from marts.agg_credits_daily"):
        page = write_tenant_dashboard(published.settings, tenant, tmp_path / "page.html")
        found = DATA.search(page.read_text(encoding="utf-8"))
        assert found and json.loads(found[1])["tenantOnly"] == tenant
