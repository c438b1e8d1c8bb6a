"""Makes the usage records of a call, by allow-list, from the table in `endpoints.py`.

What a record's fields may hold is decided by form in `ingest.contract.plain_values`; nothing else of a response or
a URL gets through.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace

from ingest.capture.charges import NO_CHARGE, Charge, EventTally, charge_of_events, charges_in
from ingest.capture.endpoints import LISTS, UNKNOWN_LAYOUT
from ingest.capture.event_streams import EventTap, read_event_stream
from ingest.capture.json_bodies import header, read_json, unpacked
from ingest.capture.matching import Match, find_endpoint, path_words, unknown_endpoint
from ingest.capture.stream_unpacking import unpacking
from ingest.contract.call import CallContext
from ingest.contract.dimensions import kept
from ingest.contract.forms import LONGEST_ID
from ingest.contract.plain_values import id_in_body
from ingest.contract.usage_record import UsageRecord

_log = logging.getLogger(__name__)
_USAGE_MARK = b"creditsConsumed"
_TOKEN_PATH = "/protocol/openid-connect/"
_EVENT_STREAM = "text/event-stream"
_REQUEST_TIMEOUT = 408
_EDGE_SECONDS = 1.0
_PARTS = (("facts",),)
"""Lists in the answer to a creating call, whose items may be charged one by one."""
_TELLING = ("GET", "POST")
"""A `PATCH` costs nothing and repeats the cost of the creation, so it must not become an operation."""


def usage_records(
    method: str,
    path: str,
    status: int | None,
    headers: Mapping[str, str],
    body: bytes | None,
    context: CallContext,
) -> tuple[UsageRecord, ...]:
    """Read what a call cost. A pure function; never raises.

    `path` is the URL's path at Corti, without any prefix of a proxy (`/v2/interactions/{id}/transcripts/`); a query
    string is ignored. `status` is None if the call ended without a response. `headers` are those of the response, in
    upper or lower case. `body` is either as it came over the wire (a `Content-Encoding` is undone here) or already
    decoded; None if there is none. Its content decides whether it is JSON or a stream of events, whatever the headers
    say. Lists give several records; calls that cost nothing give none.

    A billable call that ended without a response, with 408 or 5xx, or with success but no usage, gives an `unreported`
    one. An answer of Corti Models, which tells tokens and no credits, gives a `metered` one.
    """
    match = None
    try:
        if method.upper() not in _TELLING:
            return ()
        match = find_endpoint(method.upper(), path_words(path))
        if status is None or status >= 500 or status == _REQUEST_TIMEOUT:
            return (_record(match, NO_CHARGE, {}, context),) if match and _is_charged_for(match) else ()
        if not 200 <= status < 300:
            return ()
        body = unpacked(body, headers)
        if match is None and (body is None or _USAGE_MARK not in body):
            return ()
        layout = match.endpoint.layout if match else UNKNOWN_LAYOUT
        value = read_json(body, layout.members)
        if match and value is None:
            events = list(read_event_stream(body))
            if events or header(headers, "content-type").lower().startswith(_EVENT_STREAM):
                return _of_stream(match, charge_of_events(match.endpoint.layout, events), headers, context)
        return _of_success(match, method, path, headers, value, context)
    except Exception as error:
        # No known body leads here. If one does, it gives a line in the log and an unreported record.
        _log.error("a response was not understood (%s)", type(error).__name__)
        return (_record(match, NO_CHARGE, {}, context),) if match and _is_charged_for(match) else ()


def records_of_success(
    method: str, path: str, headers: Mapping[str, str], body: object, context: CallContext
) -> tuple[UsageRecord, ...]:
    """As `usage_records`, for a call that succeeded and whose body `read_json` has already read."""
    if method.upper() not in _TELLING:
        return ()
    return _of_success(find_endpoint(method.upper(), path_words(path)), method, path, headers, body, context)


def event_tap(method: str, path: str, coding: str) -> EventTap | None:
    """What listens to an answer to this call in case it is a stream of events; None if the table has no row for it, or
    if its `Content-Encoding` can only be undone as a whole.
    """
    match = find_endpoint(method.upper(), path_words(path))
    try:
        unpack = unpacking(coding) if match else None
    except ImportError:
        return None
    return EventTap(EventTally(match.endpoint.layout), unpack) if match and unpack else None


def records_of_events(
    method: str, path: str, headers: Mapping[str, str], tally: EventTally, context: CallContext
) -> tuple[UsageRecord, ...]:
    """As `usage_records`, for a call that succeeded and whose answer is a stream of events, all of them in `tally`."""
    match = find_endpoint(method.upper(), path_words(path))
    return _of_stream(match, tally.charge(), headers, context) if match else ()


def _of_stream(
    match: Match, charge: Charge, headers: Mapping[str, str], context: CallContext
) -> tuple[UsageRecord, ...]:
    return _of_charges(match, [charge], headers if match.endpoint.layout.is_metered else {}, context)


def _of_success(
    match: Match | None, method: str, path: str, headers: Mapping[str, str], body: object, context: CallContext
) -> tuple[UsageRecord, ...]:
    if match is not None:
        if isinstance(body, list) and match.endpoint.layout.is_metered:
            # A log may have the events of a stream as a list.
            return _of_stream(match, charge_of_events(match.endpoint.layout, body), headers, context)
        charges = charges_in(match.endpoint.layout, body)
        ways = match.endpoint.read_ways
        if ways and (not charges or charges[0].way in ways):
            ends = len(charges) == 1 and charges[0].cancelled and charges[0].way not in LISTS
            match = match._replace(endpoint=replace(match.endpoint, source="read", ends=ends))
        return _of_charges(match, charges, headers, context)
    match = unknown_endpoint(method.upper(), path_words(path))
    charges = [charge for charge in charges_in(match.endpoint.layout, body) if charge.credits]
    return _of_charges(match, charges, {}, context) if charges else ()


def is_billable(method: str, path: str) -> bool:
    """Whether a call of this method and path may be charged for, so that its failure leaves a record."""
    try:
        match = find_endpoint(method.upper(), path_words(path))
        return match is not None and _is_charged_for(match)
    except Exception:
        return False


def may_tell(method: str, path: str) -> bool:
    """Whether the answer to a call may contain a cost, so that it is worth waiting for."""
    try:
        method = method.upper()
        if _TOKEN_PATH in path or method not in _TELLING:
            return False
        return method == "POST" or find_endpoint(method, path_words(path)) is not None
    except Exception:
        return False


def wants_body(method: str, path: str, headers: Mapping[str, str]) -> bool:
    """Whether a response with these headers may contain a cost, so that its body should be read.

    True for each endpoint of the table, whatever its content type is; elsewhere for JSON and plain text. False for
    recordings and for tokens.
    """
    try:
        if _TOKEN_PATH in path or method.upper() not in _TELLING:
            return False
        form = header(headers, "content-type")
        if form != "application/json":
            form = form.partition(";")[0].strip().lower()
        if form in ("application/json", "text/plain") or form.endswith("+json"):
            return True
        return find_endpoint(method.upper(), path_words(path)) is not None
    except Exception:
        return False


def takes_body(method: str, path: str, status: int, headers: Mapping[str, str]) -> bool:
    """As `wants_body`, for an answer of any status: for a 5xx of a billable call it matters whether the body
    is empty.
    """
    if 200 <= status < 300:
        return wants_body(method, path, headers)
    return status >= 500 and is_billable(method, path)


def is_edge_failure(status: int | None, headers: Mapping[str, str], seconds: float) -> bool:
    """Whether an answer with an empty body, `seconds` after the request, comes from Corti's load balancer.

    Such answers are 5xx without a request id in less than a second. They come in bursts, and no model has run.
    """
    return status is not None and status >= 500 and seconds < _EDGE_SECONDS and not header(headers, "x-request-id")


def _is_charged_for(match: Match) -> bool:
    return match.endpoint.source == "created"


def _of_charges(
    match: Match, charges: list[Charge], headers: Mapping[str, str], context: CallContext
) -> tuple[UsageRecord, ...]:
    if not _is_charged_for(match) or (charges and charges[0].way in _PARTS):
        charges = [charge for charge in charges if charge.credits or charge.metered]
    if not charges and _is_charged_for(match):
        charges = [NO_CHARGE]
    if len(charges) == 1:
        record = _record(match, charges[0], headers, context)
        return (record,) if record.resource_id or record.operation_id else ()
    records = [_record(match, charge, headers, context.numbered(number)) for number, charge in enumerate(charges)]
    return tuple([record for record in records if record.resource_id or record.operation_id])


def _record(match: Match, charge: Charge, headers: Mapping[str, str], context: CallContext) -> UsageRecord:
    endpoint = match.endpoint
    created = endpoint.source == "created"
    resource = charge.resource_id or match.resource_id
    if resource is None and created and endpoint.layout.located:
        resource = _located(endpoint.layout.located, headers)
    if resource is None and created and endpoint.layout.is_metered:
        resource = id_in_body(header(headers, "x-request-id"))
    operation = None
    if resource is None:
        operation = context.operation_id if created else match.operation_id
    elif (created or endpoint.ends) and charge.turns > 1:
        resource = _turn_of(resource, charge.turns)
    return UsageRecord(
        context.record_id,
        endpoint.kind,
        _status(match, charge),
        endpoint.source,
        charge.interaction_id or match.interaction_id,
        resource,
        operation,
        charge.created_at,
        context.captured_at,
        context.environment,
        context.corti_tenant,
        context.user_id,
        context.tenant_id,
        charge.model,
        charge.credits,
        charge.input_tokens,
        charge.output_tokens,
        charge.cached_input_tokens,
        _dimensions(match, charge, context) if charge.dimensions or match.agent_id else context.dimensions,
    )


def _dimensions(match: Match, charge: Charge, context: CallContext) -> Mapping[str, str] | None:
    """The answer's and the path's own dimensions, and the caller's, which win."""
    told: dict[str, object] = {"agent": match.agent_id, **(charge.dimensions or {})}
    found = {**kept(told, context.dimension_keys)[0], **(context.dimensions or {})}
    return dict(sorted(found.items())) or None


def _status(match: Match, charge: Charge) -> str:
    if charge.credits is None:
        return "metered" if charge.metered else "unreported"
    if charge.in_progress:
        return "provisional"
    endpoint = match.endpoint
    if endpoint.layout.turns and endpoint.source == "read" and not endpoint.ends and charge.turns != 1:
        # It may be about another request than the task's id: so it may fill a gap, but not correct a figure.
        return "provisional"
    return "final"


def _turn_of(task: str, turn: int) -> str:
    """The id of a later request within a task. Each request is charged separately, and one id is one charge."""
    name = f"{task}#{turn}"
    return name if len(name) <= LONGEST_ID else task


def _located(word: str, headers: Mapping[str, str]) -> str | None:
    found = re.search(rf"/{word}/([^/?#\s]+)/?(?:[?#]|$)", header(headers, "location"))
    return id_in_body(found.group(1)) if found else None
