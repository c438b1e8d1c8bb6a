"""`credits statement`: writes one statement of the published version to a file or standard output."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from ingest.errors import ArgumentError
from ingest.settings import Settings
from orchestration.commands.output_file import write_output
from orchestration.published_names import find_tenant
from orchestration.statements.documents import as_html, as_pdf
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from orchestration.statements.statement import Statement
from orchestration.statements.tables import as_csv, as_parquet

BINARY = ("parquet", "pdf")
_GLYPHS_MISSING = (
    "the built-in fonts lack some characters of this statement, which print as boxes: "
    "name a folder of fonts with --fonts, or use --format html"
)


def write_statement(
    settings: Settings, tenant: str, month: str, form: str, out: Path | None, fonts: Path | None, stdout: BinaryIO
) -> str | None:
    """Write a statement of a month to `out`, or to `stdout` if `out` is None; return a remark, if any. `tenant` is the
    argument of `find_tenant`.

    Raises:
        ArgumentError: there is no such statement, or it can't be written to the given file.
        CreditsError: it can't be read, made or written.
    """
    if out is None and form in BINARY and stdout.isatty():
        raise ArgumentError(f"a {form} file is not for a terminal: give --out FILE.")
    statement = read_statement(settings, find_tenant(settings, tenant), month)
    content, remark = rendered(statement, form, fonts)
    if out is None:
        stdout.write(content)
        stdout.flush()
    else:
        write_output(out, content)
    return remark


def rendered(statement: Statement, form: str, fonts: Path | None = None) -> tuple[bytes, str | None]:
    """The bytes of a statement in a format, and a remark on them, if any."""
    if form == "csv":
        return as_csv(statement), None
    if form == "parquet":
        return as_parquet(statement), None
    if form == "html":
        return as_html(page_of(statement)), None
    content, has_every_glyph = as_pdf(page_of(statement), fonts)
    return content, None if has_every_glyph else _GLYPHS_MISSING
