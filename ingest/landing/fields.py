"""The allow-list: each field that may be read from an input file, and every name it goes by.

Nothing that is not named here is read, so nothing that is not named here can be stored. The names are those of
the input contract; where one record has several of them the first one present wins.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One column of a raw table and the names under which files carry it, strongest first.

    A name with a dot reaches into an object (`usageInfo.creditsConsumed`).
    """

    column: str
    names: tuple[str, ...]


USAGE_RECORD_FIELDS = (
    Field("record_id", ("recordId", "record_id")),
    Field("kind", ("kind",)),
    Field("type", ("type",)),
    Field("interaction_id", ("interactionId", "interaction_id")),
    Field("resource_id", ("resourceId", "resource_id", "id")),
    Field("operation_id", ("operationId", "operation_id")),
    Field(
        "credits",
        (
            "creditsConsumed",
            "credits_consumed",
            "usageInfo.creditsConsumed",
            "usageInfo.credits_consumed",
            "usage_info.creditsConsumed",
            "usage_info.credits_consumed",
            "credits",
        ),
    ),
    Field("status", ("status",)),
    Field("source", ("source",)),
    Field("created_at", ("createdAt", "created_at")),
    Field("captured_at", ("capturedAt", "captured_at")),
    Field("environment", ("environment",)),
    Field("corti_tenant", ("cortiTenant", "corti_tenant")),
    Field("user_id", ("userId", "user_id", "assignedUserId", "assigned_user_id")),
    Field("tenant_id", ("tenantId", "tenant_id", "customerID", "customerId", "customer_id")),
    Field("model", ("model",)),
    Field("input_tokens", ("inputTokens", "input_tokens")),
    Field("output_tokens", ("outputTokens", "output_tokens")),
)

INTERACTION_FIELDS = (
    Field("interaction_id", ("interactionId", "interaction_id")),
    Field("user_id", ("userId", "user_id")),
    Field("tenant_id", ("tenantId", "tenant_id")),
    Field("created_at", ("createdAt", "created_at")),
)

_ACCOUNT_FIELDS = (
    Field("environment", ("environment",)),
    Field("corti_tenant", ("cortiTenant", "corti_tenant")),
)
CORTI_INTERACTION_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("interaction_id", ("interactionId", "interaction_id")),
    Field("assigned_user_id", ("assignedUserId", "assigned_user_id")),
    Field("created_at", ("createdAt", "created_at")),
    Field("updated_at", ("updatedAt", "updated_at")),
    Field("ended_at", ("endedAt", "ended_at")),
    Field("encounter_status", ("encounterStatus", "encounter_status")),
    Field("encounter_type", ("encounterType", "encounter_type")),
    Field("pulled_at", ("pulledAt", "pulled_at")),
)
CORTI_RESOURCE_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("interaction_id", ("interactionId", "interaction_id")),
    Field("kind", ("kind",)),
    Field("resource_id", ("resourceId", "resource_id")),
    Field("created_at", ("createdAt", "created_at")),
    Field("pulled_at", ("pulledAt", "pulled_at")),
)
CORTI_PULL_FIELDS = (
    *_ACCOUNT_FIELDS,
    Field("day", ("day",)),
    Field("outcome", ("outcome",)),
    Field("interactions", ("interactions",)),
    Field("requests", ("requests",)),
    Field("started_at", ("startedAt", "started_at")),
    Field("ended_at", ("endedAt", "ended_at")),
    Field("reason", ("reason",)),
)
PROVIDER_CONSUMPTION_FIELDS = (
    Field("window_from", ("from",)),
    Field("window_to", ("to",)),
    Field("credits", ("credits",)),
    Field("user_id", ("userId", "user_id")),
    Field("tenant_id", ("tenantId", "tenant_id")),
    *reversed(_ACCOUNT_FIELDS),
)

HEARTBEAT_FIELDS = (
    Field("source", ("source",)),
    Field("heard_at", ("at",)),
    Field("started_at", ("startedAt", "started_at")),
    Field("records", ("records",)),
    Field("stopped", ("stopped",)),
    *_ACCOUNT_FIELDS,
)

IDS_OF_LIMITED_LENGTH = ("record_id", "interaction_id", "resource_id", "operation_id")
LONGEST_ID = 128

TEXT_COLUMNS = (
    "record_id",
    "kind",
    "interaction_id",
    "resource_id",
    "operation_id",
    "environment",
    "corti_tenant",
    "user_id",
    "tenant_id",
    "model",
)
"""Columns that keep the text they are given; those of `status`, `source` and `type` are one of a few words."""

TIME_COLUMNS = ("created_at", "captured_at")
CORTI_INTERACTION_TIMES = ("created_at", "updated_at", "ended_at", "pulled_at")
CORTI_RESOURCE_TIMES = ("created_at", "pulled_at")
CORTI_PULL_TIMES = ("started_at", "ended_at")
WINDOW_TIMES = ("window_from", "window_to")
HEARTBEAT_TIMES = ("heard_at", "started_at")

OUTCOMES = ("complete", "failed")
"""What became of a day that was asked for; a day that was not has no row."""

STATUS_WORDS = ("final", "provisional", "estimate", "unreported", "completed", "failed", "processing")
SOURCE_WORDS = ("created", "read")
TYPE_WORDS = ("usage", "delta_usage")
OTHER_WORD = "other"
"""Stands in raw tables for a status or source outside the known words, whose text is not kept."""
