"""Credits and amounts by the values of each cost dimension, such as a template or a workflow."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.dashboard.pieces import Piece, rows_of
from orchestration.dashboard.rollup import Rollup
from orchestration.dashboard.scope import Scope

NO_VALUE = "(none)"
"""The member of what has no value of a dimension."""
ROW_BYTES = 34
VALUES_NAMED = 200
FEW_VALUES_NAMED = 20


@dataclass(frozen=True)
class Dimensions:
    """`rows` is a query for bucket, tenant (if `by_tenant`), dimension, value (null: one that is not named), currency,
    credits of usage, and amount. None if no operation has a value, or if there is no room.
    """

    rows: str | None
    by_tenant: bool
    has_room: bool = True


_MONTHS = Piece(
    "dimensions",
    {"agg_cost_by_dimension": "reporting_date"},
    """
    select
        date_trunc('month', reporting_date)::date as reporting_date, tenant_id, dimension, dimension_value, currency,
        sum(credits)::decimal(38, 9) as credits, sum(adjustment_credits)::decimal(38, 9) as adjustment_credits,
        sum(amount)::decimal(38, 21) as amount
    from {agg_cost_by_dimension} group by all
    """,
)


def dimensions(scope: Scope, rollup: Rollup) -> Dimensions:
    """The dimensions that some operation has a value of. For each one the credits of its values add up to those of all
    usage. Values with few credits are not named.
    """
    if "agg_cost_by_dimension" not in scope.tables:
        return Dimensions(None, by_tenant=True)
    source = f"(from marts.agg_cost_by_dimension where {scope.condition})"
    if rollup.grain == "month":
        source = rows_of(scope, _MONTHS)
    if not _note_values(scope, source):
        return Dimensions(None, by_tenant=True)
    for by_tenant, most in ((True, VALUES_NAMED), (True, FEW_VALUES_NAMED), (False, FEW_VALUES_NAMED)):
        rows = _rows(rollup, source, by_tenant=by_tenant, most=most)
        (count,) = scope.row(f"select count(*) from ({rows})")
        if count * ROW_BYTES <= scope.budget.dimensions:
            return Dimensions(rows, by_tenant)
    return Dimensions(None, by_tenant=False, has_room=False)


_VALUES = "values_of_dimensions"


def _note_values(scope: Scope, source: str) -> int:
    """Write the values of the dimensions that are used, with their place by credits; the number of them."""
    scope.rows(
        f"""
        create or replace temp table {_VALUES} as
        select
            dimension, dimension_value,
            row_number() over (
                partition by dimension
                order by dimension_value = '{NO_VALUE}' desc, sum(credits) desc, dimension_value
            ) as place
        from {source} group by dimension, dimension_value
        qualify max(dimension_value != '{NO_VALUE}') over (partition by dimension)
        """
    )
    return scope.row(f"select count(*) from {_VALUES}")[0]


def _rows(rollup: Rollup, source: str, *, by_tenant: bool, most: int) -> str:
    tenant = f"{rollup.member('tenant_id')}, " if by_tenant else ""
    return f"""
        select
            {rollup.bucket("reporting_date")}, {tenant}dimension,
            case when place <= {most} then dimension_value end, currency,
            sum(credits - adjustment_credits)::decimal(38, 9), sum(amount)::decimal(38, 21)
        from {source} join {_VALUES} using (dimension, dimension_value) group by all order by all
    """
