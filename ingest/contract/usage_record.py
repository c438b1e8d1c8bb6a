"""One usage record as capture writes it: only the fields of the input contract."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple, cast

from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER
from ingest.contract.plain_values import given_id

_TEXTS = (
    *("recordId", "kind", "status", "source", "interactionId", "resourceId", "operationId", "createdAt", "capturedAt"),
    *("environment", "cortiTenant", "userId", "tenantId", "model"),
)
_PREFIXES = tuple(f'"{name}":' for name in _TEXTS)
"""The names in the order of the record's fields; the numbers and the dimensions come last."""
_quoted = json.encoder.encode_basestring_ascii
_is_number = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII).fullmatch


class UsageRecord(NamedTuple):
    """One observation of one billable operation.

    `credits` and the token counts are the digits of a JSON number, as they were written; None if nothing was reported.
    `input_tokens` counts all input tokens, and `cached_input_tokens` those of them that were read from a cache.
    `status` is `final`, `metered`, `provisional`, `estimate` or `unreported`; `source` is `created` or `read`. Times
    are RFC 3339 texts. `dimensions` holds what `ingest.contract.dimensions` lets through, its keys in order. A field
    that is None or empty is left out of the line.
    """

    record_id: str
    kind: str
    status: str
    source: str
    interaction_id: str | None = None
    resource_id: str | None = None
    operation_id: str | None = None
    created_at: str | None = None
    captured_at: str | None = None
    environment: str | None = None
    corti_tenant: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    model: str | None = None
    credits: str | None = None
    input_tokens: str | None = None
    output_tokens: str | None = None
    cached_input_tokens: str | None = None
    dimensions: Mapping[str, str] | None = None

    def line(self) -> bytes:
        """The record as one JSON line with its line end, in ASCII (other characters are escaped)."""
        try:
            parts = _texts(self)
        except TypeError:  # an id that the caller gave as a number, a UUID or bytes
            parts = _texts(self._with_given_ids())
        if self.credits:
            parts.append('"creditsConsumed":' + _figure(self.credits))
        if self.input_tokens:
            parts.append('"inputTokens":' + _figure(self.input_tokens))
        if self.output_tokens:
            parts.append('"outputTokens":' + _figure(self.output_tokens))
        if self.cached_input_tokens:
            parts.append('"cachedInputTokens":' + _figure(self.cached_input_tokens))
        if self.dimensions:
            pairs = [f"{_quoted(key)}:{_quoted(value)}" for key, value in self.dimensions.items()]
            parts.append('"dimensions":{' + ",".join(pairs) + "}")
        return ("{" + ",".join(parts) + "}\n").encode("ascii")

    def _with_given_ids(self) -> UsageRecord:
        return self._replace(
            record_id=given_id("recordId", self.record_id, LONGEST_ID) or "",
            interaction_id=given_id("interactionId", self.interaction_id, LONGEST_ID),
            resource_id=given_id("resourceId", self.resource_id, LONGEST_ID),
            operation_id=given_id("operationId", self.operation_id, LONGEST_ID),
            environment=given_id("environment", self.environment, LONGEST_ID),
            corti_tenant=given_id("cortiTenant", self.corti_tenant, LONGEST_ID),
            user_id=given_id("userId", self.user_id, LONGEST_OWNER),
            tenant_id=given_id("tenantId", self.tenant_id, LONGEST_OWNER),
        )


def _texts(record: UsageRecord) -> list[str]:
    texts = cast("tuple[str | None, ...]", record)  # its first fields
    return [prefix + _quoted(text) for prefix, text in zip(_PREFIXES, texts, strict=False) if text]


def _figure(digits: str) -> str:
    # Everything that is not a number is written as text, so that no figure can end the line and begin another record.
    return digits if _is_number(digits) else _quoted(digits)
