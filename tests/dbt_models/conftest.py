"""The parsed project, and databases that were built by hand once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.settings import Settings, load_settings
from tests.dbt_models.by_hand import DevDatabases, dev_databases, manifest_of, run_dbt


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which nothing is published."""
    return load_settings({"CREDITS_HOME": str(tmp_path_factory.mktemp("models") / "home")})


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What dbt reads in the project, without a warning: a deprecation is one too."""
    target_path: Path = tmp_path_factory.mktemp("parsed")
    outcome = run_dbt(target_path, "--warn-error-options", '{"error": "all"}', "parse", "--show-all-deprecations")
    if outcome.exception is not None:
        raise outcome.exception
    return manifest_of(target_path)


@pytest.fixture(scope="session")
def models(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The models by name."""
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture(scope="session")
def by_hand(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings
) -> Iterator[tuple[DevDatabases, dict[str, str]]]:
    """The sample's marts as `dbt build` makes them, with the status of every model, check and unit test."""
    with dev_databases(tmp_path_factory.mktemp("dev") / "home", settings, from_published=False) as databases:
        yield databases, databases.dbt("build")


@pytest.fixture
def built(by_hand: tuple[DevDatabases, dict[str, str]]) -> DevDatabases:
    """The databases that were built by hand."""
    return by_hand[0]


@pytest.fixture
def statuses(by_hand: tuple[DevDatabases, dict[str, str]]) -> dict[str, str]:
    """What came of that build, by name."""
    return by_hand[1]
