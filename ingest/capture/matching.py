"""Finds the row of the table of endpoints for a method and a path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from ingest.capture.endpoints import ENDPOINTS, UNKNOWN_LAYOUT, Endpoint
from ingest.contract.plain_values import id_in_body, id_in_path, static_word

_PLURALS_WITHOUT_IDS = ("tools",)


class Match(NamedTuple):
    """A row, and the ids in the path. `operation_id` is used if a read of an unknown kind has no id."""

    endpoint: Endpoint
    interaction_id: str | None
    resource_id: str | None
    operation_id: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    endpoint: Endpoint
    words: tuple[tuple[int, str], ...]
    suffix: str
    interaction: int | None
    resource: int | None
    agent: int | None


def path_words(path: str) -> list[str]:
    """The parts of a path, without query, fragment, leading version, and slashes at the ends."""
    for mark in "?#":
        if mark in path:
            path = path[: path.index(mark)]
    if "%" in path:
        path = unquote(path)
    words = path.strip("/").split("/")
    first = words[0]
    return words[1:] if first[:1] == "v" and first[1:].isdigit() else words


def find_endpoint(method: str, words: list[str]) -> Match | None:
    """The row for a method and the parts of a path; None if the table has none."""
    for row in _ROWS.get((method, len(words)), ()):
        for place, word in row.words:
            if words[place] != word:
                break
        else:
            if row.suffix and not words[-1].endswith(row.suffix):
                continue
            resource = None
            if row.resource is not None:
                resource = id_in_body(words[row.resource].removesuffix(row.suffix))
            interaction = id_in_path(words[row.interaction]) if row.interaction else None
            agent = id_in_path(words[row.agent]) if row.agent else None
            return Match(row.endpoint, interaction, resource, None, agent)
    return None


def unknown_endpoint(method: str, words: list[str]) -> Match:
    """A row for an endpoint that is not in the table. Its kind is the last word of the path that is not an id.

    The word after a plural is an id if the method is not POST (`GET /letters/summer`).
    """
    places = [place for place, word in enumerate(words) if static_word(word)]
    behind_plural = len(words) > 1 and words[-2].endswith("s") and words[-2] not in _PLURALS_WITHOUT_IDS
    if method != "POST" and len(places) > 1 and places[-1] == len(words) - 1 and behind_plural:
        places.pop()
    last = places[-1] if places else None
    kind = words[last] if last is not None else "unspecified"
    created = method == "POST"
    behind = [id_in_body(word) for word in words[last + 1 :]] if last is not None else []
    interaction = None
    if "interactions" in words[:-1]:
        interaction = id_in_path(words[words.index("interactions") + 1])
    return Match(
        Endpoint(method, "", kind, "created" if created else "read", UNKNOWN_LAYOUT),
        interaction,
        behind[-1] if behind and not created else None,
        hashlib.sha256("/".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:32],
    )


def _rows() -> Iterator[tuple[tuple[str, int], _Row]]:
    for endpoint in ENDPOINTS:
        parts = endpoint.path.strip("/").split("/")
        words = tuple((place, part) for place, part in enumerate(parts) if "{" not in part)
        suffix = parts[-1].partition("}")[2]
        bare = [part.removesuffix(suffix) if suffix else part for part in parts]
        places = [bare.index(name) if name in bare else None for name in ("{interaction}", "{resource}", "{agent}")]
        for method in endpoint.methods.split():
            yield (method, len(parts)), _Row(endpoint, words, suffix, *places)


def _by_form() -> dict[tuple[str, int], tuple[_Row, ...]]:
    rows: dict[tuple[str, int], tuple[_Row, ...]] = {}
    for form, row in sorted(_rows(), key=lambda pair: not pair[1].suffix):
        rows[form] = (*rows.get(form, ()), row)
    return rows


_ROWS = _by_form()
