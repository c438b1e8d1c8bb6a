"""URLs of places for objects: a bucket or container with a prefix, or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

SCHEMES = ("s3", "az", "gs", "file")
EXAMPLES = "s3://bucket/prefix, az://container/prefix, gs://bucket/prefix or file:///folder"
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_CONTAINER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", re.ASCII)
_LONGEST_PREFIX = 512


class HiddenValueError(ValueError):
    """A value that can't be used and may contain a secret: no message may show it."""


@dataclass(frozen=True)
class ObjectUrl:
    """A place for objects. `container` is the bucket or container, empty for `file`; `prefix` has no slash at its ends.
    As a text it is the URL, and never contains a credential.
    """

    scheme: str
    container: str
    prefix: str

    def __str__(self) -> str:
        if self.scheme == "file":
            return Path("/", self.prefix).as_uri()
        return f"{self.scheme}://{self.container}" + (f"/{self.prefix}" if self.prefix else "")

    @property
    def folder(self) -> Path | None:
        """The folder that a `file` URL names; None for the other schemes."""
        return Path("/", self.prefix) if self.scheme == "file" else None

    def below(self, name: str) -> ObjectUrl:
        """The place `name` below this one."""
        return ObjectUrl(self.scheme, self.container, f"{self.prefix}/{name}" if self.prefix else name)


def is_url(text: str) -> bool:
    """Whether a text is written like a URL, of whatever scheme."""
    return bool(_URL.fullmatch(text))


def parse_object_url(text: str) -> ObjectUrl:
    """Read a URL.

    Raises:
        HiddenValueError: it contains a user, a password or parameters. Credentials never belong into the URL.
        ValueError: it is not a URL of one of `SCHEMES`, or its container or prefix can't be used.
    """
    found = _URL.fullmatch(text)
    if not found:
        raise ValueError(text)
    scheme, rest = found[1].lower(), found[2]
    if "@" in rest or "?" in rest or "#" in rest:
        raise HiddenValueError("a URL with a user or with parameters")
    container, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if scheme == "file":
        if container not in ("", "localhost"):
            raise ValueError(text)
        prefix, container = unquote(prefix), ""
    elif not _CONTAINER.fullmatch(container):
        raise ValueError(text)
    if scheme not in SCHEMES or len(prefix) > _LONGEST_PREFIX or not prefix.isprintable():
        raise ValueError(text)
    if prefix and any(part in ("", ".", "..") for part in prefix.split("/")):
        raise ValueError(text)
    if scheme == "file" and not prefix:
        raise ValueError(text)
    return ObjectUrl(scheme, container, prefix)
