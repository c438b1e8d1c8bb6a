"""The official FOCUS validator in an environment of its own: its packages and those of the project can't be together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
VERSION = "1.2.0.1"
CLAIMS = (
    *("VIRTUAL_CURRENCY_SUPPORTED", "PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED", "UNIT_PRICING_SUPPORTED"),
    *("USAGE_MEASUREMENT_SUPPORTED", "SUB_ACCOUNT_SUPPORTED", "PUBLIC_PRICE_LIST_SUPPORTED", "TAGGING_SUPPORTED"),
    *("NEGOTIATED_PRICING_SUPPORTED", "ACCOUNT_NAMING_SUPPORTED"),
)
"""What the export offers. Rules of what it does not claim are skipped; without any claim nearly all of them are."""

_BACKSLASH_IN_BRACES = r"""f"'{k.replace('\"', '\"\"')}'" for k"""
_WITHOUT_IT = """"'" + k.replace('"', '""') + "'" for k"""


@dataclass(frozen=True)
class Verdicts:
    """Rules by what came of them; the message of each that failed."""

    passed: frozenset[str]
    failed: Mapping[str, str]
    skipped: frozenset[str]


def suitable_python() -> Path | None:
    """A Python for the pinned packages: 3.12, else 3.11; None if there is neither."""
    for version in ((3, 12), (3, 11)):
        for candidate in _candidates("python{}.{}".format(*version), "{}.{}.*".format(*version)):
            command = [str(candidate), "-c", "import ensurepip, sys; print(*sys.version_info[:2])"]
            said = subprocess.run(command, capture_output=True, text=True, check=False)
            if said.returncode == 0 and said.stdout.split() == [*map(str, version)]:
                return candidate
    return None


def _candidates(name: str, version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    found = shutil.which(name)
    if found:
        yield Path(found)
    yield from sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}/bin/{name}"))


def make_environment(folder: Path, python: Path) -> Path:
    """Install the validator, every package by its hash; return the environment's Python."""
    # Its own pip installs into it: that of an older Python need not know of this one.
    subprocess.run([str(python), "-m", "venv", str(folder)], check=True)
    inside = folder / "bin" / "python"
    # The validator asks for 3.12 on account of one line alone.
    install = [
        "install",
        "--quiet",
        "--retries=10",
        "--no-deps",
        "--ignore-requires-python",
        "--require-hashes",
        "-r",
        str(REQUIREMENTS),
    ]
    subprocess.run([str(inside), "-m", "pip", *install], check=True)
    if _package(folder).parent.parent.name == "python3.11":
        _spell_for_3_11(_package(folder) / "config_objects" / "focus_to_duckdb_converter.py")
    return inside


def _package(environment: Path) -> Path:
    (package,) = environment.glob("lib/python3.*/site-packages/focus_validator")
    return package


def _spell_for_3_11(module: Path) -> None:
    """Say in an older way what Python allows since 3.12: a backslash in the braces of a formatted text."""
    source = module.read_text(encoding="utf-8")
    assert source.count(_BACKSLASH_IN_BRACES) == 1, f"{module} has changed: look whether 3.11 can read it"
    module.write_text(source.replace(_BACKSLASH_IN_BRACES, _WITHOUT_IT), encoding="utf-8")


def validate(python: Path, parquet: Path, folder: Path) -> Verdicts:
    """Run every rule that the claims concern, without network. Its exit code says nothing: what it wrote does."""
    folder.mkdir(parents=True)
    # It looks for a list of currencies below the folder that it is started in.
    (folder / "focus_validator").symlink_to(_package(python.parent.parent))
    report = folder / "verdicts.xml"
    command = [
        *(str(python), "-I", str(python.with_name("focus-validator")), "--data-file", str(parquet)),
        *("--validate-version", VERSION, "--block-download", "--applicability-criteria", ",".join(CLAIMS)),
        *("--output-type", "unittest", "--output-destination", str(report)),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert report.exists(), ended.stdout[-2000:] + ended.stderr[-2000:]
    return _read(report)


def _read(report: Path) -> Verdicts:
    passed, skipped, failed = set[str](), set[str](), dict[str, str]()
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        rule = (case.get("name") or "").split(" :: ")[0]
        wrong = [found for tag in ("failure", "error") for found in case.iter(tag)]
        if wrong:
            failed[rule] = " ".join((found.get("message") or "") + " " + (found.text or "") for found in wrong)[:500]
        elif case.find("skipped") is not None:
            skipped.add(rule)
        else:
            passed.add(rule)
    return Verdicts(frozenset(passed), failed, frozenset(skipped))
