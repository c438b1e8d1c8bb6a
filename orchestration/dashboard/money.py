"""What usage costs: amounts by currency at the agreed price, the list price beside them, and what is left of prepaid
credits.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.pieces import Piece, rows_of
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope

COST_BYTES = 34
"""The approximate size of a row in the page: six indexes, credits, two amounts."""
_MEMBERS = ("tenant_id", "user_id", "kind")


@dataclass(frozen=True)
class Costs:
    """`rows` is a query for bucket, the members that are kept, currency, list currency, credits, amount, list amount,
    credits of adjustments, and derived credits; None if the version has no amounts. `kept` are the columns of members
    that the rows have: all, or without users, or kinds alone, as there is room.
    """

    rows: str | None
    kept: tuple[str, ...]


_MONTHS = Piece(
    "costs",
    {"agg_cost_daily": "reporting_date"},
    """
    select
        date_trunc('month', reporting_date)::date as reporting_date, tenant_id, user_id, kind, currency, list_currency,
        sum(credits)::decimal(38, 9) as credits, sum(amount)::decimal(38, 21) as amount,
        sum(list_amount)::decimal(38, 18) as list_amount, sum(adjustment_credits)::decimal(38, 9) as adjustment_credits,
        sum(derived_credits)::decimal(38, 9) as derived_credits
    from {agg_cost_daily} group by all
    """,
)


def costs(scope: Scope, rollup: Rollup) -> Costs:
    """The amounts of a scope, as detailed as the budget allows. Their sums are those of `agg_cost_daily`."""
    if "agg_cost_daily" not in scope.tables:
        return Costs(None, _MEMBERS)
    source = f"(from marts.agg_cost_daily where {scope.condition})"
    if rollup.grain == "month":
        source = rows_of(scope, _MONTHS)
    for kept in (_MEMBERS, ("tenant_id", "kind")):
        rows = _rows(rollup, source, kept)
        (count,) = scope.row(f"select count(*) from ({rows})")
        if count * COST_BYTES <= scope.budget.costs:
            return Costs(rows, kept)
    return Costs(_rows(rollup, source, ("kind",)), ("kind",))


def _rows(rollup: Rollup, source: str, kept: tuple[str, ...]) -> str:
    members = "".join(f"{rollup.member(name)}, " for name in kept)
    return f"""
        select
            {rollup.bucket("reporting_date")}, {members}currency, list_currency, sum(credits)::decimal(38, 9),
            sum(amount)::decimal(38, 21), sum(list_amount)::decimal(38, 18), sum(adjustment_credits)::decimal(38, 9),
            sum(derived_credits)::decimal(38, 9)
        from {source} group by all order by all
    """


def balances(scope: Scope) -> str | None:
    """A query for environment, Corti tenant, day, remaining and overdrawn credits, date and credits of the next expiry,
    and days of runway with their bounds, of each account with purchases. None in a customer's page: no balance belongs
    to a customer.
    """
    if scope.tenant is not None or "mart_credit_balance" not in scope.tables:
        return None
    return """
        select
            environment, corti_tenant, balance_date, remaining_credits, overdrawn_credits, next_expiry_date,
            next_expiring_credits, runway_days::bigint, runway_days_low::bigint, runway_days_high::bigint
        from marts.mart_credit_balance where is_current order by environment, corti_tenant
    """
