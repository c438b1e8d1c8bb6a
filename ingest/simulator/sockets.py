"""The sockets of streams and of transcribe."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from ingest.simulator.exact_json import dumps
from ingest.simulator.faults import Fault
from ingest.simulator.ledger import Charge
from ingest.simulator.state import Simulator, simulator_of


@dataclass
class _Session:
    """One connection: its cost so far, and what was reported to its caller."""

    socket: WebSocket
    simulator: Simulator
    kind: str
    interaction_id: str | None
    id: str
    cost: Decimal = field(default_factory=lambda: Decimal(0))
    messages: int = 0
    settled: bool = False

    async def say(self, **message: object) -> None:
        await self.socket.send_text(dumps(message))

    async def hear_audio(self, audio: bytes) -> None:
        """Transcribe one message of audio, and report the cost of all of them so far."""
        self.messages += 1
        self.cost += self.simulator.invention.small_price()
        text = self.simulator.invention.text()
        if self.kind == "stream":
            line = {"id": self.interaction_id, "transcript": text, "final": True, "time": {"start": 0, "end": 1.2}}
            await self.say(type="transcript", data=[line])
            fact = {"id": self.simulator.invention.uuid(), "text": text, "group": "plan", "source": "core"}
            await self.say(type="facts", fact=[fact])
        else:
            await self.say(type="transcript", data={"text": text, "rawTranscriptText": text, "isFinal": True})
        await self.say(type="delta_usage", credits=self.cost)

    async def end(self) -> None:
        """Charge for the session, report its total and its end, and close."""
        self.cost += self.simulator.invention.small_price()
        self.settle("final")
        await self.say(type="usage", credits=self.cost)
        await self.say(type="ENDED" if self.kind == "stream" else "ended")
        await self.socket.close(1000)

    def settle(self, reported: str) -> None:
        """Book the session, once; a session without audio that was cut off costs nothing."""
        if not self.settled and (self.messages or reported == "final"):
            self.settled = True
            resource = self.id if self.kind == "transcribe" else None
            self.simulator.ledger.charge(Charge(self.kind, self.cost, self.interaction_id, resource, reported))


async def stream(socket: WebSocket) -> None:
    """`/interactions/{id}/streams`."""
    interaction_id = socket.path_params["interaction"]
    known = interaction_id in simulator_of(socket).interactions
    await _serve(socket, "stream", interaction_id if known else None)


async def transcribe(socket: WebSocket) -> None:
    """`/transcribe`: no interaction; a session id in CONFIG_ACCEPTED."""
    await _serve(socket, "transcribe", None)


async def _serve(socket: WebSocket, kind: str, interaction_id: str | None) -> None:
    simulator, path = simulator_of(socket), socket.url.path
    refusal = simulator.faults.take("WS", path, "refuse")
    status = refusal.status if refusal else 0
    if not status and not simulator.accepts(socket.query_params.get("token", "")):
        status = 401
    if not status and kind == "stream" and interaction_id is None:
        status = 404
    if status:
        await socket.send_denial_response(Response(simulator.invention.text(), status_code=status))
        return
    await socket.accept()
    session = _Session(socket, simulator, kind, interaction_id, simulator.invention.uuid())
    fault = simulator.faults.take("WS", path, "drop", "close")
    try:
        await _converse(session, fault)
    finally:
        session.settle("estimate")


async def _converse(session: _Session, fault: Fault | None) -> None:
    while True:
        message = await session.socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if (audio := message.get("bytes")) is not None:
            await session.hear_audio(audio)
            if fault is not None and session.messages >= fault.after:
                if fault.action == "close":
                    await session.socket.close(fault.code, fault.reason)
                return  # the server drops a connection that is left without a close frame
        elif await _obey(session, message["text"]):
            return


async def _obey(session: _Session, text: str) -> bool:
    """Do what a text message asks for; return True when the session is over."""
    match json.loads(text):
        case {"type": "config", "configuration": configuration}:
            extra = {"sessionId": session.id} if session.kind == "transcribe" else {}
            await session.say(type="CONFIG_ACCEPTED", **extra, configuration=configuration)
        case {"type": "flush"}:
            await session.say(type="flushed")
        case {"type": "end"}:
            await session.end()
            return True
        case _:
            error = {"title": "Unknown message", "details": session.simulator.invention.text()}
            await session.say(type="error", error=error)
    return False


ROUTES = [
    WebSocketRoute("/interactions/{interaction}/streams", stream),
    WebSocketRoute("/transcribe", transcribe),
]
