"""A record of usage, as the tests of quotas deliver it."""

from __future__ import annotations

from tests.end_to_end.driving import Row


def spent(day: str, credits: str, **more: object) -> Row:
    return {"createdAt": day, "creditsConsumed": credits, "tenantId": "t1", "resourceId": f"{day} {credits}", **more}
