"""UUIDs that stay the same whenever the set is made: Superset recognises what it has imported by its UUID."""

from __future__ import annotations

from uuid import UUID, uuid5

VERSION = "1.0.0"
"""The version of Superset's export format."""

DATABASE = "credits"
SCHEMA = "marts"
DASHBOARD = "credits"

_NAMESPACE = UUID("5f0c2f0e-6a0e-4d0b-9d6e-2f6b3b6a7c11")


def identity(kind: str, name: str) -> str:
    """The UUID of a `database`, `dataset`, `chart` or `dashboard` of this name."""
    return str(uuid5(_NAMESPACE, f"{kind}/{name}"))
