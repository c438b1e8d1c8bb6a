"""From a call to the usage records that it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.capture.call import CallContext
from ingest.capture.usage_record import UsageRecord


def usage_records(
    method: str,
    path: str,
    status: int | None,
    headers: Mapping[str, str],
    body: bytes | None,
    context: CallContext,
) -> tuple[UsageRecord, ...]:
    """Recognise what a call cost. Pure; never raises.

    `path` is the URL's path as Corti serves it, without any prefix of a proxy (`/v2/interactions/{id}/transcripts/`);
    a query string is ignored. `status` is None where the call ended without a response. `headers` are those of the
    response, in any case; `body` is as it came over the wire (a `Content-Encoding` is undone here) or decoded
    already, None where there is none. Lists give several records, calls that cost nothing give none.
    """
    raise NotImplementedError


def is_billable(method: str, path: str) -> bool:
    """Whether a call of this method and path may be charged for, so that its failure leaves a record."""
    raise NotImplementedError


def wants_body(method: str, path: str, headers: Mapping[str, str]) -> bool:
    """Whether a response with these headers may say what something cost, so that its body should be looked at.

    True for JSON, and for the event streams of agents; False for recordings and for tokens.
    """
    raise NotImplementedError
