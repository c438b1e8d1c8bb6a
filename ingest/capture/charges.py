"""Reads the charged items of a body by the layout of its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ingest.capture.endpoints import Keys, Layout
from ingest.contract.plain_values import count_digits, credit_digits, id_in_body, model_name, template_name, time_text

_IN_PROGRESS = ("processing", "submitted", "working", "unknown", "unspecified")
_OPENING = "message_start"
"""The type of an event whose count of output tokens is not final."""
_CANCELLED = ("canceled", "cancelled")
_USER_ROLES = ("user", "ROLE_USER")


class Charge(NamedTuple):
    """One item of a body. `way` is its path; `in_progress` says that its figure is not final; `turns` is how many
    requests of the user the item shows, 0 if it does not say; `cancelled` says that it is a task that somebody ended;
    `metered` says that its tokens are complete, so that a price gives its credits. `dimensions` are the item's own, and
    not yet reduced to what may be kept.
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
    cached_input_tokens: str | None = None
    metered: bool = False
    dimensions: Mapping[str, object] | None = None


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
    """The charge of a stream of events."""
    tally = EventTally(layout)
    for event in events:
        tally.take(event)
    return tally.charge()


class EventTally:
    """Reads a charge from the events of a stream, one after the other, and keeps only what the charge needs.

    Events that end a request of an agent have the usage; the last figure counts. A metered answer is told in parts, and
    its counts only grow.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.is_metered = layout.is_metered
        self._last = NO_CHARGE
        self._told: dict[str, object] = {}

    def take(self, event: object) -> None:
        """Take the next event."""
        if self._layout.is_metered:
            if isinstance(event, dict):
                self._take_part(event)
            return
        for charge in charges_in(self._layout, event):
            known = charge if charge.credits or not self._last.credits else self._last
            self._last = known._replace(
                resource_id=charge.resource_id or self._last.resource_id,
                created_at=charge.created_at or self._last.created_at,
                in_progress=charge.in_progress,
                turns=max(charge.turns, self._last.turns),
            )

    def charge(self) -> Charge:
        """The charge of all events so far."""
        return _charge(self._layout, (), self._told) if self._told else self._last

    def _take_part(self, event: dict[str, object]) -> None:
        wrapped = event.get(self._layout.wrapped) if self._layout.wrapped else None
        part = wrapped if isinstance(wrapped, dict) else event
        for name in self._layout.members:
            value = part.get(name)
            if isinstance(value, dict):
                if event.get("type") == _OPENING:
                    value = {key: count for key, count in value.items() if key != "output_tokens"}
                value = _grown(self._told.get(name), value)
            if value is not None:
                self._told[name] = value


def _grown(known: object, value: dict[str, object]) -> dict[str, object]:
    """The counts of both objects, of two the larger one."""
    grown = dict(known) if isinstance(known, dict) else {}
    for name, count in value.items():
        if isinstance(count, dict):
            grown[name] = _grown(grown.get(name), count)
        elif count_digits(count) is None or count_digits(grown.get(name)) is None:
            grown[name] = grown.get(name) if count is None else count
        else:
            grown[name] = max(str(count), str(grown[name]), key=int)
    return grown


def _says_something(layout: Layout, item: dict[str, object]) -> bool:
    return bool(_first(item, layout.credits, credit_digits) or _first(item, layout.state, _text))


def _charge(layout: Layout, way: Keys, item: dict[str, object]) -> Charge:
    input_tokens = _input_tokens(layout, item) if layout.input_tokens else None
    output_tokens = _first(item, layout.output_tokens, count_digits) if layout.output_tokens else None
    model = _first(item, layout.model, model_name) if layout.model else None
    return Charge(
        way,
        _first(item, layout.resource, id_in_body) if layout.resource else None,
        _first(item, layout.interaction, id_in_body) if layout.interaction else None,
        _first(item, layout.credits, credit_digits),
        _state(layout, item) in _IN_PROGRESS if layout.state else False,
        _first(item, layout.created_at, time_text) if layout.created_at else None,
        model,
        input_tokens,
        output_tokens,
        _turns(layout, item) if layout.turns else 0,
        _state(layout, item) in _CANCELLED if layout.turns else False,
        _first(item, layout.cached_input, count_digits) if layout.cached_input else None,
        layout.is_metered and bool(model and input_tokens and (output_tokens or not layout.output_tokens)),
        _dimensions(layout, item) if layout.template or layout.labels else None,
    )


def _input_tokens(layout: Layout, item: dict[str, object]) -> str | None:
    """All input tokens, including those that the body counts apart."""
    told = _first(item, layout.input_tokens, count_digits)
    if told is None or not layout.more_input:
        return told
    return str(int(told) + sum(int(_first(item, (way,), count_digits) or 0) for way in layout.more_input))


def _dimensions(layout: Layout, item: dict[str, object]) -> Mapping[str, object] | None:
    """The labels by their keys, of two with one key the first; and the template, unless a label says it."""
    found: dict[str, object] = {}
    for way in layout.labels:
        labels = _reach(item, way)
        for label in labels if isinstance(labels, list) else ():
            if isinstance(label, dict) and isinstance(key := label.get("key"), str):
                found.setdefault(key, label.get("value"))
    if template := _first(item, layout.template, template_name):
        found.setdefault("template", template)
    return found or None


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
