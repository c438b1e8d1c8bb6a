"""What is written down of a socket: one operation a connection, and totals are never summed."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from ingest.capture.socket_tap import SocketTap
from ingest.contract.call import CallContext
from ingest.contract.usage_record import UsageRecord
from tests.ingest.capture.bodies import CLINICAL, CONTEXT, INTERACTION

STREAM = f"/audio-bridge/v2/interactions/{INTERACTION}/streams?tenant-name=demo&token=Bearer%20secret"
TRANSCRIBE = "/audio-bridge/v2/transcribe?tenant-name=demo&token=Bearer%20secret"
SESSION = "2c9a1b60-0000-4000-8000-000000000001"
Message = Mapping[str, object]
ACCEPTED: Message = {"type": "CONFIG_ACCEPTED", "sessionId": SESSION, "configuration": {}}
SPOKEN: Message = {"type": "transcript", "data": [{"id": INTERACTION, "transcript": f"{CLINICAL}, usage of tobacco"}]}


def delta(credits: object) -> Message:
    return {"type": "delta_usage", "credits": credits}


def usage(credits: object) -> Message:
    return {"type": "usage", "credits": credits}


def heard(path: str, *messages: Message, context: CallContext = CONTEXT) -> UsageRecord | None:
    tap = SocketTap(path, context)
    for message in messages:
        tap.feed(json.dumps(message))
        tap.feed(b"\x00audio")
    record = tap.close()
    assert tap.close() is None, "one connection is one record"
    return record


def figure_of(record: UsageRecord | None) -> tuple[str, str | None]:
    assert record is not None
    return record.status, record.credits


def test_the_total_is_final_and_the_running_totals_are_not_added_to_it() -> None:
    record = heard(STREAM, ACCEPTED, SPOKEN, delta(0.0312), delta(0.0791), usage(0.0834), {"type": "ENDED"})
    assert figure_of(record) == ("final", "0.0834")
    assert record is not None
    assert (record.kind, record.interaction_id, record.operation_id) == ("stream", INTERACTION, "op-1")
    assert record.resource_id is None
    assert record.source == "created"
    assert b"secret" not in record.line() and b"tobacco" not in record.line()


def test_without_a_total_the_last_running_total_is_the_estimate() -> None:
    assert figure_of(heard(STREAM, ACCEPTED, delta(0.0312), delta(0.0791), SPOKEN)) == ("estimate", "0.0791")


@pytest.mark.parametrize("messages", [(), (SPOKEN,), (ACCEPTED, SPOKEN), (ACCEPTED, {"type": "ENDED"})])
def test_a_connection_that_told_nothing_is_unreported(messages: tuple[Message, ...]) -> None:
    assert figure_of(heard(STREAM, *messages)) == ("unreported", None)


@pytest.mark.parametrize("refusal", ["CONFIG_DENIED", "CONFIG_MISSING", "CONFIG_TIMEOUT", "CONFIG_NOT_PROVIDED"])
def test_a_session_that_was_refused_before_it_began_costs_nothing(refusal: str) -> None:
    assert heard(STREAM, {"type": refusal, "reason": CLINICAL}) is None
    assert figure_of(heard(STREAM, ACCEPTED, {"type": refusal})) == ("unreported", None)
    assert figure_of(heard(STREAM, {"type": refusal}, usage(0.1))) == ("final", "0.1")


def test_a_transcribe_session_is_known_by_the_id_that_its_server_gave() -> None:
    record = heard(TRANSCRIBE, ACCEPTED, usage(0.2), {"type": "ended"})
    assert record is not None
    assert (record.kind, record.resource_id, record.operation_id, record.interaction_id) == (
        "transcribe",
        SESSION,
        None,
        None,
    )


def test_a_transcribe_session_without_an_id_is_known_by_its_connection() -> None:
    for accepted in ({"type": "CONFIG_ACCEPTED"}, {"type": "CONFIG_ACCEPTED", "sessionId": CLINICAL}, SPOKEN):
        record = heard(TRANSCRIBE, accepted, usage(0.2))
        assert record is not None
        assert (record.resource_id, record.operation_id) == (None, "op-1")


def test_connections_of_one_interaction_are_operations_of_their_own() -> None:
    first, second = (heard(STREAM, ACCEPTED, usage(0.2), context=CallContext.mint()) for _ in range(2))
    assert first is not None and second is not None
    assert first.interaction_id == second.interaction_id
    assert first.operation_id != second.operation_id


def test_a_total_that_is_told_again_replaces_the_earlier_one() -> None:
    assert figure_of(heard(STREAM, ACCEPTED, usage(0.1), usage(0.3))) == ("final", "0.3")
    assert figure_of(heard(STREAM, ACCEPTED, usage(0.1), usage(None), usage("much"))) == ("final", "0.1")


@pytest.mark.parametrize("marker", ["ENDED", "ended"])
def test_the_end_is_known_in_either_case(marker: str) -> None:
    tap = SocketTap(STREAM, CONTEXT)
    tap.feed(json.dumps(usage(0.1)))
    assert not tap.ended
    tap.feed(json.dumps({"type": marker}))
    assert tap.ended


@pytest.mark.parametrize("digits", ["0.10", "1e-3", "0", "12.340000000"])
def test_credits_keep_their_digits_and_zero_is_a_figure(digits: str) -> None:
    tap = SocketTap(STREAM, CONTEXT)
    tap.feed('{"type":"usage","credits":' + digits + "}")
    assert figure_of(tap.close()) == ("final", digits)


@pytest.mark.parametrize(("path", "kind"), [("/transcribe", "transcribe"), ("/interactions/i-1/streams/", "stream")])
def test_the_bridge_in_front_of_the_path_makes_no_difference(path: str, kind: str) -> None:
    for front in ("", "/audio-bridge", "/v2", "/audio-bridge/v2"):
        record = heard(front + path)
        assert record is not None and record.kind == kind


def test_usage_on_a_socket_of_unknown_purpose_is_kept_and_its_silence_is_not() -> None:
    record = heard("/audio-bridge/v2/translate", usage(0.4))
    assert record is not None and (record.kind, record.credits) == ("translate", "0.4")
    assert heard("/audio-bridge/v2/translate", SPOKEN) is None


def test_anything_may_be_said() -> None:
    tap = SocketTap(STREAM, CONTEXT)
    for text in (
        "",
        "usage",
        "{",
        "[" * 100_000 + "usage",
        '{"type":["usage"]}',
        '"usage"',
        "null usage",
        "\ud800usage",
    ):
        tap.feed(text)
    assert figure_of(tap.close()) == ("unreported", None)
