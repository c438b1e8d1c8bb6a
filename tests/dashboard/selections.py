"""What a reader may choose, and what SQL says of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from tests.dashboard.viewing import Published, Selection

SUMMER = (date(2026, 7, 4), date(2026, 8, 12))
SELECTIONS = {
    "a period": Selection(*SUMMER),
    "another period": Selection(date(2026, 6, 10), date(2026, 6, 30)),
    "one day": Selection(date(2026, 7, 20), date(2026, 7, 20)),
    "a customer": Selection(*SUMMER, tenant="t-script"),
    "usage without a customer": Selection(*SUMMER, tenant="(unmapped)"),
    "a user": Selection(*SUMMER, user="u-01"),
    "a kind": Selection(*SUMMER, kind="transcript"),
    "a customer and a kind": Selection(*SUMMER, tenant="t-out", kind="stream"),
    "all four": Selection(date(2026, 6, 2), date(2026, 8, 20), tenant="t-script", user="u-00", kind="stream"),
    "nothing at all": Selection(date(2026, 7, 4), date(2026, 7, 5), tenant="t-long", user="u-04", kind="letter"),
}


def address(selection: Selection) -> str:
    asked = {"from": selection.first, "to": selection.last}
    members = {"tenant": selection.tenant, "user": selection.user, "kind": selection.kind}
    return "#" + urlencode(asked | {name: value for name, value in members.items() if value is not None})


def sums(published: Published, selection: Selection) -> tuple[Decimal, int, Decimal, int]:
    """Credits, operations, estimated credits and users."""
    where, values = selection.where()
    return published.sql(
        f"""
        select coalesce(sum(credits), 0), coalesce(sum(operations), 0)::bigint, coalesce(sum(estimated_credits), 0),
            count(distinct user_id) filter (where user_id != '(unmapped)')
        from marts.agg_credits_daily where {where}
        """,
        *values,
    )[0]


def ranking(published: Published, selection: Selection, column: str) -> dict[str, Decimal]:
    where, values = selection.where()
    return dict(
        published.sql(
            f"select {column}, sum(credits) from marts.agg_credits_daily where {where} group by 1 order by 2 desc, 1",
            *values,
        )
    )
