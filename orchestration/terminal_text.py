"""Texts from files and tables as a terminal may show them."""

from __future__ import annotations

_LONGEST_PATH = 160
_LONGEST_REASON = 300


def printable(text: object) -> str:
    """A text without what a terminal would act on: escapes, and marks that turn the writing round."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(text))


def shown_path(path: str) -> str:
    """A path as a terminal may show it, without its middle where it is long."""
    plain = printable(path)
    half = _LONGEST_PATH // 2
    return plain if len(plain) <= _LONGEST_PATH else f"{plain[:half]}…{plain[1 - half :]}"


def shown_reason(text: object) -> str:
    """What is said of a file, as a terminal may show it: its beginning where it is long."""
    return printable(text)[:_LONGEST_REASON]
