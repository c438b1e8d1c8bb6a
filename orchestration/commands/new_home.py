"""`credits init`: a new home with the folders of its input files and a file of commented settings."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from ingest.contract.datasets import FOLDERS
from ingest.errors import ArgumentError, HomeError
from orchestration.shipped_files import SAMPLE, SETTINGS_EXAMPLE

SETTINGS_FILE = "credits.env"
_ASSIGNMENT = re.compile(r"^(?=[A-Z_]+=)", re.MULTILINE)


def make_home(home: Path, *, with_sample: bool) -> list[str]:
    """Make a home, or add what an existing one lacks; lines that say what to do next.

    `with_sample` puts the sample's input files into its landing folder, which must be empty.

    Raises:
        ArgumentError: there is a file of settings already, or files below landing/ that the sample would mix with.
        HomeError: the home can't be written.
    """
    home = home.absolute()
    settings = home / SETTINGS_FILE
    if settings.exists():
        raise ArgumentError(f"{home} is a home already: {settings} has its settings.")
    landing = home / "landing"
    if with_sample and landing.exists() and any(path.is_file() for path in landing.rglob("*")):
        raise ArgumentError(f"{landing} has files, which the sample would mix with: name another folder.")
    try:
        for folder in FOLDERS.values():
            (landing / folder).mkdir(parents=True, exist_ok=True)
        if with_sample:
            shutil.copytree(SAMPLE / "landing", landing, dirs_exist_ok=True)
        example = SETTINGS_EXAMPLE.read_text(encoding="utf-8")
        settings.touch(mode=0o600)
        settings.write_text(_commented(example, home), encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{home} cannot be made ({error.strerror}): name another folder.") from None
    quoted = shlex.quote(str(settings))
    lands = "has the sample's input files" if with_sample else "takes your usage records: landing/usage_records/"
    return [
        f"{home} {lands}",
        f"{settings} has all settings, with their defaults",
        f"next: set -a; . {quoted}; set +a; credits run",
    ]


def _commented(example: str, home: Path) -> str:
    """The example of all settings, each as a comment, but for the home."""
    commented = _ASSIGNMENT.sub("#", example)
    return commented.replace("#CREDITS_HOME=", f"CREDITS_HOME={shlex.quote(str(home))}", 1)
