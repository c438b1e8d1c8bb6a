"""Rates, quotas, adjustments and purchases land with exact figures, from every form, and each export once."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pyarrow
import pyarrow.parquet
import pytest

from tests.ingest.landing.billing_exports import (
    ADJUSTMENT,
    ADJUSTMENTS,
    PURCHASE,
    PURCHASES,
    QUOTA,
    QUOTAS,
    RATE,
    RATE_WINDOW,
    RATES,
)
from tests.ingest.landing.landing_home import LandingHome

RATE_ROWS = [
    ("t", "Stream", Decimal("0.250000000001"), "EUR", 2, datetime(2026, 1, 1), None),
    (None, None, Decimal(999999), "JPY", 0, None, datetime(2026, 7, 1)),
    ("7", None, Decimal(0), "KWD", 3, None, None),
]


@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.jsonl", "r.jsonl.zst", "r.parquet"])
@pytest.mark.parametrize("snake", [False, True])
def test_rates_land_exactly_from_every_form(home: LandingHome, name: str, snake: bool) -> None:
    csv = (
        f"{RATE_WINDOW}t, Stream ,0.250000000001,eur,2026-01-01,\n,,999999.0000000000000,JPY,,2026-07-01\n7,,-0,kwd,,\n"
    )
    json = (
        '{"tenantId": "t", "kind": "Stream", "pricePerCredit": 0.250000000001, "currency": "EUR", '
        '"validFrom": "2026-01-01", "validTo": null}\n'
        '{"pricePerCredit": "9.99999e5", "currency": " jpy", "validTo": "2026-07-01T00:00:00Z"}\n'
        '{"tenantId": 7, "pricePerCredit": 0.0, "currency": "KWD", "note": "private"}\n'
    )
    text = csv if "csv" in name else json
    if snake:
        text = re.sub("(tenantI|pricePerC|validF|validT)", lambda m: f"{m[0][:-1]}_{m[0][-1].lower()}", text)
        text = text.replace("priceP", "price_p")
    path = home.deliver(RATES + name, text)
    if name == "r.parquet":
        columns = {
            "tenantId": ["t", None, "7"],
            "kind": ["Stream", None, None],
            "pricePerCredit": pyarrow.array([row[2] for row in RATE_ROWS], pyarrow.decimal128(38, 18)),
            "currency": ["EUR", "JPY", "KWD"],
            "validFrom": pyarrow.array([datetime(2026, 1, 1), None, None], pyarrow.timestamp("us", "UTC")),
            "validTo": [None, date(2026, 7, 1), None],
        }
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    home.land()
    found = home.rows(
        "select tenant_id, kind, price_per_credit, currency, currency_decimals, valid_from, valid_to from raw.rates "
        "where not is_snapshot order by line_number"
    )
    assert found == RATE_ROWS


def test_quotas_land_exactly_and_an_open_share_stays_open(home: LandingHome) -> None:
    rows = "t,,,Month,1000.000000001,0.9\n,u,transcript,day,0,1\nt,u,,quarter,5e2,\n,u,,year,999999999999,0.000000001\n"
    home.deliver(f"{QUOTAS}q.csv", QUOTA + rows)
    home.land()
    found = home.rows(
        "select tenant_id, user_id, kind, period, credits, warn_at, is_snapshot from raw.quotas order by line_number"
    )
    assert found == [
        ("t", None, None, "month", Decimal("1000.000000001"), Decimal("0.9"), True),
        (None, "u", "transcript", "day", Decimal(0), Decimal(1), True),
        ("t", "u", None, "quarter", Decimal(500), None, True),
        (None, "u", None, "year", Decimal(999999999999), Decimal("0.000000001"), True),
    ]


def test_adjustments_land_exactly_with_their_reasons(home: LandingHome) -> None:
    home.deliver(f"{ADJUSTMENTS}a.csv", f'{ADJUSTMENT}a,t,,-0.000000001,2026-01-31," Zo\u00eb, ""sorry"" "\n')
    row = {
        "adjustmentId": 7,
        "tenantId": "t",
        "userId": "u",
        "credits": 999999999,
        "effectiveDate": "2026-02-01 00:00:00",
    }
    home.deliver(f"{ADJUSTMENTS}b.jsonl", [{**row, "reason": "r" * 500}, {**row, "reason": f"{'r' * 500} "}])
    home.land()
    found = home.rows(
        "select adjustment_id, tenant_id, user_id, credits, effective_date, reason from raw.adjustments "
        "where line_number <> 1 or adjustment_id <> 'a' order by file_id, line_number"
    )
    big = ("7", "t", "u", Decimal(999999999), date(2026, 2, 1), "r" * 500)
    assert found == [("a", "t", None, Decimal("-0.000000001"), date(2026, 1, 31), 'Zo\u00eb, "sorry"'), big, big]


def test_purchases_and_grants_land_exactly(home: LandingHome) -> None:
    rows = (
        "p1,0.000000001,2026-01-01,,,,,\n"
        "p2,99999999999,2026-01-31T10:00:00+02:00,9999-12-31T23:59:59Z,0.000000000001,jpy, eu ,7\n"
    )
    home.deliver(f"{PURCHASES}p.csv", PURCHASE + rows)
    home.deliver(f"{PURCHASES}q.jsonl", [{"purchase_id": 3, "Credits": "1e3", "purchasedAt": "2026-02-01"}])
    home.land()
    found = home.rows(
        "select purchase_id, credits, purchased_at, expires_at, price_per_credit, currency, currency_decimals, "
        "environment, corti_tenant from raw.purchases order by purchase_id"
    )
    nothing = (None,) * 6
    assert found == [
        ("3", Decimal(1000), datetime(2026, 2, 1), *nothing),
        ("p1", Decimal("0.000000001"), datetime(2026, 1, 1), *nothing),
        (
            *("p2", Decimal(99999999999), datetime(2026, 1, 31, 8), datetime(9999, 12, 31, 23, 59, 59)),
            *(Decimal("0.000000000001"), "JPY", 0, "eu", "7"),
        ),
    ]


def test_windows_of_rates_may_not_overlap_across_files_but_another_key_may(home: LandingHome) -> None:
    home.deliver(f"{RATES}first_2026-01-01.csv", f"{RATE_WINDOW}t,stream,1,EUR,2026-01-01,2026-03-01\n,,1,EUR,,\n")
    home.land()
    second = home.deliver(f"{RATES}second_2026-02-01.csv", f"{RATE_WINDOW}t,STREAM,2,EUR,2026-02-01,\n")
    said = (
        "second_2026-02-01.csv: row 2: the window of 't', 'stream' overlaps that of row 2 in billing/rates/first_2026"
    )
    assert said in home.set_aside()
    second.write_text(f"{RATE_WINDOW}t,STREAM,2,EUR,2026-03-01,\nt,,2,EUR,2026-01-01,\n,stream,2,EUR,2026-01-01,\n")
    assert home.land().files == 1


def test_an_export_delivered_again_stands_for_the_earlier_one_and_may_be_put_back(home: LandingHome) -> None:
    first, second = (f"{RATE_WINDOW}t,,{price},EUR,2026-01-01,\n" for price in (1, 2))
    for content, files in ((first, 1), (first, 0), (second, 1), (first, 1)):
        home.deliver(f"{RATES}r_2026-01-01.csv", content)
        assert home.land().files == files
    home.deliver(f"{RATES}copy_2026-01-01.csv", first)
    assert home.land().files == 0
    assert home.rows("select price_per_credit from raw.rates order by file_id") == [(1,), (2,), (1,)]


def test_a_raw_row_that_is_lost_shows_against_the_ledger(home: LandingHome) -> None:
    home.deliver(f"{RATES}r.csv", f"{RATE}t,,1,EUR\n")
    home.deliver(f"{QUOTAS}q.csv", f"{QUOTA}t,,,day,1,\n")
    home.deliver(f"{ADJUSTMENTS}a.csv", f"{ADJUSTMENT}a,t,,1,2026-01-01,r\n")
    home.deliver(f"{PURCHASES}p.csv", f"{PURCHASE}p,1,2026-01-01,,,,,\n")
    home.land()
    for table in ("rates", "quotas", "adjustments", "purchases"):
        home.change(f"delete from raw.{table}")
    assert len(home.differences()) == 4


@pytest.mark.parametrize(
    ("code", "start", "end", "decimals"),
    [
        ("BGN", "2025-01-01", "2026-01-01", 2),
        ("bgn", "2025-12-31", "", 2),
        ("HRK", "", "2023-01-01", 2),
        ("LTL", "2014-06-01", "2015-01-01", 2),
        ("ITL", "2001-01-01", "2002-01-01", 0),
        ("ZWL", "2020-01-01", "2024-01-01", 2),
        ("XCG", "2025-03-31", "", 2),
    ],
)
def test_a_currency_is_accepted_for_the_time_when_it_was_in_force(
    home: LandingHome, code: str, start: str, end: str, decimals: int
) -> None:
    row = f"pricePerCredit,currency,validFrom,validTo\n0.05,{code},{start},{end}\n"
    home.deliver("billing/rates/r_2026-03-01.csv", row)
    home.land()
    assert home.rows("select currency, currency_decimals from raw.rates") == [(code.upper(), decimals)]


def test_a_snapshot_names_a_currency_that_is_in_force_when_it_is_exported(home: LandingHome) -> None:
    home.deliver("billing/rates/r_2025-12-31.csv", "pricePerCredit,currency\n0.05,BGN\n")
    home.land()
    home.deliver("billing/rates/r_2026-01-01.csv", "pricePerCredit,currency\n0.06,BGN\n")
    assert "'BGN', which was withdrawn on 2026-01-01" in home.set_aside()
