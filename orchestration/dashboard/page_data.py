"""All data of the page as one JSON document: dictionaries of members, and columns that refer to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from orchestration.dashboard.alerts import open_alerts
from orchestration.dashboard.cells import read_cells
from orchestration.dashboard.columns import AMOUNT, COUNT, EXACT, Dictionary, Kind, as_columns
from orchestration.dashboard.dimensions import dimensions
from orchestration.dashboard.interactions import interactions
from orchestration.dashboard.lists import quotas, tenant_names, user_names
from orchestration.dashboard.money import balances, costs
from orchestration.dashboard.rollup import roll_up
from orchestration.dashboard.scope import Scope
from orchestration.dashboard.trust import coverage, last_signs, lines_read, listed, reconciliation, unread
from orchestration.statements.letterhead import PLAIN

FORMAT = 4
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
    cost = costs(scope, rollup)
    split = dimensions(scope, rollup)
    alerts = open_alerts(scope)
    buckets, tenants, users, kinds, words, ids = (Dictionary() for _ in range(6))
    members = {"tenant": tenants, "user": users, "kind": kinds}
    owned = {"bucket": buckets, **members}
    windows = {"from": buckets, "to": buckets, "tenant": tenants, "user": users, "status": words}
    tenants_of: dict[str, Dictionary | Kind] = {"tenant": tenants}
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
        "costs": as_columns(
            scope,
            {
                "bucket": buckets,
                **{name: held for name, held in members.items() if f"{name}_id" in cost.kept or name in cost.kept},
                "currency": words,
                "list_currency": words,
                "credits": EXACT,
                "amount": AMOUNT,
                "list_amount": AMOUNT,
                "adjusted": EXACT,
                "derived": EXACT,
            },
            cost.rows,
        ),
        "dimensions": as_columns(
            scope,
            {
                "bucket": buckets,
                **(tenants_of if split.by_tenant else {}),
                "dimension": words,
                "value": words,
                "currency": words,
                "credits": EXACT,
                "amount": AMOUNT,
            },
            split.rows,
        ),
        "balances": as_columns(
            scope,
            {
                "environment": words,
                "account": words,
                "day": buckets,
                "remaining": EXACT,
                "overdrawn": EXACT,
                "expires": buckets,
                "expiring": EXACT,
                "runway": words,
                "runway_low": words,
                "runway_high": words,
            },
            balances(scope),
        ),
        "alerts": as_columns(
            scope,
            {"type": words, "severity": words, **members, "from": buckets, "to": buckets, "summary": words},
            alerts.rows,
        ),
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
        "dimensionsFit": split.has_room,
        "alertCount": alerts.count,
        "lines": lines_read(scope),
        "unread": unread(scope),
        "buckets": buckets.values,
        "tenants": _with_names(tenants, tenant_names(scope)),
        "users": _with_names(users, user_names(scope)),
        "kinds": _with_names(kinds, {kind: in_words(kind) for kind in kinds.values}),
        "words": words.values,
        "interactionIds": ids.values,
        **columns,
    }


def in_words(kind: str) -> str:
    """A kind as the page names it."""
    words = PLAIN.kind_name(kind)
    return words[:1].upper() + words[1:]


def _with_names(members: Dictionary, names: Mapping[str, str]) -> list[list[str]]:
    return [[member, names[member]] if member in names else [member] for member in members.values]


def as_json(document: Mapping[str, object]) -> str:
    """The JSON for a `script` element: nothing in it ends the element or begins a comment."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
