"""Every fault of a rate, quota, adjustment or purchase is named by file, row and column, and then nothing lands."""

from __future__ import annotations

import pytest

from tests.ingest.landing.billing_exports import (
    ADJUSTMENT,
    ADJUSTMENTS,
    PURCHASE,
    PURCHASES,
    QUOTA,
    QUOTA_WINDOW,
    QUOTAS,
    RATE,
    RATE_WINDOW,
    RATES,
)
from tests.ingest.landing.landing_home import LandingHome, record

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
    (
        "boolean",
        RATES,
        '{"pricePerCredit": true, "currency": "EUR"}\n',
    ): "'pricePerCredit' has a value that is not a text",
    (
        "currency",
        RATES,
        f"{RATE}t,,1,EURO\n",
    ): "row 2, column 'currency' is 'EURO', which is not a currency of ISO 4217",
    (
        "withdrawn",
        RATES,
        f"{RATE_WINDOW}t,,1,BGN,2026-01-01,\n",
    ): "row 2, column 'currency' is 'BGN', which was withdrawn on 2026-01-01, and the row holds from 2026-01-01;",
    ("withdrawn, no start", RATES, f"{RATE_WINDOW}t,,1,HRK,,2023-06-01\n"): "'HRK', which was withdrawn on 2023-01-01",
    ("too early", RATES, f"{RATE_WINDOW}t,,1,XCG,2025-01-01,\n"): "'XCG', which is in force from 2025-03-31 only",
    ("gold", RATES, f"{RATE}t,,1,XAU\n"): "row 2, column 'currency' is 'XAU', which has no minor unit",
    ("kind", RATES, f"{RATE}t,two words,1,EUR\n"): "row 2, column 'kind' is 'two words'; give one word",
    ("twice", RATES, f"{RATE}t,,1,EUR\nt,,2,EUR\n"): "row 3, columns 'tenantId', 'kind': 't', (any) appears twice",
    ("twice open", RATES, f"{RATE},,1,EUR\n,,1,USD\n"): "row 3, columns 'tenantId', 'kind': (any), (any) appears twice",
    ("case", RATES, f"{RATE}t,Facts,1,EUR\nt,facts,2,EUR\n"): "row 3, columns 'tenantId', 'kind': 't', 'facts' appears",
    ("time", RATES, f"{RATE_WINDOW}t,,1,EUR,soon,\n"): "row 2, column 'validFrom' is 'soon'; give a time",
    ("inverted", RATES, f"{RATE_WINDOW}t,,1,EUR,2026-02-01,2026-01-01\n"): "row 2, column 'validTo' is 2026-01-01T",
    (
        "overlap",
        RATES,
        f"{RATE_WINDOW},,1,EUR,,\nt,stream,1,EUR,2026-01-01,\nt,Stream,1,EUR,2026-02-01,\n",
    ): "row 4: the window of 't', 'stream' overlaps that of row 3 in billing/rates/",
    ("owner", QUOTAS, f"{QUOTA}t,,,month,1,\n,,stream,month,1,\n"): "row 3 has neither 'tenantId' nor 'userId'",
    ("no owner", QUOTAS, "period,credits\nmonth,1\n"): "row 2 has neither 'tenantId' nor 'userId'; give it one of them",
    ("period", QUOTAS, f"{QUOTA}t,,,hour,1,\n"): "'period' is 'hour'; give one of day, week, month, quarter,",
    ("allowance", QUOTAS, f"{QUOTA}t,,,month,-1,\n"): "row 2, column 'credits' is '-1'; give a plain number from 0",
    ("10 places", QUOTAS, f"{QUOTA}t,,,month,0.1234567891,\n"): "column 'credits' is '0.1234567891'; give a plain",
    ("share 0", QUOTAS, f"{QUOTA}t,,,month,1,0\n"): "row 2, column 'warnAt' is '0'; give a share above 0",
    ("share of 80", QUOTAS, f"{QUOTA}t,,,month,1,80\n"): "row 2, column 'warnAt' is '80'; give a share above 0",
    ("percent", QUOTAS, f"{QUOTA}t,,,month,1,80%\n"): "row 2, column 'warnAt' is '80%'",
    (
        "quota twice",
        QUOTAS,
        f"{QUOTA}t,u,,day,1,\nt,u,,day,2,\n",
    ): "'period': 't', 'u', (any), 'day' appears twice with",
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
    ): "row 3, column 'adjustmentId': 'a' appears twice with different values; keep one row.",
    ("no time", PURCHASES, "purchaseId,credits\np,1\n"): "column 'purchasedAt' is missing",
    (
        "negative",
        PURCHASES,
        f"{PURCHASE}p,-1,2026-01-01,,,,,\n",
    ): "row 2, column 'credits' is '-1'; give a plain number",
    ("price only", PURCHASES, f"{PURCHASE}p,1,2026-01-01,,2,,,\n"): "row 2 has only one of 'pricePerCredit' and",
    ("currency only", PURCHASES, f"{PURCHASE}p,1,2026-01-01,,,EUR,,\n"): "'currency'; give it both or none.",
    (
        "expired before",
        PURCHASES,
        f"{PURCHASE}p,1,2026-01-01,2026-01-01,,,,\n",
    ): "row 2, column 'expiresAt' is 2026-01-01T00:00:00, not after purchasedAt 2026-01-01T00:00:00; correct one",
    (
        "old money",
        PURCHASES,
        f"{PURCHASE}p,1,2026-01-01,,2,BGN,,\n",
    ): "row 2, column 'currency' is 'BGN', which was withdrawn on 2026-01-01",
    ("ancient", PURCHASES, f"{PURCHASE}p,1,1999-12-31,,,,,\n"): "'purchasedAt' is '1999-12-31'; give a time from 2000",
    ("later", PURCHASES, f"{PURCHASE}p,1,2200-01-01,,,,,\n"): "'2200-01-01'; give a time from 2000 to 2199.",
    (
        "two of one purchase",
        PURCHASES,
        f"{PURCHASE}p,1,2026-01-01,,,,,\np,2,2026-01-01,,,,,\n",
    ): "row 3, column 'purchaseId': 'p' appears twice with different values; keep one row.",
}


@pytest.mark.parametrize(
    ("delivered", "said"), FAULTS.items(), ids=lambda inspected: inspected[0] if type(inspected) is tuple else ""
)
def test_a_fault_is_named_and_its_file_set_aside_alone(
    home: LandingHome, delivered: tuple[str, str, str], said: str
) -> None:
    _, folder, content = delivered
    home.usage("a.jsonl", [record("a")])
    name = f"{folder}a.{'jsonl' if content.startswith('{') else 'csv'}"
    home.deliver(name, content)
    got = home.set_aside()
    assert got.startswith(f"{name}: ") and said in got
    assert home.rows("select dataset from raw.landed_files") == [("usage_records",)]
    assert home.quarantined() == []


def test_a_reason_is_never_told_and_another_value_by_its_beginning(home: LandingHome) -> None:
    path = home.deliver(f"{ADJUSTMENTS}a.csv", f"{ADJUSTMENT}a,t,,1,2026-01-01,{'secret ' * 80}\n")
    got = home.set_aside()
    assert "column 'reason' has 559 characters; shorten it to 500" in got and "secret" not in got
    path.write_text(f"{ADJUSTMENT}a,t,,{'1' * 30}{'2' * 30},2026-01-01,secret\n")
    got = home.set_aside()
    assert f"'{'1' * 30}{'2' * 10}'; give" in got and "secret" not in got
