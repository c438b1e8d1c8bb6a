"""Reads JSON without loss: objects become their allow-listed values, with numbers as they were written.

Python's parser is strict: it refuses NaN, trailing commas and anything after the object. If a key is repeated, the
first one counts, as in DuckDB's reader.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO

from ingest.contract.landing_files import LandingFile
from ingest.landing.file_bytes import holds_array
from ingest.landing.file_text import DAMAGED, UNPACKED_TOO_LARGE, UnpacksTooLargeError, numbered_lines, opened
from ingest.landing.names import Field, Rank, field_names
from ingest.settings import BOUNDS, Bounds

_PART = 256 * 1024
_LONGEST_TOKEN = 16
"""The most characters of a word, a number or an escape that is cut off."""
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_BLANKS = re.compile(r"[ \t\r\n]*")
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
"""The parts of JSON that show where an element ends: whole texts, brackets and commas; a single quote is an
open text.
"""


class UnreadableLineError(Exception):
    """A line is not a JSON object; `reason` is one of the rejection words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NumberText(str):
    """The digits of a JSON number, as written."""

    __slots__ = ()


class NotText:
    """In place of an unusable value: a boolean, an object or an array instead of a text or a number. A `reason` refuses
    its row.
    """

    def __init__(self, reason: str = "") -> None:
        self.reason = reason


NOT_TEXT = NotText()
TRUE = NotText()
"""In place of the boolean that some fields may have; instead of a text or a number it is unusable too."""
Value = str | NotText
"""The value of a field: a text, a `NumberText`, or the mark for anything else. Absent fields are left out."""


def _refuse_constant(_: str) -> object:
    raise ValueError


def _first_wins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return dict(reversed(pairs))


def _decoder(constant: Callable[[str], object]) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_float=NumberText, parse_int=NumberText, parse_constant=constant, object_pairs_hook=_first_wins
    )


_DECODER = _decoder(_refuse_constant)


def json_objects(
    file: LandingFile, wanted: set[int] | None = None, bounds: Bounds = BOUNDS
) -> Iterator[tuple[int, dict[str, object] | str]]:
    """The objects of a JSON file, either all or the wanted lines, each with its number, or the reason why it can't be
    read. Lines are numbered from 1, and so are the elements of an array.
    """
    if holds_array(file, bounds):
        yield from _array_objects(file, bounds)
        return
    for number, line in numbered_lines(file, bounds, wanted):
        if isinstance(line, str):
            yield number, line
        else:
            try:
                yield number, read_json_object(line)
            except UnreadableLineError as error:
                yield number, error.reason


def read_json_object(line: bytes) -> dict[str, object]:
    """Read one whole JSON line, with its numbers as `NumberText`.

    Raises:
        UnreadableLineError: the line is not UTF-8, not JSON, or not one object.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableLineError("invalid_utf8") from None
    try:
        parsed = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise UnreadableLineError("several_objects" if _are_objects(text) else _why_broken(text)) from None
    if not isinstance(parsed, dict):
        raise UnreadableLineError("json_array" if isinstance(parsed, list) else "not_an_object")
    return parsed


def _why_broken(text: str) -> str:
    # The first line of an array that spans several lines.
    return "json_array" if text.strip() == "[" else "broken_json"


def _are_objects(text: str) -> bool:
    at = 0
    try:
        while at < len(text):
            found, at = _DECODER.raw_decode(text, _after_blanks(text, at))
            if not isinstance(found, dict):
                return False
            at = _after_blanks(text, at)
    except (ValueError, RecursionError):
        return False
    return True


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


class _ArrayReader:
    """Reads one JSON array with at most one element in memory at a time."""

    def __init__(self, stream: BinaryIO, longest: int) -> None:
        self._stream = stream
        self._longest = longest
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._is_whole = False
        self._fault = "broken_json"
        self._may_be_no_utf8 = False
        self._constants = 0
        self._decoder_of_elements = _decoder(self._note_constant)

    def _note_constant(self, _: str) -> None:
        """NaN and the like are not JSON, but don't end an element."""
        self._constants += 1

    def elements(self) -> Iterator[object]:
        """Each element, or an exception if it is not JSON, not UTF-8 or too long.

        Raises:
            UnreadableLineError: the rest can't be read.
        """
        self._read_more(_PART)
        self._text = self._text.removeprefix("\ufeff")
        self._skip("[")
        if self._next() == "]":
            self._skip("]")
        else:
            while True:
                yield self._element()
                if self._next() not in (",", "]", ""):
                    yield self._element(is_broken=True)
                if self._next() != ",":
                    break
                self._skip(",")
            self._skip("]")
        if self._next():
            raise UnreadableLineError("broken_json")
        if self._fault != "broken_json":
            raise UnreadableLineError(self._fault)

    def _element(self, is_broken: bool = False) -> object:
        self._next()
        size = _PART
        while True:
            self._constants = 0
            found: object = UnreadableLineError("broken_json")
            end = None
            try:
                if not is_broken:
                    found, end = self._decoder_of_elements.raw_decode(self._text, self._at)
            except RecursionError:
                is_broken = True
            except ValueError as error:
                is_broken = self._is_whole or not self._is_cut_off(error)
            if is_broken:
                end = self._end_of_broken()
            if end is not None and (end < len(self._text) or self._is_whole or isinstance(found, (dict, list))):
                break
            if self._is_whole:
                raise UnreadableLineError(self._fault)
            if end is None and len(self._text) - self._at > self._longest:
                raise UnreadableLineError("line_too_long")
            self._read_more(size)
            size *= 2
        if self._constants:
            found = UnreadableLineError("broken_json")
        begin, self._at = self._at, end
        if end - begin > self._longest:
            return UnreadableLineError("line_too_long")
        if self._may_be_no_utf8 and _NOT_UTF8.search(self._text, begin, end):
            return UnreadableLineError("invalid_utf8")
        return found

    def _end_of_broken(self) -> int | None:
        """Where an element that is not JSON ends, according to its texts and brackets: before the comma or the bracket
        of the array itself; None if that can't be seen.
        """
        open_brackets: list[str] = []
        for token in _TOKENS.finditer(self._text, self._at):
            mark = token[0]
            if mark == '"':
                return None
            if mark in "[{":
                open_brackets.append(mark)
            elif mark in "]}":
                if not open_brackets:
                    return token.start() if mark == "]" and token.start() > self._at else None
                if open_brackets.pop() + mark not in ("[]", "{}"):
                    return None
            elif mark == "," and not open_brackets:
                return token.start() if token.start() > self._at else None
        return None

    def _is_cut_off(self, error: ValueError) -> bool:
        """Whether more text could complete an element."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated string") or error.pos > len(self._text) - _LONGEST_TOKEN

    def _skip(self, wanted: str) -> None:
        if self._next() != wanted:
            raise UnreadableLineError(self._fault)
        self._at += 1

    def _next(self) -> str:
        """The next character that is not blank, from which reading continues; empty at the end."""
        while True:
            self._at = _after_blanks(self._text, self._at)
            if self._at < len(self._text) or self._is_whole:
                return self._text[self._at : self._at + 1]
            self._read_more(_PART)

    def _read_more(self, size: int) -> None:
        try:
            read = self._stream.read(size)
        except DAMAGED:
            read, self._fault = b"", "damaged_compression"
        except UnpacksTooLargeError:
            read, self._fault = b"", UNPACKED_TOO_LARGE
        self._is_whole = not read
        more = self._decoder.decode(read, final=not read)
        self._may_be_no_utf8 = self._may_be_no_utf8 or (not more.isascii() and _NOT_UTF8.search(more) is not None)
        self._text = self._text[self._at :] + more
        self._at = 0


def _array_objects(file: LandingFile, bounds: Bounds) -> Iterator[tuple[int, dict[str, object] | str]]:
    number = 0
    with opened(file, bounds) as stream:
        try:
            for number, element in enumerate(_ArrayReader(stream, bounds.line).elements(), start=1):
                if isinstance(element, UnreadableLineError):
                    yield number, element.reason
                else:
                    yield number, element if isinstance(element, dict) else "not_an_object"
        except UnreadableLineError as error:
            yield number + 1, error.reason


def pick_fields(row: Mapping[str, object], fields: Iterable[Field], *, flat: bool = False) -> dict[str, Value]:
    """Keep the allow-listed fields of a row, in any spelling of their names; null and a blank text count as absent. In
    a `flat` row, such as in a CSV file, a name with a dot is the name of a column; else it is a path into an object,
    which may be written as text.
    """
    names = field_names(fields)
    kept: dict[str, tuple[Rank, Value]] = {}
    for name, value in row.items():
        place = names.find(name) if flat or "." not in name else None
        if place is not None:
            if place[0] in names.whole_objects and (entries := object_of(value)) is not None:
                value = json.dumps(without_numbers(entries))
            _keep_stronger(kept, place, value)
        elif value is not None and names.is_object(name):
            for inner, inner_value in (object_of(value) or {}).items():
                if "." not in inner and (place := names.find(f"{name}.{inner}")):
                    _keep_stronger(kept, place, inner_value)
    return {column: value for column, (_, value) in kept.items()}


def without_numbers(entries: Mapping[str, object]) -> dict[str, object]:
    """An object of texts: a number is none, so `False`, which is left out later, stands in its place."""
    return {name: False if isinstance(value, NumberText) else value for name, value in entries.items()}


def _keep_stronger(kept: dict[str, tuple[Rank, Value]], place: tuple[str, Rank], found: object) -> None:
    column, rank = place
    value = _value(found)
    if value is not None and (column not in kept or rank < kept[column][0]):
        kept[column] = (rank, value)


def object_of(value: object) -> Mapping[str, object] | None:
    """An object, which may be written as text; None for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = _DECODER.decode(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _value(value: object) -> Value | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return value if isinstance(value, NotText) else TRUE if value is True else NOT_TEXT
