"""JSON whose credits have the digits in the ledger, including trailing zeros."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from starlette.responses import Response

# Python's JSON encoder can't write a Decimal, so it writes a text between two NULs, which no other value contains.
_NUMBER = re.compile(r'"\\u0000([-+0-9.eE]+)\\u0000"')


def dumps(value: object) -> str:
    """`value` as JSON text; a Decimal becomes a number with exactly its own digits."""
    return _NUMBER.sub(r"\1", json.dumps(value, default=_marked, separators=(",", ":")))


def _marked(value: object) -> str:
    if isinstance(value, Decimal):
        return f"\x00{value:f}\x00"
    raise TypeError(f"{type(value).__name__} has no JSON form")


class ExactJSON(Response):
    """A JSON response whose decimals keep their digits."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return dumps(content).encode()
