"""One usage record, as capture writes it: the fields of the input contract and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass

_TEXTS = (
    ("recordId", "record_id"),
    ("kind", "kind"),
    ("interactionId", "interaction_id"),
    ("resourceId", "resource_id"),
    ("operationId", "operation_id"),
    ("status", "status"),
    ("source", "source"),
    ("createdAt", "created_at"),
    ("capturedAt", "captured_at"),
    ("environment", "environment"),
    ("cortiTenant", "corti_tenant"),
    ("userId", "user_id"),
    ("tenantId", "tenant_id"),
    ("model", "model"),
)
_NUMBERS = (("creditsConsumed", "credits"), ("inputTokens", "input_tokens"), ("outputTokens", "output_tokens"))
_quoted = json.encoder.encode_basestring_ascii


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What one look at one billable operation said.

    `credits` and the token counts are the digits of a JSON number, as they were written; None where nothing was
    reported. `status` is `final`, `provisional`, `estimate` or `unreported`; `source` is `created` or `read`. Times
    are RFC 3339 texts. A field that is None or empty is left out of the line.
    """

    record_id: str
    kind: str
    status: str
    source: str
    credits: str | None = None
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
    input_tokens: str | None = None
    output_tokens: str | None = None

    def line(self) -> bytes:
        """The record as one JSON line, line end included, in ASCII (everything else escaped)."""
        parts = [f'"{name}":{_quoted(text)}' for name, field in _TEXTS if (text := getattr(self, field))]
        parts += [f'"{name}":{digits}' for name, field in _NUMBERS if (digits := getattr(self, field))]
        return ("{" + ",".join(parts) + "}\n").encode("ascii")
