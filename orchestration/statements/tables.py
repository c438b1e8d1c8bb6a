"""A statement as a table, one row per line: CSV that a spreadsheet can open safely, and Parquet with types."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal

import pyarrow
import pyarrow.parquet

from orchestration.statements.statement import Statement

_CREDITS = pyarrow.decimal128(38, 9)
_SCHEMA = pyarrow.schema(
    [
        ("statement_month", pyarrow.date32()),
        ("tenant_id", pyarrow.string()),
        ("tenant_name", pyarrow.string()),
        ("period_status", pyarrow.string()),
        ("closed_at", pyarrow.timestamp("us")),
        ("statement_hash", pyarrow.string()),
        ("line_number", pyarrow.int32()),
        ("line_type", pyarrow.string()),
        ("usage_month", pyarrow.date32()),
        ("kind", pyarrow.string()),
        ("adjustment_id", pyarrow.string()),
        ("reason", pyarrow.string()),
        ("operations", pyarrow.int64()),
        ("credits", _CREDITS),
        ("rate_status", pyarrow.string()),
        ("currency", pyarrow.string()),
        ("price_per_credit", pyarrow.decimal128(38, 12)),
        ("amount", pyarrow.decimal128(38, 4)),
        ("exact_amount", pyarrow.decimal128(38, 21)),
        ("currency_decimals", pyarrow.int32()),
        ("estimated_credits", _CREDITS),
        ("read_credits", _CREDITS),
        ("fallback_credits", _CREDITS),
        ("derived_credits", _CREDITS),
        ("line_key", pyarrow.string()),
        ("corrects_line_key", pyarrow.string()),
        ("corrects_statement_month", pyarrow.date32()),
        ("corrects_line_number", pyarrow.int32()),
    ]
)
_FORMULA = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
"""The places at which a spreadsheet could read a formula: the start of a cell, also after another separator."""


def as_parquet(statement: Statement) -> bytes:
    """The lines as a Parquet file."""
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(_rows(statement), _SCHEMA), out, compression="zstd")
    return out.getvalue()


def as_csv(statement: Statement) -> bytes:
    """The lines as CSV in UTF-8: figures are plain decimals, absent values are empty, and no text is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_SCHEMA.names)
    for row, line in zip(_rows(statement), statement.lines, strict=True):
        if line.amount is not None and line.currency_decimals is not None:
            row["amount"] = round(line.amount, line.currency_decimals)
        writer.writerow([_cell(row[name]) for name in _SCHEMA.names])
    return out.getvalue().encode()


def _rows(statement: Statement) -> list[dict[str, object]]:
    head: dict[str, object] = {
        "statement_month": statement.month,
        "tenant_id": statement.tenant_id,
        "tenant_name": statement.tenant_name,
        "period_status": statement.period_status,
        "closed_at": statement.closed_at,
        "statement_hash": statement.statement_hash if statement.is_closed else None,
    }
    return [
        head | {name: getattr(line, name) for name in _SCHEMA.names if name not in head} for line in statement.lines
    ]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, int) else escape_formula(str(value))


def escape_formula(text: str) -> str:
    """A text that no spreadsheet reads as a formula."""
    return _FORMULA.sub(r"\1'\2", text)
