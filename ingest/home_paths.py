"""Homes whose path DuckDB would misread: it reads `*` and `[` as parts of patterns."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from ingest.errors import HomeError, SettingsError

_MISREAD = frozenset("*[")


def path_for_duckdb(home: Path, setting: str = "CREDITS_HOME") -> Path:
    """The folder that `setting` names, by a path that DuckDB reads correctly: a link in the folder for temporary files
    if its own path is not so.

    Raises:
        SettingsError: it contains `?`. DuckDB follows links, and then looks for the log of its databases elsewhere.
        HomeError: the link can't be made, or its folder belongs to another user.
    """
    if "?" in str(home):
        raise SettingsError(
            f"{setting} is {str(home)!r}: give a path without `?`, which DuckDB reads as the start of options."
        )
    if not home.exists() or (not _MISREAD.intersection(str(home)) and _is_text(home)):
        return home
    folder = Path(tempfile.gettempdir()) / f"credits-homes-{os.getuid()}"
    link = folder / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    if _MISREAD.intersection(str(folder)):
        raise HomeError(f"{setting} and TMPDIR both contain * or [, as in {folder}: rename one of them.")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o022:
            raise HomeError(f"{folder} is not a folder of this user only: remove it, or name another folder in TMPDIR.")
        if not (link.is_symlink() and link.readlink() == home):
            making = folder / f"{link.name}.{os.getpid()}"
            making.symlink_to(home)
            making.replace(link)
    except OSError as error:
        raise HomeError(f"{folder} cannot be written ({error.strerror}): name another folder in TMPDIR.") from None
    return link


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
