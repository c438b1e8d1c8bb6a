"""Reads statements of a month from the published version: of one customer, whose rows alone are read, or of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from itertools import groupby

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
    with _published_statements(settings) as marts:
        found = next(_statements(marts, month_start, tenant), None)
        if found is None:
            raise _missing(marts, tenant, month_start)
        return found


def read_statements(settings: Settings, month: str) -> list[Statement]:
    """Read the statements of all customers for a month, `YYYY-MM`, by tenant_id.

    Raises:
        ArgumentError: no such month, or no statement of it.
        StatementError: the lines of one do not add up to its totals, or they can't be read.
        NotPublishedError: no version with statements is published.
    """
    month_start = month_of(month)
    with _published_statements(settings) as marts:
        found = [*_statements(marts, month_start)]
        if not found:
            rows = marts.execute(
                f"select distinct strftime(month_start, '%Y-%m') from marts.{STATEMENTS} "
                "where tenant_id <> ? order by 1",
                [UNMAPPED],
            ).fetchall()
            there = f"; there is {listed_months([row[0] for row in rows])}" if rows else ""
            raise ArgumentError(f"no customer has a statement for {month_start:%Y-%m}{there}.")
        return found


@contextmanager
def _published_statements(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published version's file. It is resolved once, so that a version published meanwhile is not mixed in."""
    version, manifest = current_version(settings), current_manifest(settings)
    if version is None or manifest is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    if not {STATEMENTS, LINES} <= {*manifest["tables"]}:
        raise NotPublishedError("the published version holds no statements yet: run `credits run` first.")
    path = version / str(manifest["database"])
    try:
        with duckdb.connect(str(path), read_only=True) as marts:
            yield marts
    except duckdb.Error as error:
        raise StatementError(f"{path} can't be read ({safe_line(error)}): run `credits rebuild`.") from None


def _statements(marts: duckdb.DuckDBPyConnection, month: date, tenant: str | None = None) -> Iterator[Statement]:
    """The statements of a month, of all customers or one, by tenant_id."""
    wanted = {"month": month, "tenant": tenant, "unmapped": UNMAPPED}
    heads = marts.execute(
        f"""
        select tenant_id, tenant_name, period_status, closed_at, statement_hash, {_columns(CurrencyTotal)}
        from marts.{STATEMENTS}
        where month_start = $month and tenant_id = coalesce($tenant, tenant_id) and tenant_id <> $unmapped
        order by tenant_id, rate_status, currency
        """,
        wanted,
    ).fetchall()
    rows = marts.execute(
        f"""
        with lines as (
            select * from marts.{LINES} where tenant_id = coalesce($tenant, tenant_id) and tenant_id <> $unmapped
        )

        select tenant_id, {_columns(StatementLine)}
        from (
            select
                lines.*,
                corrected.month_start as corrects_statement_month,
                corrected.line_number as corrects_line_number,
                corrected.currency as corrects_currency,
                corrected.price_per_credit as corrects_price_per_credit
            from lines
            left join lines as corrected
                on lines.corrects_line_key = corrected.line_key and lines.tenant_id = corrected.tenant_id
            where lines.month_start = $month
        )
        order by tenant_id, line_number
        """,
        wanted,
    ).fetchall()
    lines: dict[str, list[StatementLine]] = {}
    for row in rows:
        lines.setdefault(row[0], []).append(StatementLine(*row[1:]))
    for tenant_id, totals in groupby(heads, key=lambda head: str(head[0])):
        of_tenant = [*totals]
        name, status, closed_at, statement_hash = of_tenant[0][1:5]
        found = Statement(
            month,
            tenant_id,
            name,
            status,
            closed_at,
            statement_hash,
            tuple(CurrencyTotal(*head[5:]) for head in of_tenant),
            tuple(lines.get(tenant_id, ())),
        )
        _check_totals(found)
        yield found


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
