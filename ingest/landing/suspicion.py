"""What DuckDB's readers take for something else than it is, found in a file's bytes at little cost.

Its JSON reader passes over trailing commas, NaN and infinities, which are no JSON; folds names that differ only in
case; and shows a number with more digits than a double holds as a shorter one, and one too small for a double as 0. Its
CSV reader passes over blanks beside quotes, and takes some line ends and NULs in its own way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

CUSTOMER_NAMES = ("customerID", "customerId")
_FOLDED = bytes.maketrans(b"NAIF \t\r:[-]", b"naif,,,,,,}")
"""Puts what is looked for into few forms: behind a comma or its like stands a closing bracket, `nan` or `inf`."""
_NOT_A_NUMBER = re.compile(rb"[,:\[\s-](?:nan|inf(?:inity)?)\s*(?:[,}\]]|$)", re.IGNORECASE)
_LONG_FRACTION = re.compile(rb"\.\d{11}")
_LONG_EXPONENT = re.compile(rb"[0-9.][eE]-[0-9]{3,}[ \t\r\n,}\]]")
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
_SUSPECT = (
    r"[,:\[\s-](?:[nN][aA][nN]|[iI][nN][fF])|,[ \t\r]*[}\]]|\.[0-9]{11}|[0-9.][eE]-[0-9]{3,}[ \t\r\n,}\]]|\\u00[4-7]"
)
"""All that is suspect in one pattern, a little wider."""
_SNAKE_CASE = r"_(?:id|at|consumed|info|status|tenant|tokens|type)\""
"""The end of every name with an underscore that a field goes by."""
_UNUSUAL = f"{_SUSPECT}|{_SNAKE_CASE}|customerI"


@dataclass(frozen=True)
class Unusual:
    """What a block of JSON lines holds that is not in every file; the suspect lines count from 0."""

    suspect_lines: tuple[int, ...] = ()
    customer_names: tuple[str, ...] = ()
    snake_case: bool = False


def unusual(block: bytes) -> Unusual:
    """Look for all that is unusual at once, since most blocks hold nothing of it, then for each where there is any."""
    if not _matches(block, _UNUSUAL):
        return Unusual()
    return Unusual(
        tuple(suspect_lines(block)) if _matches(block, _SUSPECT) else (),
        tuple(name for name in CUSTOMER_NAMES if name.encode() in block) if b"customerI" in block else (),
        _matches(block, _SNAKE_CASE),
    )


def _matches(block: bytes, pattern: str) -> bool:
    # Arrow's engine looks for alternatives side by side, in half the time that Python's takes for the first of them.
    import pyarrow
    import pyarrow.compute

    offsets = pyarrow.py_buffer(struct.pack("<qq", 0, len(block)))
    text = pyarrow.LargeBinaryArray.from_buffers(pyarrow.large_binary(), 1, [None, offsets, pyarrow.py_buffer(block)])
    return pyarrow.compute.match_substring_regex(text, pattern)[0].as_py()


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
    for pattern in (_LONG_FRACTION, _LONG_EXPONENT):
        yield from (match.start() for match in pattern.finditer(block))
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
