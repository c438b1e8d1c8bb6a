"""How the project's own materializations make tables and views, apart from what is in them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper

from ingest.settings import Settings
from tests.dbt_models.by_hand import PROJECT, DevDatabases, dev_databases, run_dbt


@dataclass(frozen=True)
class TrialModel:
    """A copy of the project with a staging model to make in different ways."""

    project: Path
    databases: DevDatabases

    def make(self, materialized: str, sql: str, **config: object) -> str:
        """Build it; return dbt's status, or the first line of the error."""
        settings = ", ".join(f"{name}={value!r}" for name, value in {"materialized": materialized, **config}.items())
        model = self.project / "models" / "staging" / "stg_trial.sql"
        model.write_text(f"{{{{ config({settings}) }}}}\n{sql}", encoding="utf-8")
        outcome = run_dbt(self.databases.home / "target", "build", "--select", "stg_trial", project=self.project)
        made = getattr(outcome.result, "results", [])[0]
        return str(made.status) if made.status == "success" else f"{made.status}: {made.message}"

    def kinds(self) -> list[tuple[str, str]]:
        """Every table and view of its schema whose name begins like it, with its kind."""
        return self.databases.inside(
            "select table_name, table_type from information_schema.tables "
            "where table_schema = 'staging' and table_name like 'stg_trial%' order by 1"
        )

    def rows(self) -> list[tuple[object, ...]]:
        """Its rows, sorted."""
        return self.databases.inside("select * from staging.stg_trial order by all")


@pytest.fixture
def trial(tmp_path: Path, settings: Settings) -> Iterator[TrialModel]:
    project = tmp_path / "dbt_project"
    # Without the project's other models, which dbt would parse each time.
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "models", "tests"))
    (project / "models" / "staging").mkdir(parents=True)
    (project / "tests").mkdir()
    shutil.copy(PROJECT / "models" / "groups.yml", project / "models")
    with dev_databases(tmp_path / "home", settings, from_published=False) as databases:
        yield TrialModel(project, databases)


def test_a_model_may_become_another_kind_of_relation(trial: TrialModel) -> None:
    for materialized, kind in (
        ("view", "VIEW"),
        ("table", "BASE TABLE"),
        ("view", "VIEW"),
        ("incremental", "BASE TABLE"),
    ):
        way = {"incremental_strategy": "replace_by_key", "unique_key": "made_as"}
        assert trial.make(materialized, f"select '{materialized}' as made_as", **way) == "success"
        assert (trial.kinds(), trial.rows()) == ([("stg_trial", kind)], [(materialized,)])


def test_a_model_that_fails_leaves_what_stood_before_and_nothing_beside_it(trial: TrialModel) -> None:
    for materialized in ("table", "view"):
        trial.make(materialized, "select 1 as one")
        before = trial.kinds()
        assert trial.make(materialized, "select cast('one' as integer) + no_such_column as one").startswith("error")
        assert (trial.kinds(), trial.rows()) == (before, [(1,)])
    trial.make("table", "select 1 as one")
    assert trial.make("table", "select error('half way') as one from range(2)").startswith("error")
    assert (trial.kinds(), trial.rows()) == ([("stg_trial", "BASE TABLE")], [(1,)])


def test_a_table_may_be_made_from_what_it_held(trial: TrialModel) -> None:
    trial.make("table", "select 1 as one")
    again = "select one + 1 as one from {{ adapter.get_relation(this.database, this.schema, this.identifier) }}"
    assert trial.make("table", again) == "success"
    assert trial.rows() == [(2,)]


def test_hooks_run_in_the_transaction_of_the_model(trial: TrialModel) -> None:
    after = "insert into {{ this }} values (2)"
    assert trial.make("table", "select 1 as one", post_hook=after) == "success"
    assert trial.rows() == [(1,), (2,)]
    assert trial.make("table", "select 7 as one", post_hook="insert into {{ this }} values ('no number')") != "success"
    assert trial.rows() == [(1,), (2,)]


def test_hooks_run_before_and_behind_the_transaction_of_the_model(trial: TrialModel) -> None:
    before = "create or replace temp macro seven() as 7"
    behind = {"sql": "create table staging.stg_trial_told as select * from {{ this }}", "transaction": False}
    for materialized in ("table", "view"):
        trial.databases.changed("drop table if exists staging.stg_trial_told")
        assert trial.make(materialized, "select seven() as one", pre_hook=before, post_hook=behind) == "success"
        assert trial.databases.inside("select one from staging.stg_trial_told") == [(7,)]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            {"incremental_strategy": "append"},
            "incremental_strategy is append: say 'replace_touched' or 'replace_by_key'",
        ),
        (
            {"incremental_strategy": "replace_by_key", "unique_key": ["one", "two"]},
            "unique_key is ['one', 'two']: name",
        ),
        ({"incremental_strategy": "replace_by_key"}, "unique_key is None: name one column"),
        ({"incremental_strategy": "replace_touched", "unique_key": "one"}, "meta has no touched_by: name the model"),
    ],
    ids=["strategy", "list", "no key", "no list of touched keys"],
)
def test_an_increment_that_later_runs_could_not_make_is_refused_in_the_first(
    trial: TrialModel, config: dict[str, object], said: str
) -> None:
    assert said in trial.make("incremental", "select 1 as one, 2 as two", **config)
    assert trial.kinds() == []


def test_a_table_takes_one_call_of_the_database(trial: TrialModel, monkeypatch: pytest.MonkeyPatch) -> None:
    trial.make("table", "select 1 as one")
    calls: list[str] = []
    plainly = DuckDBCursorWrapper.execute

    def heard(self: DuckDBCursorWrapper, sql: str, bindings: object = None) -> object:
        calls.append(sql)
        return plainly(self, sql, bindings)

    monkeypatch.setattr(DuckDBCursorWrapper, "execute", heard)
    trial.make("table", "select 2 as one")
    assert len([sql for sql in calls if '"stg_trial' in sql]) == 1
    assert trial.rows() == [(2,)]
