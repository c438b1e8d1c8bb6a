"""Names and texts as SQL, for the places where DuckDB takes no bound parameter.

These are `attach`, the target of `copy`, names of columns, and the lists of columns of table functions.
"""

from __future__ import annotations

import re
from pathlib import Path


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text, or a path as text, in single quotes."""
    return "'" + str(text).replace("'", "''") + "'"


def path_as_text(path: Path) -> str:
    """A path for DuckDB's readers, with their special characters escaped."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(path))
