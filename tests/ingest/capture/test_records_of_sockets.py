"""Each socket leaves one record of its own, written before its caller hears of the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

from ingest.capture.spool import Spool
from ingest.simulator.serving import Served
from tests.ingest.capture.gateways import gateway_here, landed, upstreams_of
from tests.ingest.capture.talking import STREAM, echoed, opened


def test_each_socket_left_one_record_of_its_own(upstream: Served, tmp_path: Path) -> None:
    async def one(at: Served, number: int) -> None:
        path = f"/audio-bridge/v2/interactions/each-{number}/streams"
        async with opened(at, path) as socket:
            await echoed(socket, json.dumps({"type": "usage", "credits": number}))

    async def all_of_them(at: Served) -> None:
        await asyncio.gather(*(one(at, number) for number in range(20)))

    spool = Spool(tmp_path / "landing")
    with contextlib.closing(spool), gateway_here(upstreams_of(upstream), spool) as gateway:
        asyncio.run(all_of_them(gateway))
    records = landed(tmp_path)
    assert {(record["interactionId"], int(record["creditsConsumed"])) for record in records} == {
        (f"each-{number}", number) for number in range(20)
    }
    assert len(records) == 20


def test_the_record_is_written_before_the_caller_hears_that_the_session_is_over(
    upstream: Served, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "landing")

    async def converse(at: Served) -> list[int]:
        async with opened(at, STREAM) as socket:
            written = []
            for message in ({"type": "usage", "credits": 1}, {"type": "ENDED"}, {"type": "flushed"}):
                await echoed(socket, json.dumps(message))
                written.append(spool.health().appended)
            return written

    with contextlib.closing(spool), gateway_here(upstreams_of(upstream), spool) as gateway:
        assert asyncio.run(converse(gateway)) == [0, 1, 1]
    assert len(landed(tmp_path)) == 1
