"""What a record takes from outside the response: ids and a time minted before the call, and whose call it is."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class CallContext:
    """One attempt at one call, or one socket.

    Minted before the call, so that the operation has a name whatever becomes of it. `captured_at` is RFC 3339;
    `environment` is Corti's word (`eu`, `us`), `corti_tenant` the account that is charged; `user_id` and `tenant_id`
    are the application's own.
    """

    record_id: str
    operation_id: str
    captured_at: str
    environment: str | None = None
    corti_tenant: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None

    @classmethod
    def mint(
        cls,
        *,
        environment: str | None = None,
        corti_tenant: str | None = None,
        user_id: str | None = None,
        tenant_id: str | None = None,
    ) -> CallContext:
        """A context for an attempt that begins now, with fresh random ids."""
        fresh = os.urandom(32).hex()
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        return cls(fresh[:32], fresh[32:], now, environment, corti_tenant, user_id, tenant_id)

    def numbered(self, number: int) -> CallContext:
        """The same call, with a record id of its own for the record of this number (0 keeps it)."""
        return replace(self, record_id=f"{self.record_id}-{number}") if number else self
