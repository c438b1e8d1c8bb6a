"""The wheel in an environment of its own: from an empty folder to published tables, without the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.orchestration.environments import uv
from tests.orchestration.homes import CHECKOUT

pytestmark = pytest.mark.lane

PYTHONS = ("3.11", "3.12", "3.13")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([uv(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(CHECKOUT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_has_the_models_the_page_and_the_sample_and_nothing_of_this_machine(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = "orchestration/shipped"
    for name in (
        f"{shipped}/dbt_project/dbt_project.yml",
        f"{shipped}/dbt_project/models/marts/usage/fct_credit_usage.sql",
        f"{shipped}/settings.env",
        "orchestration/dashboard/page/page.js",
    ):
        assert name in names
    assert any(name.startswith(f"{shipped}/sample/landing/usage_records/") for name in names)
    kept_out = (f"{shipped}/dbt_project/target/", f"{shipped}/dbt_project/logs/", "data/", "tests/", "build/")
    assert not [name for name in names if name.startswith(kept_out) or "/node_modules/" in name or ".user.yml" in name]


@pytest.mark.parametrize("version", PYTHONS)
def test_a_home_is_published_from_any_folder(wheel: Path, tmp_path: Path, version: str) -> None:
    found = sys.executable if sys.version.startswith(f"{version}.") else shutil.which(f"python{version}")
    if not found or subprocess.run([found, "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"Python {version} is not on this machine")
    inside = tmp_path / "environment"
    subprocess.run([uv(), "venv", "--quiet", "--python", found, str(inside)], check=True)
    install = [uv(), "pip", "install", "--quiet", "--python", str(inside), "-c", str(CHECKOUT / "requirements.txt")]
    subprocess.run([*install, str(wheel)], check=True)
    environ = {"PATH": f"{inside / 'bin'}:{os.environ['PATH']}"}

    def said(command: str, *, fails: bool = False) -> str:
        ended = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True)
        assert (ended.returncode != 0) == fails, ended.stderr
        return ended.stderr if fails else ended.stdout

    assert said("credits run", fails=True) == (
        "credits: CREDITS_HOME is not set: `credits init DIR` makes a home and says how to use it.\n"
    )
    following = said("credits init home --sample").splitlines()[-1].removeprefix("next: ")
    assert "the same in every mart" in said(following)
    figures = json.loads(said(f"{following.replace('credits run', 'credits status --json')}"))
    assert figures["credits"] == "1959.601096059"
    assert said("credits dev-copy", fails=True).startswith("credits: ")
