"""All data of the page as one JSON document: dictionaries of members, and columns that refer to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.dashboard.cells import read_cells
from orchestration.dashboard.columns import COUNT, EXACT, Dictionary, Kind, as_columns
from orchestration.dashboard.interactions import interactions
from orchestration.dashboard.lists import quotas, tenant_names, user_names
from orchestration.dashboard.rollup import roll_up
from orchestration.dashboard.scope import Scope
from orchestration.dashboard.trust import coverage, last_signs, lines_read, listed, reconciliation

FORMAT = 3
"""What `page/js/dataset.js` reads."""


@dataclass(frozen=True)
class VersionStamp:
    """The version of a page, and when it was made (ISO 8601, UTC)."""

    version: str
    built_at: str


def figures(scope: Scope, made: VersionStamp) -> dict[str, object]:
    """Read all figures of a scope.

    Raises:
        PublishError: they do not add up to those of the tables.
    """
    rollup = roll_up(scope)
    cells = read_cells(scope, rollup)
    found = interactions(scope, rollup)
    quota = quotas(scope)
    buckets, tenants, users, kinds, words, ids = (Dictionary() for _ in range(6))
    owned = {"bucket": buckets, "tenant": tenants, "user": users, "kind": kinds}
    windows = {"from": buckets, "to": buckets, "tenant": tenants, "user": users, "status": words}
    measures: dict[str, Kind] = {"credits": EXACT, "operations": COUNT}
    amounts: dict[str, Kind] = dict.fromkeys(("allowance", "warn_at", "used", "projected"), EXACT)
    unreported = listed(scope, rollup, "mart_unreported_operations", "occurred_at")
    # Part of coverage, which a customer's page does not have.
    missing = None if scope.tenant else listed(scope, rollup, "mart_missing_captures", "created_at")
    columns = {
        "cells": as_columns(scope, {**owned, **measures, "estimated": EXACT}, cells.rows),
        "days": as_columns(scope, {"bucket": buckets, "tenant": tenants, "kind": kinds, **measures}, cells.days),
        "others": as_columns(scope, {"tenant": tenants, "users": COUNT}, cells.others),
        "interactions": as_columns(scope, {"interaction": ids, **owned, **measures}, found.rows),
        "quotas": as_columns(
            scope,
            {
                "tenant": tenants,
                "user": users,
                "kind": kinds,
                "period": words,
                "from": buckets,
                "to": buckets,
                **amounts,
                **dict.fromkeys(("exhausted", "earliest", "latest"), buckets),
                "status": words,
            },
            quota.rows,
        ),
        "unreported": as_columns(scope, {**owned, "operations": COUNT}, unreported),
        "missing": as_columns(scope, {**owned, "operations": COUNT}, missing),
        "coverage": as_columns(
            scope,
            {"bucket": buckets, "kind": kinds, **dict.fromkeys(("created", "covered", "failed_days"), COUNT)},
            coverage(scope, rollup),
        ),
        "reconciliation": as_columns(scope, {**windows, "totals": COUNT}, reconciliation(scope, rollup)),
    }
    return {
        "format": FORMAT,
        "version": made.version,
        "builtAt": made.built_at,
        "tenantOnly": scope.tenant,
        "grain": rollup.grain,
        "folded": sorted(rollup.folded),
        "daysNamed": cells.days_named,
        "otherUsers": cells.others_in_all,
        "total": {"credits": f"{cells.credits:f}", "operations": cells.operations},
        "interactionCount": found.count,
        "quotaCount": quota.count,
        "quotasAsOf": quota.as_of,
        "lastSigns": last_signs(scope),
        "lines": lines_read(scope),
        "buckets": buckets.values,
        "tenants": _with_names(tenants, tenant_names(scope)),
        "users": _with_names(users, user_names(scope)),
        "kinds": kinds.values,
        "words": words.values,
        "interactionIds": ids.values,
        **columns,
    }


def _with_names(members: Dictionary, names: Mapping[str, str]) -> list[list[str]]:
    return [[member, names[member]] if member in names else [member] for member in members.values]


def as_json(document: Mapping[str, object]) -> str:
    """The JSON for a `script` element: nothing in it ends the element or begins a comment."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
