"""A statement as a document to print or send: self-contained HTML, and PDF. Neither contains the day on which it was
made.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.statements.page import Page
from orchestration.statements.reading import StatementError

if TYPE_CHECKING:
    from jinja2 import Template
    from typst import PDFStandard

_FOLDER = Path(__file__).parent
_LONG_WORD = re.compile(r"\S{41,}")
_MISSING_GLYPH = "could not be displayed"


def as_html(page: Page) -> bytes:
    """The page as HTML: no scripts, no other files, every text escaped."""
    template, style, digest = _template()
    return template.render(page=page, style=style, style_digest=digest).encode()


@cache
def _template() -> tuple[Template, str, str]:
    """The page's template, its style, and the hash of the style that the page's policy names."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    style = (_FOLDER / "statement.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("statement.html.jinja"), style, digest


def as_pdf(page: Page, fonts: Path | None = None) -> tuple[bytes, bool]:
    """The page as tagged PDF, and whether the fonts have all its characters.

    The fonts are the typesetter's own, the same on every machine, and those in the folder `fonts`.

    Raises:
        StatementError: the PDF can't be made.
    """
    import typst

    try:
        try:
            return _set(page, fonts, ["ua-1"]), True
        except typst.TypstError as error:
            if _MISSING_GLYPH not in error.message:
                raise
            return _set(page, fonts, []), False
    except typst.TypstError as error:
        raise StatementError(f"the PDF can't be made ({error.message[:120]}): use --format html.") from None


def _set(page: Page, fonts: Path | None, standards: list[PDFStandard]) -> bytes:
    import typst

    compiler = typst.Compiler(
        (_FOLDER / "statement.typ").read_bytes(),
        root=_FOLDER,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)] if fonts else []),
        # Passed as data, so none of it is read as markup.
        sys_inputs={
            "page": json.dumps(_breakable(asdict(replace(page, logo_uri=""))), ensure_ascii=False),
            "logo": json.dumps([*base64.b64decode(page.logo_uri.partition(",")[2])]),
        },
    )
    pdf = compiler.compile(format="pdf", pdf_standards=standards)
    assert isinstance(pdf, bytes)  # this form is returned if no output is named
    return pdf


def _breakable(value: object) -> object:
    """The page with places to break words that are longer than a line."""
    if isinstance(value, str):
        return _LONG_WORD.sub(lambda word: "\u200b".join(word[0]), value)
    if isinstance(value, dict):
        return {name: _breakable(part) for name, part in value.items()}
    return [_breakable(part) for part in value] if isinstance(value, (list, tuple)) else value
