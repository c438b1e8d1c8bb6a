"""The pages that travel with the data: made once for each state of the models, and fit to be passed on."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from ingest.errors import PublishError
from orchestration.documentation.making import add_documentation, make_documentation
from orchestration.models import building
from tests.orchestration.homes import CHECKOUT, Home, Versions, marked

PAGES = ("data-dictionary.html", "docs/index.html")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project to change."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(building.PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(building, "PROJECT", copy)
    return copy


def test_the_manifest_lists_both_pages_with_bytes_and_hash(home: Home) -> None:
    listed = {page["path"]: page for page in home.manifest()["documentation"]}
    assert tuple(listed) == PAGES
    for path, page in listed.items():
        content = (home.current / path).read_bytes()
        assert (page["bytes"], page["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert (home.current / path).stat().st_mode & 0o777 == 0o444


def test_the_dictionary_gives_each_column_the_type_that_it_is_published_with(home: Home) -> None:
    page = (home.current / PAGES[0]).read_text(encoding="utf-8")
    for name, table in home.manifest()["tables"].items():
        got = page.partition(f'<section id="{name}">')[2].partition("</section>")[0]
        for column in table["columns"]:
            assert f"<code>{column['name']}</code></th><td>{column['type']}" in got, (name, column)


def test_dbts_documentation_knows_the_types_of_the_published_tables(home: Home) -> None:
    page = (home.current / PAGES[1]).read_text(encoding="utf-8")
    assert "INLINE DATA" not in page
    for name in home.manifest()["tables"]:
        assert f'"model.credits.{name}": {{"metadata": {{"type": "BASE TABLE"' in page, name


def test_no_page_names_a_place_on_this_machine_or_anything_of_a_row(home: Home) -> None:
    with duckdb.connect(str(home.current / "credits.duckdb"), read_only=True) as connection:
        ids = connection.execute(
            "select distinct unnest([operation_key, interaction_id, resource_id, user_id, tenant_id]) as id "
            "from marts.fct_credit_usage"
        ).fetchall()
        files = connection.execute("select file from marts.mart_load_audit").fetchall()
        names = connection.execute(
            "select tenant_name from marts.dim_tenants union all select display_name from marts.dim_users"
        ).fetchall()
    rows = {text for (text,) in (*ids, *files, *names) if text and len(text) > 12 and not text.startswith("tenant_")}
    assert len(rows) > 300
    for page in PAGES:
        text = (home.current / page).read_text(encoding="utf-8")
        assert [place for place in (str(CHECKOUT), str(home.path), str(Path.home())) if place in text] == []
        assert {row for row in rows if row in text} == set(), page


def test_no_page_asks_anything_of_a_network(home: Home) -> None:
    dictionary, dbt = ((home.current / page).read_text(encoding="utf-8") for page in PAGES)
    assert re.findall(r"<script|<link|<img|@import|(?:src|href)=\"(?!#)", dictionary) == []
    # dbt's page loads a tracker if the project allows it.
    assert '"send_anonymous_usage_stats": false' in dbt and '"send_anonymous_usage_stats": true' not in dbt


def test_a_version_of_the_same_models_shares_the_pages_with_the_one_before(home: Home, versions: Versions) -> None:
    first, second = (home.settings.published / "versions" / name for name in home.version_names())
    for page in PAGES:
        assert (first / page).samefile(second / page)
    home.deliver("third.jsonl", marked("2026-09-12T10:00:00Z", "1", "2026-10-03T00:00:00Z"))
    assert home.credits("run").code == 0
    assert home.current.resolve().name not in (first.name, second.name)
    # It contains the time at which it was made, so its bytes differ each time.
    assert (home.current / PAGES[1]).read_bytes() == (second / PAGES[1]).read_bytes()


def test_a_changed_metric_makes_the_pages_anew_and_no_table(home: Home, project: Path) -> None:
    models = building.models_fingerprint()
    metrics = project / "models" / "semantic" / "metrics.yml"
    metrics.write_text(metrics.read_text().replace("Number of billable operations.", "Operations that Corti charged."))
    assert building.models_fingerprint() == models
    with pytest.raises(PublishError, match=r"run `credits run`"):
        add_documentation(home.settings, home.path)
    make_documentation(home.settings)
    version = home.path / "version"
    version.mkdir()
    add_documentation(home.settings, version)
    for page in PAGES:
        assert "Operations that Corti charged." in (version / page).read_text(encoding="utf-8")
    shutil.rmtree(version)
    left = sorted(path.name for path in building.target_path_of(home.settings).glob("documentation-*"))
    assert len(left) == 1 and not left[0].endswith((".dbt", ".partial"))
