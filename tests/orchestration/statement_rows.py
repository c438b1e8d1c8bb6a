"""Statements as they would be published, in a version of their own: rows made by hand, with hostile names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

import duckdb

from ingest.settings import Settings

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
DECIMALS = {"EUR": 2, "JPY": 0, "KWD": 3}
_CREATE = """
create schema marts;
create table marts.dim_tenants (
    tenant_id varchar, tenant_name varchar, is_current boolean, valid_from timestamp
);
create table marts.mart_tenant_statements (
    month_start date, tenant_id varchar, tenant_name varchar, currency varchar, rate_status varchar,
    period_status varchar, credits decimal(38, 9), estimated_credits decimal(38, 9), read_credits decimal(38, 9),
    fallback_credits decimal(38, 9), derived_credits decimal(38, 9), adjustment_credits decimal(38, 9), correction_credits decimal(38, 9),
    usage_amount decimal(38, 4), adjustment_amount decimal(38, 4), correction_amount decimal(38, 4),
    amount decimal(38, 4), currency_decimals integer, lines bigint, closed_at timestamp, closed_by varchar,
    statement_hash varchar
);
create table marts.mart_tenant_statement_lines (
    line_key varchar, line_number integer, month_start date, tenant_id varchar, tenant_name varchar, line_type varchar,
    usage_month date, kind varchar, adjustment_id varchar, reason varchar, currency varchar, rate_status varchar,
    price_per_credit decimal(38, 12), credits decimal(38, 9), operations bigint, estimated_credits decimal(38, 9),
    read_credits decimal(38, 9), fallback_credits decimal(38, 9), derived_credits decimal(38, 9),
    exact_amount decimal(38, 21), amount decimal(38, 4), currency_decimals integer, corrects_line_key varchar, period_status varchar
);
"""


@dataclass(frozen=True)
class MadeLine:
    """One line of a made statement; without a `price` it is unrated."""

    credits: str
    line_type: str = "usage"
    kind: str | None = "transcript"
    currency: str = "EUR"
    price: str | None = "0.12"
    usage_month: date = OCTOBER
    adjustment_id: str | None = None
    reason: str | None = None
    estimated: str = "0"
    read: str = "0"
    fallback: str = "0"
    derived: str = "0"
    corrects: str | None = None


@dataclass(frozen=True)
class MadeStatement:
    """One tenant's month."""

    tenant_id: str
    tenant_name: str
    lines: Sequence[MadeLine]
    month: date = OCTOBER
    closed_at: datetime | None = None


def publish(settings: Settings, statements: Iterable[MadeStatement], version: str = "v1") -> None:
    """Make these statements the published version."""
    folder = settings.published / "versions" / version
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "credits.duckdb")) as marts:
        marts.execute(_CREATE)
        for statement in statements:
            _insert(marts, statement)
    tables = ["dim_tenants", "mart_tenant_statements", "mart_tenant_statement_lines"]
    manifest = {"version": version, "database": "credits.duckdb", "tables": {table: {} for table in tables}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    current = settings.published / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(folder)


def lines_of_every_sort() -> list[MadeLine]:
    """Three currencies and none, each type of line, every weaker basis."""
    return [
        MadeLine("102.00639", kind="stream", estimated="1.0674", read="2.5", fallback="0.25", derived="4.5"),
        MadeLine("4836.015437", kind="guided_document", price="0.095"),
        MadeLine("-5", "adjustment", None, adjustment_id="adj-1", reason="Goodwill for the 8th"),
        MadeLine("-0.35", "correction", "facts", usage_month=SEPTEMBER, corrects="September 1"),
        MadeLine("0.35", "correction", "codes", usage_month=SEPTEMBER),
        MadeLine("12.5", currency="JPY", price="18.75"),
        MadeLine("12.5", currency="KWD", price="0.0371"),
        MadeLine("3.000000001", price=None),
        MadeLine("-1", "adjustment", None, price=None, adjustment_id="adj-2", reason="Training"),
    ]


def long_statement(tenant_id: str, name: str) -> MadeStatement:
    """Sixty lines in one currency, some with long reasons."""
    lines = [MadeLine(f"{number}.{number:02d}", kind=f"kind_{number}") for number in range(1, 46)]
    reasons = ["Goodwill", "x" * 300, "a reason of many words " * 18]
    lines += [
        MadeLine(f"-{n}.125", "adjustment", None, adjustment_id=f"adj-{n}", reason=reasons[n % 3]) for n in range(1, 16)
    ]
    return MadeStatement(tenant_id, name, lines)


def _insert(marts: duckdb.DuckDBPyConnection, statement: MadeStatement) -> None:
    marts.execute(
        "insert into marts.dim_tenants values (?, ?, true, '2020-01-01')", [statement.tenant_id, statement.tenant_name]
    )
    head = {
        "month_start": statement.month,
        "tenant_id": statement.tenant_id,
        "tenant_name": statement.tenant_name,
        "period_status": "closed" if statement.closed_at else "open",
    }
    lines = [head | _line(statement, number, line) for number, line in enumerate(statement.lines, 1)]
    for line in lines:
        _insert_row(marts, "mart_tenant_statement_lines", line)
    closing = {"closed_at": statement.closed_at, "closed_by": "Ann" if statement.closed_at else None}
    for currency in dict.fromkeys(line["currency"] for line in lines):
        mine = [line for line in lines if line["currency"] == currency]
        row = head | closing | {"currency": currency, "rate_status": mine[0]["rate_status"], "lines": len(mine)}
        row |= {"currency_decimals": mine[0]["currency_decimals"], "statement_hash": "5ae1" * 16}
        row["amount"] = _sum(mine, "amount")
        for line_type in ("usage", "adjustment", "correction"):
            row[f"{line_type}_amount"] = _sum([line for line in mine if line["line_type"] == line_type], "amount")
        _insert_row(marts, "mart_tenant_statements", row)


def _line(statement: MadeStatement, number: int, line: MadeLine) -> dict[str, object]:
    rated = line.price is not None
    decimals = DECIMALS[line.currency] if rated else None
    exact = Decimal(line.credits) * Decimal(line.price) if line.price is not None else None
    amount = exact.quantize(Decimal(1).scaleb(-(decimals or 0)), ROUND_HALF_UP) if exact is not None else None
    return {
        "line_key": f"{statement.month:%B} {number}",
        "line_number": number,
        "line_type": line.line_type,
        "usage_month": statement.month if line.line_type != "correction" else line.usage_month,
        "kind": line.kind,
        "adjustment_id": line.adjustment_id,
        "reason": line.reason,
        "currency": line.currency if rated else "(unrated)",
        "rate_status": "rated" if rated else "unrated",
        "price_per_credit": line.price,
        "credits": line.credits,
        "operations": None if line.line_type == "adjustment" else 1234,
        "estimated_credits": line.estimated,
        "read_credits": line.read,
        "fallback_credits": line.fallback,
        "derived_credits": line.derived,
        "exact_amount": f"{exact:f}" if exact is not None else None,
        "amount": f"{amount:f}" if amount is not None else None,
        "currency_decimals": decimals,
        "corrects_line_key": line.corrects,
    }


def _sum(lines: Sequence[Mapping[str, object]], column: str) -> str | None:
    figures = [Decimal(str(line[column])) for line in lines if line[column] is not None]
    return f"{sum(figures, Decimal(0)):f}" if figures or (all(line["amount"] for line in lines) and lines) else None


def _insert_row(marts: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, object]) -> None:
    columns = ", ".join(row)
    marts.execute(f"insert into marts.{table} ({columns}) values ({', '.join('?' * len(row))})", [*row.values()])


def renamed(statement: MadeStatement, name: str) -> MadeStatement:
    """The same statement under another name."""
    return replace(statement, tenant_name=name)
