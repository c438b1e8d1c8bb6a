"""Node and the SDK, installed once a session; tests are skipped if one of them can't be installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent / "sdk"
_INSTALL = ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
_installed: dict[str, Path] = {}


def session_in_node(node: Path, base: str, simulator: str) -> list[dict[str, Any]]:
    """Let the SDK make every billable call at `base`; return what it got. Faults are armed at `simulator`."""
    command = [str(shutil.which("node")), "session.mjs", base, simulator]
    ended = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


def node_program() -> str:
    """Node itself; skips the test if it is not installed."""
    program = shutil.which("node")
    if not program:
        pytest.skip("Node is not installed: the JavaScript hook is not tried")
    return program


def run_node(program: str, folder: Path, script: str, *arguments: str, **environment: str) -> str:
    """Run a script in a folder; return what it printed."""
    (folder / "recipe.mjs").write_text(script)
    ended = subprocess.run(
        [program, "recipe.mjs", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def node_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts and the packages that they import; skips the test if they can't be installed."""
    if not shutil.which("node") or not (npm := shutil.which("npm")):
        pytest.skip("Node is not installed: what the JavaScript SDK sees is not tried")
    if "folder" not in _installed:
        folder = factory.mktemp("node")
        shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True)
        try:
            ended = subprocess.run(
                [npm, *_INSTALL], cwd=folder, capture_output=True, text=True, timeout=180, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip("npm does not get at the SDK within three minutes")
        if ended.returncode:
            pytest.skip(f"npm cannot install the SDK: {ended.stderr.strip().splitlines()[-1:]}")
        _installed["folder"] = folder
    return _installed["folder"]
