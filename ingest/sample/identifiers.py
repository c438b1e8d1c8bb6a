"""Ids that look like UUIDs and follow from the seed, the same in Python and in SQL."""

from __future__ import annotations

import hashlib
import uuid


def text_id(seed: int, family: str, number: int) -> str:
    """Id of the `number`-th thing of a family, as text in the form of a UUID."""
    digest = hashlib.md5(f"{seed}:{family}:{number}".encode(), usedforsecurity=False)
    return str(uuid.UUID(digest.hexdigest()))


def text_id_sql(seed: int, family: str, column: str) -> str:
    """SQL for `text_id` of a column of numbers; a negative number gives null."""
    digest = f"md5(concat('{seed}:{family}:', {column}))"
    return f"case when {column} >= 0 then cast(cast({digest} as uuid) as varchar) end"
