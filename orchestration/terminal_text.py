"""Texts from files and tables as a terminal may show them."""

from __future__ import annotations


def printable(text: object) -> str:
    """A text without what a terminal would act on: escapes, and marks that turn the writing round."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(text))
