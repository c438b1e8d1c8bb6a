"""The command: how it starts, what it says and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.asyncio.client import connect

from ingest.simulator.faults import Fault
from ingest.simulator.invention import MARKER
from ingest.simulator.serving import Served
from ingest.simulator.state import Simulator
from orchestration.cli import main
from tests.ingest.capture.gateways import asked, gateway_process, landed
from tests.ingest.capture.sessions import OWNER, Session, captured, charged


def test_terminating_it_hands_all_records_to_landing_and_its_log_holds_no_content(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    with gateway_process(corti, tmp_path) as gateway:
        session = Session(gateway.served, OWNER)
        session.everything()
        for action in ("broken_json", "cut_short", "charge_then_status"):
            simulator.faults.arm(Fault(action, path="/coding/"))
            with contextlib.suppress(Exception):
                session.client.post("/v2/tools/coding/?secret=query-mark", json={"text": "body-mark"})
        asked(gateway.served, "GET", "/v2/interactions/?secret=query-mark")
        simulator.faults.arm(Fault("refuse", method="WS", status=403))
        with contextlib.suppress(Exception):
            asyncio.run(session.stream())
        assert landed(tmp_path) == []  # the file is not due for another minute
        assert gateway.stop() == 0
        said = "".join(gateway.said)
    assert captured(landed(tmp_path)) == charged(simulator.ledger)
    for mark in (MARKER, session.token, "query-mark", "body-mark", "Bearer", "Traceback", session.interaction):
        assert mark not in said, said


def test_records_are_in_landing_before_the_last_call_has_ended(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    with gateway_process(corti, tmp_path, "--drain-seconds", "20") as gateway:
        session = Session(gateway.served)
        session.ask_tools_and_agents()
        with socket.create_connection((gateway.served.host, gateway.served.port)) as unfinished:
            unfinished.sendall(b"POST /v2/interactions/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
            while "credits_gateway_open_calls 1\n" not in asked(gateway.served, "GET", "/metrics")[2].decode():
                time.sleep(0.01)
            gateway.popen.send_signal(signal.SIGTERM)
            while not landed(tmp_path):
                time.sleep(0.01)
            unfinished.sendall(b"yyyyyyyy")
            assert unfinished.recv(65536).startswith(b"HTTP/1.1 401")  # it was served to its end
            assert captured(landed(tmp_path)) == charged(simulator.ledger)
        assert gateway.popen.wait(timeout=30) == 0


def test_running_calls_end_before_it_does_and_open_sockets_when_their_time_is_over(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    simulator.faults.arm(Fault("slow", path="/coding/", seconds=0.7))

    async def talk(session: Session, gateway_stop: asyncio.Event) -> tuple[int | None, int]:
        url = (
            f"{session.at.ws}/audio-bridge/v2/interactions/{session.interaction}/streams?token=Bearer%20{session.token}"
        )
        async with connect(url, proxy=None) as opened:
            await opened.send(b"audio")
            for _ in range(3):
                await opened.recv()
            call = asyncio.create_task(
                asyncio.to_thread(session.client.post, "/v2/tools/coding/", json={"context": []})
            )
            await asyncio.sleep(0.2)
            gateway_stop.set()
            answer = await call
            await opened.send(b"audio, long after the signal")
            assert "transcript" in str(await opened.recv())
            await opened.wait_closed()
            return opened.close_code, answer.status_code

    async def both(session: Session) -> tuple[tuple[int | None, int], int]:
        asked_to_stop = asyncio.Event()
        talking = asyncio.create_task(talk(session, asked_to_stop))
        await asked_to_stop.wait()
        code = await asyncio.to_thread(gateway.stop)
        return await talking, code

    with gateway_process(corti, tmp_path, "--drain-seconds", "2") as gateway:
        (close_code, status), code = asyncio.run(both(Session(gateway.served)))
    assert (close_code, status, code) == (1012, 200, 0)
    assert sorted((record["kind"], record["status"]) for record in landed(tmp_path)) == [
        ("codes", "final"),
        ("stream", "estimate"),
    ]


def test_records_land_by_age_while_it_runs(simulator: Simulator, corti: Served, tmp_path: Path) -> None:
    with gateway_process(corti, tmp_path, "--rotate-seconds", "0.2") as gateway:
        Session(gateway.served).ask_tools_and_agents()
        wanted = charged(simulator.ledger)
        while captured(landed(tmp_path)) != wanted:
            assert gateway.popen.poll() is None
            time.sleep(0.05)


def test_what_a_killed_gateway_had_written_lands_with_the_next_one(
    simulator: Simulator, corti: Served, tmp_path: Path
) -> None:
    with gateway_process(corti, tmp_path) as gateway:
        Session(gateway.served).everything()
        gateway.popen.kill()
        gateway.popen.wait()
    assert landed(tmp_path) == []
    with gateway_process(corti, tmp_path) as gateway:
        assert gateway.stop() == 0
    records = landed(tmp_path)
    assert captured(records) == charged(simulator.ledger)
    assert len({record["recordId"] for record in records}) == len(records)


def heartbeats(home: Path) -> list[dict[str, Any]]:
    files = sorted((home / "landing" / "heartbeats").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def test_heartbeats_say_that_it_is_there_and_that_it_stopped(corti: Served, tmp_path: Path) -> None:
    with gateway_process(corti, tmp_path, "--host", "front-1") as gateway:
        Session(gateway.served).ask_tools_and_agents()
        assert gateway.stop() == 0
    first, last = heartbeats(tmp_path)
    assert first["source"] == last["source"] == "front-1/gateway"
    assert (first.get("stopped"), last["stopped"], last["records"]) == (None, True, len(landed(tmp_path)))
    assert first["startedAt"] == last["startedAt"] <= first["at"] <= last["at"]


def test_a_killed_gateway_never_said_that_it_stopped_and_none_at_all_where_they_are_off(
    corti: Served, tmp_path: Path
) -> None:
    with gateway_process(corti, tmp_path) as gateway:
        asked(gateway.served, "GET", "/healthz")
        gateway.popen.kill()
        gateway.popen.wait()
    with gateway_process(corti, tmp_path, "--no-heartbeats") as gateway:
        assert gateway.stop() == 0
    assert not any("stopped" in line for line in heartbeats(tmp_path))
    assert not [*(tmp_path / "landing" / "heartbeats" / ".growing").glob("*")]


def test_an_address_that_others_can_reach_is_warned_of(corti: Served, tmp_path: Path) -> None:
    with gateway_process(corti, tmp_path, "--listen", "0.0.0.0:0") as gateway:
        gateway.stop()
        assert "warning: " in "".join(gateway.said) and "reached from other machines" in "".join(gateway.said)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "give --environment eu or us"),
        (["--upstream-base", "ftp://x"], "--upstream-base is 'ftp://x'"),
        (["--environment", "eu", "--listen", "nowhere"], "--listen is 'nowhere'"),
    ],
)
def test_unusable_options_end_it_with_one_line(arguments: list[str], reason: str) -> None:
    ended = CliRunner().invoke(main, ["gateway", *arguments])
    assert ended.exit_code == 2
    assert reason in ended.stderr and ended.stderr.count("\n") == 1


def test_a_taken_address_ends_it_with_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(main, ["gateway", "--environment", "eu", "--listen", f"127.0.0.1:{port}"])
    assert ended.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr and ended.stderr.count("\n") == 1
