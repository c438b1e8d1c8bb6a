"""What the sender of statements adds to them: name, address, logo, number, payment terms, and words for kinds."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.errors import ArgumentError

KIND_WORDS: Mapping[str, str] = {
    "stream": "Live conversations",
    "transcribe": "Live dictation",
    "transcript": "Transcripts",
    "document": "Documents",
    "guided_document": "Guided documents",
    "facts": "Facts from text",
    "codes": "Medical coding",
    "agent_task": "Agent tasks",
    "chat_completion": "Model calls: chat",
    "model_response": "Model calls: responses",
    "completion": "Model calls: completions",
    "embedding": "Model calls: embeddings",
    "message": "Model calls: messages",
    "embedded": "Embedded Assistant",
    "unspecified": "Other usage",
}
_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".svg": "image/svg+xml"}
_MARKS = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/svg+xml": b"<svg"}
_MARKED_WITHIN = 1024
_LARGEST_LOGO = 1024 * 1024
_LONGEST_TEXT = 2_000
_NUMBER = "{month}-{tenant}"


@dataclass(frozen=True)
class Letterhead:
    """The sender's part of a statement. `logo` is the content of the image of the type `logo_type`; `number` is a
    pattern with `{month}` and `{tenant}`. The payment is due `payment_days` after the closing, if that is not None.
    """

    issuer: str = ""
    address: tuple[str, ...] = ()
    logo: bytes = b""
    logo_type: str = ""
    number: str = _NUMBER
    payment_days: int | None = None
    text: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])

    def kind_name(self, kind: str) -> str:
        """A kind in words."""
        return self.kinds.get(kind) or KIND_WORDS.get(kind) or kind.replace("_", " ")

    def number_of(self, month: date, tenant_id: str) -> str:
        """The number of a customer's statement."""
        return self.number.replace("{month}", f"{month:%Y-%m}").replace("{tenant}", tenant_id)

    def due(self, closed_on: date) -> date | None:
        """When the payment of a statement that was closed on this day is due."""
        return None if self.payment_days is None else closed_on + timedelta(days=self.payment_days)

    @property
    def logo_uri(self) -> str:
        """The logo as a URI that holds it; empty without one."""
        return f"data:{self.logo_type};base64,{base64.b64encode(self.logo).decode()}" if self.logo else ""


PLAIN = Letterhead()
"""Without a sender."""


def read_letterhead(path: Path | None) -> Letterhead:
    """Read a letterhead from a TOML file; None gives the plain one. The path of the logo is relative to the file.

    Raises:
        ArgumentError: the file or its logo can't be read, or something in it can't be used.
    """
    if path is None:
        return PLAIN
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"the letterhead {path} can't be read ({_why(error)}): check its path and mode.") from None
    except tomllib.TOMLDecodeError as error:
        raise ArgumentError(f"the letterhead {path} is not a valid TOML file ({error}).") from None
    return _letterhead(path, stated)


def _letterhead(path: Path, stated: dict[str, Any]) -> Letterhead:
    known = ("issuer", "address", "logo", "number", "payment_days", "text", "kinds")
    if unknown := sorted(stated.keys() - {*known}):
        raise _unusable(path, unknown[0], f"one of {', '.join(known)}")
    texts = {name: stated.get(name, default) for name, default in (("issuer", ""), ("number", _NUMBER), ("text", ""))}
    for name, text in texts.items():
        if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
            raise _unusable(path, name, f"a text of up to {_LONGEST_TEXT:,} characters")
    address, kinds, days = stated.get("address", []), stated.get("kinds", {}), stated.get("payment_days")
    if not isinstance(address, list) or not all(isinstance(line, str) for line in address):
        raise _unusable(path, "address", "a list of texts, one for each line")
    if not isinstance(kinds, dict) or not all(isinstance(words, str) for words in kinds.values()):
        raise _unusable(path, "kinds", "a table with a text for each kind")
    if days is not None and (type(days) is not int or not 0 <= days <= 3650):
        raise _unusable(path, "payment_days", "a whole number from 0 to 3650")
    if "{tenant}" not in texts["number"] or "{month}" not in texts["number"]:
        raise _unusable(
            path, "number", "a pattern with {month} and {tenant}, so that no two statements have one number"
        )
    logo, logo_type = _logo(path, stated.get("logo"))
    return Letterhead(
        texts["issuer"],
        tuple(address),
        logo,
        logo_type,
        texts["number"],
        days,
        texts["text"],
        {str(kind).lower(): words for kind, words in kinds.items()},
    )


def _logo(path: Path, named: object) -> tuple[bytes, str]:
    if named is None:
        return b"", ""
    wanted = f"the path of a PNG, JPEG or SVG file of up to {_LARGEST_LOGO // 1024} KiB"
    if not isinstance(named, str) or Path(named).suffix.lower() not in _TYPES:
        raise _unusable(path, "logo", wanted)
    try:
        content = (path.parent / named).read_bytes()
    except OSError as error:
        raise ArgumentError(f"the logo of {path} can't be read ({_why(error)}): check its path and mode.") from None
    except ValueError:  # a path with a NUL
        raise _unusable(path, "logo", wanted) from None
    kind = _TYPES[Path(named).suffix.lower()]
    if len(content) > _LARGEST_LOGO or _MARKS[kind] not in content[:_MARKED_WITHIN]:
        raise _unusable(path, "logo", wanted)
    return content, kind


def _unusable(path: Path, name: str, wanted: str) -> ArgumentError:
    return ArgumentError(f"the letterhead {path} has an unusable {name[:40]!r}: give {wanted}.")


def _why(error: OSError | UnicodeDecodeError) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or type(error).__name__
