"""Reads values of Parquet's VARIANT type as plain values.

pyarrow shows a VARIANT as its stored struct: `metadata` (the names), `value` (the encoded value) and, if a writer
shredded it, also `typed_value`.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow

Plain = Any
"""None, a boolean, a number, a text, bytes, a date or time, a UUID, a list or a mapping by name."""

_EPOCH = datetime(1970, 1, 1)
_DAY_ZERO = date(1970, 1, 1)


class UnreadableVariantError(ValueError):
    """The bytes are not a VARIANT value."""


def is_variant(kind: pyarrow.DataType) -> bool:
    """Whether a struct type is the type of a VARIANT column."""
    if not pyarrow.types.is_struct(kind):
        return False
    names = {kind.field(position).name for position in range(kind.num_fields)}
    return {"metadata"} < names <= {"metadata", "value", "typed_value"}


def variant_value(stored: Mapping[str, Plain] | None) -> Plain:
    """The plain value of a row's VARIANT, given as pyarrow's struct.

    Raises:
        UnreadableVariantError: the bytes are not a VARIANT value.
    """
    if stored is None:
        return None
    try:
        return _shredded(stored, _names(bytes(stored["metadata"])))
    except (IndexError, KeyError, TypeError, ValueError, struct.error, RecursionError, OverflowError):
        raise UnreadableVariantError("the bytes are not a VARIANT value") from None


def _shredded(stored: Mapping[str, Plain], names: list[str]) -> Plain:
    rest = stored.get("value")
    typed = stored.get("typed_value")
    plain = None if rest is None else _value(bytes(rest), 0, names)
    if typed is None:
        return plain
    if isinstance(typed, Mapping):
        found = {name: _shredded(part, names) for name, part in typed.items() if part is not None}
        return {**(plain if isinstance(plain, dict) else {}), **{n: v for n, v in found.items() if v is not None}}
    if isinstance(typed, list):
        return [_shredded(part, names) if isinstance(part, Mapping) else part for part in typed]
    return typed


def _whole(data: bytes, at: int, size: int) -> int:
    part = data[at : at + size]
    if len(part) != size:
        raise IndexError
    return int.from_bytes(part, "little")


def _names(metadata: bytes) -> list[str]:
    size = (metadata[0] >> 6) + 1
    count = _whole(metadata, 1, size)
    if metadata[0] & 0x0F != 1 or count > len(metadata):
        raise IndexError
    starts = [_whole(metadata, 1 + size * (1 + position), size) for position in range(count + 1)]
    texts = metadata[1 + size * (count + 2) :]
    return [texts[start:end].decode() for start, end in pairwise(starts)]


def _value(data: bytes, at: int, names: list[str]) -> Plain:
    basic, header = data[at] & 0b11, data[at] >> 2
    if basic == 0:
        return _primitive(data, at + 1, header)
    if basic == 1:
        return _piece(data, at + 1, header).decode()
    offset_size, is_object = (header & 0b11) + 1, basic == 2
    id_size = ((header >> 2 & 0b11) + 1) if is_object else 0
    count_size = 4 if header >> (4 if is_object else 2) & 1 else 1
    count = _whole(data, at + 1, count_size)
    if count > len(data):
        raise IndexError
    ids = at + 1 + count_size
    offsets = ids + count * id_size
    values = offsets + (count + 1) * offset_size
    found = [
        _value(data, values + _whole(data, offsets + position * offset_size, offset_size), names)
        for position in range(count)
    ]
    if not is_object:
        return found
    return {names[_whole(data, ids + position * id_size, id_size)]: value for position, value in enumerate(found)}


def _piece(data: bytes, at: int, size: int) -> bytes:
    part = data[at : at + size]
    if len(part) != size:
        raise IndexError
    return part


def _unpacked(form: str) -> Callable[[bytes, int], Plain]:
    return lambda data, at: struct.unpack_from(form, data, at)[0]


def _decimal(size: int) -> Callable[[bytes, int], Decimal]:
    # Through text, because arithmetic would round to the digits of the context.
    return lambda data, at: Decimal(f"{int.from_bytes(_piece(data, at + 1, size), 'little', signed=True)}e-{data[at]}")


def _moment(*, aware: bool, nanos: bool = False) -> Callable[[bytes, int], datetime]:
    def read(data: bytes, at: int) -> datetime:
        count = struct.unpack_from("<q", data, at)[0]
        moment = _EPOCH + timedelta(microseconds=count // 1000 if nanos else count)
        return moment.replace(tzinfo=UTC) if aware else moment

    return read


def _sized(data: bytes, at: int) -> bytes:
    return _piece(data, at + 4, _whole(data, at, 4))


_PRIMITIVES: dict[int, Callable[[bytes, int], Plain]] = {
    0: lambda _, __: None,
    1: lambda _, __: True,
    2: lambda _, __: False,
    3: _unpacked("<b"),
    4: _unpacked("<h"),
    5: _unpacked("<i"),
    6: _unpacked("<q"),
    7: _unpacked("<d"),
    8: _decimal(4),
    9: _decimal(8),
    10: _decimal(16),
    11: lambda data, at: _DAY_ZERO + timedelta(days=struct.unpack_from("<i", data, at)[0]),
    12: _moment(aware=True),
    13: _moment(aware=False),
    14: lambda data, at: pyarrow.scalar(struct.unpack_from("<f", data, at)[0], pyarrow.float32()),
    15: _sized,
    16: lambda data, at: _sized(data, at).decode(),
    18: _moment(aware=True, nanos=True),
    19: _moment(aware=False, nanos=True),
    20: lambda data, at: uuid.UUID(bytes=_piece(data, at, 16)),
}
"""How each primitive type is read after its header; see Parquet's VARIANT encoding."""


def _primitive(data: bytes, at: int, kind: int) -> Plain:
    return _PRIMITIVES[kind](data, at)
