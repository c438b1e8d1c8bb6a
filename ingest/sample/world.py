"""The invented clinics and people: who they are, where, and who belonged to which clinic when."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from ingest.sample.timeline import DAY_MS, Window, to_ms

GUIDE_TENANTS = (
    ("tenant_A", "Alder Lane Clinic", "Europe/Copenhagen"),
    ("tenant_B", "Birch Row Practice", "America/New_York"),
)
GUIDE_USERS = (("user_12345", "tenant_A"), ("user_67890", "tenant_A"), ("user_98765", "tenant_B"))

_PLACES = (
    "Northwind", "Harbour", "Maple", "Lantern", "Willow", "Copper", "Juniper", "Meadow", "Silver", "Quarry",
    "Falcon", "Amber", "Granite", "Orchard", "Beacon", "Clover", "Ember", "Fjord", "Heron", "Ivory",
)  # fmt: skip
_SORTS = (
    "Clinic", "Medical Group", "Family Practice", "Health Centre", "Polyclinic",
    "Surgery", "Care Home", "Hospital", "Day Clinic", "Dental House",
)  # fmt: skip
_ZONES = (
    ("Europe/Copenhagen", 2), ("America/New_York", -4), ("Australia/Sydney", 10), ("Asia/Kolkata", 5.5),
    ("UTC", 0),
)  # fmt: skip
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class World:
    """Tenants and users by number, and the tenant of each user in each snapshot.

    `membership[s, u]` is the tenant of user `u` in snapshot `s`, or -1 if the user is not in it. The tenants of the
    guide's records are separate: nothing else in the sample uses them.
    """

    seed: int
    tenant_ids: tuple[str, ...]
    tenant_names: tuple[str, ...]
    tenant_zones: tuple[str, ...]
    user_ids: tuple[str, ...]
    user_names: tuple[str, ...]
    snapshot_ms: NDArray[np.int64]
    membership: NDArray[np.int64]
    user_weights: NDArray[np.float64]
    home_offset_ms: NDArray[np.int64]

    @property
    def region(self) -> NDArray[np.int64]:
        """For each tenant, which of Corti's environments it uses: 0 for the European, 1 for the American."""
        return np.array([zone.startswith("America/") for zone in self.tenant_zones], dtype=np.int64)

    @property
    def permanent(self) -> NDArray[np.int64]:
        """Users who are in every snapshot, whether they moved or not."""
        return np.flatnonzero((self.membership >= 0).all(axis=0))

    def tenant_at(self, user: NDArray[np.int64], instant_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Tenant of each user at each instant, -1 for none; the first snapshot also holds for earlier."""
        snapshot = np.searchsorted(self.snapshot_ms, instant_ms, side="right") - 1
        return self.membership[np.maximum(snapshot, 0), user]


def build_world(seed: int, records: int, window: Window) -> World:
    """Tenants and users in suitable numbers for this number of records."""
    rng = np.random.default_rng([seed, 1])
    tenant_count = min(200, 12 + isqrt(records) // 50)
    user_count = min(20_000, max(40, isqrt(records) * 6 // 5))
    membership = _draw_membership(rng, tenant_count, user_count)
    home = np.where(membership[0] >= 0, membership[0], membership[-1])
    offsets = np.array([int(hours * _HOUR_MS) for _, hours in _ZONES])
    weights = rng.lognormal(0.0, 0.8, user_count)
    return World(
        seed=seed,
        tenant_ids=tuple(_tenant_id(seed, number) for number in range(tenant_count)),
        tenant_names=tuple(_tenant_name(number) for number in range(tenant_count)),
        tenant_zones=tuple(_ZONES[number % len(_ZONES)][0] for number in range(tenant_count)),
        user_ids=tuple(text_id(seed, "user", number) for number in range(user_count)),
        user_names=tuple(_user_name(number) for number in range(user_count)),
        snapshot_ms=_snapshot_times(window),
        membership=membership,
        user_weights=weights / weights.sum(),
        home_offset_ms=offsets[home % len(_ZONES)],
    )


def _snapshot_times(window: Window) -> NDArray[np.int64]:
    """A snapshot well before the window, then three within it."""
    before = min(to_ms(date(2025, 9, 1)), window.start_ms - 30 * DAY_MS)
    within = (window.start_ms + window.days * twelfths // 12 * DAY_MS for twelfths in (1, 4, 8))
    return np.array([before, *within])


def _draw_membership(rng: np.random.Generator, tenants: int, users: int) -> NDArray[np.int64]:
    """Four snapshots: most users stay, some move, some leave for good or for a while, some come."""
    weights = 1 / np.arange(1, tenants + 1) ** 0.7
    home = rng.choice(tenants, size=users, p=weights / weights.sum())
    home[:tenants] = np.arange(tenants)
    membership = np.tile(home, (4, 1))
    changing = tenants + rng.permutation(users - tenants)
    moving, leaving, coming = max(3, users // 15), max(2, users // 30), max(2, users // 15)
    for rank, user in enumerate(changing[:moving]):
        snapshot = 1 + rank % 3
        membership[snapshot:, user] = (home[user] + 1 + rng.integers(0, tenants - 1)) % tenants
    membership[3:, changing[0]] = home[changing[0]]
    for rank, user in enumerate(changing[moving : moving + leaving]):
        membership[1 + rank % 3 :, user] = -1
    membership[3:, changing[moving]] = home[changing[moving]]
    for rank, user in enumerate(changing[moving + leaving : moving + leaving + coming]):
        membership[: 1 + rank % 3, user] = -1
    return membership


def _tenant_id(seed: int, number: int) -> str:
    return f"clinic-{number:04d}" if number % 6 == 5 else text_id(seed, "tenant", number)


def _tenant_name(number: int) -> str:
    return f"{_PLACES[number % 20]} {_SORTS[(number + number // 20) % 10]}"


def _user_name(number: int) -> str:
    if number == 0:
        return 'Ünal, Øyvind "Test" (synthetic)'
    return f"Synthetic User {number:05d}"


def text_id(seed: int, family: str, number: int) -> str:
    """The id of the `number`-th member of a family, as text in the form of a UUID."""
    digest = hashlib.md5(f"{seed}:{family}:{number}".encode(), usedforsecurity=False)
    return str(uuid.UUID(digest.hexdigest()))


def text_id_sql(seed: int, family: str, column: str) -> str:
    """SQL for `text_id` of a column of numbers; a negative number gives null."""
    digest = f"md5(concat('{seed}:{family}:', {column}))"
    return f"case when {column} >= 0 then cast(cast({digest} as uuid) as varchar) end"
