"""A home directory that a test delivers files to, lands, and looks into."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import zstandard

from ingest.landing.ledger import ledger_differences
from ingest.landing.load import LoadSummary, Report, land
from ingest.landing.warehouse import open_build_database, prepare_folders
from ingest.settings import Settings, load_settings

Row = Mapping[str, object]
Content = str | bytes | Sequence[Row]
DAY = "2025-03-01"


@dataclass(frozen=True)
class LandingHome:
    """One home in a test's own folder."""

    settings: Settings

    @classmethod
    def at(cls, home: Path) -> LandingHome:
        settings = load_settings({"CREDITS_HOME": str(home), "CREDITS_THREADS": "2", "CREDITS_LOCK_WAIT_SECONDS": "0"})
        prepare_folders(settings)
        (settings.landing / "usage_records").mkdir(parents=True)
        return cls(settings)

    def deliver(self, name: str, content: Content) -> Path:
        """Put one file below landing/: bytes as they are; text or rows (as JSON Lines) compressed as the name says."""
        data = content if isinstance(content, bytes) else packed(name, content)
        path = self.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def usage(self, name: str, content: Content) -> Path:
        return self.deliver(f"usage_records/{name}", content)

    def land(self, report: Report | None = None) -> LoadSummary:
        """Land what is new; raw rows and ledger agree afterwards."""
        summary = land(self.settings, "a test's run", report)
        assert self.differences() == []
        return summary

    def set_aside(self) -> str:
        """Land what is new, and say what the one export that is set aside is set aside for: `path: why.`."""
        [left] = [left for left in self.land().left_out if left.kind == "set_aside"]
        assert "\n" not in left.reason
        return f"{left.path}: {left.reason}."

    def differences(self) -> list[str]:
        with open_build_database(self.settings) as connection:
            return ledger_differences(connection)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.build_database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: str) -> None:
        """Change the build database without landing."""
        with duckdb.connect(str(self.settings.build_database)) as connection:
            connection.execute(statement)

    def credits(self, file: str = "%") -> dict[str, Decimal]:
        """Credits of the landed records by their resource id."""
        return dict(
            self.rows(
                "select resource_id, usage_records.credits from raw.usage_records "
                f"inner join raw.landed_files using (file_id) where path like '{file}'"
            )
        )

    def refused(self) -> list[tuple[str, int, str]]:
        """File (its name alone), line and reason of every refused line."""
        found = self.rows(
            "select parse_filename(path), line_number, reason from raw.rejected_lines "
            "inner join raw.landed_files using (file_id) order by 1, 2"
        )
        return [(file, line, reason) for file, line, reason in found]

    def quarantined(self) -> list[dict[str, Any]]:
        """What the quarantine files hold."""
        files = sorted(self.settings.quarantine.glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def record(resource: str, credits: object = 1, **fields: object) -> dict[str, object]:
    """A usage record that is as it should be."""
    return {"resourceId": resource, "creditsConsumed": credits, "createdAt": DAY, **fields}


def json_lines(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def packed(name: str, content: str | Sequence[Row]) -> bytes:
    data = (content if isinstance(content, str) else json_lines(content)).encode()
    if name.endswith(".gz"):
        return gzip.compress(data)
    return zstandard.compress(data) if name.endswith(".zst") else data
