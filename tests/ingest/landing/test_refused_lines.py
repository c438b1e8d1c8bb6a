"""What is no record is refused with its reason and its line, and never costs the lines around it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome, record

GOOD = f'{{"resourceId": "good", "creditsConsumed": 1, "createdAt": "{DAY}"}}'
LINES = {
    "broken_json": [
        *(
            "{",
            "{}}",
            "{'a': 1}",
            f"{GOOD},",
            f"{GOOD} x",
            f"{GOOD}{GOOD},",
            f"{GOOD}[1]",
            "{\0}",
            '{"a": 01}',
            '{"a": "\t"}',
            "nonsense",
        ),
        *(GOOD[:-1] + tail for tail in (",}", ', "n": NaN}', ', "n": -inf}', ', "n": [Infinity]}', ', "n": [1,]}')),
        *("[" * 100_000, GOOD[:-1]),
    ],
    "several_objects": [f"{GOOD}{GOOD}", f"{GOOD} {GOOD}\t{GOOD} ", "{}{}"],
    "json_array": ["[1]", "[]", f"[{GOOD}]", f" [{GOOD}, {GOOD}]", "[", " [ "],
    "not_an_object": ["null", '"text"', "7", "true"],
    "credits_absent": [
        *('{"createdAt": "2025-03-01"}', "{}"),
        *(f'{{"creditsConsumed": {value}, "createdAt": "{DAY}"}}' for value in ("null", '""')),
        f'{{"usageInfo": {{}}, "createdAt": "{DAY}"}}',
        f'{{"usageInfo": 5, "createdAt": "{DAY}"}}',
        f'{{"creditsConsumed": " ", "createdAt": "{DAY}"}}',
        f'{{"status": "METERED", "model": "m", "createdAt": "{DAY}"}}',
        f'{{"status": "metered", "inputTokens": 1, "createdAt": "{DAY}"}}',
        f'{{"status": "final", "model": "m", "inputTokens": 1, "createdAt": "{DAY}"}}',
    ],
    "credits_decimal_comma": [
        f'{{"creditsConsumed": "{text}", "createdAt": "{DAY}"}}' for text in ("1,5", " 0,25 ", "-1,5", "1,500")
    ],
    "credits_not_a_number": [
        f'{{"creditsConsumed": {value}, "createdAt": "{DAY}"}}'
        for value in (
            *(
                "true",
                "{}",
                "[1]",
                '"abc"',
                '"NaN"',
                '"inf"',
                '"1,5,0"',
                '"0x10"',
                '"1_000"',
                '"1 000"',
                '"."',
                '"1e"',
            ),
            *('"\\u0661"', '"1\\u0000"', '"1 2"', '"--1"'),
        )
    ],
    "credits_negative": [f'{{"creditsConsumed": -0.5, "createdAt": "{DAY}"}}'],
    "credits_too_large": [f'{{"creditsConsumed": 1e9, "createdAt": "{DAY}"}}'],
    "time_absent": ['{"creditsConsumed": 1}', '{"creditsConsumed": 1, "createdAt": "", "capturedAt": null}'],
    "time_unusable": [
        json.dumps({"creditsConsumed": 1, "createdAt": time})
        for time in (
            *(
                "yesterday",
                "2025-02-30",
                "1999-12-31T23:59:59Z",
                "2025-03-01T24:00:00Z",
                "2025-03-01T10Z",
                "20250301",
                "2025-03-01T10:00:00 CET",
                "2025-03-01T10:00:61Z",
            ),
            *("2025-03-01T10:00:00+24:00", "2025-03-01T10:00:00+0", 1743300000, True, {}, "0001-01-01", "9999-12-31"),
            (datetime.now(UTC) + timedelta(days=2, hours=1)).isoformat(),
        )
    ],
    "id_too_long": [
        json.dumps(record("x", **{name: "\u00e9" * 129}))
        for name in ("recordId", "interactionId", "resourceId", "operationId", "record_id", "cortiTenant")
    ]
    + [json.dumps(record("x", **{name: "\u00e9" * 257})) for name in ("userId", "tenantId", "model", "CustomerID")],
    "id_unusable": [
        f'{{"creditsConsumed": 1, "createdAt": "{DAY}", "{name}": {value}}}'
        for name in ("recordId", "userId", "tenantId", "id", "environment")
        for value in ("true", "{}", "[1]", "1.5", "9007199254740993.0", "1e400", "1e-99999999999999999999")
    ],
    "invalid_utf8": [],
}


@pytest.mark.parametrize("reason", [reason for reason in LINES if reason != "invalid_utf8"])
def test_a_refused_line_leaves_the_good_ones_around_it(home: LandingHome, reason: str) -> None:
    lines = LINES[reason]
    home.usage("a.jsonl", "".join(f"{GOOD}\n{line}\n" for line in lines) + GOOD)
    summary = home.land()
    assert (summary.lines, summary.accepted, summary.rejected) == (2 * len(lines) + 1, len(lines) + 1, len(lines))
    assert home.refused() == [("a.jsonl", 2 * n, reason) for n in range(1, len(lines) + 1)]


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe9"])
def test_a_line_that_is_not_utf8_leaves_the_good_ones_around_it(home: LandingHome, bad: bytes) -> None:
    good = GOOD.encode()
    home.usage("a.jsonl", b"\n".join([good, good.replace(b"good", bad), good]))
    home.usage("a.csv", b"resourceId,credits,createdAt\na,1,2025-03-01\n" + bad + b",1,2025-03-01\nb,1,2025-03-01\n")
    assert home.land().accepted == 4
    assert home.refused() == [("a.csv", 3, "invalid_utf8"), ("a.jsonl", 2, "invalid_utf8")]


def test_lines_are_numbered_as_they_stand_blank_ones_included(home: LandingHome) -> None:
    home.usage("a.jsonl", f"\n{GOOD}\r\n  \n\r\nbad\r\n\n{GOOD}\n\n")
    summary = home.land()
    assert (summary.lines, summary.accepted, home.refused()) == (3, 2, [("a.jsonl", 5, "broken_json")])


@pytest.mark.parametrize(("bad", "good"), [("createdAt", "capturedAt"), ("capturedAt", "createdAt")])
def test_a_time_that_is_not_understood_is_never_replaced_by_the_other(home: LandingHome, bad: str, good: str) -> None:
    home.usage(
        "a.jsonl", [{"creditsConsumed": 1, bad: "nonsense", good: DAY}, {"creditsConsumed": 1, bad: " ", good: DAY}]
    )
    assert home.land().accepted == 1
    assert home.refused() == [("a.jsonl", 1, "time_unusable")]


def test_only_a_call_that_never_reported_may_lack_credits(home: LandingHome) -> None:
    home.usage("a.jsonl", [{"status": "unreported", "createdAt": DAY}, {"status": "final", "createdAt": DAY}])
    assert home.land().accepted == 1
    assert home.refused() == [("a.jsonl", 2, "credits_absent")]


def test_the_first_figure_present_wins_and_is_never_a_sum(home: LandingHome) -> None:
    rows = [
        {"resourceId": "a", "credits": 3, "usageInfo": {"creditsConsumed": 2}, "creditsConsumed": 1},
        {"resourceId": "b", "credits": 3, "usageInfo": {"creditsConsumed": 2}, "creditsConsumed": None},
        {"resourceId": "c", "credits": 3, "usageInfo": {"creditsConsumed": ""}},
        {"id": "d", "credits": "4", "usage_info": {"credits_consumed": 2}},
    ]
    home.usage("a.jsonl", [{**row, "createdAt": DAY} for row in rows])
    home.land()
    assert {name: int(value) for name, value in home.credits().items()} == {"a": 1, "b": 2, "c": 3, "d": 2}


def test_each_spelling_of_the_customers_id_is_read_though_one_file_holds_both(home: LandingHome) -> None:
    names = ["customerID", "customerId", "customer_id", "tenant_id", "tenantId"]
    home.usage("a.jsonl", [record(name, **{name: f"t-{name}"}) for name in names])
    home.usage("b.jsonl", [record("lone", customerId="t-lone", customerID="")])
    home.usage("c.csv", f"id,credits,createdAt,customerID,customerId\ncsv1,1,{DAY},t1,\ncsv2,1,{DAY},,t2\n")
    home.land()
    found = dict(home.rows("select resource_id, tenant_id from raw.usage_records"))
    assert found == {**{name: f"t-{name}" for name in names}, "lone": "t-lone", "csv1": "t1", "csv2": "t2"}
