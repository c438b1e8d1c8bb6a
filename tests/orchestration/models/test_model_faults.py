"""A model or a check that fails is named with dbt's own reason, and `credits rebuild` only if it can help."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.landing.warehouse import make_marts_database, prepare_folders
from ingest.settings import Settings, load_settings
from orchestration.models import building
from orchestration.models.building import ModelsError, build_models
from orchestration.run_log import run_log
from tests.orchestration.test_database_errors import small_disk

CONTENT = "Jane Doe"
PROPERTIES = """
models:
  - name: agg
    config: {contract: {enforced: true}}
    columns: [{name: one, data_type: integer}, {name: extra, data_type: integer}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project with the same profile and macros, and no models yet."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(building.PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs", "models", "tests"))
    (copy / "models").mkdir()
    (copy / "tests").mkdir()
    (copy / "dbt_project.yml").write_text(
        "{name: credits, version: 1.0.0, profile: credits, model-paths: [models], test-paths: [tests], "
        "macro-paths: [macros], models: {+materialized: table, +schema: marts}}"
    )
    monkeypatch.setattr(building, "PROJECT", copy)
    return copy


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = load_settings({"CREDITS_HOME": str(tmp_path / "home")})
    prepare_folders(made)
    make_marts_database(made)
    with duckdb.connect(str(made.build_database)) as connection:
        connection.execute("create schema raw; create table raw.visits as select $1 as who", [CONTENT])
    yield made


def fault(settings: Settings, *, full_refresh: bool = False) -> tuple[str, str]:
    """The one line of a build that fails, and the log of it."""
    with run_log(settings, "a build") as log:
        outcome = build_models(settings, full_refresh=full_refresh)
    with pytest.raises(ModelsError) as raised:
        outcome.raise_on_failure()
    line = str(raised.value)
    assert "\n" not in line and "the last published version stays" in line
    return line, log.read_text()


def test_broken_contract_names_the_model_and_the_column(settings: Settings, project: Path) -> None:
    (project / "models" / "agg.sql").write_text("select 1 as one")
    (project / "models" / "agg.yml").write_text(PROPERTIES)
    line, log = fault(settings)
    assert "not published: agg failed (Compilation Error in model agg" in line
    assert "extra" in line and "missing in definition" in line and "rebuild" not in line
    assert "agg failed: Compilation Error" in log


def test_value_that_does_not_convert_is_not_told_and_its_column_is(settings: Settings, project: Path) -> None:
    (project / "models" / "fct.sql").write_text("select cast(who as integer) as number from raw.visits")
    (project / "models" / "later.sql").write_text("select * from {{ ref('fct') }}")
    line, log = fault(settings)
    assert "not published: fct failed (Runtime Error in model fct" in line and "source column who" in line
    assert "rebuild" not in line and CONTENT not in line + log
    compiled = log.partition("(SQL: ")[2].partition(")")[0]
    assert compiled.endswith("models/fct.sql") and Path(compiled).exists()


@pytest.mark.parametrize("full_refresh", [False, True])
def test_failed_check_advises_a_rebuild_unless_everything_was_just_made(
    settings: Settings, project: Path, full_refresh: bool
) -> None:
    (project / "models" / "fct.sql").write_text("select who from raw.visits")
    (project / "tests" / "assert_nobody.sql").write_text("select * from {{ ref('fct') }}")
    line, _ = fault(settings, full_refresh=full_refresh)
    assert "not published: assert_nobody failed (Got 1 result" in line
    assert ("credits rebuild" in line) is not full_refresh


def test_many_failed_models_are_counted(settings: Settings, project: Path) -> None:
    for number in range(8):
        (project / "models" / f"m{number}.sql").write_text("select absent from raw.visits")
    line, _ = fault(settings)
    assert "m0, m1, m2, m3, m4 and 3 more failed" in line and 'Referenced column "absent" not found' in line


def test_full_disk_while_models_are_built_is_told_as_such(settings: Settings, project: Path) -> None:
    (project / "models" / "large.sql").write_text("select md5(range::varchar) as text from range(4000000)")
    (project / "models" / "small.sql").write_text("select 1 as one")
    with small_disk(settings.warehouse, 30_000):
        line, _ = fault(settings)
    assert f"the disk of {settings.warehouse} is full: free space" in line
    assert "large" in line and "rebuild" not in line
