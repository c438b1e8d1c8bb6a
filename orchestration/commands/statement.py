"""`credits statement` and `credits statements`: write one customer's statement of a month, or those of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from ingest.errors import ArgumentError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration.commands.output_file import file_names, write_output
from orchestration.published_names import find_tenant
from orchestration.statements.documents import as_html, as_pdf
from orchestration.statements.letterhead import PLAIN, Letterhead, read_letterhead
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement, read_statements
from orchestration.statements.statement import Statement
from orchestration.statements.tables import as_csv, as_parquet

Show = Callable[[str], object]
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
    content, remark = rendered(statement, form, fonts, read_letterhead(settings.statement_letterhead))
    if out is None:
        stdout.write(content)
        stdout.flush()
    else:
        write_output(out, content)
    return remark


def write_statements(
    settings: Settings, month: str, forms: Sequence[str], folder: Path, fonts: Path | None, show: Show
) -> None:
    """Write the statements of all customers for a month into a folder, one file for each customer and format.

    Raises:
        ArgumentError: there is no statement of that month, or the folder can't be written.
        CreditsError: a statement can't be read, made or written.
    """
    letterhead = read_letterhead(settings.statement_letterhead)
    statements = read_statements(settings, month)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(f"{folder} can't be made ({error.strerror}): give another --out.") from None
    names = file_names([statement.tenant_id for statement in statements])
    remarks: dict[str, int] = {}
    for statement in statements:
        for form in forms:
            content, remark = rendered(statement, form, fonts, letterhead)
            write_output(folder / f"{month}-{names[statement.tenant_id]}.{form}", content)
            if remark:
                remarks[remark] = remarks.get(remark, 0) + 1
    show(f"wrote {counted(len(statements), 'statement')} of {month} as {', '.join(forms)} to {folder}")
    for remark, count in remarks.items():
        show(f"{counted(count, 'file')}: {remark}.")


def rendered(
    statement: Statement, form: str, fonts: Path | None = None, letterhead: Letterhead = PLAIN
) -> tuple[bytes, str | None]:
    """The bytes of a statement in a format, and a remark on them, if any."""
    if form == "csv":
        return as_csv(statement), None
    if form == "parquet":
        return as_parquet(statement), None
    if form == "html":
        return as_html(page_of(statement, letterhead)), None
    content, has_every_glyph = as_pdf(page_of(statement, letterhead), fonts)
    return content, None if has_every_glyph else _GLYPHS_MISSING
