"""No interaction is skipped or given twice, whatever is added between the pages while they are read."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from ingest.corti.client import CortiClient
from ingest.corti.listing import interactions_since
from ingest.errors import CortiError
from ingest.simulator.invention import at
from ingest.simulator.state import Interaction
from tests.ingest.corti.corti_at_hand import NOW, CortiAtHand

SINCE = NOW - timedelta(days=5)


def walked(corti: CortiAtHand, size: int = 7, since: datetime = SINCE) -> list[str]:
    """The ids that a walk gives, in its order."""

    async def walk(client: CortiClient) -> list[str]:
        return [interaction.id async for page in interactions_since(client, since, size) for interaction in page]

    return corti.with_client(walk)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 14, 15, 50])
@pytest.mark.parametrize("older", [0, 1, 7, 40])
def test_a_walk_gives_what_was_created_since_and_nothing_older(corti: CortiAtHand, count: int, older: int) -> None:
    for number in range(older):
        corti.interaction(100 - number)
    made = [corti.interaction(5 - number / 11).id for number in range(count)]
    assert walked(corti) == made


def test_the_first_page_is_found_without_reading_all_that_is_older(corti: CortiAtHand) -> None:
    for number in range(700):
        corti.interaction(2000 - number)
    made = corti.interaction(1)

    async def walk(client: CortiClient) -> tuple[int, list[str]]:
        ids = [interaction.id async for page in interactions_since(client, SINCE, 7) for interaction in page]
        return client.requests, ids

    requests, ids = corti.with_client(walk)
    assert ids == [made.id]
    assert requests <= 20


@pytest.mark.parametrize("age", [timedelta(), timedelta(days=4, hours=23), timedelta(days=20)])
@pytest.mark.parametrize("inserted", [1, 3, 7, 20])
def test_what_was_there_is_given_once_while_rows_come_to_stand_before_or_behind_the_place_of_reading(
    corti: CortiAtHand, age: timedelta, inserted: int
) -> None:
    made = [corti.interaction(5 - number / 20).id for number in range(60)]
    ago = (datetime.now(NOW.tzinfo) - NOW + age).total_seconds()
    corti.fault("insert", "/v2/interactions/", times=6, after=inserted, seconds=ago)
    found = walked(corti)
    assert len(corti.simulator.interactions) == 60 + 6 * inserted
    assert [interaction_id for interaction_id in found if interaction_id in {*made}] == made
    assert len(found) == len({*found})


@pytest.mark.parametrize("seed", range(12))
def test_rows_that_appear_anywhere_at_any_request_hide_and_double_nothing(corti: CortiAtHand, seed: int) -> None:
    rng = random.Random(seed)
    made = [corti.interaction(5 - rng.random() * 5).id for _ in range(rng.randint(20, 60))]

    def insert(count: int, _: float) -> None:
        for _number in range(rng.randint(0, count)):
            stamp = at(NOW - timedelta(days=rng.random() * 6))
            uuid = corti.simulator.invention.uuid
            corti.simulator.add_interaction(Interaction(uuid(), uuid(), {}, stamp, stamp))

    corti.simulator.insert_interactions = insert  # type: ignore[method-assign]
    corti.fault("insert", "/v2/interactions/", times=0, after=4)
    found = walked(corti)
    assert {*made} <= {*found}
    assert len(found) == len({*found})


def test_a_short_page_that_has_grown_is_read_again(corti: CortiAtHand) -> None:
    made = [corti.interaction(1).id for _ in range(10)]
    # Ten are on two pages; before the third is read, more come in than fit on the second.
    for _ in range(3):
        corti.fault("insert", "/v2/interactions/", after=0)
    corti.fault("insert", "/v2/interactions/", after=15, seconds=0)
    found = walked(corti)
    assert {*made} < {*found} == {*corti.simulator.interactions}
    assert len(found) == 25


def test_a_server_with_a_page_size_of_its_own_is_read_whole(
    corti: CortiAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [corti.interaction(5 - number / 20).id for number in range(40)]
    ask = CortiClient.get

    async def get(self: CortiClient, path: str, shape: object, params: dict[str, object] | None = None) -> object:
        return await ask(self, path, shape, {**(params or {}), "pageSize": 5})  # type: ignore[arg-type]

    monkeypatch.setattr(CortiClient, "get", get)
    assert walked(corti, size=100) == made


def test_pages_in_another_order_than_asked_for_are_not_believed(
    corti: CortiAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        corti.interaction(5 - number / 20)
    ask = CortiClient.get

    async def get(self: CortiClient, path: str, shape: object, params: dict[str, object] | None = None) -> object:
        return await ask(self, path, shape, {**(params or {}), "direction": "desc"})  # type: ignore[arg-type]

    monkeypatch.setattr(CortiClient, "get", get)
    with pytest.raises(CortiError, match="not in the requested order"):
        walked(corti)
