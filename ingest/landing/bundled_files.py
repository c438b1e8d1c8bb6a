"""Which members of bundles are new. A bundle whose members have all landed is known by its size and times, so that its
members are not looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb

from ingest.contract.bundles import BundleFaultError, BundleMember, bundle_members, first_damaged
from ingest.contract.landing_files import LandingFile
from ingest.landing import ledger


def unseen_bundles(connection: duckdb.DuckDBPyConnection, bundles: Sequence[LandingFile]) -> list[LandingFile]:
    """The bundles that have changed since all of their members landed, or that earlier reading rules have read."""
    seen = {
        tuple(row)
        for row in connection.execute(
            "select dataset, path, bytes, modified_ns, changed_ns from raw.seen_bundles where reading_rules = ?",
            [ledger.READING_RULES],
        ).fetchall()
    }
    return [bundle for bundle in bundles if _listed_as(bundle) not in seen]


def new_members(connection: duckdb.DuckDBPyConnection, bundle: LandingFile) -> list[BundleMember]:
    """The members of a bundle whose content the ledger does not have, or that these reading rules may read better.

    Raises:
        BundleFaultError: the bundle is damaged, or is not one.
        OSError: it can't be read.
    """
    members = bundle_members(bundle)
    known = ledger.known_contents(connection, (member.sha256 for member in members)) if members else {}

    def is_new(member: BundleMember) -> bool:
        content = known.get((member.dataset, ledger.content_identity(member, member.sha256)))
        if content is None:
            return True
        return content.is_refused and (content.by_earlier_rules or content.form != member.form)

    new = [member for member in members if is_new(member)]
    if damaged := first_damaged(new):
        raise BundleFaultError(f"the bytes of its member {damaged.path[:80]!r} are not those that were written")
    return new


def mark_bundles_seen(connection: duckdb.DuckDBPyConnection, bundles: Iterable[LandingFile]) -> None:
    """Remember that all members of these bundles have landed."""
    for bundle in bundles:
        connection.execute("delete from raw.seen_bundles where path = ?", [bundle.path])
        connection.execute(
            "insert into raw.seen_bundles (dataset, path, bytes, modified_ns, changed_ns, reading_rules) "
            "values (?, ?, ?, ?, ?, ?)",
            [*_listed_as(bundle), ledger.READING_RULES],
        )


def _listed_as(bundle: LandingFile) -> tuple[str, str, int, int, int]:
    return bundle.dataset, bundle.path, bundle.size, bundle.modified_ns, bundle.changed_ns
