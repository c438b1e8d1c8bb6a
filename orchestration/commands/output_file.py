"""Files that a command was asked to write: how they are named and written."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from ingest.errors import ArgumentError, CreditsError

_ASKED_WRONGLY = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}
_LONGEST_NAME = 80


def write_output(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: until then a reader sees the old file.

    Raises:
        ArgumentError: it can't be written at the given path.
        CreditsError: it can't be written for another reason, such as a full disk.
    """
    partial = path.with_name(f".{path.name[:200]}.{os.getpid()}.partial")
    try:
        try:
            partial.write_bytes(content)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(path, error) from None


def refusal(path: Path, error: OSError) -> CreditsError:
    """What to raise if a path that a command was asked to write can't be written: an ArgumentError if another path
    would do.
    """
    if error.errno in _ASKED_WRONGLY:
        return ArgumentError(f"{path} can't be written ({error.strerror}): give another --out.")
    return CreditsError(f"{path} can't be written ({error.strerror}): nothing was written; mend that and try again.")


def file_names(tenants: Iterable[str]) -> dict[str, str]:
    """A name of a file for each customer: the id, if it is one on every system, else a form of it with a hash. No two
    differ only in case.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for tenant in tenants:
        name = quote(tenant, safe=" ")[:_LONGEST_NAME].strip(" .")
        if name != tenant or name.lower() in taken:
            name = f"{name}-{hashlib.sha256(tenant.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
        taken.add(name.lower())
        names[tenant] = name
    return names
