"""The mapping exports: snapshots of users and tenants, and the owners of interactions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest.sample.landing_files import LandingFiles, text_table
from ingest.sample.plan import EXPORTED, EXPORTED_LATE, NOT_EXPORTED, SHOWS_NOBODY, InteractionPlan
from ingest.sample.timeline import DAY_MS, MINUTE_MS, Window, export_stamp, rfc3339
from ingest.sample.world import GUIDE_TENANTS, GUIDE_USERS, World, text_id, text_id_sql

Numbers = NDArray[np.int64]

GUIDE_INTERACTIONS = (
    ("int_abc123", "user_12345", "2025-10-01T09:15:00Z"),
    ("int_xyz987", "user_67890", "2025-10-01T10:30:00Z"),
    ("int_qwe456", "user_98765", "2025-10-02T14:45:00Z"),
)

_RENAMED_TENANT = 0
_TENANT_WITHOUT_ZONE = 7
_SNAPSHOT_ENDINGS = (".csv", ".csv.gz", ".jsonl", ".csv")
_INTERACTION_ENDINGS = (".csv", ".jsonl.gz", ".parquet", ".csv.gz")


def contractor_ids(seed: int) -> tuple[str, str]:
    """Two users who are in no snapshot: they have a dated export."""
    return text_id(seed, "contractor", 0), text_id(seed, "contractor", 1)


def pilot_tenant_id(seed: int) -> str:
    """A tenant that is in no snapshot."""
    return text_id(seed, "pilot", 0)


def write_users(files: LandingFiles, world: World, window: Window) -> None:
    """Four snapshots in several formats, and one dated export."""
    for snapshot, instant_ms in enumerate(world.snapshot_ms.tolist()):
        present = np.flatnonzero(world.membership[snapshot] >= 0).tolist()
        rows = [(user, tenant, f"Guide User {user[-5:]}", None) for user, tenant in GUIDE_USERS]
        rows += [
            (
                world.user_ids[user],
                world.tenant_ids[world.membership[snapshot, user]],
                world.user_names[user],
                None if user % 9 == 8 else f"user{user:05d}@example.org",
            )
            for user in present
        ]
        names = ("user_id", "tenant_id", "display_name", "email")
        table = text_table(rows, names if snapshot == 1 else ("userId", "tenantId", "displayName", "email"))
        files.mapping_table(f"users/users-{export_stamp(instant_ms)}{_SNAPSHOT_ENDINGS[snapshot]}", table)
    first, second = contractor_ids(world.seed)
    begin, turn = _history_times(window)
    history = [
        (first, world.tenant_ids[0], "Contractor One (synthetic)", begin, turn),
        (first, world.tenant_ids[1], "Contractor One (synthetic)", turn, None),
        (second, pilot_tenant_id(world.seed), "Contractor Two (synthetic)", begin, None),
    ]
    names = ("userId", "tenantId", "displayName", "validFrom", "validTo")
    files.mapping_table(f"users/users-history-{_last_stamp(window)}.csv", text_table(history, names))


def write_tenants(files: LandingFiles, world: World, window: Window) -> None:
    """Three snapshots, between which one tenant is renamed, and one dated export."""
    for snapshot, ending in ((0, ".csv"), (2, ".csv"), (3, ".jsonl")):
        rows: list[tuple[str | None, ...]] = list(GUIDE_TENANTS)
        for number, tenant in enumerate(world.tenant_ids):
            renamed = snapshot >= 2 and number == _RENAMED_TENANT
            name = world.tenant_names[number] + (" and Rehabilitation" if renamed else "")
            zone = None if number == _TENANT_WITHOUT_ZONE else world.tenant_zones[number]
            rows.append((tenant, name, zone))
        stamp = export_stamp(int(world.snapshot_ms[snapshot]))
        table = text_table(rows, ("tenantId", "name", "timezone"))
        files.mapping_table(f"tenants/tenants-{stamp}{ending}", table)
    begin, turn = _history_times(window)
    pilot = pilot_tenant_id(world.seed)
    history = [
        (pilot, "Pilot Ward (trial)", "Europe/Copenhagen", begin, turn),
        (pilot, "Pilot Ward", "Europe/Copenhagen", turn, None),
    ]
    names = ("tenant_id", "name", "timezone", "valid_from", "valid_to")
    files.mapping_table(f"tenants/tenants-history-{_last_stamp(window)}.csv", text_table(history, names))


def write_guide_interactions(files: LandingFiles) -> None:
    """The guide's three interactions and their owners."""
    table = text_table(GUIDE_INTERACTIONS, ("interactionId", "userId", "createdAt"))
    files.mapping_table("interactions/interactions-2025-10-03.csv", table)


def write_interactions(
    files: LandingFiles, world: World, plan: InteractionPlan, begin: int, end: int, number: int
) -> None:
    """The rows of the export, made in time, for the interactions from `begin` up to `end`."""
    chosen = begin + np.flatnonzero(plan.export[begin:end] == EXPORTED)
    instant_ms = int(plan.start_ms[begin:end].max(initial=0)) + 30 * MINUTE_MS
    ending = _INTERACTION_ENDINGS[number % len(_INTERACTION_ENDINGS)]
    name = f"interactions/interactions-{plan.label}-{export_stamp(instant_ms)}-part{number}{ending}"
    sql = _interactions_sql(world.seed, plan.label, with_tenant=number % 4 >= 2)
    files.mapping_table(name, _interactions(world, plan, chosen, plan.user[chosen]), sql)


def write_late_interactions(
    files: LandingFiles,
    world: World,
    window: Window,
    plans: list[InteractionPlan],
    backfilled: InteractionPlan,
) -> None:
    """One last export: interactions that are mapped late, all interactions of the backfill, and one that changes its
    owner.
    """
    tables = []
    for plan in (*plans, backfilled):
        late = plan.export == EXPORTED_LATE if plan is not backfilled else plan.export != NOT_EXPORTED
        chosen = np.flatnonzero(late)
        tables.append(_interactions(world, plan, chosen, plan.user[chosen]))
    known = (plans[0].export == EXPORTED) & (plans[0].ownership == SHOWS_NOBODY)
    remapped = np.flatnonzero(known)[:1]
    elsewhere = world.membership[-1, world.permanent] != plans[0].tenant[remapped].max(initial=0)
    heir = world.permanent[elsewhere][: len(remapped)]
    tables.append(_interactions(world, plans[0], remapped, heir))
    table = pd.concat(tables, ignore_index=True)
    sql = _interactions_sql(world.seed, *(plan.label for plan in (*plans, backfilled)))
    files.mapping_table(f"interactions/interactions-late-{_last_stamp(window)}.csv", table, sql)


def _interactions(world: World, plan: InteractionPlan, chosen: Numbers, users: Numbers) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": plan.label,
            "interaction": chosen,
            "user": np.array(world.user_ids, dtype=object)[users],
            "tenant": np.array((*world.tenant_ids, ""), dtype=object)[plan.tenant[chosen]],
            "start_ms": plan.start_ms[chosen],
        }
    )


def _interactions_sql(seed: int, *labels: str, with_tenant: bool = False) -> str:
    ids = {label: text_id_sql(seed, f"{label}:interaction", "interaction") for label in labels}
    cases = " ".join(f"when '{label}' then {sql}" for label, sql in ids.items())
    tenant = "nullif(tenant, '') as \"tenantId\"," if with_tenant else ""
    return f"""
        select case label {cases} end as "interactionId", "user" as "userId", {tenant}
            strftime(epoch_ms(start_ms), '%Y-%m-%dT%H:%M:%SZ') as "createdAt"
        from frame"""


def _history_times(window: Window) -> tuple[str, str]:
    middle = window.start_ms + window.days // 2 * DAY_MS
    return rfc3339(window.start_ms - 400 * DAY_MS), rfc3339(middle)


def _last_stamp(window: Window) -> str:
    return export_stamp(window.end_ms - 30 * MINUTE_MS)
