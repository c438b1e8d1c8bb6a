"""Rates, quotas and adjustments: exact figures, known currencies, every fault named by file, row and column."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pyarrow
import pyarrow.parquet
import pytest

from ingest.errors import MappingError
from tests.ingest.landing.landing_home import LandingHome, record

RATES = "billing/rates/"
QUOTAS = "billing/quotas/"
ADJUSTMENTS = "billing/adjustments/"
RATE = "tenantId,kind,pricePerCredit,currency\n"
RATE_WINDOW = "tenantId,kind,pricePerCredit,currency,validFrom,validTo\n"
QUOTA = "tenantId,userId,kind,period,credits,warnAt\n"
QUOTA_WINDOW = "tenantId,userId,kind,period,credits,validFrom,validTo\n"
ADJUSTMENT = "adjustmentId,tenantId,userId,credits,effectiveDate,reason\n"
FAULTS = {
    ("no price", RATES, "tenantId,currency\nt,EUR\n"): "column 'pricePerCredit' is missing",
    ("no currency", RATES, "pricePerCredit\n1\n"): "column 'currency' is missing",
    ("empty price", RATES, f"{RATE}t,,,EUR\n"): "row 2, column 'pricePerCredit' is empty; give it a value",
    ("below 0", RATES, f"{RATE}t,,-0.000000000001,EUR\n"): "row 2, column 'pricePerCredit' is '-0.000000000001'; give",
    ("13 places", RATES, f"{RATE}t,,0.1234567890123,EUR\n"): "from 0 to 999999 with at most 12 decimal places",
    ("too dear", RATES, f"{RATE}t,,999999.000000000001,EUR\n"): "row 2, column 'pricePerCredit' is '999999.0",
    ("no number", RATES, f'{RATE}t,,"1,5",EUR\n'): "row 2, column 'pricePerCredit' is '1,5'; give a plain number",
    ("NaN", RATES, f"{RATE}t,,NaN,EUR\n"): "'pricePerCredit' is 'NaN'",
    ("no end", RATES, f"{RATE}t,,Infinity,EUR\n"): "'pricePerCredit' is 'Infinity'",
    ("exponent", RATES, f"{RATE}t,,1e99999999999999999999,EUR\n"): "'pricePerCredit' is '1e99999999999999999999'",
    ("boolean", RATES, '{"pricePerCredit": true, "currency": "EUR"}\n'): "'pricePerCredit' holds neither text nor",
    ("currency", RATES, f"{RATE}t,,1,EURO\n"): "row 2, column 'currency' is 'EURO', which is no currency of ISO 4217",
    ("gold", RATES, f"{RATE}t,,1,XAU\n"): "row 2, column 'currency' is 'XAU', which has no minor unit",
    ("kind", RATES, f"{RATE}t,two words,1,EUR\n"): "row 2, column 'kind' is 'two words'; give one word",
    ("twice", RATES, f"{RATE}t,,1,EUR\nt,,2,EUR\n"): "row 3, columns 'tenantId', 'kind': 't', (any) stands twice",
    ("twice open", RATES, f"{RATE},,1,EUR\n,,1,USD\n"): "row 3, columns 'tenantId', 'kind': (any), (any) stands twice",
    ("case", RATES, f"{RATE}t,Facts,1,EUR\nt,facts,2,EUR\n"): "row 3, columns 'tenantId', 'kind': 't', 'facts' stands",
    ("time", RATES, f"{RATE_WINDOW}t,,1,EUR,soon,\n"): "row 2, column 'validFrom' is 'soon'; give a time",
    ("inverted", RATES, f"{RATE_WINDOW}t,,1,EUR,2026-02-01,2026-01-01\n"): "row 2, column 'validTo' is 2026-01-01T",
    (
        "overlap",
        RATES,
        f"{RATE_WINDOW},,1,EUR,,\nt,stream,1,EUR,2026-01-01,\nt,Stream,1,EUR,2026-02-01,\n",
    ): "row 4: the window of 't', 'stream' overlaps that of row 3 in billing/rates/",
    ("owner", QUOTAS, f"{QUOTA}t,,,month,1,\n,,stream,month,1,\n"): "row 3 has neither 'tenantId' nor 'userId'",
    ("no owner", QUOTAS, "period,credits\nmonth,1\n"): "row 2 has neither 'tenantId' nor 'userId'; give it one of them",
    ("period", QUOTAS, f"{QUOTA}t,,,week,1,\n"): "'period' is 'week'; give one of day, month, quarter, year.",
    ("allowance", QUOTAS, f"{QUOTA}t,,,month,-1,\n"): "row 2, column 'credits' is '-1'; give a plain number from 0",
    ("10 places", QUOTAS, f"{QUOTA}t,,,month,0.1234567891,\n"): "column 'credits' is '0.1234567891'; give a plain",
    ("share 0", QUOTAS, f"{QUOTA}t,,,month,1,0\n"): "row 2, column 'warnAt' is '0'; give a share above 0",
    ("share of 80", QUOTAS, f"{QUOTA}t,,,month,1,80\n"): "row 2, column 'warnAt' is '80'; give a share above 0",
    ("percent", QUOTAS, f"{QUOTA}t,,,month,1,80%\n"): "row 2, column 'warnAt' is '80%'",
    ("quota twice", QUOTAS, f"{QUOTA}t,u,,day,1,\nt,u,,day,2,\n"): "'period': 't', 'u', (any), 'day' stands twice with",
    (
        "quota overlap",
        QUOTAS,
        f"{QUOTA_WINDOW}t,,,month,1,2026-01-01,2026-03-01\nt,,,month,2,2026-02-28,\n",
    ): "row 3: the window of 't', (any), (any), 'month' overlaps that of row 2",
    (
        "no reason",
        ADJUSTMENTS,
        "adjustmentId,tenantId,credits,effectiveDate\na,t,1,2026-01-01\n",
    ): "'reason' is missing",
    ("blank reason", ADJUSTMENTS, f"{ADJUSTMENT}a,t,,1,2026-01-01,  \n"): "row 2, column 'reason' is empty",
    ("long id", ADJUSTMENTS, f"{ADJUSTMENT}{'a' * 129},t,,1,2026-01-01,r\n"): "'adjustmentId' has 129 characters",
    ("too many", ADJUSTMENTS, f"{ADJUSTMENT}a,t,,-1000000000,2026-01-01,r\n"): "from -999999999 to 999999999 with at",
    ("no date", ADJUSTMENTS, f"{ADJUSTMENT}a,t,,1,31.01.2026,r\n"): "'effectiveDate' is '31.01.2026'; give a date such",
    ("time of day", ADJUSTMENTS, f"{ADJUSTMENT}a,t,,1,2026-01-31T09:00:00Z,r\n"): "'effectiveDate' is '2026-01-31T09",
    ("far date", ADJUSTMENTS, f"{ADJUSTMENT}a,t,,1,2206-01-31,r\n"): "'effectiveDate' is '2206-01-31'; give a date",
    (
        "two of one id",
        ADJUSTMENTS,
        f"{ADJUSTMENT}a,t,,1,2026-01-01,r\na,t,,2,2026-01-01,r\n",
    ): "row 3, column 'adjustmentId': 'a' stands twice with different values; keep one row.",
}


@pytest.mark.parametrize(("delivered", "said"), FAULTS.items(), ids=lambda each: each[0] if type(each) is tuple else "")
def test_a_fault_is_named_and_nothing_lands(home: LandingHome, delivered: tuple[str, str, str], said: str) -> None:
    _, folder, content = delivered
    home.usage("a.jsonl", [record("a")])
    name = f"{folder}a.{'jsonl' if content.startswith('{') else 'csv'}"
    home.deliver(name, content)
    with pytest.raises(MappingError, match=re.escape(said)) as error:
        home.land()
    assert str(error.value).startswith(f"{name}: ")
    assert "\n" not in str(error.value)
    assert home.rows("select count(*) from raw.usage_records") == [(0,)]
    assert home.quarantined() == []


def test_a_reason_is_never_told_and_another_value_by_its_beginning(home: LandingHome) -> None:
    path = home.deliver(f"{ADJUSTMENTS}a.csv", f"{ADJUSTMENT}a,t,,1,2026-01-01,{'secret ' * 80}\n")
    with pytest.raises(MappingError, match="column 'reason' has 559 characters; shorten it to 500") as error:
        home.land()
    assert "secret" not in str(error.value)
    path.write_text(f"{ADJUSTMENT}a,t,,{'1' * 30}{'2' * 30},2026-01-01,secret\n")
    with pytest.raises(MappingError, match=f"'{'1' * 30}{'2' * 10}'; give") as error:
        home.land()
    assert "secret" not in str(error.value)


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


def test_windows_of_rates_may_not_overlap_across_files_but_another_key_may(home: LandingHome) -> None:
    home.deliver(f"{RATES}first_2026-01-01.csv", f"{RATE_WINDOW}t,stream,1,EUR,2026-01-01,2026-03-01\n,,1,EUR,,\n")
    home.land()
    second = home.deliver(f"{RATES}second_2026-02-01.csv", f"{RATE_WINDOW}t,STREAM,2,EUR,2026-02-01,\n")
    said = (
        r"second_2026-02-01.csv: row 2: the window of 't', 'stream' overlaps that of row 2 in billing/rates/first_2026"
    )
    with pytest.raises(MappingError, match=said):
        home.land()
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
    home.land()
    for table in ("rates", "quotas", "adjustments"):
        home.change(f"delete from raw.{table}")
    assert len(home.differences()) == 3
