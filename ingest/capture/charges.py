"""Reads the charged items of a body by the layout of its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ingest.capture.endpoints import Keys, Layout
from ingest.contract.plain_values import count_digits, credit_digits, id_in_body, model_name, time_text

_IN_PROGRESS = ("processing", "submitted", "working", "unknown", "unspecified")
_CANCELLED = ("canceled", "cancelled")
_USER_ROLES = ("user", "ROLE_USER")


class Charge(NamedTuple):
    """One item of a body. `way` is its path; `in_progress` says that its figure is not final; `turns` is how many
    requests of the user the item shows, 0 if it does not say; `cancelled` says that it is a task that somebody ended.
    """

    way: Keys | None = None
    resource_id: str | None = None
    interaction_id: str | None = None
    credits: str | None = None
    in_progress: bool = False
    created_at: str | None = None
    model: str | None = None
    input_tokens: str | None = None
    output_tokens: str | None = None
    turns: int = 0
    cancelled: bool = False


NO_CHARGE = Charge()


def charges_in(layout: Layout, body: object) -> list[Charge]:
    """The items of a body, in its order."""
    for way in layout.items:
        if not way and isinstance(body, dict) and "jsonrpc" in body:
            continue  # an envelope: its id is the request's
        found = _reach(body, way) if way else body
        if isinstance(found, dict):
            if way or len(layout.items) == 1 or _says_something(layout, found):
                return [_charge(layout, way, found)]
        elif isinstance(found, list):
            return [_charge(layout, way, item) for item in found if isinstance(item, dict)]
    return []


def charge_of_events(layout: Layout, events: Iterable[object]) -> Charge:
    """The items of a stream of events. Events that end a request have the usage; the last figure counts."""
    result = NO_CHARGE
    for event in events:
        for charge in charges_in(layout, event):
            known = charge if charge.credits or not result.credits else result
            result = known._replace(
                resource_id=charge.resource_id or result.resource_id,
                created_at=charge.created_at or result.created_at,
                in_progress=charge.in_progress,
                turns=max(charge.turns, result.turns),
            )
    return result


def _says_something(layout: Layout, item: dict[str, object]) -> bool:
    return bool(_first(item, layout.credits, credit_digits) or _first(item, layout.state, _text))


def _charge(layout: Layout, way: Keys, item: dict[str, object]) -> Charge:
    return Charge(
        way,
        _first(item, layout.resource, id_in_body) if layout.resource else None,
        _first(item, layout.interaction, id_in_body) if layout.interaction else None,
        _first(item, layout.credits, credit_digits),
        _state(layout, item) in _IN_PROGRESS if layout.state else False,
        _first(item, layout.created_at, time_text) if layout.created_at else None,
        _first(item, layout.model, model_name) if layout.model else None,
        _first(item, layout.input_tokens, count_digits) if layout.input_tokens else None,
        _first(item, layout.output_tokens, count_digits) if layout.output_tokens else None,
        _turns(layout, item) if layout.turns else 0,
        _state(layout, item) in _CANCELLED if layout.turns else False,
    )


def _state(layout: Layout, item: dict[str, object]) -> str:
    return (_first(item, layout.state, _text) or "").lower().removeprefix("task_state_")


def _turns(layout: Layout, item: dict[str, object]) -> int:
    history = item.get(layout.turns) if layout.turns else None
    if not isinstance(history, list):
        return 0
    return sum(1 for message in history if isinstance(message, dict) and message.get("role") in _USER_ROLES)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _first(item: object, ways: tuple[Keys, ...], usable: Callable[[object], str | None]) -> str | None:
    for way in ways:
        value = item
        for key in way:
            if not isinstance(value, dict):
                break
            value = value.get(key)
        else:
            if value is not None and (text := usable(value)) is not None:
                return text
    return None


def _reach(value: object, way: Keys) -> object:
    for key in way:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
