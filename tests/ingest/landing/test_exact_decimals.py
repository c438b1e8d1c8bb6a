"""Credits arrive as they were written: exact from the text of the number on, to nine places."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome

EXACT = {
    "0.1": "0.1",
    "0.30": "0.3",
    "1e-7": "0.0000001",
    "1E2": "100",
    "5e-9": "0.000000005",
    "12345678.123456789": "12345678.123456789",
    "123456789.123456789": "123456789.123456789",
    "999999.999999999": "999999.999999999",
    "999999999": "999999999",
    "999999999.000000000": "999999999",
    "0": "0",
    "-0": "0",
    "-0.0": "0",
    "0e999": "0",
    "0e99999999999999999999": "0",
}
ROUNDED = {
    "0.30000000000000004": "0.3",
    "0.1000000000000000055511151231257827": "0.1",
    "0.0000000005": "0.000000001",
    "0.00000000049999999999999": "0",
    "1.0000000005": "1.000000001",
    "1.0000000015": "1.000000002",
    "123456.1234567894999999999": "123456.123456789",
    "999999998.9999999999": "999999999",
    "1.00000000000000000000000000000000000000000000000000000000000000000001": "1",
}
UNDERFLOWING = {"1e-400": "0", "1e-99999999999999999999": "0"}
REFUSED = {
    "999999999.0000000001": "credits_too_large",
    "1000000000": "credits_too_large",
    "1e400": "credits_too_large",
    "1e99999999999999999999": "credits_too_large",
    "-1": "credits_negative",
    "-0.0000000001": "credits_negative",
    "-1e-99999999999999999999": "credits_negative",
}
TEXTS = {" 0.1\t": "0.1", "+7": "7", ".5": "0.5", "5.": "5", "00.30": "0.3", **EXACT}


def json_line(number: str, *, as_text: bool) -> str:
    value = f'"{number}"'.replace("\t", "\\t") if as_text else number
    return f'{{"resourceId": "n={number.strip()}", "creditsConsumed": {value}, "createdAt": "{DAY}"}}\n'


def assert_landed(home: LandingHome, numbers: dict[str, str], rounded: int) -> None:
    assert home.land().credits_rounded == rounded
    assert home.refused() == []
    expected = {f"n={number.strip()}": Decimal(value) for number, value in numbers.items()}
    assert home.credits() == expected


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_json_numbers_arrive_as_written(home: LandingHome, name: str) -> None:
    home.usage(name, "".join(json_line(number, as_text=False) for number in [*EXACT, *ROUNDED]))
    assert_landed(home, EXACT | ROUNDED, len(ROUNDED))


def test_json_texts_arrive_as_written(home: LandingHome) -> None:
    numbers = TEXTS | ROUNDED | UNDERFLOWING
    home.usage("a.jsonl", "".join(json_line(number, as_text=True) for number in numbers))
    assert_landed(home, numbers, len(ROUNDED | UNDERFLOWING))


def test_what_is_smaller_than_a_double_holds_is_rounded_to_nothing(home: LandingHome) -> None:
    home.usage("a.jsonl", "".join(json_line(number, as_text=False) for number in UNDERFLOWING))
    assert_landed(home, UNDERFLOWING, len(UNDERFLOWING))
    home.usage("b.jsonl", json_line("-1e-400", as_text=False))
    home.land()
    assert home.rows("select reason from raw.rejected_lines") == [("credits_negative",)]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_csv_numbers_arrive_as_written(home: LandingHome, name: str) -> None:
    numbers = TEXTS | ROUNDED | UNDERFLOWING
    rows = "".join(f"n={number.strip()},{number},{DAY}\n" for number in numbers)
    home.usage(name, f"resourceId,creditsConsumed,createdAt\n{rows}")
    assert_landed(home, numbers, len(ROUNDED | UNDERFLOWING))


def test_parquet_decimals_arrive_whole_beyond_what_a_double_holds(home: LandingHome) -> None:
    numbers = {n: v for n, v in (EXACT | ROUNDED).items() if "e" not in n.lower() and len(n) < 25}
    table = pyarrow.table(
        {
            "resourceId": [f"n={number}" for number in numbers],
            "creditsConsumed": pyarrow.array([Decimal(number) for number in numbers], pyarrow.decimal128(38, 24)),
            "createdAt": [DAY] * len(numbers),
        }
    )
    path = home.usage("a.parquet", b"")
    pyarrow.parquet.write_table(table, path)
    assert_landed(home, numbers, sum(Decimal(number) != Decimal(value) for number, value in numbers.items()))


def test_parquet_doubles_arrive_as_their_shortest_text(home: LandingHome) -> None:
    doubles = {0.1: "0.1", 1e-7: "0.0000001", 0.1 + 0.2: "0.3", 12345678.125: "12345678.125", 1e300: None}
    table = pyarrow.table(
        {
            "resourceId": [str(number) for number in doubles],
            "creditsConsumed": [*doubles],
            "createdAt": [DAY] * len(doubles),
        }
    )
    pyarrow.parquet.write_table(table, home.usage("a.parquet", b""))
    assert home.land().credits_rounded == 1
    assert home.credits() == {str(number): Decimal(value) for number, value in doubles.items() if value}
    assert home.refused() == [("a.parquet", 5, "credits_too_large")]


def test_parquet_integers_and_texts_arrive_as_written(home: LandingHome) -> None:
    path = home.usage("a.parquet", b"")
    duckdb.connect().execute(
        f"copy (select 'hugeint' as resourceId, 7::hugeint as credits, '0.30' as creditsConsumed, date '{DAY}' as createdAt "
        f"union all select 'other', 8, null, date '{DAY}') to '{path}'"
    )
    home.land()
    assert home.credits() == {"hugeint": Decimal("0.3"), "other": Decimal(8)}
    assert home.rows("select distinct created_at::varchar from raw.usage_records") == [(f"{DAY} 00:00:00",)]


@pytest.mark.parametrize(("number", "reason"), REFUSED.items())
def test_what_lies_outside_the_bounds_is_refused(home: LandingHome, number: str, reason: str) -> None:
    home.usage("a.jsonl", json_line(number, as_text=False) + json_line(number, as_text=True))
    home.usage("a.csv", f"resourceId,creditsConsumed,createdAt\nx,{number},{DAY}\n")
    home.land()
    assert home.refused() == [("a.csv", 2, reason), ("a.jsonl", 1, reason), ("a.jsonl", 2, reason)]
