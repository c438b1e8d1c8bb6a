"""The forms of a usage record: one SQL query for each, over a frame of observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.sample.operations import CREDIT_UNIT, KINDS, SOURCES, STATUSES
from ingest.sample.world import World, text_id_sql


@dataclass(frozen=True)
class Field:
    """One field of the canonical record and whether JSON quotes its value."""

    name: str
    snake_name: str
    quoted: bool = True


FIELDS = (
    Field("recordId", "record_id"),
    Field("kind", "kind"),
    Field("interactionId", "interaction_id"),
    Field("resourceId", "resource_id"),
    Field("operationId", "operation_id"),
    Field("creditsConsumed", "credits_consumed", quoted=False),
    Field("status", "status"),
    Field("source", "source"),
    Field("createdAt", "created_at"),
    Field("capturedAt", "captured_at"),
    Field("environment", "environment"),
    Field("cortiTenant", "corti_tenant"),
    Field("userId", "user_id"),
    Field("tenantId", "tenant_id"),
    Field("model", "model"),
    Field("inputTokens", "input_tokens", quoted=False),
    Field("outputTokens", "output_tokens", quoted=False),
)

_SYNTHETIC = "Synthetic text: the synthetic patient reports a synthetic cough."
_RESPONSES = {
    "transcript": (
        '{"id":"', "resourceId", '","recordingId":"', "recordId", '","status":"completed","metadata":'
        '{"participantsRoles":[{"channel":0,"role":"doctor"}]},"transcripts":[{"channel":0,"participant":0,'
        f'"speakerId":-1,"text":"{_SYNTHETIC}","start":0,"end":1850}}],',
    ),
    "document": (
        '{"id":"', "resourceId", '","name":"Note on synthetic patient","templateRef":"corti-soap",'
        f'"isStream":false,"sections":[{{"key":"corti-subjective","name":"Subjective","text":"{_SYNTHETIC}","sort":1}}],'
        '"outputLanguage":"en","createdAt":"', "createdAt", '",',
    ),
    "guided_document": (
        '{"kind":"guided_document","document":{"name":"Letter for synthetic patient","outputLanguage":"en",'
        f'"stringDocument":{{"sec-1":"{_SYNTHETIC}"}},"labels":[]}},"resourceId":"', "resourceId", '",',
    ),
    "facts": (
        f'{{"facts":[{{"group":"history-of-present-illness","value":"{_SYNTHETIC}","text":"{_SYNTHETIC}"}}],'
        '"kind":"facts","outputLanguage":"en","operationId":"', "operationId", '",',
    ),
    "codes": (
        '{"codes":[{"system":"icd10cm-outpatient","code":"Z00.0","display":"Synthetic finding","evidences":'
        f'[{{"contextIndex":0,"text":"{_SYNTHETIC}","start":0,"end":12}}]}}],"candidates":[],"kind":"codes",',
    ),
}  # fmt: skip
"""Corti's response bodies by kind: text and columns in turn, up to the usage."""

RESPONSE_KINDS = tuple(_RESPONSES)


def with_words(world: World, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with words for the numbers of kind, status, source and owners."""
    region = rows["region"].to_numpy()
    words = {
        "kind": _words(rows["kind"].to_numpy(), KINDS),
        "status": _words(rows["status"].to_numpy(), STATUSES),
        "source": _words(rows["source"].to_numpy(), SOURCES),
        "environment": _words(region, ("eu", "us")),
        "corti_tenant": _words(region, ("demo-eu", "demo-us")),
    }
    for column in ("owner_user", "user"):
        words[column] = _words(rows[column].to_numpy(), world.user_ids)
    for column in ("owner_tenant", "tenant"):
        words[column] = _words(rows[column].to_numpy(), world.tenant_ids)
    return rows.assign(**words)


def table_sql(seed: int, label: str) -> str:
    """Query for the canonical record as columns: texts, except credits (decimal) and tokens."""
    operation = text_id_sql(seed, f"{label}:operation", "operation")
    resource = f"case when kind = 'agent_task' then concat('task.', {operation}) else {operation} end"
    credits = f"cast(credits / {CREDIT_UNIT}.0 as decimal(18, 5))"
    columns = {
        "recordId": text_id_sql(seed, f"{label}:record", "record"),
        "kind": "cast(kind as varchar)",
        "interactionId": text_id_sql(seed, f"{label}:interaction", "interaction"),
        "resourceId": f"case when returns_id then {resource} end",
        "operationId": f"case when not returns_id then {operation} end",
        "creditsConsumed": f"case when credits >= 0 then {credits} end",
        "status": "cast(status as varchar)",
        "source": "cast(source as varchar)",
        "createdAt": _time_sql("created_ms", "%Y-%m-%dT%H:%M:%SZ"),
        "capturedAt": _time_sql("captured_ms", "%Y-%m-%dT%H:%M:%S.%gZ"),
        "environment": "cast(environment as varchar)",
        "cortiTenant": "cast(corti_tenant as varchar)",
        "userId": 'cast("user" as varchar)',
        "tenantId": "cast(tenant as varchar)",
        "model": "case when input_tokens >= 0 then 'corti-default' end",
        "inputTokens": "nullif(input_tokens, -1)",
        "outputTokens": "nullif(output_tokens, -1)",
    }
    named = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    return f"select {named} from frame"


def snake_case_sql(seed: int, label: str) -> str:
    """Query for the canonical record under snake_case names, its credits as text."""
    columns = (
        f'cast("{field.name}" as varchar) as {field.snake_name}'
        if field.name == "creditsConsumed"
        else f'"{field.name}" as {field.snake_name}'
        for field in FIELDS
    )
    return f"select {', '.join(columns)} from ({table_sql(seed, label)})"


def five_fields_sql(seed: int, label: str) -> str:
    """Query for the guide's five fields, owners always known."""
    return f"""
        select {text_id_sql(seed, f"{label}:interaction", "interaction")} as "interactionId",
            cast(owner_user as varchar) as "userId",
            cast(owner_tenant as varchar) as "tenantId",
            cast(credits / {CREDIT_UNIT}.0 as decimal(18, 5)) as "creditsConsumed",
            {_time_sql("captured_ms", "%Y-%m-%dT%H:%M:%SZ")} as "createdAt"
        from frame"""


def lines_sql(seed: int, label: str, *, snake_case: bool = False) -> str:
    """Query for canonical JSON lines, absent fields left out."""
    pieces = []
    for number, field in enumerate(FIELDS):
        name = field.snake_name if snake_case else field.name
        value = f'"{field.name}"' if field.quoted else _number_sql(field.name)
        quote = '"' if field.quoted else ""
        opening = "," if number else "{"
        pieces.append(f"'{opening}\"{name}\":{quote}' || {value} || '{quote}'")
    return f"select concat({', '.join(pieces)}, '}}') as line from ({table_sql(seed, label)})"


def sockets_sql(seed: int, label: str) -> str:
    """Query for a socket's own messages with the ids that the application had."""
    return f"""
        select concat('{{"type":"', case when status = 'estimate' then 'delta_usage' else 'usage' end,
            '","credits":', {_number_sql("creditsConsumed")}, ',"interactionId":"' || "interactionId" || '"',
            ',"operationId":"', "operationId", '","capturedAt":"', "capturedAt", '"',
            ',"userId":"' || "userId" || '"', '}}') as line
        from ({table_sql(seed, label)})"""


def responses_sql(seed: int, label: str) -> str:
    """Query for whole response bodies as an application logs them with its interaction id."""
    cases = " ".join(
        f"when '{kind}' then concat({', '.join(_piece_sql(piece) for piece in pieces)})"
        for kind, pieces in _RESPONSES.items()
    )
    return f"""
        select concat(case kind {cases} end,
            '"usageInfo":{{"creditsConsumed":', {_number_sql("creditsConsumed")}, '}}',
            ',"interactionId":"' || "interactionId" || '"', ',"userId":"' || "userId" || '"',
            ',"patient":{{"name":"Synthetic Patient","gender":"unknown"}}',
            ',"capturedAt":"', "capturedAt", '"}}') as line
        from ({table_sql(seed, label)})"""


def _piece_sql(piece: str) -> str:
    return f'"{piece}"' if piece.isalnum() else f"'{piece}'"


def _number_sql(column: str) -> str:
    return f'cast("{column}" as double)' if column == "creditsConsumed" else f'cast("{column}" as varchar)'


def _time_sql(column: str, pattern: str) -> str:
    return f"case when {column} >= 0 then strftime(epoch_ms({column}), '{pattern}') end"


def _words(codes: NDArray[np.int64], words: tuple[str, ...]) -> pd.Categorical:
    return cast("pd.Categorical", pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(pd.Index(words))))
