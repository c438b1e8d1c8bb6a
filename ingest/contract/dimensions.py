"""The caller's own cost dimensions: which keys and values may be kept.

A dimension comes from places that a caller fills as it likes (a header, labels, `metadata`). So a key must be listed,
and a value must have the form of a name: a sentence with its punctuation is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from ingest.contract.forms import comparable_name
from ingest.contract.plain_values import leave_out

DEFAULT_KEYS = ("integration", "workflow", "document_type", "template", "agent", "label")
"""The keys that are kept if CREDITS_DIMENSIONS is not set."""
LONGEST_KEY = 40
"""The most characters of a key."""
LONGEST_VALUE = 64
"""The most characters of a value."""

COLUMN_DESCRIPTION = "The value of the caller's own dimension '{key}'; (none) if the call had none."
"""Of the column with a dimension; the macro `add_dimension_columns` gives tables the same."""

_OF_SDKS = ("sdk_version", "sdk_type")
"""Keys of the header that Corti's SDKs fill themselves."""
_LONGEST_HEADER = 4096
_KEY = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST_KEY - 1}}}", re.ASCII)
_VALUE = re.compile(rf"[\w .:/@-]{{1,{LONGEST_VALUE}}}")


def is_key(text: str) -> bool:
    """Whether a text can be the key of a dimension: a to z, digits and `_`, beginning with a letter, up to 40."""
    return _KEY.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Whether a text can be a value: up to 64 letters, digits, blanks and `._:/@-`, of any script, not only blanks."""
    return _VALUE.fullmatch(text) is not None and not text.isspace()


def kept(mapping: Mapping[str, object], keys: Collection[str]) -> tuple[dict[str, str], int]:
    """The dimensions of a mapping that may be kept, by their keys in order, and the number of entries left out.

    Names match ignoring case, `_`, `-` and blanks; of two names of a key the exact one counts, else the first. Blanks
    around a value are ignored. An entry that is None or blank is absent, so it is neither kept nor counted.
    """
    listed = {comparable_name(key): key for key in keys}
    found: dict[str, str] = {}
    dropped = 0
    for name, value in mapping.items():
        text = value.strip() if isinstance(value, str) else value
        if text is None or text == "":
            continue
        key = listed.get(comparable_name(name))
        if key is None or not isinstance(text, str) or not is_value(text):
            dropped += 1
        elif name == key or key not in found:
            dropped += key in found
            found[key] = text
        else:
            dropped += 1
    return dict(sorted(found.items())), dropped


def given_dimensions(
    given: Mapping[str, object] | None, analytics: str | None, keys: Collection[str]
) -> Mapping[str, str] | None:
    """The dimensions of a call: those that the application gave, then those of its header `X-Corti-Analytics`.

    The header is a JSON object. If anything is left out, that is logged once. None if nothing is kept.
    """
    of_header = _of_header(analytics, tuple(keys)) if analytics else None
    if not isinstance(given, Mapping) or not given:
        return of_header
    try:
        of_call = _kept_and_told({str(name): value for name, value in given.items()}, keys)
    except Exception:
        leave_out("dimension", "in a mapping that can't be read")
        return of_header
    return dict(sorted({**(of_header or {}), **of_call}.items())) or None


@lru_cache(maxsize=256)
def _of_header(text: str, keys: tuple[str, ...]) -> Mapping[str, str] | None:
    # Most callers send the same few values again and again.
    try:
        found = json.loads(text) if len(text) <= _LONGEST_HEADER else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        leave_out("dimension", "in a header X-Corti-Analytics that is not a short JSON object")
        return None
    return _kept_and_told({name: value for name, value in found.items() if name not in _OF_SDKS}, keys) or None


def _kept_and_told(mapping: Mapping[str, object], keys: Collection[str]) -> dict[str, str]:
    found, dropped = kept(mapping, keys)
    if dropped:
        leave_out("dimension", "of a key that is not listed, or has an unusable value")
    return found
