"""Free text of records shaped like real responses, planted in each form and dataset of landing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import count

import pyarrow as pa
import pyarrow.parquet as parquet

from tests.end_to_end.driving import Warehouse

MARKER = "Qz7private"
AT = "2026-03-02T09:14:07Z"
_numbers = count(1)


def secret() -> str:
    """A marker text of its own, so that a finding says where it was planted."""
    return f"{MARKER}{next(_numbers):04d}x"


def responses() -> Iterator[dict[str, object]]:
    """A response of each kind, logged with its interaction, with a secret in every free field."""
    sections = [{"key": "corti-subjective", "name": secret(), "text": secret(), "createdAt": AT}]
    facts = [{"group": "history-of-present-illness", "value": secret(), "text": secret()}]
    patient = {key: secret() for key in ("identifier", "name", "birthDate", "gender", "pronouns")}
    codes = [{"code": secret(), "display": secret(), "evidences": [{"text": secret(), "start": 0}]}]
    usage = {"usageInfo": {"creditsConsumed": 0.3475}}
    yield {
        "kind": "transcript",
        "id": "tr-1",
        "recordingId": "rec-1",
        "status": "completed",
        "capturedAt": AT,
        **usage,
        "transcripts": [{"channel": 0, "speakerId": -1, "text": secret(), "rawTranscriptText": secret()}],
        "transcript": secret(),
    }
    yield {"kind": "document", "id": "doc-1", "name": secret(), "sections": sections, "createdAt": AT, **usage}
    yield {
        "kind": "guided_document",
        "createdAt": AT,
        **usage,
        "document": {"id": "doc-2", "name": secret(), "stringDocument": {"sec-1": secret()}, "sections": sections},
        "structuredDocument": {"sec-1": {secret(): secret()}},
        "labels": [{"key": secret(), "value": secret()}],
    }
    yield {"kind": "facts", "facts": facts, "outputLanguage": "en", "createdAt": AT, **usage}
    yield {"kind": "codes", "codes": codes, "candidates": [secret()], "createdAt": AT, **usage}
    yield {"type": "usage", "credits": 0.0834, "createdAt": AT, "sessionId": secret(), "data": {"text": secret()}}
    yield {
        "kind": "agent_task",
        "id": "task-1",
        "createdAt": AT,
        "credits": 0.15916,
        "contextId": secret(),
        "status": {"state": "completed", "message": secret()},
        "history": secret(),
        "metadata": {"otherCallerKeys": secret()},
    }
    yield {
        "kind": "stream",
        "createdAt": AT,
        "credits": 1,
        "patient": patient,
        "encounter": {"title": secret()},
        "websocketUrl": f"wss://api.example/audio?token=Bearer%20{secret()}",
        "Authorization": f"Bearer {secret()}",
        "access_token": secret(),
        "client_secret": secret(),
    }


def misplaced() -> Iterator[dict[str, object]]:
    """Free text in place of a word, a time, a figure or an id."""
    good = {"createdAt": AT, "credits": 1, "userId": "u1"}
    for field in ("status", "source", "type"):
        yield {**good, "id": f"odd-{field}", field: f"said {secret()}"}
    yield {**good, "id": "odd-kind", "kind": f"two words {secret()}"}
    for field in ("createdAt", "inputTokens", "outputTokens", "creditsConsumed"):
        yield {**good, "capturedAt": AT, "id": f"odd-{field}", field: secret()}
    for field in ("recordId", "interactionId", "resourceId", "operationId"):
        yield {**good, field: secret() + "." * 128}
        yield {**good, field: {"text": secret()}}
        yield {**good, field: [secret()]}
    for field in ("environment", "cortiTenant", "userId", "tenantId", "model", "kind", "status"):
        yield {**good, "id": f"odd-{field}", field: {"text": secret(), "of": [secret()]}}
    yield {**good, "id": "odd-usage", "credits": None, "usageInfo": {"creditsConsumed": secret(), "text": secret()}}


def broken_lines() -> Iterator[bytes]:
    """Lines that are no records."""
    for response in responses():
        line = json.dumps(response).encode()
        yield line[:-1]
        yield line + b" trailing"
        yield line.replace(b'"', b"'")
        yield line.replace(b"}", b",}")
        yield line.replace(MARKER.encode(), MARKER.encode() + b"\xff")
        yield b"[" + line + b"]"
        yield json.dumps({**response, "credits": "NaN", "creditsConsumed": "NaN"}).encode()
        yield json.dumps({**response, "createdAt": "yesterday"}).encode()
    yield secret().encode()
    yield json.dumps(secret()).encode()


def deliver_everything(warehouse: Warehouse) -> None:
    """Secrets in each form and dataset of landing."""
    records = [*responses(), *misplaced()]
    warehouse.deliver("usage_records/responses.jsonl", records)
    warehouse.deliver("usage_records/responses.jsonl.gz", [{**row, "environment": "eu"} for row in records])
    warehouse.deliver("usage_records/broken.jsonl", b"\n".join(broken_lines()))
    torn = warehouse.deliver("usage_records/torn.jsonl.gz", [*responses()])
    torn.write_bytes(torn.read_bytes()[:-20])
    head = "id,credits,createdAt,transcript,patientName\n"
    rows = [f'c{n},1,{AT},"{secret()}, and\nmore",{secret()}' for n in range(3)]
    warehouse.deliver("usage_records/good.csv", head + "\n".join(rows) + "\n")
    ragged = [f"c9,1,{AT},{secret()},{secret()},{secret()}", f"c8,1,{AT},{secret()}", f"c7,much,{AT},{secret()},n"]
    warehouse.deliver("usage_records/ragged.csv", head + "\n".join([*rows, *ragged]) + f'\n"c6,1,{secret()}')
    warehouse.deliver("usage_records/no-csv.csv", f"{secret()}\n{secret()}")
    rows_read = [{"id": f"p{n}", "credits": n, "createdAt": AT, "text": secret()} for n in range(3)]
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows_read), out)
    warehouse.deliver("usage_records/good.parquet", out.getvalue())
    # A column of ids that holds no ids: the file is refused whole.
    no_ids = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([{**row, "userId": {"name": secret()}} for row in rows_read]), no_ids)
    warehouse.deliver("usage_records/no-ids.parquet", no_ids.getvalue())
    warehouse.deliver("usage_records/broken.parquet", out.getvalue()[:-9] + secret().encode())
    warehouse.deliver(
        "mappings/interactions/2026-03-01.csv",
        f"interactionId,userId,createdAt,title\ni1,u1,{secret()},{secret()}\n,u2,{AT},{secret()}\n",
    )
    warehouse.deliver("mappings/interactions/2026-03-02.jsonl", f'{{"interactionId": "i2", "text": "{secret()}"\n')
    warehouse.deliver(
        "mappings/users/2026-03-01.csv",
        f"userId,tenantId,displayName,email,note\nu1,t1,Ann,{secret()}@x.org,{secret()}\n",
    )
    warehouse.deliver("mappings/users/2026-03-02.jsonl", [{"userId": "u1", "tenantId": "t1", "email": secret()}])
    warehouse.deliver("mappings/tenants/2026-03-01.csv", f"tenantId,name,contact\nt1,One,{secret()}\n")
    warehouse.deliver("billing/rates/2026-03-01.csv", f"pricePerCredit,currency,note\n0.5,EUR,{secret()}\n")
    quota = {"tenantId": "t1", "period": "month", "credits": 10, "approvedBy": secret()}
    warehouse.deliver("billing/quotas/2026-03-01.jsonl", [quota])
    adjustment = {
        "adjustmentId": "a1",
        "tenantId": "t1",
        "credits": -1,
        "effectiveDate": "2026-03-02",
        "reason": "late",
    }
    warehouse.deliver("billing/adjustments/2026-03-01.jsonl", [{**adjustment, "patient": {"name": secret()}}])
