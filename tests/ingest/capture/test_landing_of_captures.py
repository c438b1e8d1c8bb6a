"""What capture wrote lands whole, and gives the operations and credits that were charged."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.capture.log_replay import import_log
from ingest.capture.recognition import usage_records
from ingest.capture.socket_tap import SocketTap
from ingest.capture.spool import Spool
from ingest.contract.call import CallContext
from tests.ingest.capture.bodies import (
    CLINICAL,
    DOCUMENT,
    DOCUMENTS,
    INTERACTION,
    TASK,
    TRANSCRIPT,
    TRANSCRIPTS,
    codes,
    document,
    facts,
    guided_document,
    task_v2,
    transcript,
)
from tests.ingest.landing.landing_home import LandingHome
from tests.reference.facts import Fact
from tests.reference.model import compute

SEND = "/v2/agentic/agents/agt.1/a2a/message:send"
STREAM = f"/audio-bridge/v2/interactions/{INTERACTION}/streams"


class CapturedHome:
    """Calls as an application makes them, captured into a landing folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = LandingHome.at(folder)
        self.spool = Spool(self.home.settings.landing)

    def call(self, method: str, path: str, status: int | None, body: object = None, **headers: str) -> None:
        context = CallContext.mint(environment="eu", corti_tenant="acme", user_id="u-1", tenant_id="t-1")
        for record in usage_records(method, path, status, headers, json.dumps(body).encode(), context):
            self.spool.append(record)

    def socket(self, *messages: object) -> None:
        tap = SocketTap(STREAM, CallContext.mint(environment="eu", corti_tenant="acme"))
        for message in messages:
            tap.feed(json.dumps(message))
        if record := tap.close():
            self.spool.append(record)

    def facts(self) -> list[Fact]:
        """Land what was captured; return the result of an independent reading of the contract."""
        self.spool.close()
        summary = self.home.land()
        assert summary.rejected == 0
        [(clinical,)] = self.home.rows(f"select count(*) from raw.usage_records r where r::varchar like '%{CLINICAL}%'")
        assert clinical == 0
        return compute(self.home.settings.home, datetime.now(UTC)).fact


@pytest.fixture
def captured(tmp_path: Path) -> CapturedHome:
    return CapturedHome(tmp_path / "home")


def summed(found: list[Fact]) -> dict[tuple[str, str], tuple[Decimal, int]]:
    """Credits and operations by kind and status."""
    keys = {(fact.kind, fact.status) for fact in found}
    by_key = {key: [fact.credits for fact in found if (fact.kind, fact.status) == key] for key in keys}
    return {key: (sum(credits, Decimal(0)), len(credits)) for key, credits in by_key.items()}


def test_every_kind_of_call_comes_to_what_was_charged(captured: CapturedHome) -> None:
    captured.call("POST", DOCUMENTS, 201, document(0.421))
    captured.call("PATCH", DOCUMENTS + DOCUMENT, 200, document(0.421))
    captured.call("GET", DOCUMENTS, 200, {"data": [document(0)]})
    for _ in range(2):
        captured.call("POST", "/v2/documents/", 200, guided_document(saved=False))
        captured.call("POST", "/v2/tools/extract-facts", 200, facts())
        captured.call("POST", "/v2/tools/coding/", 200, codes())
    captured.call("POST", "/v2/tools/coding/", 504)
    captured.call("POST", "/v2/tools/coding/", None)
    captured.call("POST", "/v2/tools/summarise", 200, {"usageInfo": {"creditsConsumed": 2}})
    captured.socket({"type": "delta_usage", "credits": 0.5}, {"type": "usage", "credits": 0.75}, {"type": "ENDED"})
    captured.socket({"type": "delta_usage", "credits": 0.1}, {"type": "delta_usage", "credits": 0.25})
    captured.socket()
    assert summed(captured.facts()) == {
        ("document", "final"): (Decimal("0.421"), 1),
        ("guided_document", "final"): (Decimal("1.804"), 2),
        ("facts", "final"): (Decimal("0.14"), 2),
        ("codes", "final"): (Decimal("0.022"), 2),
        ("codes", "unreported"): (Decimal(0), 2),
        ("summarise", "final"): (Decimal(2), 1),
        ("stream", "final"): (Decimal("0.75"), 1),
        ("stream", "estimate"): (Decimal("0.25"), 1),
        ("stream", "unreported"): (Decimal(0), 1),
    }


def test_the_heartbeats_of_a_process_land_beside_its_records(captured: CapturedHome) -> None:
    captured.call("POST", "/v2/tools/coding/", 200, codes())
    captured.call("POST", "/v2/tools/extract-facts", 200, facts())
    captured.facts()
    [(source, records, stopped)] = captured.home.rows(
        "select source, records, stopped from raw.heartbeats qualify row_number() over (order by line_number desc) = 1"
    )
    assert (source, records, stopped) == (f"{socket.gethostname()}/capture", 2, True)


@pytest.mark.parametrize("begun", [transcript(0, "processing"), {"id": TRANSCRIPT, "status": "processing"}, None])
def test_an_asynchronous_transcript_is_one_operation_with_its_final_figure(
    captured: CapturedHome, begun: object
) -> None:
    captured.call("POST", TRANSCRIPTS, 202, begun, location=TRANSCRIPTS + TRANSCRIPT)
    captured.call("GET", TRANSCRIPTS + TRANSCRIPT, 200, transcript(0.1, "processing"))
    for _ in range(3):
        captured.call("GET", TRANSCRIPTS + TRANSCRIPT, 200, transcript(0.3475))
    [fact] = captured.facts()
    assert (fact.credits, fact.status, fact.resource_id) == (Decimal("0.3475"), "final", TRANSCRIPT)
    assert (fact.interaction_id, fact.user_id, fact.tenant_id) == (INTERACTION, "u-1", "t-1")


def test_a_continued_task_costs_the_sum_of_its_requests_however_often_it_is_read(captured: CapturedHome) -> None:
    bare = task_v2(0.8, 2)
    del bare["history"]
    captured.call("POST", SEND, 200, {"task": task_v2(1.2, 1)})
    captured.call("POST", SEND, 200, {"task": task_v2(0.8, 2)})
    for task in (task_v2(0.8, 2), bare):
        captured.call("GET", f"/v2/agentic/contexts/c/tasks/{TASK}", 200, task)
        captured.call("GET", "/v2/agentic/contexts/c/tasks", 200, {"tasks": [task]})
    assert {fact.resource_id: fact.credits for fact in captured.facts()} == {
        TASK: Decimal("1.2"),
        f"{TASK}#2": Decimal("0.8"),
    }


def test_a_refund_is_refused_where_a_person_sees_it(captured: CapturedHome) -> None:
    captured.call("POST", DOCUMENTS, 201, document(-1))
    captured.spool.close()
    assert captured.home.land().rejected == 1
    assert [reason for _, _, reason in captured.home.refused()] == ["credits_negative"]


def test_a_log_imported_again_changes_nothing(captured: CapturedHome, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    calls = [
        {"method": "POST", "path": path, "status": 200, "body": body, "time": "2026-03-02T10:00:00Z"}
        for path, body in (("/v2/tools/coding/", codes()), (DOCUMENTS, document()), ("/v2/tools/coding/", None))
    ]
    log.write_text("".join(json.dumps(call) + "\n" for call in calls))
    landing = captured.home.settings.landing
    import_log(log, landing, environment="eu")
    before = captured.facts()
    assert summed(before) == {
        ("codes", "final"): (Decimal("0.011"), 1),
        ("codes", "unreported"): (Decimal(0), 1),
        ("document", "final"): (Decimal("0.421"), 1),
    }
    import_log(log, landing, environment="eu")
    assert captured.home.land().load_id is None
    log.write_text(log.read_text() * 2)
    import_log(log, landing, environment="eu")
    assert captured.home.land().accepted == 6
    after = compute(captured.home.settings.home, datetime.now(UTC))
    assert summed(after.fact) == summed(before)
    assert after.conflicts == set()
