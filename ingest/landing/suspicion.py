"""What DuckDB's readers take for something else than it is, found in a file's bytes at little cost.

Its JSON reader passes over trailing commas, NaN and infinities, which are no JSON; folds names that differ only in
case; and shows a number with more digits than a double holds as a shorter one. Its CSV reader passes over blanks beside
quotes, and takes some line ends and NULs in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CUSTOMER_NAMES = ("customerID", "customerId")
_FOLDED = bytes.maketrans(b"NAIF \t\r:[-]", b"naif,,,,,,}")
"""Puts what is looked for into few forms: behind a comma or its like stands a closing bracket, `nan` or `inf`."""
_NOT_A_NUMBER = re.compile(rb"[,:\[\s-](?:nan|inf(?:inity)?)\s*(?:[,}\]]|$)", re.IGNORECASE)
_LONG_FRACTION = re.compile(rb"\.\d{11}")
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")


def suspect_lines(block: bytes) -> Iterator[int]:
    """Which lines of a block of JSON lines, the first being 0, hold something that they can't be vouched for with."""
    line = counted = 0
    last = -1
    for at in sorted(_positions(block)):
        line += block.count(b"\n", counted, at)
        counted = at
        if line > last:
            yield line
        last = line


def _positions(block: bytes) -> Iterator[int]:
    folded = block.translate(_FOLDED)
    for at in _found(folded, b",}"):
        before = at
        while block[before] in b" \t\r" and before > 0:
            before -= 1
        if block[before] == ord(","):
            yield at
    for word in (b",nan", b",inf"):
        yield from (at for at in _found(folded, word) if _NOT_A_NUMBER.match(block, at))
    yield from (match.start() for match in _LONG_FRACTION.finditer(block))
    if b"\\" in block:
        # A name may be spelt with escapes, and then is not seen to be one of the customer's names.
        yield from (match.start() for match in _ESCAPED_LETTER.finditer(block))


def _found(block: bytes, text: bytes) -> Iterator[int]:
    at = block.find(text)
    while at >= 0:
        yield at
        at = block.find(text, at + 1)


def is_crooked_csv(block: bytes) -> bool:
    """Whether a block of CSV lines holds a blank beside a quote, line ends of several kinds, or a NUL."""
    returns = block.count(b"\r")
    mixed = returns > 0 and (returns != block.count(b"\r\n") or returns != block.count(b"\n"))
    return mixed or b' "' in block or b'" ' in block or b"\0" in block
