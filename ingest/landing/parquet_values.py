"""Turns columns of Parquet's types into exact texts, by the kind of the field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ingest.contract.forms import LARGEST_WHOLE_FLOAT, UnusableIdError, comparable_name, id_text
from ingest.landing.line_reading import NumberText, UnreadableLineError, read_json_object
from ingest.landing.names import Role
from ingest.landing.parsed_columns import NOT_TEXT_MARK, mark
from ingest.landing.variant_values import UnreadableVariantError, is_variant, variant_value

pc: Any = pyarrow.compute
"""Its stubs don't know that numbers and booleans may be given instead of columns."""

ID_TOO_LARGE = "id_number_too_large"
ID_UNUSABLE = "id_unusable"

Path = tuple[int, tuple[str, ...]]
"""A column by its position, and the names of one field within it (none: the column itself)."""


def _bare(kind: pa.DataType) -> pa.DataType:
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def holds_ids(kind: pa.DataType) -> bool:
    """Whether a column of this type may contain ids."""
    bare = _bare(kind)
    return _is_text(bare) or _is_bytes(bare) or _is_number(bare) or pa.types.is_null(bare)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    is_view = pa.types.is_binary_view(kind)
    return is_view or any(
        test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    )


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _plain(array: pa.Array) -> pa.Array:
    """A column without dictionary, run lengths and extension type."""
    while True:
        kind = array.type
        if pa.types.is_dictionary(kind):
            array = pc.dictionary_decode(array)
        elif pa.types.is_run_end_encoded(kind):
            array = pc.run_end_decode(array)
        elif isinstance(array, pa.ExtensionArray):
            array = array.storage
        else:
            return array


def native_or_text(array: pa.Array, role: Role) -> pa.Array:
    """A single column: numbers and times stay, if DuckDB shows them exactly, which is faster."""
    kind = array.type
    if role == "object":
        return _objects(array)
    if role == "number" and (pa.types.is_integer(kind) or kind in (pa.float32(), pa.float64())):
        return array
    if role == "number" and pa.types.is_decimal(kind) and kind.bit_width <= 128 and 0 <= kind.scale <= 9:
        return array.cast(pa.decimal128(kind.precision, kind.scale))
    if role == "time" and kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        return array.cast(pa.timestamp("us"))
    if role == "time" and pa.types.is_timestamp(kind) and kind.unit == "ns":
        # A cast cuts digits below a microsecond.
        return pc.cast(array, pa.timestamp("us", kind.tz), safe=False).cast(pa.timestamp("us"))
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type) and role in ("id", "text"):
        return _repeating_texts(array, role)
    return _texts(array, role)


def _repeating_texts(array: Any, role: Role) -> pa.Array:
    texts, places = _texts(array.dictionary, role), array.indices.cast(pa.int32())
    if texts.null_count:
        places = pc.if_else(pc.is_null(texts.take(places)), pa.scalar(None, pa.int32()), places)
        texts = texts.fill_null("")
    return pa.DictionaryArray.from_arrays(places, texts)


def first_of(texts: Sequence[pa.Array], rows: int) -> pa.Array:
    """The first present text of each row."""
    return pc.coalesce(*texts) if texts else pa.nulls(rows, pa.string())


def texts_at(batch: pa.RecordBatch, path: Path, role: Role) -> list[pa.Array]:
    """The values at a path as texts, strongest first: within a MAP or struct several names may match."""
    position, names = path
    array = _plain(batch.column(position))
    if role == "object":
        return [_objects(array)]
    if not names:
        # pyarrow's type for a UUID is lost by then.
        return [_texts(batch.column(position), role)]
    kind = array.type
    if is_variant(kind):
        return [_each(array.to_pylist(), lambda value: _reached(_variant(value), names), role)]
    if pa.types.is_struct(kind):
        inner = [kind.field(at).name for at in range(kind.num_fields)]
        return [_texts(pc.struct_field(array, [at]), role) for at in _like(names, inner)]
    if pa.types.is_map(kind) and _is_text(kind.key_type):
        keyed: Any = array
        keys = [key for key in pc.unique(keyed.keys.cast(pa.string())).to_pylist() if key is not None]
        places = (pa.scalar(keys[at], kind.key_type) for at in _like(names, keys))
        return [_texts(pc.map_lookup(array, key, "first"), role) for key in places]
    if _is_text(kind) or _is_bytes(kind):
        return [_each(array.cast(pa.binary()).to_pylist(), lambda value: _reached(_json(value), names), role)]
    return [_marked(array)]


def _like(names: Sequence[str], found: Sequence[str]) -> list[int]:
    """The positions of this name, exact spellings first."""
    wanted = {comparable_name(name) for name in names}
    alike = [at for at, name in enumerate(found) if comparable_name(name) in wanted]
    return sorted(alike, key=lambda at: names.index(found[at]) if found[at] in names else len(names))


_NOTHING_READABLE = object()


def _variant(value: Mapping[str, Any] | None) -> Any:
    try:
        return variant_value(value)
    except UnreadableVariantError:
        return _NOTHING_READABLE


def _json(value: bytes | None) -> Any:
    if value is None or not value.strip() or value.strip() == b"null":
        return None
    try:
        return read_json_object(value)
    except UnreadableLineError:
        return _NOTHING_READABLE


def _reached(value: Any, names: Sequence[str]) -> Any:
    if isinstance(value, str):  # A VARIANT may contain the object as text.
        value = _json(value.encode())
    if value is None or value is _NOTHING_READABLE or not isinstance(value, Mapping):
        return None if value is None else _NOTHING_READABLE
    keys = list(value)
    return next((value[keys[at]] for at in _like(names, keys) if value[keys[at]] is not None), None)


def _objects(array: pa.Array) -> pa.Array:
    """Structs, maps and variants as JSON texts; a text stays, anything else is marked."""
    array = _plain(array)
    kind = array.type
    if is_variant(kind):
        values = [_variant(value) for value in array.to_pylist()]
    elif pa.types.is_struct(kind):
        values = array.to_pylist()
    elif pa.types.is_map(kind) and _is_text(kind.key_type):
        values = [None if value is None else dict(value) for value in array.to_pylist()]
    else:
        return _texts(array, "text")
    return pa.array([_object_text(value) for value in values], pa.string())


def _object_text(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return NOT_TEXT_MARK
    # Only texts are kept later, so the form of other values does not matter.
    return json.dumps(
        {name: inner if inner is None or isinstance(inner, str) else False for name, inner in value.items()}
    )


def _texts(array: pa.Array, role: Role) -> pa.Array:
    """A column as texts, by its type and the kind of its field."""
    is_uuid = isinstance(array.type, pa.UuidType)
    array = _plain(array)
    kind = array.type
    if is_uuid:
        return _uuids(array)
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if _is_text(kind):
        return _without_blanks(_checked_texts(array, role))
    if _is_bytes(kind):
        return _texts_of_bytes(array, role)
    if pa.types.is_integer(kind):
        return array.cast(pa.string())
    if pa.types.is_floating(kind):
        return _whole_floats(array) if role in ("id", "count") else _floats(array, role)
    if pa.types.is_decimal(kind):
        return _whole_decimals(array) if role in ("id", "count") else _decimals(array)
    if role == "time" and pa.types.is_timestamp(kind):
        return _moments(array)
    if role == "time" and pa.types.is_date(kind):
        return array.cast(pa.date32()).cast(pa.string())
    return _marked(array)


def _marked(array: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_null(array), pa.scalar(None, pa.string()), NOT_TEXT_MARK)


def _without_blanks(array: pa.Array) -> pa.Array:
    """Texts; empty and blank ones count as absent."""
    blank = pc.or_(pc.utf8_is_space(array), pc.equal(pc.binary_length(array), 0))
    return pc.if_else(blank, pa.scalar(None, pa.string()), array) if pc.any(blank).as_py() else array


def _checked_texts(array: pa.Array, role: Role) -> pa.Array:
    """Texts whose bytes a writer may have wrongly marked as UTF-8."""
    binary = pa.large_binary() if pa.types.is_large_string(array.type) else pa.binary()
    try:
        return array.cast(binary).cast(pa.string())
    except pa.ArrowInvalid:
        return _each(array.cast(binary).to_pylist(), lambda value: value, role)


def _texts_of_bytes(array: pa.Array, role: Role) -> pa.Array:
    """Bytes that are UTF-8 as their text, 16 other bytes as a UUID."""
    try:
        texts = array.cast(pa.string())
    except pa.ArrowInvalid:
        texts = None
    if texts is not None and not pc.any(pc.equal(pc.binary_length(texts), 16)).as_py():
        return _without_blanks(texts)
    if texts is not None and pc.all(pc.utf8_is_printable(texts)).as_py() is not False:
        return _without_blanks(texts)
    return _each(array.cast(pa.binary()).to_pylist(), lambda value: value, role)


_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype="S2")
_DASHES = (8, 13, 18, 23)


def _uuids(array: pa.Array) -> pa.Array:
    """UUIDs in their usual form."""
    filled = array.fill_null(bytes(16)) if array.null_count else array
    digits = b"".join(value or b"" for value in filled.to_pylist())
    hexadecimal = _HEX[np.frombuffer(digits, dtype=np.uint8)].view(np.uint8).reshape(len(array), 32)
    texts = np.full((len(array), 36), ord("-"), dtype=np.uint8)
    texts[:, [at for at in range(36) if at not in _DASHES]] = hexadecimal
    offsets = np.arange(0, 36 * (len(array) + 1), 36, dtype=np.int32)
    shown = pa.Array.from_buffers(
        pa.string(), len(array), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(texts.tobytes())]
    )
    return pc.if_else(pc.is_null(array), pa.scalar(None, pa.string()), shown) if array.null_count else shown


def _floats(array: pa.Array, role: Role) -> pa.Array:
    """Floats as the shortest text that is read back as the same float; NaN is absent if the field is not a figure."""
    if pa.types.is_float16(array.type):
        values = [None if value is None else str(np.float16(value)) for value in array.to_pylist()]
        shown = pa.array(values, pa.string())
    else:
        shown = array.cast(pa.string())
    if role == "number":
        return shown
    return pc.if_else(pc.fill_null(pc.is_nan(array.cast(pa.float64())), False), pa.scalar(None, pa.string()), shown)


_LARGEST_WHOLE = {16: 2**11, 32: 2**24, 64: LARGEST_WHOLE_FLOAT}
"""Up to this value a float of this number of bits represents every whole number."""


def _whole_floats(array: pa.Array) -> pa.Array:
    """Whole floats as the text of their integer; NaN is absent."""
    limit = float(_LARGEST_WHOLE[array.type.bit_width])
    wide = array.cast(pa.float64())
    wide = pc.if_else(pc.is_nan(wide), pa.scalar(None, pa.float64()), wide)
    too_large = pc.greater(pc.abs(wide), limit)
    fraction = pc.not_equal(pc.trunc(wide), wide)
    unusable = pc.or_(too_large, fraction)
    whole = pc.if_else(unusable, pa.scalar(None, pa.float64()), wide).cast(pa.int64()).cast(pa.string())
    whole = pc.if_else(pc.fill_null(fraction, False), mark(ID_UNUSABLE), whole)
    return pc.if_else(pc.fill_null(too_large, False), mark(ID_TOO_LARGE), whole)


def _whole_decimals(array: pa.Array) -> pa.Array:
    shown = _decimals(array)
    return pc.if_else(pc.fill_null(pc.match_substring(shown, "."), False), mark(ID_UNUSABLE), shown)


def _decimals(array: pa.Array) -> pa.Array:
    """Decimals in plain notation, without trailing zeros of a fraction."""
    shown = array.cast(pa.string())
    if pc.any(pc.match_substring(shown, "E")).as_py():
        shown = pa.array(
            [None if text is None else f"{Decimal(text):f}" if "E" in text else text for text in shown.to_pylist()],
            pa.string(),
        )
    if array.type.scale <= 0:
        return shown
    return pc.utf8_rtrim(pc.utf8_rtrim(shown, "0"), ".")


_UNITS = {"s": 1_000_000, "ms": 1_000}


def _moments(array: pa.Array) -> pa.Array:
    """Timestamps in UTC, cut to microseconds; a zone in the type is only for display."""
    kind = array.type
    bare = array.cast(pa.int64())
    if kind.unit == "ns":
        micros = pc.cast(array.cast(pa.timestamp("ns")), pa.timestamp("us"), safe=False)
    elif kind.unit == "us":
        micros = array.cast(pa.timestamp("us"))
    else:
        # Beyond all plausible years a product could overflow.
        far = pc.greater(pc.abs(bare), 10**18 // _UNITS[kind.unit] // 4)
        near = pc.multiply(pc.if_else(far, pa.scalar(0, pa.int64()), bare), _UNITS[kind.unit])
        shown = near.cast(pa.timestamp("us")).cast(pa.string())
        return pc.if_else(far, bare.cast(pa.string()), shown)
    return micros.cast(pa.string())


def _each(values: Sequence[Any], reached: Callable[[Any], Any], role: Role) -> pa.Array:
    return pa.array([value_text(reached(value), role) for value in values], pa.string())


def value_text(value: Any, role: Role) -> str | None:
    """One value as a text, or as a mark, by the same rules as a column of its type."""
    if value is None:
        return None
    if value is _NOTHING_READABLE or isinstance(value, (bool, Mapping, list)):
        return mark(ID_UNUSABLE) if role == "id" else NOT_TEXT_MARK
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, pa.Scalar):
        value = value.cast(pa.string()).as_py() if role == "number" else value.as_py()
    if role == "time" and isinstance(value, (datetime, date)):
        return value.isoformat()
    if role == "text" and isinstance(value, (float, Decimal)) and value != value:
        return None
    if role in ("number", "text") and isinstance(value, (float, Decimal)):
        if role == "text" and abs(value) <= LARGEST_WHOLE_FLOAT and value == int(value):
            return str(int(value))
        return f"{value:f}" if isinstance(value, Decimal) else repr(value)
    try:
        return id_text(value)
    except UnusableIdError as error:
        if role != "id":
            return NOT_TEXT_MARK
        return mark(ID_TOO_LARGE if "2^53" in str(error) else ID_UNUSABLE)
