"""What a caller says of whose call it is counts as landing reads it, and never breaks or loses a record."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import numpy as np
import pytest

from ingest.capture.spool import Spool
from ingest.capture.transport import CaptureTransport
from ingest.contract import plain_values
from ingest.contract.call import CallContext
from ingest.contract.usage_record import UsageRecord
from tests.ingest.capture.bodies import INTERACTION, TASK, codes, lines_of, task_v2, transcript

UUID = uuid.UUID("5b0f6a52-3c1e-4d0a-9a55-0d6f3c9e1a01")
URL = "https://api.eu.corti.app/v2/tools/coding/"


@pytest.fixture(autouse=True)
def nothing_left_out_yet() -> Iterator[None]:
    plain_values._left_out.clear()
    yield
    plain_values._left_out.clear()


class Unreadable:
    def __str__(self) -> str:
        raise RuntimeError("Mr Synthetic")


GIVEN = [
    ("u-17", "u-17"),
    (" padded ", " padded "),
    ("müller", "müller"),
    (42, "42"),
    (0, "0"),
    (-1, "-1"),
    (np.int64(42), "42"),
    (42.0, "42"),
    (Decimal("42.0"), "42"),
    (UUID, str(UUID)),
    (UUID.bytes, str(UUID)),
    (b"u-17", "u-17"),
    (bytearray(b"u-17"), "u-17"),
    ("x" * 256, "x" * 256),
]
ABSENT = [None, "", "  ", float("nan"), Decimal("NaN"), b""]
UNUSABLE = [
    True,
    4.5,
    1e300,
    float("inf"),
    b"\xff\xfe",
    ["u-17"],
    {"id": 1},
    object(),
    Unreadable(),
    "x" * 257,
    10**5000,
]


def captured_user(landing: Path, **extensions: object) -> dict[str, str]:
    spool = Spool(landing, send_heartbeats=False)
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json=codes()))
    with httpx.Client(transport=CaptureTransport(answer, spool)) as client:
        client.post(URL, json={}, extensions=extensions)
    spool.close()
    [file] = (landing / "usage_records").glob("*.jsonl")
    [line] = file.read_bytes().splitlines()
    return json.loads(line)


@pytest.mark.parametrize(("value", "text"), GIVEN)
def test_what_a_caller_gives_is_its_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, value: object, text: str
) -> None:
    line = captured_user(tmp_path, credits_user=value, credits_tenant=value)
    assert (line["userId"], line["tenantId"]) == (text, text)
    assert caplog.records == []


@pytest.mark.parametrize("value", ABSENT)
def test_what_is_absent_is_left_out_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    assert "userId" not in captured_user(tmp_path, credits_user=value)
    assert caplog.records == []


@pytest.mark.parametrize("value", UNUSABLE, ids=lambda value: type(value).__name__)
def test_what_cannot_be_used_is_logged_once_without_its_value_and_the_record_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    for attempt in ("first", "second"):
        line = captured_user(tmp_path / attempt, credits_user=value, credits_tenant="t-1")
        assert line["creditsConsumed"] == 0.011 and line["tenantId"] == "t-1" and "userId" not in line
    [got] = caplog.records
    assert got.levelno == logging.WARNING and got.getMessage().startswith("a userId is left out")
    assert "xxx" not in got.getMessage() and "Synthetic" not in got.getMessage()


def test_the_account_that_a_caller_names_has_the_length_of_an_id(caplog: pytest.LogCaptureFixture) -> None:
    context = CallContext.mint(environment=UUID, corti_tenant="x" * 129)
    assert (context.environment, context.corti_tenant) == (str(UUID), None)
    assert [entry.getMessage() for entry in caplog.records] == [
        "a cortiTenant is left out of usage records, because it is a text of more than 128 characters; further ones "
        "are not logged"
    ]


def test_a_record_with_ids_of_any_usable_type_makes_a_line() -> None:
    record = UsageRecord("r1", "codes", "final", "created", operation_id=UUID, user_id=42, tenant_id=True)  # pyright: ignore[reportArgumentType]
    assert json.loads(record.line()) == {
        "recordId": "r1",
        "kind": "codes",
        "status": "final",
        "source": "created",
        "operationId": str(UUID),
        "userId": "42",
    }


def test_over_long_ids_and_models_of_a_response_are_left_out_and_logged_and_the_record_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    long = "a1" * 65
    [kept] = lines_of("POST", f"/v2/interactions/{INTERACTION}/transcripts/", 201, {**transcript(), "id": long[:128]})
    assert kept["resourceId"] == long[:128]
    [line] = lines_of("POST", f"/v2/interactions/{long}/transcripts/", 201, {**transcript(), "id": long})
    assert "resourceId" not in line and "interactionId" not in line and line["operationId"] == "op-1"
    task = task_v2()
    task["metadata"] = {"$usage": {"model": "corti-1" * 40, "credits": 1.2}}
    [line] = lines_of("POST", "/v2/agentic/agents/agt.1/a2a/message:send", 200, {"task": task})
    assert (line["resourceId"], line["creditsConsumed"], "model" in line) == (TASK, "1.2", False)
    assert sorted(entry.getMessage() for entry in caplog.records) == [
        "a model is left out of usage records, because it is a text of more than 256 characters; further ones are not "
        "logged",
        "a resourceId or interactionId is left out of usage records, because it is a text of more than 128 characters; "
        "further ones are not logged",
    ]
