"""Usage records from responses that an application has logged.

One JSON object a line: `method`, `url` or `path`, `status`, `body`; optional `time`, `headers`, `userId`, `tenantId`,
`environment`, `cortiTenant`, `dimensions`, `metadata`. Or an event `account.creditsConsumed` of Corti's Embedded
Assistant: `event` or `type`, `payload`, and the same optional fields. Names match ignoring case, `_` and `-`, the exact
one first; if a key is repeated, the first one counts. A record's ids are derived from its line, so importing a log
again, whole or in part, gives landing nothing new.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from ingest.capture.log_lines import LONGEST_LINE, UnreadableLogError, log_lines
from ingest.capture.recognition import records_of_success, usage_records
from ingest.contract.call import CallContext, environment_of
from ingest.contract.datasets import FOLDERS, USAGE_RECORDS
from ingest.contract.dimensions import DEFAULT_KEYS, given_dimensions
from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER, comparable_name, read_time
from ingest.contract.landing_writer import PartialFile, unwritable
from ingest.contract.plain_values import credit_digits, given_id, id_in_body, template_name
from ingest.contract.usage_record import UsageRecord
from ingest.errors import CreditsError

NO_OBJECT = "not a JSON object"
NO_METHOD = "no method"
NO_ADDRESS = "no usable url or path"
NO_STATUS = "no usable status"
NO_TIME = "time not understood; write ISO 8601, such as 2026-03-02T09:20:11Z"
TOO_LONG = f"longer than {LONGEST_LINE // 1024**2} MiB"
"""Why lines are refused."""

MOST_NUMBERS = 20
"""How many refused lines of a log are named by their numbers for each reason; the others are counted."""

_HEADERS = ("content-type", "location", "x-request-id")
_ANALYTICS = "x-corti-analytics"
_CREDITS_EVENT = "account.creditsConsumed"
_STATUS = re.compile(r"[1-5]\d\d", re.ASCII)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass
class Refused:
    """The lines that were refused for one reason: how many, and the numbers of the first ones."""

    count: int = 0
    numbers: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Count one more."""
        self.count += 1
        if len(self.numbers) < MOST_NUMBERS:
            self.numbers.append(number)


@dataclass(frozen=True)
class Imported:
    """The outcome of one log. `refused` has the lines that were left out, by reason; `quiet` counts calls that cost
    nothing, and `timeless` records that got the log's modification time.
    """

    log: Path
    landed: Path | None
    lines: int
    records: int
    quiet: int
    timeless: int
    refused: dict[str, Refused]


class _RefusedLineError(Exception):
    """A line is not a logged call; the message is one of the reasons."""


class _Fraction(str):
    """The digits of a JSON number that is not written as a whole number."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    parse_float=_Fraction,
    parse_int=str,
    parse_constant=lambda _: None,
    object_pairs_hook=lambda pairs: dict(reversed(pairs)),
)


def import_log(
    log: Path,
    landing_folder: Path,
    *,
    environment: str | None = None,
    corti_tenant: str | None = None,
    dimension_keys: Collection[str] = DEFAULT_KEYS,
) -> Imported:
    """Write the usage records of a log to a file below `landing_folder / "usage_records"`, which appears whole.

    `environment` and `corti_tenant` are used if a line names none. Of dimensions only `dimension_keys` are kept. The
    file is named by the log's content, so the same log gives the same file again. A log without a usage record gives no
    file.

    Raises:
        CreditsError: the log can't be read; nothing of it was imported.
        HomeError: the records can't be written.
    """
    try:
        source = cast(io.BufferedReader, log.open("rb"))
    except OSError as error:
        raise CreditsError(f"{log} cannot be read ({error.strerror}): check its name and mode.") from None
    with source:
        modified = datetime.fromtimestamp(os.fstat(source.fileno()).st_mtime, UTC).isoformat(timespec="seconds")
        whose = CallContext("", "", modified, environment, corti_tenant, dimension_keys=tuple(dimension_keys))
        replay = _Replay(whose)
        try:
            landed = _land(landing_folder, replay.usage_lines(log_lines(source)), replay.name)
        except UnreadableLogError as error:
            raise CreditsError(f"{log} cannot be read, and nothing of it was imported: {error}.") from None
    return Imported(log, landed, replay.lines, replay.records, replay.quiet, replay.timeless, replay.refused)


class _Replay:
    """One pass over a log."""

    def __init__(self, whose: CallContext) -> None:
        self._whose = whose
        self._digest = hashlib.sha256()
        self.lines = self.records = self.quiet = self.timeless = 0
        self.refused: dict[str, Refused] = {}

    def usage_lines(self, lines: Iterable[tuple[int, bytes | None]]) -> Iterator[bytes]:
        for number, line in lines:
            self.lines += 1
            try:
                found = _records_of(line, self._whose)
            except _RefusedLineError as error:
                self.refused.setdefault(str(error), Refused()).add(number)
                continue
            self.records += len(found)
            self.quiet += not found
            for record in found:
                self.timeless += record.captured_at == self._whose.captured_at
                written = record.line()
                self._digest.update(written)
                yield written

    def name(self) -> str:
        """A file name made from everything that was written, so that the same log gives the same file."""
        return f"imported-{self._digest.hexdigest()[:32]}.jsonl"


def _records_of(line: bytes | None, whose: CallContext) -> tuple[UsageRecord, ...]:
    if line is None:
        raise _RefusedLineError(TOO_LONG)
    call = _Call(line)
    event = _credits_event(call)
    if event is not None:
        return (_record_of_event(event, call.given("operationId", LONGEST_ID), _context(line, call, "", whose)),)
    method, address, status = call.text("method"), call.text("url") or call.text("path"), call.value("status")
    if method is None:
        raise _RefusedLineError(NO_METHOD)
    if address is None:
        raise _RefusedLineError(NO_ADDRESS)
    if status is None and call.has("status"):
        code = None
    elif isinstance(status, str) and _STATUS.fullmatch(status):
        code = int(status)
    else:
        raise _RefusedLineError(NO_STATUS)
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise _RefusedLineError(NO_ADDRESS) from None
    context = _context(line, call, host, whose)
    headers = _headers(call.value("headers"))
    body = call.value("body")
    if isinstance(body, dict | list) and code is not None and 200 <= code < 300:
        return records_of_success(method, parts.path, headers, body, context)
    packed = body.encode("utf-8", "replace") if isinstance(body, str) else None
    return usage_records(method, parts.path, code, headers, packed, context)


def _credits_event(call: _Call) -> dict[str, object] | None:
    """The event's payload, if the line or its body is an event `account.creditsConsumed`."""
    body = call.value("body")
    for event in (call.value, body.get if isinstance(body, dict) else None):
        if event and _CREDITS_EVENT in (event("event"), event("type")):
            payload = event("payload")
            return payload if isinstance(payload, dict) else {}
    return None


def _record_of_event(payload: dict[str, object], operation_id: str | None, context: CallContext) -> UsageRecord:
    """Each event is an operation of its own: its document or interaction may be charged again, with the same ids."""
    digits = credit_digits(payload.get("creditsConsumed"))
    told = {"template": template_name(payload.get("templateId"))}
    return UsageRecord(
        record_id=context.record_id,
        kind="embedded",
        status="final" if digits else "unreported",
        source="created",
        credits=digits,
        interaction_id=id_in_body(payload.get("interactionId")),
        operation_id=operation_id or context.operation_id,
        captured_at=context.captured_at,
        environment=context.environment,
        corti_tenant=context.corti_tenant,
        user_id=context.user_id,
        tenant_id=context.tenant_id,
        dimensions=given_dimensions({**told, **(context.dimensions or {})}, None, context.dimension_keys),
    )


class _Call:
    """One line's object, and its fields by their names."""

    def __init__(self, line: bytes) -> None:
        try:
            found = _DECODER.decode(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise _RefusedLineError(NO_OBJECT) from None
        if not isinstance(found, dict):
            raise _RefusedLineError(NO_OBJECT)
        self._exact: dict[str, object] = found
        # Names are added from the line's end to its beginning, so that the first of several counts.
        self._comparable = {comparable_name(name): value for name, value in found.items()}

    def has(self, name: str) -> bool:
        return comparable_name(name) in self._comparable

    def value(self, name: str) -> object:
        return self._exact[name] if name in self._exact else self._comparable.get(comparable_name(name))

    def text(self, name: str) -> str | None:
        value = self.value(name)
        return value if isinstance(value, str) and value.strip() else None

    def given(self, name: str, longest: int) -> str | None:
        value = self.value(name)
        return given_id(name, float(value) if isinstance(value, _Fraction) else value, longest)

    def dimensions(self) -> dict[str, object]:
        """The caller's own dimensions: `dimensions`, then `metadata`."""
        found: dict[str, object] = {}
        for name in ("metadata", "dimensions"):
            value = self.value(name)
            found |= value if isinstance(value, dict) else {}
        return found

    def time(self) -> tuple[str, str] | None:
        """When the response came, as written and in RFC 3339; None if the line has no time."""
        value = self.value("time")
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        written = value.strip() if isinstance(value, str) else ""
        moment = read_time(written)
        if moment is None:
            raise _RefusedLineError(NO_TIME)
        return written, written if _RFC_3339.fullmatch(written) else moment.isoformat().replace("+00:00", "Z")


def _context(line: bytes, call: _Call, host: str, whose: CallContext) -> CallContext:
    written, time = call.time() or (whose.captured_at, whose.captured_at)
    content = hashlib.sha256(line).hexdigest()
    seen = hashlib.sha256(f"{content} {written}".encode()).hexdigest()
    return CallContext(
        seen[:32],
        content[:32],
        time,
        call.given("environment", LONGEST_ID) or whose.environment or environment_of(host),
        call.given("cortiTenant", LONGEST_ID) or whose.corti_tenant,
        call.given("userId", LONGEST_OWNER),
        call.given("tenantId", LONGEST_OWNER),
        given_dimensions(call.dimensions(), _analytics(call.value("headers")), whose.dimension_keys),
        whose.dimension_keys,
    )


def _headers(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    # A logged body is already decoded.
    return {name: text for name, text in value.items() if isinstance(text, str) and name.lower() in _HEADERS}


def _analytics(headers: object) -> str | None:
    found = headers if isinstance(headers, dict) else {}
    value = next((value for name, value in found.items() if name.lower() == _ANALYTICS), None)
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else None


def _land(landing: Path, lines: Iterator[bytes], name: Callable[[], str]) -> Path | None:
    """Write the lines to a file that appears whole and gets its name at the end; None if there are no lines."""
    first = next(lines, None)
    if first is None:
        return None
    ready = landing / FOLDERS[USAGE_RECORDS]
    try:
        partial = PartialFile(ready, f"imported-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            with partial.open() as file:
                file.write(first)
                file.writelines(lines)
            target = ready / name()
            if target.is_file() and target.stat().st_size == partial.path.stat().st_size:
                return target  # the same content, since it has the same name; replacing the file would cause a run
            return partial.appear(target.name)
        finally:
            partial.discard()
    except OSError as error:
        raise unwritable(ready, error) from None
