"""The guide's own example, through the whole warehouse."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.end_to_end.driving import Warehouse

GUIDE = (
    ("int_abc123", "user_12345", "tenant_A", "2025-10-01", 120),
    ("int_xyz987", "user_67890", "tenant_A", "2025-10-01", 75),
    ("int_qwe456", "user_98765", "tenant_B", "2025-10-02", 300),
)
FIELDS = ("interactionId", "userId", "tenantId", "createdAt", "creditsConsumed")


def test_the_marts_give_back_the_table_of_the_guide(warehouse: Warehouse) -> None:
    warehouse.deliver("usage_records/guide.jsonl", [dict(zip(FIELDS, row, strict=True)) for row in GUIDE])
    warehouse.run()
    _is_the_guide(warehouse)


def test_the_guide_holds_too_where_the_owners_come_from_the_exports(warehouse: Warehouse) -> None:
    rows = [{"interactionId": i, "createdAt": at, "creditsConsumed": c} for i, _, _, at, c in GUIDE]
    warehouse.deliver("usage_records/guide.jsonl", rows)
    warehouse.deliver(
        "mappings/interactions/2025-10-03.csv",
        "interactionId,userId\n" + "".join(f"{interaction},{user}\n" for interaction, user, *_ in GUIDE),
    )
    warehouse.deliver(
        "mappings/users/2025-10-03.csv",
        "userId,tenantId\n" + "".join(f"{user},{tenant}\n" for _, user, tenant, *_ in GUIDE),
    )
    warehouse.run()
    _is_the_guide(warehouse)


def _is_the_guide(warehouse: Warehouse) -> None:
    columns = ("interaction_id", "user_id", "tenant_id", "usage_date", "credits", "operations")
    assert warehouse.table("agg_credits_by_interaction", columns) == [
        ("int_abc123", "user_12345", "tenant_A", date(2025, 10, 1), Decimal(120), 1),
        ("int_qwe456", "user_98765", "tenant_B", date(2025, 10, 2), Decimal(300), 1),
        ("int_xyz987", "user_67890", "tenant_A", date(2025, 10, 1), Decimal(75), 1),
    ]
    october = date(2025, 10, 1)
    assert warehouse.table("agg_credits_user_monthly", ("month_start", "user_id", "credits", "rank_in_month")) == [
        (october, "user_12345", Decimal(120), 2),
        (october, "user_67890", Decimal(75), 3),
        (october, "user_98765", Decimal(300), 1),
    ]
    shares = ("month_start", "tenant_id", "credits", "operations", "credits_change", "share_of_month")
    assert warehouse.table("agg_credits_tenant_monthly", shares) == [
        (october, "tenant_A", Decimal(195), 2, Decimal(195), Decimal("0.393939394")),
        (october, "tenant_B", Decimal(300), 1, Decimal(300), Decimal("0.606060606")),
    ]
    assert warehouse.table("agg_credits_daily", ("reporting_date", "tenant_id", "user_id", "credits")) == [
        (date(2025, 10, 1), "tenant_A", "user_12345", Decimal(120)),
        (date(2025, 10, 1), "tenant_A", "user_67890", Decimal(75)),
        (date(2025, 10, 2), "tenant_B", "user_98765", Decimal(300)),
    ]
    assert warehouse.table("mart_unmapped_usage") == []
