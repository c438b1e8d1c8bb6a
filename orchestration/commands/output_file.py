"""A file that a command was asked to write."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from ingest.errors import ArgumentError, CreditsError

_ASKED_WRONGLY = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}


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
        if error.errno in _ASKED_WRONGLY:
            raise ArgumentError(f"{path} can't be written ({error.strerror}): give another --out.") from None
        raise CreditsError(
            f"{path} can't be written ({error.strerror}): nothing was written; mend that and try again."
        ) from None
