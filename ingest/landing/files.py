"""Finding input files that are ready."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from ingest.errors import HomeError

USAGE_RECORDS = "usage_records"
INTERACTIONS = "interactions"
USERS = "users"
TENANTS = "tenants"
RATES = "rates"
QUOTAS = "quotas"
ADJUSTMENTS = "adjustments"
PERIOD_EVENTS = "period_events"
CLOSED_CHARGES = "closed_charges"
CLOSED_LINES = "closed_lines"
CORTI_INTERACTIONS = "corti_interactions"
CORTI_RESOURCES = "corti_resources"
CORTI_PULLS = "corti_pulls"
PROVIDER_CONSUMPTION = "provider_consumption"
FOLDERS = {
    USAGE_RECORDS: "usage_records",
    INTERACTIONS: "mappings/interactions",
    USERS: "mappings/users",
    TENANTS: "mappings/tenants",
    RATES: "billing/rates",
    QUOTAS: "billing/quotas",
    ADJUSTMENTS: "billing/adjustments",
    PERIOD_EVENTS: "billing/periods",
    CLOSED_CHARGES: "billing/closed_charges",
    CLOSED_LINES: "billing/closed_lines",
    CORTI_INTERACTIONS: "corti/interactions",
    CORTI_RESOURCES: "corti/resources",
    CORTI_PULLS: "corti/pulls",
    PROVIDER_CONSUMPTION: "provider/consumption",
}
OBSERVED_ONCE = (USAGE_RECORDS, CORTI_INTERACTIONS, CORTI_RESOURCES, CORTI_PULLS)
"""Datasets of observations, whose bytes say the same whenever they are delivered."""
ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz", ".parquet")
_NOT_READY_STARTS = (".", "_")
_NOT_READY_ENDS = (".tmp", ".partial")
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
_EXPORT_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d)-(\d\d)-(\d\d)Z)?")


@dataclass(frozen=True)
class LandingFile:
    """A file that is ready to land. `path` is relative to `landing/` and names the file wherever it is spoken of, with
    bytes that are not UTF-8 escaped; `modified_ns` counts from 1970.
    """

    dataset: str
    path: str
    absolute: Path
    size: int
    modified_ns: int

    @property
    def form(self) -> str:
        """`jsonl`, `csv` or `parquet`."""
        return self.path.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[2]

    @property
    def folder_values(self) -> dict[str, str]:
        """What the folders below the dataset's own say of all rows, as Hive writes it (`tenantId=acme/`): names with
        values, both as text. The deepest folder of a name counts.
        """
        folders = self.path.removeprefix(FOLDERS[self.dataset]).split("/")[:-1]
        pairs = (folder.split("=", 1) for folder in folders if "=" in folder)
        found = {unquote(name): unquote(value) for name, value in pairs}
        return {name: value for name, value in found.items() if value != _HIVE_NULL}

    @property
    def exported_at(self) -> datetime:
        """When a mapping export was made: from its file name, else the modification time (naive UTC)."""
        for date, hour, minute, second in reversed(_EXPORT_TIME.findall(Path(self.path).name)):
            try:
                return datetime.fromisoformat(f"{date}T{hour or '00'}:{minute or '00'}:{second or '00'}")
            except ValueError:
                continue
        return datetime(1970, 1, 1) + timedelta(microseconds=self.modified_ns // 1000)


def ready_files(landing: Path, dataset: str) -> list[LandingFile]:
    """List the ready files of a dataset, by path. A missing folder holds none.

    Raises:
        HomeError: a folder cannot be read.
    """
    root = landing / FOLDERS[dataset]
    found: list[LandingFile] = []
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(_NOT_READY_STARTS) or entry.name.endswith(_NOT_READY_ENDS):
                        continue
                    if entry.is_dir():
                        pending.append(Path(entry.path))
                    elif entry.name.lower().endswith(ENDINGS) and entry.is_file():
                        try:
                            stat = entry.stat()
                        except FileNotFoundError:
                            continue
                        path = os.fsencode(Path(entry.path).relative_to(landing)).decode("utf-8", "backslashreplace")
                        found.append(LandingFile(dataset, path, Path(entry.path), stat.st_size, stat.st_mtime_ns))
        except FileNotFoundError:  # not made yet, or gone again
            continue
        except OSError as error:
            raise HomeError(f"{folder} cannot be read ({error.strerror}): check its owner and mode.") from None
    return sorted(found, key=lambda file: file.path)


def listing_fingerprint(landing: Path) -> str:
    """A hash over the path, size and modification time of every ready file: the same while nothing is delivered.

    Raises:
        HomeError: a folder cannot be read.
    """
    digest = hashlib.sha256()
    for dataset in FOLDERS:
        for file in ready_files(landing, dataset):
            digest.update(f"{file.path}\0{file.size}\0{file.modified_ns}\n".encode())
    return digest.hexdigest()
