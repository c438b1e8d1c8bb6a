"""The parts of a record that don't come from the response: ids and a time made before the call, and its owner."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NamedTuple

from ingest.contract.dimensions import DEFAULT_KEYS, given_dimensions
from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER
from ingest.contract.plain_values import given_id


class CallContext(NamedTuple):
    """One attempt of one call, or one socket.

    It is made before the call, so that the operation has an id whatever happens. `captured_at` is RFC 3339;
    `environment` is Corti's word (`eu`, `us`), `corti_tenant` the account that is charged; `user_id` and `tenant_id`
    are the application's own. `dimensions` are the caller's, already reduced to what may be kept; a response may add
    others of `dimension_keys`.
    """

    record_id: str
    operation_id: str
    captured_at: str
    environment: str | None = None
    corti_tenant: str | None = None
    user_id: str | None = None
    tenant_id: str | None = None
    dimensions: Mapping[str, str] | None = None
    dimension_keys: Collection[str] = DEFAULT_KEYS

    @classmethod
    def mint(
        cls,
        *,
        environment: object = None,
        corti_tenant: object = None,
        user_id: object = None,
        tenant_id: object = None,
        dimensions: Mapping[str, object] | None = None,
        analytics: str | None = None,
        dimension_keys: Collection[str] = DEFAULT_KEYS,
    ) -> CallContext:
        """A context for an attempt that begins now, with new random ids.

        Texts, whole numbers, UUIDs and UTF-8 bytes are kept as text. A value that can't be used, or is too long (256
        characters for user and tenant, 128 for the others), is logged once and left out. `analytics` is the value of
        the header `X-Corti-Analytics`; `dimensions` wins over it. Of both only `dimension_keys` are kept.
        """
        fresh = _fresh_digits()
        return cls(
            fresh[:_HALF],
            fresh[_HALF:],
            _now(),
            given_id("environment", environment, LONGEST_ID),
            given_id("cortiTenant", corti_tenant, LONGEST_ID),
            given_id("userId", user_id, LONGEST_OWNER),
            given_id("tenantId", tenant_id, LONGEST_OWNER),
            given_dimensions(dimensions, analytics, dimension_keys) if dimensions or analytics else None,
            dimension_keys,
        )

    def numbered(self, number: int) -> CallContext:
        """The same call, with separate ids for the record of this number (0 keeps the ids)."""
        if not number:
            return self
        return self._replace(record_id=f"{self.record_id}-{number}", operation_id=f"{self.operation_id}-{number}")


@lru_cache(maxsize=64)
def environment_of(host: str) -> str | None:
    """Corti's environment from the name of its host: `eu` for `api.eu.corti.app`, and for `ai.eu.corti.app`; None for
    any other host.
    """
    found = _CORTI_HOST.fullmatch(host)
    return found.group(1) if found else None


_CORTI_HOST = re.compile(r"(?:api|auth|ai)\.([a-z0-9-]{1,32})\.corti\.app")
_written_second = (0, "")


def _now() -> str:
    global _written_second
    second, rest = divmod(time.time_ns(), 1_000_000_000)
    known, text = _written_second
    if second != known:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _written_second = (second, text)
    return f"{text}.{rest // 1000:06d}Z"


_HALF = 32
_DIGITS = 2 * _HALF
_MINTED_AT_A_TIME = 64
_fresh: list[str] = []
_forks_watched: list[bool] = []


def _fresh_digits() -> str:
    # Asking the system for every call would be a large part of the cost of capture.
    try:
        return _fresh.pop()
    except IndexError:
        if not _forks_watched:
            _forks_watched.append(True)
            os.register_at_fork(after_in_child=_fresh.clear)
        drawn = os.urandom(_MINTED_AT_A_TIME * _HALF).hex()
        _fresh.extend(drawn[at : at + _DIGITS] for at in range(_DIGITS, len(drawn), _DIGITS))
        return drawn[:_DIGITS]
