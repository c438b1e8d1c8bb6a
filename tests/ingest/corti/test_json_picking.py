"""Of a body only named values are picked, in whatever pieces it comes, and no more than one text is held of it."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingest.corti.json_picking import BrokenBodyError, Item, Shape, picked

DOCUMENTS = Shape(
    "data.item",
    {"id": "id", "createdAt": "created_at", "usageInfo.creditsConsumed": "credits", "creditsConsumed": "credits"},
    needed="data",
)
ONE = Shape("", {"id": "id", "status": "status"})
IDS = Shape("recordings.item", {"": "id"}, needed="recordings")
BARE = Shape("item", {"id": "id"}, needed="")


def of(body: bytes | Iterator[bytes], shape: Shape, size: int = 1_000_000) -> list[Item]:
    pieces = body if not isinstance(body, bytes) else (body[at : at + size] for at in range(0, len(body), size))

    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    found: list[Item] = []
    asyncio.run(picked(chunks(), shape, found.append))
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_what_is_picked_does_not_hang_on_the_pieces(size: int) -> None:
    inner = {"id": "inner", "createdAt": "inner", "creditsConsumed": 9, "text": "é" * 9}
    items = [
        {"sections": [inner], "id": "d1", "usageInfo": {"creditsConsumed": 0.5}, "createdAt": "t1"},
        {"id": "d2", "usageInfo": None, "name": "n"},
        {"name": "no id"},
    ]
    expected = [{"id": "d1", "credits": "0.5", "created_at": "t1"}, {"id": "d2"}]
    assert of(json.dumps({"x": [inner], "data": items}).encode(), DOCUMENTS, size) == expected


@pytest.mark.parametrize("digits", ["0.4210", "0.10", "3", "0.000000001", "123456789.123456789", "0.0"])
def test_numbers_keep_their_digits(digits: str) -> None:
    body = f'{{"data": [{{"id": "d", "usageInfo": {{"creditsConsumed": {digits}}}}}]}}'
    (item,) = of(body.encode(), DOCUMENTS)
    assert Decimal(item["credits"]).as_tuple() == Decimal(digits).as_tuple()


def test_of_a_repeated_key_the_first_counts() -> None:
    assert of(b'{"id": "first", "status": "a", "id": "second", "status": "b"}', ONE) == [{"id": "first", "status": "a"}]


@pytest.mark.parametrize("first", [True, False])
def test_of_two_ways_to_one_value_the_stronger_wins_wherever_it_stands(first: bool) -> None:
    strong, weak = '"usageInfo": {"creditsConsumed": 1}', '"creditsConsumed": 2'
    body = f'{{"data": [{{{strong}, {weak}}}]}}' if first else f'{{"data": [{{{weak}, {strong}}}]}}'
    assert of(body.encode(), DOCUMENTS) == [{"credits": "1"}]


@pytest.mark.parametrize(
    ("body", "shape", "expected"),
    [
        (b'{"recordings": ["a", "b"]}', IDS, [{"id": "a"}, {"id": "b"}]),
        (b'{"recordings": null}', IDS, []),
        (b'{"recordings": []}', IDS, []),
        (b'[{"id": "a"}, {"document": {"id": "b"}}]', BARE, [{"id": "a"}]),
        (b"[]", BARE, []),
        (b"null", BARE, []),
        (b'{"id": 7, "status": {"id": "x"}}', ONE, [{"id": "7"}]),
        (b"{}", ONE, []),
    ],
)
def test_each_shape_is_read(body: bytes, shape: Shape, expected: list[Any]) -> None:
    assert of(body, shape) == expected


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b'{"data": [', b'{"data": [{"id": "a"}]', b"<html>", b'{"other": []}', b'{"data": {}}', b"[]"),
        *(b'{"data": []} x', b'{"data": [{"id": "\xff"}]}', b'{"data": [NaN]}'),
    ],
)
def test_what_is_no_body_of_its_shape_is_broken(body: bytes) -> None:
    with pytest.raises(BrokenBodyError):
        of(body, DOCUMENTS)


def test_a_list_of_large_documents_is_never_held() -> None:
    document = json.dumps({"id": "d-1", "sections": [{"text": "word " * 20_000}] * 10}).encode()

    def body() -> Iterator[bytes]:
        yield b'{"data": ['
        for number in range(60):  # 60 MB
            yield (b"," if number else b"") + document[:500_000]
            yield document[500_000:]
        yield b"]}"

    tracemalloc.start()
    try:
        assert len(of(body(), DOCUMENTS)) == 60
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
