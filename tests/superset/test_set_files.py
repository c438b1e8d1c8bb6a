"""The set in the repository is up to date with the models' descriptions and the charts' definitions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from bi.superset.chart_definitions import CHARTS
from bi.superset.dataset_files import NAMED
from bi.superset.files import DATABASE_FILE, FOLDER, files_in, pack, set_files, write_set
from ingest.settings import load_settings
from orchestration.documentation.dictionary import Dictionary, read_dictionary
from orchestration.models.building import read_manifest


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    return read_dictionary(read_manifest(replace(load_settings(), home=tmp_path_factory.mktemp("home"))))


def test_the_set_in_the_repository_is_up_to_date(dictionary: Dictionary) -> None:
    stale = "run `make superset-set`, then commit bi/superset/"
    assert files_in(FOLDER) == set_files(dictionary), stale


def test_every_published_table_is_a_described_dataset(dictionary: Dictionary) -> None:
    files = files_in(FOLDER)
    tables = [table for _, tables in dictionary.sections for table in tables]
    datasets = {Path(name).stem for name in files if name.startswith("datasets/")}
    assert datasets == {NAMED, *(table.name for table in tables)}
    for table in tables:
        got = yaml.safe_load(files[f"datasets/credits/{table.name}.yaml"])
        assert got["description"] == " ".join(table.description.split())
        assert {column["column_name"]: (column["type"], column["description"]) for column in got["columns"]} == {
            column.name: (column.type, " ".join(column.description.split())) for column in table.columns
        }


def test_every_chart_asks_for_columns_and_metrics_that_its_dataset_has() -> None:
    files = files_in(FOLDER)
    for chart in CHARTS:
        dataset = yaml.safe_load(files[f"datasets/credits/{chart.dataset}.yaml"])
        columns = {column["column_name"] for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        asked = {*chart.columns, *filter(None, (chart.x_axis, chart.only, chart.period))}
        assert asked <= columns and {*chart.metrics} <= metrics, chart.name
        assert chart.order is None or chart.order in columns | metrics, chart.name


def test_the_dashboard_shows_every_chart_once() -> None:
    position = yaml.safe_load(files_in(FOLDER)["dashboards/credits.yaml"])["position"]
    shown = [
        place["meta"]["uuid"] for place in position.values() if isinstance(place, dict) and "CHART-" in place["id"]
    ]
    made = [yaml.safe_load(text)["uuid"] for name, text in files_in(FOLDER).items() if name.startswith("charts/")]
    assert sorted(shown) == sorted(made) and len(set(made)) == len(CHARTS)


def test_the_connection_is_read_only_and_of_the_current_version() -> None:
    database = yaml.safe_load(files_in(FOLDER)[DATABASE_FILE])
    assert database["sqlalchemy_uri"] == "duckdb:////srv/credits/published/current/credits.duckdb"
    assert database["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert not database["allow_dml"]


def test_packed_files_lie_below_one_folder_and_connect_to_where_one_says(tmp_path: Path) -> None:
    uri = "duckdb:////mnt/a folder: \\1 #x/credits.duckdb"
    pack(files_in(FOLDER), tmp_path / "set.zip", uri)
    with ZipFile(tmp_path / "set.zip") as archive:
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {name.partition("/")[0] for name in packed} == {"credits"}
    for name, text in files_in(FOLDER).items():
        if name != DATABASE_FILE:
            assert packed[f"credits/{name}"] == text
    plain = yaml.safe_load(files_in(FOLDER)[DATABASE_FILE])
    assert yaml.safe_load(packed[f"credits/{DATABASE_FILE}"]) == {**plain, "sqlalchemy_uri": uri}


def test_the_same_set_packs_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        pack(files_in(FOLDER), tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_writing_removes_what_the_set_no_longer_has(tmp_path: Path) -> None:
    write_set({"charts/one.yaml": "a: 1\n", "charts/two.yaml": "b: 2\n"}, tmp_path)
    write_set({"charts/two.yaml": "b: 3\n"}, tmp_path)
    assert files_in(tmp_path) == {"charts/two.yaml": "b: 3\n"}
