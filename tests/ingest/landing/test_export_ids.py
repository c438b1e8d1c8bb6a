"""Ids in exports that people make follow the rules of a record's ids."""

from __future__ import annotations

import json

import pytest

from tests.ingest.landing.landing_home import LandingHome

RATE = {"pricePerCredit": "1", "currency": "EUR"}
QUOTA = {"period": "day", "credits": 1}
ADJUSTMENT = {"adjustmentId": "a", "tenantId": "t", "credits": 1, "effectiveDate": "2026-01-01", "reason": "r"}
PURCHASE = {"purchaseId": "p", "credits": 1, "purchasedAt": "2026-01-01"}
EXPORTS = [
    ("mappings/users", "users", "userId", {"tenantId": "t"}),
    ("mappings/users", "users", "tenantId", {"userId": "u"}),
    ("mappings/tenants", "tenants", "tenantId", {"name": "T"}),
    ("billing/rates", "rates", "tenantId", RATE),
    ("billing/quotas", "quotas", "tenantId", QUOTA),
    ("billing/quotas", "quotas", "userId", QUOTA),
    ("billing/adjustments", "adjustments", "tenantId", ADJUSTMENT),
    ("billing/adjustments", "adjustments", "userId", ADJUSTMENT),
    ("billing/adjustments", "adjustments", "adjustmentId", ADJUSTMENT),
    ("billing/purchases", "purchases", "purchaseId", PURCHASE),
    ("billing/purchases", "purchases", "cortiTenant", PURCHASE),
]
COLUMNS = {"userId": "user_id", "tenantId": "tenant_id", "adjustmentId": "adjustment_id"}
COLUMNS |= {"purchaseId": "purchase_id", "cortiTenant": "corti_tenant"}


def _line(rest: dict[str, object], name: str, value: str) -> str:
    row = json.dumps({key: kept for key, kept in rest.items() if key != name})
    return f'{row[:-1]}{", " if row != "{}" else ""}"{name}": {value}}}\n'


@pytest.mark.parametrize(("folder", "table", "name", "rest"), EXPORTS)
def test_whole_numbers_are_ids_however_they_are_written(
    home: LandingHome, folder: str, table: str, name: str, rest: dict[str, object]
) -> None:
    written = {"10001.0": "10001", "1e3": "1000", "7": "7", '"1e3"': "1e3", '"8.0"': "8.0", "-0": "0"}
    for number, value in enumerate(written):
        other = rest | ({"adjustmentId": str(number)} if table == "adjustments" else {})
        home.deliver(f"{folder}/{number}_2026-01-01.jsonl", _line(other, name, value))
    home.land()
    found = home.rows(f"select {COLUMNS[name]} from raw.{table} order by file_id")
    assert [text for (text,) in found] == [*written.values()]


@pytest.mark.parametrize("value", ["1.5", "9007199254740993.0", "true", '["x"]', json.dumps("x" * 257), '"x"'])
@pytest.mark.parametrize(("folder", "table", "name", "rest"), EXPORTS)
def test_what_is_no_id_is_named(
    home: LandingHome, folder: str, table: str, name: str, rest: dict[str, object], value: str
) -> None:
    home.deliver(f"{folder}/x_2026-01-01.jsonl", _line(rest, name, value))
    if value == '"x"':
        assert home.land().left_out == ()
    else:
        assert f"row 1, column {name!r} " in home.set_aside()
