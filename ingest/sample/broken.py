"""Lines that are not records, of every sort, among good lines."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.sample.example_records import Examples, Record, line, raw_line
from ingest.sample.timeline import Window
from ingest.sample.world import World

_BAD_NUMBERS = (
    "-0.5", "NaN", "Infinity", "-Infinity", "1000000000", "1e10", "true", "[]", "{}", '""', '"   "', '"NaN"',
    '"-1"', '"none"', '"0,25"', '"1_000"', '"0.5 credits"', '"1000000000.5"', '"inf"',
)  # fmt: skip
_BAD_LINES = (
    "[]", '"text"', "12", "null", "true", "not JSON at all", "{'kind': 'facts'}", '{"kind":"facts"} trailing',
)  # fmt: skip
_LONG = "x" * 200


@dataclass(frozen=True)
class MixedLines:
    """Lines of one file, and how many of them every reader must refuse."""

    text: bytes
    lines: int
    broken: int


def mixed_lines(world: World, window: Window) -> MixedLines:
    """Every sort of broken line, with a good line after each."""
    examples = Examples(world, window, "mixed")
    faulty = [
        raw_line(examples.canonical(number, "facts"), "creditsConsumed", token)
        for number, token in enumerate(_BAD_NUMBERS, start=100)
    ]
    faulty += [
        line(examples.canonical(number, "facts", **fields)) for number, fields in enumerate(_bad_fields(), start=200)
    ]
    faulty += _BAD_LINES
    return _among_good(examples, [text.encode() for text in faulty] + _torn_lines(examples))


def torn_lines(world: World, window: Window) -> MixedLines:
    """A few cut lines among good ones, for a compressed file."""
    examples = Examples(world, window, "torn")
    return _among_good(examples, _torn_lines(examples))


def mixed_csv(world: World, window: Window) -> MixedLines:
    """A CSV with broken rows among good ones."""
    examples = Examples(world, window, "mixed-csv")
    rows = ["recordId,kind,interactionId,creditsConsumed,capturedAt,userId"]
    faults = ("-1", "NaN", "much", "", "1e12")
    for number in range(8):
        interaction, rest = examples.interaction(number), f"{examples.at(number)},{examples.user(number)}"
        rows.append(f"{examples.record(number)},facts,{interaction},0.0{number + 1},{rest}")
        if number < len(faults):
            rows.append(f",facts,{interaction},{faults[number]},{rest}")
    rows.append(f",facts,{examples.interaction(20)},0.05,,{examples.user(1)}")
    rows.append(f",facts,{examples.interaction(20)},0.05,1999-12-31T23:59:59Z,{examples.user(1)}")
    rows.append(f",facts,{_LONG},0.05,{examples.at(1)},{examples.user(1)}")
    return MixedLines("".join(f"{row}\n" for row in rows).encode(), len(rows) - 1, len(faults) + 3)


def _bad_fields() -> list[Record]:
    """Fields that make a plain record a refused one."""
    return [
        {"creditsConsumed": None},
        {"creditsConsumed": None, "status": "provisional"},
        {"creditsConsumed": None, "usageInfo": {}},
        {"capturedAt": None},
        {"capturedAt": ""},
        {"capturedAt": "1999-12-31T23:59:59Z"},
        {"capturedAt": "2199-01-01T00:00:00Z"},
        {"capturedAt": "2026-02-30T10:00:00Z"},
        {"capturedAt": "2026-03-01T25:00:00Z"},
        {"capturedAt": "yesterday"},
        {"recordId": _LONG},
        {"interactionId": _LONG},
        {"resourceId": _LONG},
        {"operationId": _LONG},
    ]


def _torn_lines(examples: Examples) -> list[bytes]:
    """Lines that are cut off at several places, and one that is not UTF-8."""
    whole = line(examples.canonical(300, "document")).encode()
    not_utf8 = whole.replace(b'"kind":"document"', b'"kind":"docum\xff\xfent"')
    return [whole[:1], whole[: len(whole) // 2], whole[:-1], whole[len(whole) // 3 :], not_utf8]


def _among_good(examples: Examples, faulty: list[bytes]) -> MixedLines:
    lines: list[bytes] = []
    for number, fault in enumerate(faulty):
        lines += [fault, line(examples.canonical(number, "document")).encode()]
    return MixedLines(b"".join(text + b"\n" for text in lines), len(lines), len(faulty))
