"""The kinds of values of settings: each kind reads a text, or says what to give instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.contract.dimensions import is_key
from ingest.contract.forms import comparable_name
from ingest.object_urls import EXAMPLES, ObjectUrl, is_url, parse_object_url

_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_SHARE = re.compile(r"0|1|0?[.][0-9]{1,9}|1[.]0*|0[.]", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,9}([.][0-9]{1,9})?", re.ASCII)
_MEMORY = re.compile(r"([0-9]{1,9})(MB|GB)", re.ASCII | re.IGNORECASE)
_LONGEST_TEXT = 256
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)
_LEAST_MEGABYTES = 100
_MOST_DIMENSIONS = 32


@dataclass(frozen=True)
class Kind:
    """`read` makes a value of a setting's text, or raises ValueError; `wanted` says what to give, after "give "."""

    read: Callable[[str], Any]
    wanted: str


def whole_number(least: int, most: int) -> Kind:
    """A whole number within bounds, as an `int`."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 18 or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return Kind(read, f"a whole number from {least} to {most}")


def dimension_keys() -> Kind:
    """Keys of cost dimensions, separated by commas, as a tuple; `none` alone is no key."""

    def read(text: str) -> tuple[str, ...]:
        keys = tuple(key.strip() for key in text.split(","))
        if keys == ("none",):
            return ()
        if not all(map(is_key, keys)) or len({*map(comparable_name, keys)}) < len(keys) or len(keys) > _MOST_DIMENSIONS:
            raise ValueError(text)
        return keys

    return Kind(
        read,
        f"up to {_MOST_DIMENSIONS} different keys, separated by commas, each of a to z, digits and _, such as "
        "workflow,cost_centre; or none",
    )


def one_currency() -> Kind:
    """An ISO 4217 code, as a text."""

    def read(text: str) -> str:
        if not _CURRENCY.fullmatch(text):
            raise ValueError(text)
        return text

    return Kind(read, "the ISO 4217 code of a currency, such as USD")


def decimal_number(example: str) -> Kind:
    """A `Decimal` of 0 or more, in plain decimals of up to 9 digits on either side of the point."""
    return Kind(_read_decimal, f"a number in plain decimals, 0 or more, such as {example}")


def share(example: str) -> Kind:
    """A `Decimal` between 0 and 1."""
    return Kind(_read_share, f"a share between 0 and 1, such as {example}")


def switch() -> Kind:
    """On or off, as a `bool`."""
    return Kind(_read_switch, "1 or 0")


def memory() -> Kind:
    """A size in DuckDB's spelling, as a text."""
    return Kind(_read_memory, f"a size such as 512MB or 4GB, {_LEAST_MEGABYTES}MB at least")


def line() -> Kind:
    """One line of plain text, or nothing; without the blanks around it."""
    return Kind(_read_line, f"one line of plain text, {_LONGEST_TEXT} characters at most")


def one_of(*words: str) -> Kind:
    """One of some words."""

    def read(text: str) -> str:
        word = text.strip()
        if word not in words:
            raise ValueError
        return word

    return Kind(read, f"{', '.join(words[:-1])} or {words[-1]}")


def file_path() -> Kind:
    """The path of a file; commands start in different folders, so it is made absolute."""
    return Kind(lambda text: Path(text.strip()).expanduser().absolute(), "the path of a file")


def metrics_file() -> Kind:
    """The path of a file that node-exporter's textfile collector reads: it takes only names that end in `.prom`."""
    return Kind(_read_metrics_file, "the path of a file whose name ends in .prom")


def checked_elsewhere() -> Kind:
    """A text that another module reads and checks."""
    return Kind(str, "what its documentation says")


def home_folder() -> Kind:
    """An absolute `Path`; if it exists, it must be a folder."""
    return Kind(_read_home, "the path of a folder")


def absolute_folder() -> Kind:
    """The absolute `Path` of an existing folder; None if nothing is set."""
    return Kind(_read_absolute_folder, "the absolute path of a folder that exists")


def folder_or_url() -> Kind:
    """The absolute `Path` of a folder, also for a `file` URL, or the `ObjectUrl` of a place in a bucket."""
    return Kind(_read_folder_or_url, f"the path of a folder, or a URL such as {EXAMPLES}, without credentials")


def optional(kind: Kind) -> Kind:
    """A value of another kind, or None if nothing is set."""
    return Kind(lambda text: kind.read(text) if text else None, kind.wanted)


def _read_metrics_file(text: str) -> Path:
    path = Path(text.strip()).expanduser().absolute()
    if path.suffix != ".prom":
        raise ValueError(text)
    return path


def _read_decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _read_share(text: str) -> Decimal:
    if not _SHARE.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _read_switch(text: str) -> bool:
    if text.lower() not in _ON + _OFF:
        raise ValueError(text)
    return text.lower() in _ON


def _read_memory(text: str) -> str:
    found = _MEMORY.fullmatch(text)
    if not found or int(found[1]) * (1000 if found[2].upper() == "GB" else 1) < _LEAST_MEGABYTES:
        raise ValueError(text)
    return text.upper()


def _read_line(text: str) -> str:
    kept = text.strip()
    if not kept.isprintable() or len(kept) > _LONGEST_TEXT or (text and not kept):
        raise ValueError(text)
    return kept


def _read_home(text: str) -> Path:
    try:
        home = Path(text).expanduser().resolve()
        found = home.exists()
    except (OSError, RuntimeError):  # an unknown user's home; a link to itself; a name that is too long
        raise ValueError(text) from None
    if found and not home.is_dir():
        raise ValueError(text)
    return home


def _read_absolute_folder(text: str) -> Path | None:
    if not text:
        return None
    folder = Path(text)
    if not folder.is_absolute() or not folder.is_dir():
        raise ValueError(text)
    return folder


def _read_folder_or_url(text: str) -> Path | ObjectUrl:
    if is_url(text):
        url = parse_object_url(text)
        return url if url.folder is None else _read_home(str(url.folder))
    return _read_home(text)
