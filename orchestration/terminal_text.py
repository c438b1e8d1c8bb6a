"""Texts from files and tables, made safe for a terminal."""

from __future__ import annotations

_LONGEST_PATH = 160
_LONGEST_REASON = 300


def printable(text: object) -> str:
    """A text without characters that a terminal would interpret: escapes, and marks that change the writing
    direction.
    """
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(text))


def shown_path(path: str) -> str:
    """A path made safe for a terminal; a long one is shown without its middle."""
    plain = printable(path)
    half = _LONGEST_PATH // 2
    return plain if len(plain) <= _LONGEST_PATH else f"{plain[:half]}…{plain[1 - half :]}"


def shown_reason(text: object) -> str:
    """A message about a file, made safe for a terminal; a long one is cut."""
    return printable(text)[:_LONGEST_REASON]
