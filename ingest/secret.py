"""A secret in memory: what holds it can be shown, compared and logged without showing it."""

from __future__ import annotations


class Secret:
    """A text that is not shown unless it is asked for explicitly."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")
