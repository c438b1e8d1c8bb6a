"""Usage records from responses that an application has logged.

One JSON object a line: `method`, `url` or `path`, `status`, `body`; optional `time`, `headers`, `userId`, `tenantId`,
`environment`, `cortiTenant`. Ids of a record are derived from its line, so that a log that is imported again, whole or
in part, tells landing nothing new.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingest.capture.call import CallContext, environment_of
from ingest.capture.json_bodies import read_json
from ingest.capture.plain_values import time_text
from ingest.capture.recognition import records_of_success, usage_records
from ingest.capture.usage_record import UsageRecord
from ingest.errors import CreditsError

_HEADERS = ("content-type", "location")
_STATUS = re.compile(r"[1-5]\d\d", re.ASCII)


@dataclass(frozen=True)
class Imported:
    """What one log came to. `broken` are the numbers of lines that are no logged call; `quiet` counts calls that cost
    nothing, `timeless` records that took the log's own modification time.
    """

    log: Path
    landed: Path | None
    lines: int
    records: int
    quiet: int
    timeless: int
    broken: tuple[int, ...]


class _BrokenLineError(Exception):
    """A line is no logged call."""


class _UnwritableError(Exception):
    """Landing can't be written."""


def import_log(
    log: Path, landing_folder: Path, *, environment: str | None = None, corti_tenant: str | None = None
) -> Imported:
    """Write the usage records of a log to a file below `landing_folder / "usage_records"`, which appears whole.

    `environment` and `corti_tenant` hold where a line names none. The file is named by the log's content: the same log
    gives the same file again. A log without a usage record gives none.

    Raises:
        CreditsError: the log can't be read, or the records not be written.
    """
    try:
        with log.open("rb") as lines:
            modified = datetime.fromtimestamp(os.fstat(lines.fileno()).st_mtime, UTC).isoformat(timespec="seconds")
            replay = _Replay(CallContext("", "", modified, environment, corti_tenant))
            landed = _land(landing_folder / "usage_records", replay.usage_lines(lines), replay.name)
    except _UnwritableError as error:
        raise CreditsError(str(error)) from None
    except OSError as error:
        raise CreditsError(f"{log} cannot be read ({error.strerror}): check its name and mode.") from None
    return Imported(log, landed, replay.lines, replay.records, replay.quiet, replay.timeless, tuple(replay.broken))


class _Replay:
    """One passage over a log."""

    def __init__(self, whose: CallContext) -> None:
        self._whose = whose
        self._digest = hashlib.sha256()
        self.lines = self.records = self.quiet = self.timeless = 0
        self.broken: list[int] = []

    def usage_lines(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for number, line in enumerate(lines, start=1):
            stripped = line.strip()
            if not stripped:
                continue
            self.lines += 1
            try:
                found = _records_of(stripped, self._whose)
            except _BrokenLineError:
                self.broken.append(number)
                continue
            self.records += len(found)
            self.quiet += not found
            for record in found:
                self.timeless += record.captured_at == self._whose.captured_at
                written = record.line()
                self._digest.update(written)
                yield written

    def name(self) -> str:
        """A file name from all that was written, so that the same log gives the same file."""
        return f"imported-{self._digest.hexdigest()[:32]}.jsonl"


def _records_of(line: bytes, whose: CallContext) -> tuple[UsageRecord, ...]:
    call = read_json(line)
    if not isinstance(call, dict):
        raise _BrokenLineError
    method, address, status = _text(call, "method"), _text(call, "url") or _text(call, "path"), call.get("status")
    body = call.get("body")
    if method is None or address is None:
        raise _BrokenLineError
    if status is None and "status" in call:
        code = None
    elif isinstance(status, str) and _STATUS.fullmatch(status):
        code = int(status)
    else:
        raise _BrokenLineError
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise _BrokenLineError from None
    context = _context(line, call, host, whose)
    headers = _headers(call.get("headers"))
    if isinstance(body, dict | list) and code is not None and 200 <= code < 300:
        return records_of_success(method, parts.path, headers, body, context)
    packed = body.encode("utf-8", "replace") if isinstance(body, str) else None
    return usage_records(method, parts.path, code, headers, packed, context)


def _context(line: bytes, call: dict[str, object], host: str, whose: CallContext) -> CallContext:
    time = time_text(call.get("time")) or whose.captured_at
    content = hashlib.sha256(line).hexdigest()
    seen = hashlib.sha256(f"{content} {time}".encode()).hexdigest()
    return CallContext(
        seen[:32],
        content[:32],
        time,
        _text(call, "environment") or whose.environment or environment_of(host),
        _text(call, "cortiTenant") or whose.corti_tenant,
        _text(call, "userId"),
        _text(call, "tenantId"),
    )


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    # A logged body is decoded already.
    return {name: text for name, text in value.items() if isinstance(text, str) and name.lower() in _HEADERS}


def _text(call: dict[str, object], name: str) -> str | None:
    value = call.get(name)
    return value if isinstance(value, str) and value else None


def _land(ready: Path, lines: Iterator[bytes], name: Callable[[], str]) -> Path | None:
    """Write the lines to a file that appears whole, named when they are through; None where there are none."""
    first = next(lines, None)
    if first is None:
        return None
    partial = ready / f".imported-{os.getpid()}-{secrets.token_hex(4)}.partial"
    try:
        ready.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(first)
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        return partial.rename(ready / name())
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _UnwritableError(
            f"{ready} cannot be written ({error.strerror}): check its owner, mode and disk."
        ) from None
