"""Lines of input that are hard to read right, each with an oddity or two: spellings, types, syntax.

They are made from a seed and not by hypothesis, which costs a hundred times as much a line; each line is validated by
itself, so that a test can show just the one at fault.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ingest.landing.names import Field

_CREDITS = [
    *("0", "1", "0.1", "0.30", "1e-7", "1E2", "-0", "-0.0", "0e99", "123456789.123456789", "123456.123456789"),
    *("0.30000000000000004", "0.1000000000000000055511151231257827", "999999.99999999999", "1.0000000005", "1e-400"),
    *("0.0000000005", "0.00000000049999999999", "999999999", "999999999.0", "999999999.0000000001", "1e9", "1e400"),
    *("1e-99999999999999999999", "1e99999999999999999999", "-1", "-1e-400", "100000", "1.50", "5e-1", "1000000.5"),
]
_NUMBERS = [*_CREDITS, "7", "1.0", "123456789012345678901234567890", "9223372036854775808", "0.10", "1e15", "-7"]
_TIMES = [
    *("2025-03-01", "2025-03-01T00:00:00Z", "2025-03-01 10:00:00+02:00", "2025-03-01T10:00:00.1234567Z"),
    *("2025-03-01t10:00:00z", "2025-02-30", "2024-02-29", "1999-12-31T23:59:59.9999999Z", "2000-01-01T00:00:00+00:01"),
    *("2025-03-01T10:00:00", "2025-03-01T10:00Z", "2025-03-01T24:00:00Z", "2025-03-01T23:59:60Z", "20250301", "now"),
    *("2025-03-01T10:00:00.999999999Z", "2025-03-01T10:00:00.Z", "2025-03-01T10:00:00+24:00", "2025-03-01Z", "epoch"),
    *("9999-12-31T23:59:59-23:59", "0000-01-01", "2025-03-01T10:00:00+0100", "2025-03-01T10:00:00 Z", " 2025-03-01"),
]
_WORDS = [
    *("final", "Final", "unreported", "completed", "estimate", "other", "created", "read", "usage", "delta_usage"),
    *("stream", "Transcript", "a b", "a\u00a0b", "a\u2003b", "true", "null", "NaN", "nan", "inf", "-Infinity", "{}"),
    *(
        "[]",
        '{"a": 1}',
        "[1]",
        "007",
        "0",
        "00",
        "+1",
        "1_000",
        "0x10",
        " 1 ",
        "\u0661",
        "1,5",
        "",
        " ",
        "\t",
        "\u00e9",
    ),
    *("x" * 128, "x" * 129, "\U0001f600" * 128, "\u00e9" * 129, "a\0b", "\0", "a,b", 'a"b', "a\nb", "a\rb", "\ufeff"),
    *(
        "\u2028",
        "\u0085",
        "\u200b",
        "\ufffe",
        "\\",
        "i1",
        "false start",
        "None",
        "undefined",
        "2025",
        "infinity",
        "\x7f",
    ),
]
_BROKEN = [
    *(b"{", b"null", b"[1]", b"[]", b'"text"', b"7", b"{} {}", b"{}{}", b"{},", b"\xff", b"\xef\xbb\xbf{}", b"//"),
    *(b"{'a': 1}", b"{a: 1}", b'{"a": 01}', b'{"a": +1}', b'{"a": .5}', b'{"a": 5.}', b'{"a": 0x1}', b'{"a"}', b"\0"),
    *(b'{"userId": "\xed\xa0\x80"}', b'{"userId": "\xc0\x80"}', b'{"userId": "a\tb"}', b'{"a": "\\x41"}', b"\x0b{}"),
]
_TAILS = [b"", b"", b"", b" ", b"\t", b"\r", b",", b"x", b"{}", b"\0", b" //", b"\xff", b"}", b"\xe2\x80\xa8"]
_IGNORED = [
    *('"free": "text"', '"o": {"userId": "inner"}', '"a": [1, {"b": null}]', '"n": NaN', '"n": nan', '"n": -inf'),
    *('"n": [Infinity]', '"n": {"x":INF}', '"t": [1, ]', '"t": {"a": 1,}', '"USERID": "u"', '"customerid": "c"'),
    *('"c": "nan, inf ,}"', '"usageInfo": "text"', '"usageInfo": null', '"usage_info": [1]', '"": ""', '"info": 1'),
    *('"usageInfo.creditsConsumed": 8', '"x": "\\ud83d"', '"x": "\\u0000"', '"x": [ ]', '"x": [-1, - 1]'),
]


_PLAIN = ["u1", "user_2", "T-3", "int_4", "7", "42", "ab12cd", "x" * 26, "\u00e9", "a b", "stream", "final", "created"]
_USUAL = {
    "status": ["final", "unreported", "completed"],
    "source": ["read"],
    "type": ["usage"],
    "kind": ["stream", "Facts"],
    "outcome": ["complete", "failed"],
    "reason": ["server_error", "x", "true"],
    "encounter_status": ["in-progress", "planned"],
}
_NO_TEXTS = ["null", "true", "false", "{}", "[]", '{"a": 1}', '["x"]', '"\\ud800"', '"\\udc00\\ud800"', '""']
_LIKELY = {
    *("credits", "created_at", "interaction_id", "user_id", "resource_id", "kind"),
    *("pulled_at", "ended_at", "day", "outcome", "window_from", "window_to"),
}
_TIME_ENDS = ("_at", "day", "window_from", "window_to")
_COUNT_ENDS = ("_tokens", "interactions", "requests")


def odd_texts(field: Field) -> list[bytes]:
    """One line for each odd text as the value of a field; each is quoted."""
    rest = '"creditsConsumed": 3, "createdAt": "2025-03-01T00:00:00Z", "status": "final"'
    texts = [*_WORDS, *_NUMBERS, *_TIMES, "\ud800", *map(chr, _ALPHABET)]
    return [f'{{{rest}, "{field.names[0]}": {json.dumps(text)}}}'.encode() for text in texts]


def hostile_lines(seed: int, fields: Sequence[Field], count: int) -> list[bytes]:
    """Lines without line ends, none of them blank."""
    rng = random.Random(seed)
    # Lines with both spellings of the customer's id in one file would all go the exact way.
    unused = rng.choice([{"customerID"}, {"customerId"}, {"customerID"}, {"customerId"}, set[str]()])
    fields = [Field(field.column, tuple(name for name in field.names if name not in unused)) for field in fields]
    lines = [_line(rng, fields) for _ in range(count)]
    return [line for line in lines if line.strip() and b"\n" not in line]


def _line(rng: random.Random, fields: Sequence[Field]) -> bytes:
    if rng.random() < 0.05:
        return rng.choice(_BROKEN)
    oddity = rng.choice([0, 0.02, 0.1, 0.5])
    pairs = [pair for field in fields for pair in _pairs(rng, field, oddity)]
    pairs += rng.sample(_IGNORED, rng.randint(1, 2)) if rng.random() < 0.2 else []
    rng.shuffle(pairs)
    comma, colon = rng.choice([(", ", ": "), (", ", ": "), (",", ":"), (" ,\t", " : ")])
    end = rng.choice(["", " ", ",", " , "]) if rng.random() < oddity else ""
    line = ("{" + comma.join(pairs).replace(": ", colon) + end + "}").encode("utf-8", "surrogatepass")
    if rng.random() < oddity / 4:
        at = rng.randrange(len(line))
        line = line[:at] + rng.choice([b"", bytes([rng.randrange(256)])]) + line[at + rng.randrange(3) :]
    return line + (rng.choice(_TAILS) if rng.random() < oddity else b"")


def _pairs(rng: random.Random, field: Field, oddity: float) -> list[str]:
    pairs: list[str] = []
    while rng.random() < (0.1 if pairs else 0.9 if field.column in _LIKELY else 0.2):
        outer, dot, inner = rng.choice(field.names).partition(".")
        if rng.random() < oddity / 10:
            outer = "".join(rng.choice([c, f"\\u{ord(c):04x}"]) for c in outer)
        value = _odd_value(rng, field.column) if rng.random() < oddity else _usual_value(rng, field.column)
        pairs.append(f'"{outer}": {{"{inner}": {value}}}' if dot else f'"{outer}": {value}')
    return pairs


def _usual_value(rng: random.Random, column: str) -> str:
    if column == "credits":
        number = f"{rng.randrange(10**8) / 10 ** rng.randint(0, 9):.{rng.randint(0, 9)}f}"
        return number if rng.random() < 0.8 else f'"{number}"'
    if column.endswith(_TIME_ENDS):
        return json.dumps(rng.choice(_TIMES[:4]))
    if column.endswith(_COUNT_ENDS):
        return str(rng.randrange(10_000))
    return json.dumps(rng.choice(_USUAL.get(column, _PLAIN)), ensure_ascii=rng.random() < 0.5)


def _odd_value(rng: random.Random, column: str) -> str:
    if column == "credits" and rng.random() < 0.7:
        number = rng.choice(_CREDITS)
        # What is smaller than a double holds reads as the 0 that it is rounded to, and is not counted as rounded.
        return number if rng.random() < 0.7 and not float(number) == 0 != Decimal(number[:6]) else json.dumps(number)
    if column.endswith("_at") and rng.random() < 0.8:
        ahead = [(datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (1.9, 2.1)]
        return json.dumps(rng.choice([*_TIMES, *ahead]))
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(_NO_TEXTS)
    if kind < 0.4:
        return rng.choice(_NUMBERS) if column != "credits" else json.dumps(rng.choice(_NUMBERS))
    text = rng.choice(_WORDS) if kind < 0.8 else "".join(chr(rng.choice(_ALPHABET)) for _ in range(rng.randint(1, 6)))
    return json.dumps(text, ensure_ascii=rng.random() < 0.5)


_ALPHABET = [*range(0x20, 0x7F), *range(0x80, 0x100), *range(0x2000, 0x2030), 0xFEFF, 0xFFFD, 0x1F600, 0x10FFFF, 0x3000]
