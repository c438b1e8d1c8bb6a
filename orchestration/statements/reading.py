"""Reads one statement from the published version: that tenant's rows of that month, and no others."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import duckdb

from ingest.error_lines import safe_line
from ingest.errors import ArgumentError, CreditsError
from ingest.settings import Settings
from orchestration.months import listed_months, month_of
from orchestration.published_version import UNMAPPED, NotPublishedError, current_manifest, current_version
from orchestration.statements.statement import CurrencyTotal, Statement, StatementLine

STATEMENTS = "mart_tenant_statements"
LINES = "mart_tenant_statement_lines"


class StatementError(CreditsError):
    """There is no such statement, or it can't be written in the requested form."""


def read_statement(settings: Settings, tenant: str, month: str) -> Statement:
    """Read the statement of a tenant_id for a month, `YYYY-MM`.

    Raises:
        ArgumentError: no such month, tenant or statement.
        StatementError: its lines do not add up to its totals, or it can't be read.
        NotPublishedError: no version with statements is published.
    """
    month_start = month_of(month)
    if tenant == UNMAPPED:
        raise ArgumentError(
            f"{tenant} is not a customer: mart_unmapped_usage lists the usage without a known customer."
        )
    # Resolved once, so that a version published meanwhile is not mixed in.
    version, manifest = current_version(settings), current_manifest(settings)
    if version is None or manifest is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    if not {STATEMENTS, LINES} <= {*manifest["tables"]}:
        raise NotPublishedError("the published version holds no statements yet: run `credits run` first.")
    path = version / str(manifest["database"])
    try:
        with duckdb.connect(str(path), read_only=True) as marts:
            return _statement(marts, tenant, month_start)
    except duckdb.Error as error:
        raise StatementError(f"{path} can't be read ({safe_line(error)}): run `credits rebuild`.") from None


def _statement(marts: duckdb.DuckDBPyConnection, tenant: str, month: date) -> Statement:
    heads = marts.execute(
        f"""
        select tenant_name, period_status, closed_at, statement_hash, {_columns(CurrencyTotal)}
        from marts.{STATEMENTS}
        where tenant_id = $tenant and month_start = $month
        order by rate_status, currency
        """,
        {"tenant": tenant, "month": month},
    ).fetchall()
    if not heads:
        raise _missing(marts, tenant, month)
    name, status, closed_at, statement_hash = heads[0][:4]
    lines = marts.execute(
        f"""
        with lines as (select * from marts.{LINES} where tenant_id = $tenant)

        select {_columns(StatementLine)}
        from (
            select
                lines.*,
                corrected.month_start as corrects_statement_month,
                corrected.line_number as corrects_line_number,
                corrected.currency as corrects_currency,
                corrected.price_per_credit as corrects_price_per_credit
            from lines
            left join lines as corrected on lines.corrects_line_key = corrected.line_key
            where lines.month_start = $month
        )
        order by line_number
        """,
        {"tenant": tenant, "month": month},
    ).fetchall()
    found = Statement(
        month,
        tenant,
        name,
        status,
        closed_at,
        statement_hash,
        tuple(CurrencyTotal(*head[4:]) for head in heads),
        tuple(StatementLine(*line) for line in lines),
    )
    _check_totals(found)
    return found


def _columns(of: type) -> str:
    return ", ".join(field.name for field in fields(of))


def _check_totals(statement: Statement) -> None:
    """Refuse a statement whose lines do not add up to its totals."""
    for total in statement.totals:
        amounts = [line.amount for line in statement.lines_in(total.currency)]
        rated = [amount for amount in amounts if amount is not None]
        whole = len(rated) == len(amounts) if total.amount is not None else not rated
        if not whole or (total.amount is not None and sum(rated) != total.amount):
            raise StatementError(
                f"the {total.currency} lines of {statement.month:%Y-%m} do not add up to their total: "
                "run `credits rebuild`."
            )


def _missing(marts: duckdb.DuckDBPyConnection, tenant: str, month: date) -> ArgumentError:
    rows = marts.execute(
        f"select distinct strftime(month_start, '%Y-%m') from marts.{STATEMENTS} where tenant_id = ? order by 1",
        [tenant],
    ).fetchall()
    if rows:
        there = listed_months([row[0] for row in rows])
        return ArgumentError(f"{tenant[:64]!r} has no statement for {month:%Y-%m}; there is {there}.")
    known = marts.execute("select 1 from marts.dim_tenants where tenant_id = ? limit 1", [tenant]).fetchone()
    if known:
        return ArgumentError(f"{tenant[:64]!r} has no statement yet: nothing was used or adjusted.")
    return ArgumentError(f"there is no tenant {tenant[:64]!r}: `credits tenants` lists all.")
