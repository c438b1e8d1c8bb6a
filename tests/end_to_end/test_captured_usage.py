"""From a call that an application makes to the fact: what Corti charged is what the mart says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ingest.simulator.faults import Fault
from ingest.simulator.invention import MARKER
from ingest.simulator.serving import simulated
from ingest.simulator.state import Simulator
from tests.end_to_end.commands import ended, started
from tests.end_to_end.driving import Warehouse
from tests.ingest.capture.gateways import gateway_process
from tests.ingest.capture.node import node_folder, session_in_node
from tests.ingest.capture.sessions import OWNER, TENANT, Session, charged

TOLD = "status <> 'unreported'"


def test_what_corti_charged_is_what_the_fact_says_to_the_last_digit(warehouse: Warehouse) -> None:
    simulator = Simulator(seed=31, processing_seconds=0.1)
    with simulated(simulator) as corti, gateway_process(corti, warehouse.home) as gateway:
        session = Session(gateway.served, OWNER)
        session.everything()
        session.ask_models()
        simulator.faults.arm(Fault("charge_then_status", path="/coding/", status=504))
        assert session.client.post("/v2/tools/coding/", json={"context": []}).status_code == 504
        assert gateway.stop() == 0
    code, _, err = ended(started(warehouse, "run"))
    assert code == 0, err
    facts = warehouse.table("fct_credit_usage", ("kind", "interaction_id", "resource_id", "credits"), TOLD)
    assert Counter(facts) == charged(simulator.ledger)
    [(total,)] = warehouse.table("fct_credit_usage", ("sum(credits)",))
    assert total == sum(charge.credits for charge in simulator.ledger.charges if charge.reported != "nothing")
    assert warehouse.table("mart_unreported_operations", ("kind",)) == [("codes",)]
    owners = warehouse.table("fct_credit_usage", ("distinct user_id, tenant_id, corti_tenant, environment",))
    assert owners == [("user-1", "tenant-1", TENANT, "test")]


def test_what_the_sdk_was_charged_is_what_the_fact_says(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    node = node_folder(tmp_path_factory)
    simulator = Simulator(seed=41)
    with simulated(simulator) as corti, gateway_process(corti, warehouse.home) as gateway:
        session_in_node(node, gateway.served.http, corti.http)
        assert gateway.stop() == 0
    code, _, err = ended(started(warehouse, "run"))
    assert code == 0, err
    facts = warehouse.table("fct_credit_usage", ("kind", "interaction_id", "resource_id", "credits"), TOLD)
    assert Counter(facts) == charged(simulator.ledger)
    [(total,)] = warehouse.table("agg_credits_daily", ("sum(credits)",))
    assert total == sum(charge.credits for charge in simulator.ledger.charges if charge.reported != "nothing")


def test_no_clinical_text_gets_from_an_answer_into_the_home(warehouse: Warehouse) -> None:
    simulator = Simulator(seed=37, processing_seconds=0.1)
    with simulated(simulator) as corti, gateway_process(corti, warehouse.home) as gateway:
        session = Session(gateway.served)
        session.everything()
        session.ask_models()
        gateway.stop()
    assert ended(started(warehouse, "run"))[0] == 0
    assert holding(warehouse.home, MARKER.encode()) == []
    assert holding(warehouse.home, session.token.encode()) == []


def holding(home: Path, mark: bytes) -> list[Path]:
    """Files below a home that contain some bytes, without dbt's parsed files."""
    files = [path for path in home.rglob("*") if path.is_file() and "dbt" not in path.parts]
    assert files
    return [path for path in files if mark in path.read_bytes()]
