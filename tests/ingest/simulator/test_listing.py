"""What the simulated Corti lists, how it pages, and the faults that only lists and totals show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from ingest.simulator.console import CUSTOMER
from ingest.simulator.faults import Fault
from ingest.simulator.ledger import Charge
from ingest.simulator.serving import simulated
from ingest.simulator.state import Interaction, Simulator

PAGES = "/v2/interactions/"


@pytest.fixture
def simulator() -> Simulator:
    simulator = Simulator(seed=5)
    for number in range(5):
        stamp = f"2026-03-0{number + 1}T00:00:00Z"
        simulator.add_interaction(Interaction(f"i-{number}", f"u-{number % 2}", {"status": "planned"}, stamp, stamp))
    return simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[httpx.Client]:
    with simulated(simulator) as served, httpx.Client(base_url=served.http) as client:
        form = {"client_id": "c", "client_secret": "s", "grant_type": "client_credentials"}
        token = client.post("/realms/demo/protocol/openid-connect/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def ids(client: httpx.Client, **params: str | int) -> list[str]:
    return [interaction["id"] for interaction in client.get(PAGES, params=params).json()["interactions"]]


def test_interactions_come_newest_first_ten_a_page_and_end_with_an_empty_one(client: httpx.Client) -> None:
    assert ids(client) == ids(client, sort="createdAt") == ["i-4", "i-3", "i-2", "i-1", "i-0"]
    assert ids(client, direction="asc", pageSize=2, index=2) == ["i-2", "i-3"]
    assert ids(client, pageSize=2, index=3) == ["i-0"]
    assert ids(client, pageSize=2, index=4) == ids(client, index=99) == []
    assert ids(client, sort="assignedUserId", direction="asc") == ["i-0", "i-2", "i-4", "i-1", "i-3"]
    assert client.get(PAGES, params={"index": 0}).status_code == 400


def test_an_interaction_that_is_deleted_is_gone_from_everywhere(client: httpx.Client) -> None:
    assert client.delete(f"{PAGES}i-2").status_code == 204
    assert ids(client, direction="asc") == ["i-0", "i-1", "i-3", "i-4"]
    assert client.get(f"{PAGES}i-2/documents/").status_code == 404


def test_what_is_made_in_an_interaction_changes_it(client: httpx.Client) -> None:
    client.post(f"{PAGES}i-0/documents/", json={})
    assert ids(client, sort="updatedAt")[0] == "i-0"


def test_guided_documents_are_listed_by_interaction(client: httpx.Client) -> None:
    for interaction in ("i-0", "i-1"):
        client.post("/v2/documents/", json={"interactionId": interaction, "templateRef": {"templateId": "t"}})
    found = client.get("/v2/documents/", params={"interactionId": "i-1"}).json()
    assert [document["interactionId"] for document in found] == ["i-1"]
    assert len(client.get("/v2/documents/").json()) == 2


def test_rows_come_in_while_somebody_walks_over_the_pages(client: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("insert", PAGES, after=3, seconds=0))
    assert len(ids(client)) == 8
    assert len(ids(client)) == 8


def test_lists_are_null_where_that_is_asked_for(client: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("null_list", "/i-0/", times=2))
    assert client.get(f"{PAGES}i-0/documents/").json() == {"data": None}
    assert client.get(f"{PAGES}i-0/recordings/").json() == {"recordings": None}
    assert client.get(f"{PAGES}i-0/transcripts/").json() == {"transcripts": None}


def test_a_busy_server_asks_for_patience_and_speaks_of_no_balance(client: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("busy", PAGES, status=429, reason="17"))
    simulator.faults.arm(Fault("status", PAGES, status=429))
    busy, empty = client.get(PAGES), client.get(PAGES)
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "17")
    assert ("A0021" in busy.text, "A0021" in empty.text) == (False, True)


def test_old_tokens_are_forgotten(client: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("forget_tokens", PAGES))
    assert [client.get(PAGES).status_code for _ in range(2)] == [401, 401]


def test_a_body_may_come_slowly_but_whole(client: httpx.Client, simulator: Simulator) -> None:
    simulator.faults.arm(Fault("drip", PAGES, seconds=0.001))
    assert len(ids(client)) == 5


def test_the_console_sums_the_ledger_of_a_user_with_both_ends_of_the_window(
    client: httpx.Client, simulator: Simulator
) -> None:
    for second, credits in ((0, "0.10"), (59, "0.20")):
        moment = datetime(2026, 3, 1, 0, 0, second, tzinfo=UTC)
        simulator.ledger.charge(Charge("document", Decimal(credits), "i-0", at=moment))
    simulator.ledger.charge(Charge("document", Decimal(7), "i-1", at=datetime(2026, 3, 1, tzinfo=UTC)))
    root = "/functions/v1/public"
    login = client.post(f"{root}/auth/token", json={"email": "a@b.c", "password": "p"})
    client.headers["Authorization"] = f"Bearer {login.json()['accessToken']}"
    customers = f"{root}/projects/p1/customers"
    assert [customer["id"] for customer in client.get(customers).json()["customers"]] == [CUSTOMER]
    users = client.get(f"{customers}/{CUSTOMER}/users", params={"pageSize": 1}).json()
    assert ([user["id"] for user in users["users"]], users["pagination"]["hasNextPage"]) == (["u-0"], True)
    path = f"{customers}/{CUSTOMER}/users/u-0/consumption"
    window = {"from": "2026-03-01T00:00:00.000Z", "to": "2026-03-01T00:00:59.000Z"}
    assert client.get(path, params=window).text == '{"consumption":0.30}'
    assert client.get(path, params={**window, "to": "2026-03-01T00:00:58.999Z"}).text == '{"consumption":0.10}'
    assert client.post(f"{root}/auth/token", json={"email": "a@b.c"}).status_code == 401
