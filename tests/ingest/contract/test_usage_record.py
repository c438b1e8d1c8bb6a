"""A record is one line of its own fields, whatever they contain."""

from __future__ import annotations

import json

import pytest

from ingest.capture.recognition import usage_records
from ingest.contract.call import CallContext
from ingest.contract.plain_values import credit_digits
from ingest.contract.usage_record import UsageRecord

FORGED = '0}\n{"kind":"facts","tenantId":"victim","creditsConsumed":9999'


def record(**fields: str) -> UsageRecord:
    return UsageRecord(record_id="r", kind="facts", status="final", source="created")._replace(**fields)


@pytest.mark.parametrize("field", ["credits", "input_tokens", "output_tokens", "user_id", "operation_id"])
def test_no_field_ends_the_line_and_begins_another(field: str) -> None:
    line = record(**{field: FORGED}).line()
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert FORGED in json.loads(line).values()


@pytest.mark.parametrize(
    ("written", "in_the_line"), [("0.10", "0.10"), ("1e-7", "1e-7"), ("+.5", '"+.5"'), ("05", '"05"')]
)
def test_a_figure_keeps_its_digits_and_a_text_that_landing_reads_stays_a_text(written: str, in_the_line: str) -> None:
    assert credit_digits(written) == written
    assert f'"creditsConsumed":{in_the_line}}}' in record(credits=written).line().decode()


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "patch"])
@pytest.mark.parametrize("path", ["/v2/interactions/i-1/documents/d-1", "/v2/widgets/w-1"])
def test_an_edit_makes_no_record(method: str, path: str) -> None:
    body = b'{"id": "d-1", "usageInfo": {"creditsConsumed": 12}}'
    assert usage_records(method, path, 200, {}, body, CallContext.mint()) == ()


def test_a_resource_has_the_same_id_in_a_path_as_in_a_body() -> None:
    body = b'{"id": "abcdef", "usageInfo": {"creditsConsumed": 15}}'
    [created] = usage_records("POST", "/v2/interactions/i-1/documents/", 201, {}, body, CallContext.mint())
    read = usage_records("GET", "/v2/interactions/i-1/documents/abcdef", 200, {}, body, CallContext.mint())
    assert (created.resource_id, read) == (None, ())
