"""Files and folders that only their owner may read, whatever the umask is.

If a file system keeps no modes (some network shares), that is not an error: there the mount decides.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_FILE, _FOLDER = 0o600, 0o700


def owner_only_folder(folder: Path) -> None:
    """Make one folder of mode 0700. An existing folder keeps its mode, and the folder above must exist.

    Raises:
        OSError: it can't be made.
    """
    try:
        folder.mkdir(_FOLDER)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return
    with suppress(OSError):
        folder.chmod(_FOLDER)


def owner_only_folders(folder: Path) -> None:
    """Make a folder, and missing folders above it, with mode 0700. Existing folders keep their modes.

    Raises:
        OSError: one can't be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing or [folder]):
        owner_only_folder(path)


def open_owner_only(path: Path, flags: int) -> int:
    """Open a file of mode 0600, which is made if it is missing; the caller closes the descriptor.

    Raises:
        OSError: it can't be opened.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, _FILE)
    restrict(descriptor)
    return descriptor


def restrict(descriptor: int) -> None:
    """Give an open file mode 0600, if the file system and its owner allow it."""
    with suppress(OSError):
        os.fchmod(descriptor, _FILE)
