"""`credits init` makes a home that the printed commands use."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.contract.datasets import FOLDERS
from ingest.settings import CHECKOUT, SETTINGS

COMMAND = [sys.executable, "-m", "orchestration.cli"]


def credits(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run([*COMMAND, *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["home", "a home's $(name) ü"])
def test_what_it_prints_publishes_the_sample(tmp_path: Path, name: str) -> None:
    made = credits("init", name, "--sample", folder=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    home = tmp_path / name
    said = made.stdout.splitlines()
    assert said[0] == f"{home} has the sample's input files"
    assert stat.S_IMODE((home / "credits.env").stat().st_mode) == 0o600
    following = said[-1].removeprefix("next: ").replace("credits run", "env | grep ^CREDITS_")
    settings = subprocess.run(["sh", "-c", following], capture_output=True, text=True, check=True, env={}).stdout
    assert settings.splitlines() == [f"CREDITS_HOME={home}"]


def test_every_setting_is_there_as_a_comment(tmp_path: Path) -> None:
    assert credits("init", "home", folder=tmp_path).returncode == 0
    lines = (tmp_path / "home" / "credits.env").read_text(encoding="utf-8").splitlines()
    named = {line.removeprefix("#").partition("=")[0].strip() for line in lines}
    assert named >= {setting.name for setting in SETTINGS}
    assert [line for line in lines if line and not line.startswith("#")] == [f"CREDITS_HOME={tmp_path / 'home'}"]
    for folder in FOLDERS.values():
        assert (tmp_path / "home" / "landing" / folder).is_dir()


def test_a_home_is_not_made_twice_and_keeps_its_files(tmp_path: Path) -> None:
    records = tmp_path / "home" / "landing" / "usage_records" / "a.jsonl"
    records.parent.mkdir(parents=True)
    records.write_text("{}\n")
    mixed = credits("init", "home", "--sample", folder=tmp_path)
    assert mixed.returncode == 2 and mixed.stderr.count("\n") == 1 and "the sample would mix with" in mixed.stderr
    assert credits("init", "home", folder=tmp_path).returncode == 0
    assert records.read_text() == "{}\n"
    again = credits("init", "home", folder=tmp_path)
    assert again.returncode == 2 and "is a home already" in again.stderr and again.stderr.count("\n") == 1


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = credits("init", "file/home", folder=tmp_path)
    assert refused.returncode in (1, 2) and refused.stderr.count("\n") == 1 and "name another folder" in refused.stderr
