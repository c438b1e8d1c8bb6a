"""An unexpected error ends a run at once: one line, exit code 1, no traceback, and the rest in its log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import dagster as dg
import duckdb
import pytest

from ingest.error_lines import causes
from orchestration import pipeline
from orchestration.definitions import defs
from orchestration.defs import alerts, landing, models, publish
from orchestration.publish.publishing import Publication
from tests.orchestration.homes import Home

MORE = {"creditsConsumed": 1, "createdAt": "2026-01-01"}
CONTENT = "Jane Doe, 1970-01-01"
ERRORS = [
    ValueError(f"invalid literal for int() with base 10: '{CONTENT}'"),
    MemoryError(),
    duckdb.Error("boom"),
    duckdb.ConversionException(f"Conversion Error: Could not convert string '{CONTENT}' to INT32"),
    AttributeError("'NoneType' object has no attribute 'rows'"),
]
STEPS = ["land_new_files", "build", "publish_version", "tell_people"]
ASSETS = dict(zip(STEPS, (landing, models, publish, alerts), strict=True))
KEYS = dict(
    zip(STEPS, (["raw", "loads"], ["marts", "dim_dates"], ["published_version"], ["delivered_alerts"]), strict=True)
)


def raising(error: Exception) -> Callable[..., NoReturn]:
    """A step that raises it, in a cycle with its own error: each names the other as its cause."""

    def step(*arguments: object, **keywords: object) -> NoReturn:
        other = RuntimeError("another error")
        other.__context__ = error
        error.__cause__ = other
        raise error

    return step


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that do nothing, so that the one under test is reached at once."""
    summary = pipeline.LoadSummary()
    monkeypatch.setattr(pipeline, "land_new_files", lambda *_, **__: pipeline.Landed(summary, None))
    monkeypatch.setattr(pipeline, "holds_all", lambda *_: False)
    monkeypatch.setattr(pipeline, "build", lambda *_, **__: pipeline.ModelBuild((), ()))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("step", STEPS)
def test_error_in_a_step_of_a_run_is_one_line_with_the_path_of_the_log(
    home: Home, quick: None, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    before = home.published_bytes()
    home.deliver("more.jsonl", MORE)
    if step == "tell_people":
        monkeypatch.setattr(pipeline, "publish_version", lambda _: published_already(home))
    monkeypatch.setattr(pipeline, step, raising(error))
    ended = home.credits("run")
    line = ended.one_line
    assert ended.code == 1
    assert "memory ran out" in line if isinstance(error, MemoryError) else type(error).__name__ in line
    log = line.partition("(details: ")[2].removesuffix(").")
    text = (home.path / "logs" / log.rpartition("/")[2]).read_text()
    assert log.startswith(str(home.settings.logs)) and "in step" in text and "RuntimeError: another error" in text
    assert CONTENT not in line + text
    assert home.published_bytes() == before


def published_already(home: Home) -> Any:
    """The publication of the current version."""
    totals: Any = type("Totals", (), {"as_json": lambda _: home.manifest()["totals"]})()
    return Publication(home.manifest()["version"], home.current.resolve(), totals, (), 0)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", ERRORS[:3], ids=lambda error: type(error).__name__)
def test_error_in_an_asset_fails_its_step_in_one_line_and_is_not_tried_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    before = home.published_bytes()
    module = ASSETS[step]
    monkeypatch.setattr(module, step, raising(error))
    definitions = defs()
    asset = definitions.get_assets_def(KEYS[step])
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        selected = [*asset.keys]
        result = job.execute_in_process(instance=instance, asset_selection=selected, raise_on_error=False)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data
    said = failure.step_failure_data.user_failure_data.description
    assert said and said.count("\n") == 0 and type(error).__name__ in said and CONTENT not in said
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert failure.step_failure_data.error and CONTENT not in failure.step_failure_data.error.to_string()
    assert home.published_bytes() == before


def test_walk_over_causes_ends_where_two_errors_name_each_other() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__context__ = other, one
    assert [str(cause) for cause in causes(one)] == ["one", "other"]


def test_run_by_hand_imports_no_dagster_unless_it_has_a_home_for_it(home: Home) -> None:
    home.deliver("more.jsonl", MORE)
    script = (
        "import sys; from orchestration.cli import main\n"
        "try: main(['run'])\n"
        "except SystemExit as ended: print(ended.code, 'dagster' in sys.modules)"
    )
    ended = home.process("-c", script)
    assert ended.out.splitlines()[-1] == "0 False", ended.err
    assert sys.modules["dagster"] is dg
