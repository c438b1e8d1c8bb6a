"""One usage record, as capture writes it: the fields of the input contract and nothing else."""

from __future__ import annotations

import json
from typing import NamedTuple

_TEXTS = (
    *("recordId", "kind", "status", "source", "interactionId", "resourceId", "operationId", "createdAt", "capturedAt"),
    *("environment", "cortiTenant", "userId", "tenantId", "model"),
)
_PREFIXES = tuple(f'"{name}":' for name in _TEXTS)
"""In the order of the record's fields; the numbers come last."""
_quoted = json.encoder.encode_basestring_ascii


class UsageRecord(NamedTuple):
    """What one look at one billable operation said.

    `credits` and the token counts are the digits of a JSON number, as they were written; None where nothing was
    reported. `status` is `final`, `provisional`, `estimate` or `unreported`; `source` is `created` or `read`. Times
    are RFC 3339 texts. A field that is None or empty is left out of the line.
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

    def line(self) -> bytes:
        """The record as one JSON line, line end included, in ASCII (everything else escaped)."""
        parts = [prefix + _quoted(text) for prefix, text in zip(_PREFIXES, self, strict=False) if text]
        if self.credits:
            parts.append('"creditsConsumed":' + self.credits)
        if self.input_tokens:
            parts.append('"inputTokens":' + self.input_tokens)
        if self.output_tokens:
            parts.append('"outputTokens":' + self.output_tokens)
        return ("{" + ",".join(parts) + "}\n").encode("ascii")
