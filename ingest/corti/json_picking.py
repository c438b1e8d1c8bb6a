"""Reads a JSON body as a stream: picks a few named values of each item and skips everything else.

Only the picked values are kept. So a list of documents with all their clinical text needs as much memory as its longest
single text, which is dropped when the next one comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import ijson

_PLAIN = {"string", "number"}
Item = dict[str, str]
"""The picked values of one item by their own names; absent ones are left out, numbers are exact to the last zero."""


class BrokenBodyError(Exception):
    """A body is not JSON, or is cut off."""


@dataclass(frozen=True)
class Shape:
    """Where the items are in a body, and what is picked from each.

    `item` is the path to an item (`data.item` for a list below `data`, `item` for a bare list, the empty text for the
    body itself). `fields` are paths from there to values, each with the name that it gets; the empty path is the item
    itself, if it is a plain value. If several paths have one name, the first one with a value wins. `needed` is the
    path to a list or null that a body of this shape must have. `or_items` are other paths to items, for an API that is
    not known well enough.
    """

    item: str
    fields: Mapping[str, str]
    needed: str | None = None
    or_items: tuple[str, ...] = ()


async def picked(chunks: AsyncIterator[bytes], shape: Shape, take: Callable[[Item], None]) -> None:
    """Hand each item of a body to `take` as soon as it is read.

    Raises:
        BrokenBodyError: the body is not JSON of this shape, or is cut off; items before that were already passed on.
    """
    picker = _Picker(shape, take)
    events = ijson.sendable_list()
    parser = ijson.parse_coro(events)
    try:
        async for chunk in chunks:
            if not chunk:
                continue
            parser.send(chunk)
            for event in events:
                picker.hear(*event)
            del events[:]
        parser.close()
    except (ijson.JSONError, StopIteration, UnicodeDecodeError):
        raise BrokenBodyError from None
    for event in events:
        picker.hear(*event)
    if not picker.is_whole:
        raise BrokenBodyError


class _Picker:
    def __init__(self, shape: Shape, take: Callable[[Item], None]) -> None:
        self._items = {shape.item, *shape.or_items}
        self._take = take
        starts = [f"{item}." if item else "" for item in (shape.item, *shape.or_items)]
        self._names = {
            start + way if way else start.removesuffix("."): (name, rank)
            for start in starts
            for rank, (way, name) in enumerate(shape.fields.items())
        }
        self._needed = shape.needed
        self._found: Item = {}
        self._ranks: dict[str, int] = {}
        self.is_whole = shape.needed is None

    def hear(self, prefix: str, event: str, value: object) -> None:
        if prefix == self._needed and event in ("start_array", "null"):
            self.is_whole = True
        named = self._names.get(prefix)
        if named is not None and event in _PLAIN:
            name, rank = named
            if name not in self._ranks or rank < self._ranks[name]:  # of repeated keys the first one counts
                self._found[name] = str(value)
                self._ranks[name] = rank
        if prefix in self._items and event in ("end_map", *_PLAIN):
            if self._found:
                self._take(self._found)
            self._found, self._ranks = {}, {}
