"""A new home begins with what dbt made of the same models for another home of the checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.settings import load_settings
from orchestration.models import building
from orchestration.models.building import PROJECT, manifest_path, target_path_of
from orchestration.models.compiled_models import pass_on, receive
from tests.end_to_end.driving import Warehouse
from tests.end_to_end.test_build_plans import planned


def new_home(path: Path) -> Warehouse:
    made = Warehouse(load_settings({"CREDITS_HOME": str(path), "CREDITS_LOCK_WAIT_SECONDS": "0"}))
    made.usage("a.jsonl", {"id": "x", "credits": 1})
    return made


@pytest.fixture(scope="module")
def earlier(shared_home: Warehouse) -> Warehouse:
    """The home before: it has published, and its models have been parsed for Dagster."""
    shared_home.empty()
    shared_home.usage("a.jsonl", {"id": "x", "credits": 1})
    shared_home.run()
    manifest_path(shared_home.settings)
    pass_on(target_path_of(shared_home.settings), PROJECT)
    return shared_home


def test_dbt_does_not_run_for_a_second_home(
    earlier: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = new_home(tmp_path / "second")

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("dbt runs")

    monkeypatch.setattr(building, "_invoke", refused)
    with planned() as built:
        second.run()
    assert built == [True]
    assert manifest_path(second.settings).exists()
    pages = ("docs/index.html", "data-dictionary.html")
    current = [home.settings.published / "current" for home in (earlier, second)]
    assert all((current[0] / page).read_bytes() == (current[1] / page).read_bytes() for page in pages)


def test_what_is_passed_on_names_no_home(earlier: Warehouse) -> None:
    files = [path for path in (PROJECT / "target" / "homes").rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"manifest.json", "plan-fresh.json", "index.html"}
    assert [path for path in files if str(earlier.home).encode() in path.read_bytes()] == []


def test_other_settings_of_the_models_receive_nothing(
    earlier: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = target_path_of(new_home(tmp_path / "second").settings)
    monkeypatch.setenv("CREDITS_MOST_UNMAPPED", "0.123")
    receive(folder, PROJECT)
    assert not folder.exists()
    monkeypatch.delenv("CREDITS_MOST_UNMAPPED")
    receive(folder, PROJECT)
    assert (folder / "plan-fresh.json").exists()


def test_half_a_copy_is_never_received(earlier: Warehouse, tmp_path: Path) -> None:
    folder = target_path_of(earlier.settings)
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    pass_on(folder, project)
    (state,) = (project / "target" / "homes").iterdir()
    (state / ".plan-increment.json.1.partial").write_text("{")
    (state / ".documentation-0.1.partial").mkdir()
    received = tmp_path / "home" / folder.name
    receive(received, project)
    names = {path.name for path in received.iterdir()}
    assert "plan-fresh.json" in names and not any(name.endswith(".partial") for name in names)


def test_a_checkout_that_cannot_be_written_only_passes_nothing_on(earlier: Warehouse, tmp_path: Path) -> None:
    folder = target_path_of(earlier.settings)
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    (project / "target").write_text("in the way")
    pass_on(folder, project)
    receive(tmp_path / "home" / folder.name, project)
    assert not (tmp_path / "home").exists()


def test_a_checkout_keeps_the_last_states_of_the_models(earlier: Warehouse, tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    for number in range(5):
        folder = tmp_path / "home" / str(number)
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        pass_on(folder, project)
    left = {path.name.partition("-")[0] for path in (project / "target" / "homes").iterdir()}
    assert left == {"2", "3", "4"}
