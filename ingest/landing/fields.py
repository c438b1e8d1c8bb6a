"""The allow-list: each field that may be read from an input file, and every name it goes by.

Nothing that is not named here is read, so nothing that is not named here can be stored. The names are those of
the input contract. Files may spell them otherwise: `names.py` compares them without case, `_`, `-` and blanks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One column of a raw table and the names under which files carry it, strongest first.

    A name with a dot reaches into an object (`usageInfo.creditsConsumed`). The first name that has a value counts.
    """

    column: str
    names: tuple[str, ...]


USAGE_RECORD_FIELDS = (
    Field("record_id", ("recordId",)),
    Field("kind", ("kind",)),
    Field("type", ("type",)),
    Field("interaction_id", ("interactionId",)),
    Field("resource_id", ("resourceId", "id")),
    Field("operation_id", ("operationId",)),
    Field("credits", ("creditsConsumed", "usageInfo.creditsConsumed", "credits")),
    Field("status", ("status",)),
    Field("source", ("source",)),
    Field("created_at", ("createdAt",)),
    Field("captured_at", ("capturedAt",)),
    Field("environment", ("environment",)),
    Field("corti_tenant", ("cortiTenant",)),
    Field("user_id", ("userId", "assignedUserId")),
    Field("tenant_id", ("tenantId", "customerID", "customerId")),
    Field("model", ("model",)),
    Field("input_tokens", ("inputTokens",)),
    Field("output_tokens", ("outputTokens",)),
)

INTERACTION_FIELDS = (
    Field("interaction_id", ("interactionId",)),
    Field("user_id", ("userId",)),
    Field("tenant_id", ("tenantId",)),
    Field("created_at", ("createdAt",)),
)

_ACCOUNT_FIELDS = (
    Field("environment", ("environment",)),
    Field("corti_tenant", ("cortiTenant",)),
)
CORTI_INTERACTION_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("interaction_id", ("interactionId",)),
    Field("assigned_user_id", ("assignedUserId",)),
    Field("created_at", ("createdAt",)),
    Field("updated_at", ("updatedAt",)),
    Field("ended_at", ("endedAt",)),
    Field("encounter_status", ("encounterStatus",)),
    Field("encounter_type", ("encounterType",)),
    Field("pulled_at", ("pulledAt",)),
)
CORTI_RESOURCE_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("interaction_id", ("interactionId",)),
    Field("kind", ("kind",)),
    Field("resource_id", ("resourceId",)),
    Field("created_at", ("createdAt",)),
    Field("pulled_at", ("pulledAt",)),
)
CORTI_PULL_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("day", ("day",)),
    Field("outcome", ("outcome",)),
    Field("interactions", ("interactions",)),
    Field("requests", ("requests",)),
    Field("started_at", ("startedAt",)),
    Field("ended_at", ("endedAt",)),
    Field("reason", ("reason",)),
)
PROVIDER_CONSUMPTION_FIELDS = (
    Field("window_from", ("from",)),
    Field("window_to", ("to",)),
    Field("credits", ("credits",)),
    Field("user_id", ("userId",)),
    Field("tenant_id", ("tenantId",)),
    *reversed(_ACCOUNT_FIELDS),
)

HEARTBEAT_FIELDS = (
    Field("source", ("source",)),
    Field("heard_at", ("at",)),
    Field("started_at", ("startedAt",)),
    Field("records", ("records",)),
    Field("stopped", ("stopped",)),
    *_ACCOUNT_FIELDS,
)

IDS = ("record_id", "interaction_id", "resource_id", "operation_id", "environment", "corti_tenant")
OWNERS = ("user_id", "tenant_id", "model")
"""Columns that keep the text that they are given, `IDS` of up to `LONGEST_ID` characters, these of `LONGEST_OWNER`;
those of `status`, `source` and `type` are one of a few words.
"""

TIME_COLUMNS = ("created_at", "captured_at")
CORTI_INTERACTION_TIMES = ("created_at", "updated_at", "ended_at", "pulled_at")
CORTI_RESOURCE_TIMES = ("created_at", "pulled_at")
CORTI_PULL_TIMES = ("started_at", "ended_at")
WINDOW_TIMES = ("window_from", "window_to")
HEARTBEAT_TIMES = ("heard_at", "started_at")

OUTCOMES = ("complete", "failed")
"""What became of a day that was asked for; a day that was not has no row."""

STATUS_WORDS = ("final", "provisional", "estimate", "unreported", "metered", "completed", "failed", "processing")
SOURCE_WORDS = ("created", "read")
TYPE_WORDS = ("usage", "delta_usage")
OTHER_WORD = "other"
"""Stands in raw tables for a status or source outside the known words, whose text is not kept."""

RARE_NAMES = frozenset({"customerID", "customerId"})
"""Names that DuckDB is shown only where a file has them, since it can't tell one from the other."""

OF_DATASET = {
    "usage_records": USAGE_RECORD_FIELDS,
    "interactions": INTERACTION_FIELDS,
    "corti_interactions": CORTI_INTERACTION_FIELDS,
    "corti_resources": CORTI_RESOURCE_FIELDS,
    "corti_pulls": CORTI_PULL_FIELDS,
    "provider_consumption": PROVIDER_CONSUMPTION_FIELDS,
    "heartbeats": HEARTBEAT_FIELDS,
}
"""What the files of each machine-written dataset are read for."""
