"""Finds text in a file's bytes, at little cost, that DuckDB's readers could misread.

The JSON reader accepts trailing commas, NaN and infinities, which are not JSON; it merges names that differ only in
case; it shows a number with more digits than a double has as a shorter one, and one too small for a double as 0; and it
knows only one spelling of a field. The CSV reader ignores blanks next to quotes, and treats some line ends and NULs in
its own way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ingest.contract.forms import comparable_name
from ingest.landing.names import Field, field_names

_FOLDED = bytes.maketrans(b"NAIF \t\r:[-]", b"naif,,,,,,}")
"""Reduces suspect text to few forms: a closing bracket, `nan` or `inf` after a comma or the like."""
_NOT_A_NUMBER = re.compile(rb"[,:\[\s-](?:nan|inf(?:inity)?)\s*(?:[,}\]]|$)", re.IGNORECASE)
_LONG_FRACTION = re.compile(rb"\.\d{11}")
_LONG_EXPONENT = re.compile(rb"[0-9.][eE]-[0-9]{3,}[ \t\r\n,}\]]")
_ESCAPED_NAME = re.compile(rb'\\[^"\\\n]{1,60}"[ \t\r]*:')
_SUSPECT = (
    r"[,:\[\s-](?:[nN][aA][nN]|[iI][nN][fF])|,[ \t\r]*[}\]]|\.[0-9]{11}|[0-9.][eE]-[0-9]{3,}[ \t\r\n,}\]]"
    r'|\\[^"\\\n]{1,60}"[ \t\r]*:'
)
"""Suspect text, a little wider than the search line by line."""
_BETWEEN = r'[^a-z"]'
"""Characters that may be between the letters of a name, and more; only used when case is ignored."""
_SMALL_BLOCK = 256 * 1024
"""In bytes: up to here checking each name costs less than compiling a pattern for all, as Arrow does each time."""
_LONGEST_PATTERN = 34_000
"""In characters: beyond about 40,000 Arrow's engine no longer searches for alternatives in parallel."""
_KEY = re.compile(rb'"([^"\\\n]{1,64})"[ \t\r]*:')


@dataclass(frozen=True)
class Unusual:
    """The unusual content of a block of JSON lines; suspect lines are numbered from 0. `spellings` are names of fields
    with other than the usual spelling. `unquoted` says that a field that holds a text may have another kind of value.
    """

    suspect_lines: tuple[int, ...] = ()
    spellings: frozenset[str] = frozenset()
    unquoted: bool = False


def unusual(
    block: bytes, fields: tuple[Field, ...], known: frozenset[str] = frozenset(), *, unquoted: bool = False
) -> Unusual:
    """Search for everything unusual at once, since most blocks have none, and then for each thing if there is any.

    `fields` are the fields to read, `known` the spellings that were already found in the file. If the file is known to
    have `unquoted` texts, nothing looks for more of them.
    """
    if len(block) < _SMALL_BLOCK:
        spellings = _unusual_spellings(block, fields)
        unquoted = unquoted or re.search(_unquoted_pattern(fields).encode(), block) is not None
        return Unusual(tuple(suspect_lines(block)), spellings, unquoted)
    usual = frozenset(usual_names(fields).values()) | frozenset(name for name in known if name.isascii())
    pattern = _spelling_pattern(fields, usual)
    if len(pattern) > _LONGEST_PATTERN:
        suspects = tuple(suspect_lines(block)) if _matches(block, _suspect_pattern()) else ()
        return Unusual(suspects, _unusual_spellings(block, fields), unquoted=True)
    patterns = (_suspect_pattern(), pattern, *(() if unquoted else (_unquoted_pattern(fields),)))
    if not _matches(block, "|".join(patterns)):
        return Unusual(unquoted=unquoted)
    return Unusual(
        tuple(suspect_lines(block)) if _matches(block, _suspect_pattern()) else (),
        _unusual_spellings(block, fields) if _matches(block, pattern) else frozenset(),
        unquoted or _matches(block, _unquoted_pattern(fields)),
    )


@cache
def _unquoted_pattern(fields: tuple[Field, ...]) -> str:
    """A field that holds a text, in its usual spelling, with a value that is neither quoted nor null."""
    texts = {
        part for field in fields if field.role in ("id", "text") for name in field.names for part in name.split(".")
    }
    return rf'"(?:{"|".join(map(re.escape, sorted(texts)))})"[ \t\r]*:[ \t\r]*[^"n \t\r]'


def _unusual_spellings(block: bytes, fields: tuple[Field, ...]) -> frozenset[str]:
    names, usual = field_names(fields), usual_names(fields).values()
    keys = {key.decode("utf-8", "replace") for key in set(_KEY.findall(block))}
    return frozenset(key for key in keys if "." not in key and names.is_known(key) and key not in usual)


@cache
def usual_names(fields: tuple[Field, ...]) -> Mapping[str, str]:
    """The names that DuckDB gets for every file with these fields, by their lower-case form."""
    return {name.lower(): name for name in field_names(fields).usual}


@cache
def _suspect_pattern() -> str:
    return f"{_SUSPECT}|{_text_for_object()}"


@cache
def _text_for_object() -> str:
    return rf'"{_in_any_spelling(comparable_name("usageInfo"))}"[ \t\r]*:[ \t\r]*"'


@lru_cache(maxsize=64)
def _spelling_pattern(fields: tuple[Field, ...], usual: frozenset[str]) -> str:
    """Each spelling of a field's names, except the usual ones."""
    spellings: dict[str, set[str]] = {comparable_name(name): set() for name in field_names(fields).parts}
    for name in usual:
        spellings.setdefault(comparable_name(name), set()).add(name)
    ways = [_in_other_spellings(spellings[name], name) for name in sorted(spellings)]
    return rf'"(?:{"|".join(ways)})"[ \t\r]*:'


def _in_any_spelling(name: str) -> str:
    return f"(?i:{_BETWEEN}*{''.join(f'{letter}{_BETWEEN}*' for letter in name)})"


def _in_other_spellings(usual: Iterable[str], name: str) -> str:
    """A pattern for a name, given in the form for comparison, in all spellings except the usual ones."""
    after: dict[str, list[str]] = {}
    for spelling in usual:
        if spelling:
            after.setdefault(spelling[0], []).append(spelling[1:])
    separators = [first for first in sorted(after) if comparable_name(first) == ""]
    ways = [f"(?i:{_BETWEEN[:-1]}{''.join(map(re.escape, separators))}]{_in_any_spelling(name)[4:-1]})"]
    ways += [f"{re.escape(first)}{_in_other_spellings(after[first], name)}" for first in separators]
    for letter in {name[0], name[0].upper()} if name else ():
        rest = name[1:]
        ways.append(letter + (_in_other_spellings(after[letter], rest) if letter in after else _in_any_spelling(rest)))
    return f"(?:{'|'.join(sorted(ways))})"


def _matches(block: bytes, pattern: str) -> bool:
    # Arrow's engine searches for alternatives in parallel, in half the time that Python's needs for the first one.
    import pyarrow
    import pyarrow.compute

    offsets = pyarrow.py_buffer(struct.pack("<qq", 0, len(block)))
    text = pyarrow.LargeBinaryArray.from_buffers(pyarrow.large_binary(), 1, [None, offsets, pyarrow.py_buffer(block)])
    return pyarrow.compute.match_substring_regex(text, pattern)[0].as_py()


def suspect_lines(block: bytes) -> Iterator[int]:
    """The lines of a block of JSON lines, numbered from 0, that DuckDB could misread."""
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
        # A name may be written with escapes, and then is not recognised as a field.
        yield from (match.start() for match in _ESCAPED_NAME.finditer(block))
    yield from (match.start() for match in _text_for_object_bytes().finditer(block))


@cache
def _text_for_object_bytes() -> re.Pattern[bytes]:
    return re.compile(_text_for_object().encode())


def _found(block: bytes, text: bytes) -> Iterator[int]:
    at = block.find(text)
    while at >= 0:
        yield at
        at = block.find(text, at + 1)


def is_ambiguous_csv(block: bytes) -> bool:
    """Whether a block of CSV lines has a blank next to a quote, line ends of several kinds, a NUL, or the byte order
    mark of a file that was appended to another one.
    """
    returns = block.count(b"\r")
    mixed = returns > 0 and (returns != block.count(b"\r\n") or returns != block.count(b"\n"))
    return mixed or b' "' in block or b'" ' in block or b"\0" in block or b"\n\xef\xbb\xbf" in block
