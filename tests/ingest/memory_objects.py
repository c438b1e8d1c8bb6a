"""A store in memory that answers as real ones do at their worst: lost answers, conflicts, content that is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import MissingObjectError, StorageError, UnusableNameError
from ingest.object_storage import Entry, ObjectStorage, TakenError
from ingest.object_urls import parse_object_url

AT = datetime(2026, 11, 30, tzinfo=UTC)


class MemoryObjects:
    """`faults` are taken one a request: `lost` does what is asked and then loses the answer, `unsent` loses the
    request, `conflict` refuses as S3 does when two writers create at once, `cut` ends the content half-way.
    """

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, str]] = {}
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._writes = 0

    def entries(self, prefix: str) -> Iterator[Entry]:
        self._ask("list", prefix)
        for key, (content, e_tag) in sorted(self.kept.items()):
            if not {"", ".", ".."}.isdisjoint(key.split("/")):
                raise UnusableNameError(f"the store holds an object whose name can't be a path: {key!r}.")
            if not prefix or key.startswith(f"{prefix}/"):
                yield Entry(key, len(content), e_tag, AT)

    def head(self, key: str) -> Entry:
        self._ask("head", key)
        if key not in self.kept:
            raise MissingObjectError(f"{key} does not exist.")
        content, e_tag = self.kept[key]
        return Entry(key, len(content), e_tag, AT)

    def children(self, prefix: str) -> tuple[list[Entry], list[str]]:
        self._ask("children", prefix)
        start = f"{prefix}/" if prefix else ""
        below = [key.removeprefix(start) for key in self.kept if key.startswith(start)]
        bad = [name for name in below if name.split("/")[0] in ("", ".", "..")]
        if bad:
            raise UnusableNameError(f"{prefix} holds an object whose name can't be a path: {bad[0]!r}; rename it.")
        entries = [
            Entry(f"{start}{name}", len(self.kept[start + name][0]), self.kept[start + name][1], AT)
            for name in below
            if "/" not in name
        ]
        return entries, sorted({f"{start}{name.split('/')[0]}" for name in below if "/" in name})

    def get(self, key: str, e_tag: str | None) -> tuple[Entry, Iterator[bytes]]:
        fault = self._ask("get", key)
        if key not in self.kept:
            raise MissingObjectError(f"{key} does not exist.")
        content, now = self.kept[key]
        if e_tag not in (None, now):
            raise TakenError
        return Entry(key, len(content), now, AT), iter([content[: len(content) // 2] if fault == "cut" else content])

    def put(self, key: str, content: bytes | Path, e_tag: str | None) -> str | None:
        fault = self._ask("put", key)
        if fault == "conflict" or (self.kept[key][1] if key in self.kept else None) != e_tag:
            raise TakenError
        self._writes += 1
        self.kept[key] = (content.read_bytes() if isinstance(content, Path) else content, f"e{self._writes}")
        if fault == "lost":
            raise StorageError("the answer was lost", is_passing=True)
        return self.kept[key][1]

    def remove(self, key: str) -> None:
        self._ask("remove", key)
        self.kept.pop(key, None)

    def _ask(self, what: str, key: str) -> str | None:
        self.requests.append(f"{what} {key}")
        fault = self.faults.pop(0) if self.faults else None
        if fault == "unsent":
            raise StorageError("the request was lost", is_passing=True)
        if fault == "refused":
            raise StorageError("no rights")
        return fault


def storage_of(objects: MemoryObjects, url: str = "s3://bucket/place") -> ObjectStorage:
    return ObjectStorage(parse_object_url(url), objects, sleep=lambda _: None)
