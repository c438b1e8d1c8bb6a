"""Counts in sentences for people."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A count with its noun, such as `1 line` or `2 lines`; if there are several words, the last one is the noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
