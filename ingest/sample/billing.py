"""The sample's rates, quotas and adjustments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ingest.sample.landing_files import LandingFiles, text_table
from ingest.sample.mappings import pilot_tenant_id
from ingest.sample.plan import InteractionPlan
from ingest.sample.timeline import DAY_MS, LAST_DAY, Window, export_stamp, rfc3339, to_ms
from ingest.sample.world import World, text_id

TENANT_WITHOUT_RATE = 8
"""The number of the tenant whose usage is unrated; others have a rate of their own."""

_OVER, _NEAR, _WITHIN, _BY_KIND, _CORRECTED = 0, 1, 2, 3, 7
_LAST_MONTH = LAST_DAY.replace(day=1)
_MEAN_CREDITS = 0.46
"""The average credits of an operation: allowances are drawn from counts of operations."""


def write_billing(files: LandingFiles, world: World, window: Window, plans: Sequence[InteractionPlan]) -> None:
    """Rates in two currencies that change with the last month, quotas in two snapshots, and a file of adjustments."""
    _write_rates(files, world, window)
    _write_quotas(files, world, plans)
    _write_adjustments(files, world)


def _write_rates(files: LandingFiles, world: World, window: Window) -> None:
    """Two dated exports: the rates until the last month begins, and the rates from then on."""
    begin, turn = rfc3339(min(to_ms(date(2025, 9, 1)), window.start_ms - 400 * DAY_MS)), rfc3339(to_ms(_LAST_MONTH))
    customers = [("tenant_A", "EUR"), ("tenant_B", "USD"), (pilot_tenant_id(world.seed), "EUR")]
    customers += [
        (tenant, "USD" if world.region[number] else "EUR")
        for number, tenant in enumerate(world.tenant_ids)
        if number != TENANT_WITHOUT_RATE
    ]
    names = ("tenantId", "kind", "pricePerCredit", "currency", "validFrom", "validTo")
    old = [(tenant, None, "1.15" if code == "EUR" else "1.245", code, begin, turn) for tenant, code in customers]
    new: list[tuple[str | None, ...]] = [
        (tenant, None, "1.2" if code == "EUR" else "1.3", code, turn, None) for tenant, code in customers
    ]
    new.append((world.tenant_ids[_OVER], "guided_document", "0.95", "EUR", turn, None))
    early = min(int(world.snapshot_ms[0]), to_ms(date(2025, 9, 1)))
    files.export_table(f"billing/rates/rates-{export_stamp(early)}.csv", text_table(old, names))
    announced = to_ms(_LAST_MONTH - timedelta(days=14))
    files.export_table(f"billing/rates/rates-{export_stamp(announced)}.csv", text_table(new, names))


def _write_quotas(files: LandingFiles, world: World, plans: Sequence[InteractionPlan]) -> None:
    """Two snapshots: in the later one a tenant that had exceeded its allowance gets more, and exceeds it again."""
    tenants, users = _expected(plans, len(world.tenant_ids), len(world.user_ids))
    busiest = np.argsort(-users[world.permanent], kind="stable")[:2]
    first, second = (int(world.permanent[rank]) for rank in busiest)
    home = world.tenant_ids[int(world.membership[-1, second])]
    year = max(10, round(float(tenants.sum()) / 10) * 10)
    for instant_ms, over in ((int(world.snapshot_ms[0]), 0.6), (to_ms(_LAST_MONTH), 0.8)):
        rows: list[tuple[str | None, ...]] = [
            (world.tenant_ids[_OVER], None, None, "month", _part(tenants[_OVER], over), None),
            (world.tenant_ids[_NEAR], None, None, "month", _part(tenants[_NEAR], 1.05), None),
            (world.tenant_ids[_WITHIN], None, None, "quarter", _part(tenants[_WITHIN], 8.0), "0.9"),
            (world.tenant_ids[_BY_KIND], None, "stream", "day", _part(tenants[_BY_KIND] / 31, 2.0), None),
            (world.tenant_ids[_BY_KIND], None, None, "year", str(year), "0.75"),
            (None, world.user_ids[first], None, "month", _part(users[first], 0.8), None),
            (home, world.user_ids[second], None, "month", _part(users[second], 2.5), "0.5"),
            ("tenant_A", None, None, "year", "500", None),
        ]
        names = ("tenantId", "userId", "kind", "period", "credits", "warnAt")
        files.export_table(f"billing/quotas/quotas-{export_stamp(instant_ms)}.csv", text_table(rows, names))


def _write_adjustments(files: LandingFiles, world: World) -> None:
    """Credit notes and one later charge, for this month and the one before."""
    before = _LAST_MONTH - timedelta(days=1)
    number = int(world.permanent[0])
    rows = [
        (
            world.tenant_ids[_OVER],
            None,
            "-5",
            _LAST_MONTH.replace(day=12),
            "Goodwill for the outage of the morning of the 8th",
        ),
        (world.tenant_ids[_NEAR], None, "1.5", _LAST_MONTH.replace(day=20), "Dictations recorded by hand, as agreed"),
        (world.tenant_ids[_CORRECTED], None, "-4.821123457", before, "A test import was counted as usage"),
        (world.tenant_ids[TENANT_WITHOUT_RATE], None, "-0.75", _LAST_MONTH.replace(day=5), "Training of new staff"),
        (
            world.tenant_ids[int(world.membership[-1, number])],
            world.user_ids[number],
            "-0.25",
            _LAST_MONTH.replace(day=9),
            "One document was generated twice",
        ),
    ]
    table = text_table(
        [(text_id(world.seed, "adjustment", place), *map(_text, row)) for place, row in enumerate(rows)],
        ("adjustmentId", "tenantId", "userId", "credits", "effectiveDate", "reason"),
    )
    files.export_table(f"billing/adjustments/adjustments-{export_stamp(to_ms(_LAST_MONTH.replace(day=21)))}.csv", table)


def _expected(
    plans: Sequence[InteractionPlan], tenants: int, users: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The approximate credits of each tenant and user in the last month."""
    by_tenant, by_user = np.zeros(tenants), np.zeros(users)
    for plan in plans:
        sizes = np.diff(plan.first_operation) * (plan.start_ms >= to_ms(_LAST_MONTH)) * _MEAN_CREDITS
        known = plan.tenant >= 0
        by_tenant += np.bincount(plan.tenant[known], weights=sizes[known], minlength=tenants)
        by_user += np.bincount(plan.user, weights=sizes, minlength=users)
    return by_tenant, by_user


def _part(credits: float, share: float) -> str:
    return str(max(1, round(float(credits) * share)))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
