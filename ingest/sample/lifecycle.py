"""Operations with several records, made by hand: the records that arrive first, and those that arrive later."""

from __future__ import annotations

from collections.abc import Callable

from ingest.sample.example_records import Examples, Record
from ingest.sample.mappings import contractor_ids
from ingest.sample.timeline import Window
from ingest.sample.world import World

Arrivals = tuple[list[Record], list[Record]]

_TEXT = "Synthetic text: the synthetic patient feels synthetic."


def draw_lifecycles(world: World, window: Window) -> Arrivals:
    """All cases together: the lines of the first file and of the later one."""
    examples = Examples(world, window, "lifecycle")
    cases: tuple[Callable[[Examples], Arrivals], ...] = (
        _transcripts, _sockets, _unreported_calls, _corrections, _conflicts, _contractors,
    )  # fmt: skip
    first, later = [], []
    for case in cases:
        arrivals = case(examples)
        first += arrivals[0]
        later += arrivals[1]
    return first, later


def _transcript(examples: Examples, number: int, minutes: int, status: str, credits: float | None) -> Record:
    """A transcript's own response body, as an application logs it with its interaction id."""
    done = status == "completed"
    return {
        "id": examples.resource(number),
        "recordingId": examples.record(number),
        "kind": "transcript",
        "status": status,
        "metadata": {"participantsRoles": [{"channel": 0, "role": "doctor"}] if done else None},
        "transcripts": [{"channel": 0, "text": _TEXT, "start": 0, "end": 1850}] if done else None,
        "usageInfo": {"creditsConsumed": credits},
        "interactionId": examples.interaction(number),
        "userId": examples.user(number),
        "capturedAt": examples.at(minutes),
    }


def _transcripts(examples: Examples) -> Arrivals:
    """Processing, then completed; two never complete, one fails, one is read again and again."""
    first = [_transcript(examples, number, number, "processing", number % 3 * 0.05) for number in range(10)]
    later = [_transcript(examples, number, number + 4, "completed", 0.3 + number / 16) for number in range(7)]
    later.append(_transcript(examples, 9, 15, "failed", 0.02))
    again = [_transcript(examples, 0, minutes, "completed", 0.3) for minutes in (20, 40)]
    later += [seen | {"source": "read"} for seen in again]
    return first, later


def _sockets(examples: Examples) -> Arrivals:
    """Four sockets with running totals only, and three with running totals and then the usage."""
    first, later = [], []
    for number in range(20, 27):
        socket: Record = {
            "interactionId": examples.interaction(number // 2),
            "operationId": examples.resource(number),
            "userId": examples.user(number),
        }
        for step in range(1, 2 + number % 4):
            seen = {"type": "delta_usage", "credits": round(0.0312 * step, 4)}
            first.append(seen | socket | {"capturedAt": examples.at(60 + step)})
        if number >= 24:
            later.append({"type": "usage", "credits": 0.1377, "capturedAt": examples.at(66)} | socket)
    return first, later


def _unreported_calls(examples: Examples) -> Arrivals:
    """Eight calls and sockets whose usage was not reported; for two of them it comes later."""
    kinds = ("document", "stream", "facts", "codes", "letter", "transcribe", "agent_task", "document")
    first, later = [], []
    for number, kind in enumerate(kinds, start=40):
        call = examples.canonical(number, kind, resourceId=None, operationId=examples.resource(number))
        first.append(call | {"status": "unreported"})
        del first[-1]["creditsConsumed"]
        if number >= 46:
            later.append(_seen_again(examples, call, number))
    return first, later


def _seen_again(examples: Examples, seen: Record, number: int) -> Record:
    """The same content as another observation, some hours later."""
    return seen | {"recordId": examples.record(number + 100), "capturedAt": examples.at(number + 200)}


def _corrections(examples: Examples) -> Arrivals:
    """Another figure; and reads with another figure, with the same one, with 0 and with none."""
    numbers = range(60, 66)
    first = [examples.canonical(number, "document", createdAt=examples.at(number)) for number in numbers]
    others: tuple[Record, ...] = (
        {"creditsConsumed": 0.31},
        {"creditsConsumed": "0.2750", "source": "read"},
        {"creditsConsumed": 0.25, "source": "read"},
        {"creditsConsumed": 0, "source": "read"},
        {"status": "unreported", "source": "read"},
        {"creditsConsumed": 0.19, "capturedAt": examples.at(30)},
    )
    later = []
    for number, seen, other in zip(numbers, first, others, strict=True):
        again = _seen_again(examples, seen, number) | other
        if other.get("status") == "unreported":
            del again["creditsConsumed"]
        later.append(again)
    return first, later


def _conflicts(examples: Examples) -> Arrivals:
    """One record id with two contents: for one operation, and for two; and a plain duplicate."""
    one, two, twice = (examples.canonical(number, "guided_document") for number in (80, 81, 82))
    later = [
        one | {"creditsConsumed": 0.5, "capturedAt": examples.at(90)},
        two | {"resourceId": examples.resource(181), "creditsConsumed": 0.75},
        twice,
    ]
    return [one, two, twice], later


def _contractors(examples: Examples) -> Arrivals:
    """Users with a dated export, before and after the first one moves."""
    first = []
    for days in (-5, -1, 1, 5):
        for contractor in contractor_ids(examples.world.seed):
            number, time = 90 + len(first), examples.at(days * 24 * 60)
            first.append(examples.canonical(number, "facts", userId=contractor, capturedAt=time))
    return first, []
