"""Lists the customers and users of the published version, and finds the one that a person types."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingest.errors import ArgumentError
from ingest.settings import Settings
from orchestration.published_version import UNMAPPED, NotPublishedError, opened_version
from orchestration.terminal_text import printable

_MOST_CANDIDATES = 10
_MOST_SUGGESTIONS = 3
_LIKENESS = 0.5
_USING_TENANTS = ("agg_credits_daily", "mart_tenant_statements")


@dataclass(frozen=True)
class Tenant:
    """A customer. `name` is that of the latest export; None if no export has one."""

    tenant_id: str
    name: str | None

    @property
    def texts(self) -> tuple[str, ...]:
        """The names by which it can be found."""
        return (self.tenant_id, self.name) if self.name else (self.tenant_id,)

    def __str__(self) -> str:
        return f"{self.tenant_id} ({self.name})" if self.name else self.tenant_id


@dataclass(frozen=True)
class User:
    """A user. `tenants` are the user's customers now; else the last ones, or those for whom the user used credits."""

    user_id: str
    name: str | None
    tenants: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The names by which the user can be found."""
        return (self.user_id, self.name) if self.name else (self.user_id,)


def published_tenants(settings: Settings, text: str = "") -> list[Tenant]:
    """The customers with `text` in their id or name, ignoring case, by id.

    Raises:
        NotPublishedError: nothing is published.
        CreditsError: the version can't be read.
    """
    with opened_version(settings) as (marts, tables):
        found = _tenants(marts, tables)
    return [tenant for tenant in found if tenant.tenant_id != UNMAPPED and _contains(tenant.texts, text)]


def published_users(settings: Settings, text: str = "") -> list[User]:
    """The users with `text` in their id or name, ignoring case, by id.

    Raises:
        NotPublishedError: nothing is published.
        CreditsError: the version can't be read.
    """
    with opened_version(settings) as (marts, _):
        rows = marts.execute(
            """
            with named as (
                select user_id, tenant_id, display_name, valid_from, is_current
                from marts.dim_users
                qualify rank() over (
                    partition by user_id order by is_current desc, if(is_current, null, valid_from) desc nulls last
                ) = 1
            ),

            names as (
                select user_id, arg_max(display_name, coalesce(valid_from, '0001-01-01'::timestamp)) as display_name
                from named
                group by user_id
            ),

            used as (
                select distinct user_id, tenant_id from marts.agg_credits_daily
                where user_id not in (select user_id from named)
            ),

            belonging as (
                select user_id, tenant_id from named
                union
                select user_id, tenant_id from used
            )

            select
                belonging.user_id,
                any_value(names.display_name),
                coalesce(list(distinct tenant_id order by tenant_id) filter (where tenant_id != $unmapped), [])
            from belonging
            left join names on belonging.user_id = names.user_id
            where belonging.user_id != $unmapped
            group by belonging.user_id
            order by belonging.user_id
            """,
            {"unmapped": UNMAPPED},
        ).fetchall()
    users = [User(user_id, name, tuple(tenants)) for user_id, name, tenants in rows]
    return [user for user in users if _contains(user.texts, text)]


def find_tenant(settings: Settings, text: str) -> str:
    """The tenant_id that a person means: by its id, else by its name, else by a unique beginning of one of them. Names
    and beginnings ignore case.

    Raises:
        ArgumentError: no customer or several customers match; the message names the nearest.
        NotPublishedError: nothing is published.
        CreditsError: the version can't be read.
    """
    with opened_version(settings) as (marts, tables):
        tenants = _tenants(marts, tables)
    if text == UNMAPPED or any(tenant.tenant_id == text for tenant in tenants):
        return text
    wanted = _folded(text)
    tenants = [tenant for tenant in tenants if tenant.tenant_id != UNMAPPED]
    exact = [tenant for tenant in tenants if wanted in map(_folded, tenant.texts)]
    begun = [tenant for tenant in tenants if any(_folded(own).startswith(wanted) for own in tenant.texts)]
    meant = exact or (begun if wanted else [])
    if len(meant) == 1:
        return meant[0].tenant_id
    shown = repr(printable(text[:60]))
    if not meant:
        raise ArgumentError(f"there is no tenant {shown}: {_suggestion(tenants, wanted)}`credits tenants` lists all.")
    listed = ", ".join(printable(tenant) for tenant in meant[:_MOST_CANDIDATES])
    more = f" and {len(meant) - _MOST_CANDIDATES} more" if len(meant) > _MOST_CANDIDATES else ""
    raise ArgumentError(f"{shown} may mean {len(meant)} tenants: {listed}{more}. Give the id of one.")


def _suggestion(tenants: Sequence[Tenant], wanted: str) -> str:
    known = {_folded(own): tenant for tenant in tenants for own in tenant.texts}
    near = [known[own] for own in difflib.get_close_matches(wanted, known, n=2 * _MOST_SUGGESTIONS, cutoff=_LIKENESS)]
    nearest = [printable(tenant) for tenant in dict.fromkeys(near)][:_MOST_SUGGESTIONS]
    return f"did you mean {' or '.join(nearest)}? " if nearest else ""


def _tenants(marts: duckdb.DuckDBPyConnection, tables: frozenset[str]) -> list[Tenant]:
    if "dim_tenants" not in tables:
        raise NotPublishedError("the published version holds no customers yet: run `credits run` first.")
    used = "".join(f" union select tenant_id from marts.{table}" for table in _USING_TENANTS if table in tables)
    rows = marts.execute(
        f"""
        with named as (
            select tenant_id, tenant_name
            from marts.dim_tenants
            qualify row_number() over (
                partition by tenant_id order by is_current desc, valid_from desc nulls last
            ) = 1
        ),

        known as (
            select tenant_id from named{used}
        )

        select known.tenant_id, named.tenant_name
        from known
        left join named on known.tenant_id = named.tenant_id
        order by known.tenant_id
        """
    ).fetchall()
    return [Tenant(tenant_id, name) for tenant_id, name in rows]


def _contains(texts: Sequence[str], text: str) -> bool:
    wanted = _folded(text)
    return any(wanted in _folded(own) for own in texts)


def _folded(text: str) -> str:
    """A text without differences that people don't notice: case, encodings of accents, blanks around and between."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
