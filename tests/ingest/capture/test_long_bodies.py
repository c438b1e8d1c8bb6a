"""From a long body only the members that a layout uses are read, and they are what reading all of it gives."""

from __future__ import annotations

import json
import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.capture.charges import charges_in
from ingest.capture.endpoints import ENDPOINTS, UNKNOWN_LAYOUT, Layout
from ingest.capture.json_bodies import read_json
from tests.ingest.capture.bodies import TRANSCRIPTS, lines_of, transcript

LAYOUTS = (*dict.fromkeys(endpoint.layout for endpoint in ENDPOINTS), UNKNOWN_LAYOUT)
TRANSCRIPT_LAYOUT = ENDPOINTS[0].layout
SAID = ", ".join(['{"channel": 0, "text": "synthetic [words] } \\" \\u00e5", "id": "no-1", "end": 1850}'] * 100)
NAMES = (
    "id", "usageInfo", "creditsConsumed", "status", "createdAt", "metadata", "document", "task", "result", "tasks",
    "interactionId", "data", "items", "history", "taskId", "jsonrpc", "message", "transcripts", "text", "i\\u0064",
    "usageInf\\u006f", "é", "",
)  # fmt: skip
VALUES = (
    "0.10", "1E-2", "-0", "12345678901234567890.1234567890", '"0.5"', "null", "true", "NaN", "[]", "{}", '"t-1"',
    '"completed"', '"2026-03-02T09:14:07Z"', '{"creditsConsumed": 0.30, "creditsConsumed": 7}',
    '{"id": "t-2", "id": "t-3", "status": {"state": "working"}, "metadata": {"$usage": {"credits": 1.50}}}',
    '[{"id": "t-4", "usageInfo": {"creditsConsumed": 2.0}}]', '"\\ud800"', '"a ] b"', "[1, 2]", f"[{SAID}]",
    f"[{SAID}, [{SAID}]]", f'{{"x": [{SAID}]}}', f"[{SAID}, NaN]", f'[{SAID}, "\\ud800"]',
)  # fmt: skip
BROKEN = ("[1, 2", "[1, 2]]", "01", "tru", '"a\nb"', "{1: 2}", f"[{SAID},]", f"[{SAID}", f'[{SAID}, "a\nb"]', "", "+1")
DAMAGE = (b"", b'"', b"]", b"[", b"}", b",", b"\\", b"\x00", b"\xff", b"9")
BLANKS = st.sampled_from(("", "", " ", "\r\n\t"))


@st.composite
def texts(draw: st.DrawFn) -> str:
    values = VALUES + BROKEN if draw(st.integers(0, 3)) == 0 else VALUES
    members = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(values)), max_size=9))
    members.insert(draw(st.integers(0, len(members))), ("text", f"[{SAID}]"))
    written = [f'{draw(BLANKS)}"{name}"{draw(BLANKS)}:{draw(BLANKS)}{value}{draw(BLANKS)}' for name, value in members]
    inside = draw(st.sampled_from((",", ",", ",", "", ",,", ":"))).join(written)
    return draw(BLANKS) + "{" + inside + "}" + draw(st.sampled_from(("", "", "", "", " ", "}", ",", "]", " {}")))


def same_of_all(body: bytes) -> None:
    whole = read_json(body)
    for layout in LAYOUTS:
        used = read_json(body, layout.members)
        assert (used is None) == (whole is None)
        assert charges_in(layout, used) == charges_in(layout, whole)


@given(texts())
@settings(max_examples=400, deadline=None)
def test_the_used_members_are_those_of_the_whole_body(text: str) -> None:
    same_of_all(text.encode())


@given(st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_a_damaged_body_is_judged_as_when_it_is_read_whole(seed: int) -> None:
    chance = random.Random(seed)
    sound = {**transcript(), "transcripts": [{"text": 'å "[', "end": 1.5}] * 300}
    body = bytearray(json.dumps(sound, ensure_ascii=chance.random() < 0.5).encode())
    for _ in range(chance.randrange(1, 4)):
        edge = chance.choice((chance.randrange(len(body)), chance.randrange(300), len(body) - chance.randrange(1, 60)))
        body[edge : edge + chance.randrange(2)] = chance.choice(DAMAGE)
    same_of_all(bytes(body))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_a_long_transcript_is_not_read_whole_and_has_its_digits(coding: str) -> None:
    body = json.dumps({**transcript(), "transcripts": [{"text": "ø" * 60}] * 700}, ensure_ascii=False)
    body = body.replace("0.3475", "0.347500").encode(coding)
    assert read_json(body, TRANSCRIPT_LAYOUT.members) == {
        "id": transcript()["id"], "status": "completed", "usageInfo": {"creditsConsumed": "0.347500"}
    }  # fmt: skip
    [record] = lines_of("POST", TRANSCRIPTS, 201, body)
    assert (record["creditsConsumed"], record["status"]) == ("0.347500", "final")


def test_the_work_is_linear_in_the_number_of_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    loads = orjson.loads

    def counting(text: str) -> object:
        tried.append(len(text))
        return loads(text)

    monkeypatch.setattr(orjson, "loads", counting)
    body = "{" + ", ".join(f'"text{number}": [{number}]' for number in range(10_000)) + "}"
    assert read_json(body.encode(), TRANSCRIPT_LAYOUT.members) == {}
    assert len(tried) == 4


def test_the_used_members_of_each_layout_are_named() -> None:
    assert {"id", "status", "usageInfo", "creditsConsumed"} <= TRANSCRIPT_LAYOUT.members
    assert {"history", "metadata", "taskId", "result", "jsonrpc"} <= next(lay for lay in LAYOUTS if lay.turns).members
    assert Layout(items=(("facts",),)).members == {"facts", "jsonrpc"}
