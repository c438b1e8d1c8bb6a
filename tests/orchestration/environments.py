"""Separate Python environments, made in a second each."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path


def uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    assert found, "uv is not installed: `make test` installs it"
    return found


def environment(folder: Path, *packages: str, above: bool = False) -> str:
    """Make an environment with these packages and return its Python.

    With `above`, everything else is found where the tests themselves find it: the packages replace theirs.
    """
    python = str(folder / "bin" / "python")
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    subprocess.run([uv(), "pip", "install", "--quiet", "--python", python, *packages], check=True)
    if above:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        below = folder / "lib" / version / "site-packages" / "below.pth"
        below.write_text(f"{sysconfig.get_path('purelib')}\n")
    return python
