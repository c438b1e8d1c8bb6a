"""The page's scripts: linted, formatted, their sums tested in Node, and the bundle is what they make."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from orchestration.dashboard.design import PAGE, SCRIPT

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node and npm")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("scripts") / "page"
    shutil.copytree(PAGE, copy, ignore=shutil.ignore_patterns("node_modules", "vendor", "css"))
    installed = subprocess.run(["npm", "ci", "--silent"], cwd=copy, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"npm can install nothing here: {installed.stderr[-200:]}")
    return copy


@pytest.mark.parametrize("task", ["lint", "test"])
def test_the_scripts_pass(scripts: Path, task: str) -> None:
    done = subprocess.run(["npm", "run", "--silent", task], cwd=scripts, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_bundle_is_what_the_scripts_make(scripts: Path) -> None:
    subprocess.run(["npm", "run", "--silent", "bundle"], cwd=scripts, capture_output=True, check=True)
    assert (scripts / SCRIPT).read_text() == (PAGE / SCRIPT).read_text(), "run `make page`"
