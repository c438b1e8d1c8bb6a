"""The set as files: their content, a check that they are up to date, and the zip that Superset imports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml

from bi.superset.chart_definitions import CHARTS
from bi.superset.chart_files import chart_file
from bi.superset.dashboard_file import dashboard
from bi.superset.dataset_files import DAILY, NAMED, database, dataset, named_dataset
from bi.superset.identities import DASHBOARD, DATABASE, VERSION
from orchestration.documentation.dictionary import Dictionary

FOLDER = Path(__file__).parent
DATABASE_FILE = f"databases/{DATABASE}.yaml"
_ROOT = "credits"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_URI = re.compile(r"^sqlalchemy_uri: .*$", re.MULTILINE)


def set_files(dictionary: Dictionary) -> dict[str, str]:
    """The text of every file of the set, by its path in it."""
    tables = [table for _, tables in dictionary.sections for table in tables]
    (daily,) = (table for table in tables if table.name == DAILY)
    # Without the field `type` both ways to import take it: as a dashboard, and as assets.
    files: dict[str, Mapping[str, Any]] = {
        "metadata.yaml": {"version": VERSION, "timestamp": "2026-01-01T00:00:00+00:00"},
        DATABASE_FILE: database(),
        **{f"datasets/{DATABASE}/{table.name}.yaml": dataset(table) for table in tables},
        f"datasets/{DATABASE}/{NAMED}.yaml": named_dataset(daily),
        **{f"charts/{chart.name}.yaml": chart_file(chart) for chart in CHARTS},
        f"dashboards/{DASHBOARD}.yaml": dashboard(),
    }
    return {name: _as_yaml(content) for name, content in sorted(files.items())}


def files_in(folder: Path) -> dict[str, str]:
    """The text of every file of the set in a folder, by its path in it."""
    found = sorted(folder.rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def write_set(files: Mapping[str, str], folder: Path) -> None:
    """Write these files of the set to the folder, and remove all others."""
    for name in files_in(folder).keys() - files.keys():
        (folder / name).unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pack(files: Mapping[str, str], target: Path, uri: str | None = None) -> None:
    """Write the zip that Superset imports; `uri` is the connection's URI, if it is not the one in the files."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w") as archive:
        for name, text in files.items():
            if uri and name == DATABASE_FILE:
                line = yaml.safe_dump({"sqlalchemy_uri": uri}, allow_unicode=True, width=10_000).strip()
                text = _URI.sub(lambda _, line=line: line, text)
            archive.writestr(ZipInfo(f"{_ROOT}/{name}", _FIRST_DAY), text, ZIP_DEFLATED)


def _as_yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=110)
