"""A home that tests drive through the real commands, and the states that it is put into."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from ingest.contract.landing_listing import listing_fingerprint
from ingest.settings import Settings
from orchestration.cli import main
from orchestration.publish.held_listing import note_held_listing

CHECKOUT = Path(__file__).resolve().parents[2]

MARKED = ("2026-08-11T10:00:00Z", "2026-09-11T10:00:00Z")
"""When the two operations took place whose figures tell the first version from the second."""

MOVED = "2026-01-11T10:00:00Z"
"""When the one operation of its month took place; the second version knows another user of it, and the same figure."""

UNTOUCHED = "2025-10"
"""A month that is the same in both versions."""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def one_line(self) -> str:
        """The one line on standard error with which a command that failed must end."""
        assert self.code != 0, self.out
        assert "Traceback" not in self.out + self.err
        assert self.err.startswith("credits: ") and self.err.count("\n") == 1, self.err
        return self.err.strip()


@dataclass(frozen=True)
class Home:
    """One home. Its path stays the same in all tests of a process: what dbt has parsed there is used again."""

    settings: Settings

    @property
    def path(self) -> Path:
        return self.settings.home

    @property
    def current(self) -> Path:
        return self.settings.published / "current"

    def manifest(self) -> dict:
        return json.loads((self.current / "manifest.json").read_text())

    def deliver(self, name: str, *records: Mapping[str, object]) -> Path:
        """Put a file of usage records below landing/."""
        path = self.settings.landing / "usage_records" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    def empty(self) -> None:
        """Remove everything but what dbt has parsed."""
        home = self.settings.home
        for path in (self.settings.landing, self.settings.published, self.settings.quarantine, home / "alerts"):
            shutil.rmtree(path, ignore_errors=True)
        for path in self.settings.warehouse.glob("*"):
            if path.name != "dbt":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def save(self, state: Path) -> None:
        """Keep a copy of everything but what dbt has parsed."""
        _copy(self.path, state)
        shutil.rmtree(state / "warehouse" / "dbt", ignore_errors=True)

    def restore(self, state: Path) -> None:
        """Be as that copy, which was made right after a run; its files are other ones with the same content."""
        self.empty()
        _copy(state, self.path)
        note_held_listing(self.settings, self.manifest()["version"], listing_fingerprint(self.settings.landing))

    def published_bytes(self) -> dict[str, str]:
        """Where `current` points, and the hash of every published file."""
        files = [path for path in self.settings.published.rglob("*") if path.is_file() and not path.is_symlink()]
        hashes = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        return {"current": str(self.current.readlink()), **hashes}

    def version_names(self) -> list[str]:
        """The published versions, the oldest first."""
        return sorted(path.name for path in (self.settings.published / "versions").iterdir())

    def roll_back(self) -> None:
        """Point `current` to the oldest version, as the runbook says."""
        self.current.unlink()
        self.current.symlink_to(Path("versions") / self.version_names()[0])

    def credits(self, *arguments: str) -> Ended:
        """Call the command in this process."""
        result = CliRunner().invoke(main, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of its own needs to work on this home."""
        settings = {"CREDITS_HOME": str(self.path), "CREDITS_LOCK_WAIT_SECONDS": "60", "PYTHONUNBUFFERED": "1"}
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**inherited, **settings, **more}

    def process(self, *command: str, before: Sequence[str] = (), **environment: str) -> Ended:
        """Run Python with these arguments in the checkout; `before` is the command that starts it, if there is one."""
        ended = subprocess.run(
            [*before, sys.executable, *command],
            cwd=CHECKOUT,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)


@dataclass(frozen=True)
class Versions:
    """A home in which two versions were published, one after the other, and what the commands said then."""

    home: Home
    states: Path
    before: Ended = field(default_factory=lambda: Ended(0, "", ""))
    first: Ended = field(default_factory=lambda: Ended(0, "", ""))
    second: Ended = field(default_factory=lambda: Ended(0, "", ""))

    @property
    def first_state(self) -> Path:
        return self.states / "first"

    @property
    def second_state(self) -> Path:
        return self.states / "second"


def marked(at: str, credits: str, captured_at: str, user: str = "marker") -> dict[str, object]:
    """One observation of the operation that took place at `at`."""
    return {
        "kind": "document",
        "resourceId": f"marked-{at[:7]}",
        "userId": user,
        "tenantId": "tenant_A",
        "creditsConsumed": credits,
        "createdAt": at,
        "capturedAt": captured_at,
    }


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    # Keeps links, modes and times, which a copy of Python's own would not.
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)
