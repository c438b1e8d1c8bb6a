"""The build databases are a cache of landing: whatever becomes of them, a run mends it or says what does."""

from __future__ import annotations

import gc
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import CreditsError, PublishError
from tests.end_to_end.comparing import expected_tables, published_tables, whole_version
from tests.end_to_end.driving import Warehouse

Loss = Callable[[Warehouse, Path], None]
"""Does something to the databases; the path is a folder with a copy of both from before the second run."""


def build_from_before(warehouse: Warehouse, earlier: Path) -> None:
    shutil.copy2(earlier / "build.duckdb", warehouse.settings.build_database)


def marts_from_before(warehouse: Warehouse, earlier: Path) -> None:
    shutil.copy2(earlier / "marts.duckdb", warehouse.settings.marts_database)


def build_gone(warehouse: Warehouse, earlier: Path) -> None:
    warehouse.settings.build_database.unlink()


def marts_gone(warehouse: Warehouse, earlier: Path) -> None:
    warehouse.settings.marts_database.unlink()


def build_cut(warehouse: Warehouse, earlier: Path) -> None:
    _cut(warehouse.settings.build_database, 2)


def marts_cut(warehouse: Warehouse, earlier: Path) -> None:
    _cut(warehouse.settings.marts_database, 2)


def build_of_zeros(warehouse: Warehouse, earlier: Path) -> None:
    _zero(warehouse.settings.build_database)


def marts_of_zeros(warehouse: Warehouse, earlier: Path) -> None:
    _zero(warehouse.settings.marts_database)


def marts_of_noise(warehouse: Warehouse, earlier: Path) -> None:
    warehouse.settings.marts_database.write_bytes(random.Random(1).randbytes(4096))


def log_of_another_database(warehouse: Warehouse, earlier: Path) -> None:
    build = warehouse.settings.build_database
    build.with_name(f"{build.name}.wal").write_bytes(b"no log of this database" * 99)


def run_or_rebuild(warehouse: Warehouse) -> None:
    """Run; if that is refused with the version kept and a remedy named, apply the remedy."""
    before = warehouse.published_bytes()
    refused = ""
    try:
        warehouse.run()
    except CreditsError as refusal:
        refused = str(refusal)
    if refused:
        assert "credits rebuild" in refused
        assert "\n" not in refused
        assert warehouse.published_bytes() == before
        gc.collect()  # what had failed to open a database may still hold the other one
        warehouse.run(rebuild=True)


def _cut(path: Path, divisor: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size / divisor)])


def _zero(path: Path) -> None:
    """Keep the header, lose some of the blocks after it."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)


LOSSES: tuple[Loss, ...] = (
    *(build_from_before, marts_from_before, build_gone, marts_gone, build_cut, marts_cut),
    *(build_of_zeros, marts_of_zeros, log_of_another_database),
)
MADE_AGAIN = (build_cut, marts_cut, marts_of_zeros, marts_of_noise)
"""What a run proves to be damage, and mends by itself."""


@pytest.fixture(scope="module")
def copies(shared_home: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of a home after its first run, and after its second.

    The second load moves an operation, names an owner, moves a user and adds a month.
    """
    shared_home.empty()
    shared_home.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t1\nu2,t2\n")
    days = [{"id": f"x{n}", "userId": f"u{n % 3}", "credits": n, "createdAt": f"2025-01-{n + 1:02}"} for n in range(9)]
    shared_home.usage("january.jsonl", *days, {"id": "i", "interactionId": "i", "credits": 1})
    shared_home.run()
    folder = tmp_path_factory.mktemp("copies")
    shared_home.keep(folder / "first")
    shared_home.usage(
        "february.jsonl", {"id": "x5", "credits": 7, "createdAt": "2024-12-31"}, {"id": "y", "credits": 2}
    )
    shared_home.deliver("mappings/users/users-2025-01-05.csv", "userId,tenantId\nu1,t2\nu2,t2\n")
    shared_home.deliver("mappings/interactions/2025-03-01.csv", "interactionId,userId,tenantId\ni,u1,t1\n")
    shared_home.run()
    shared_home.keep(folder / "second")
    return folder


@pytest.fixture
def earlier(warehouse: Warehouse, copies: Path) -> Path:
    """The databases of the first run, in a home that is already after its second run."""
    warehouse.restore(copies / "second")
    return copies / "first" / "warehouse"


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_a_lost_database_is_mended_or_the_run_says_what_mends_it(
    warehouse: Warehouse, earlier: Path, loss: Loss
) -> None:
    loss(warehouse, earlier)
    warehouse.usage("march.jsonl", {"id": "z", "credits": 3, "createdAt": "2025-03-03"})
    run_or_rebuild(warehouse)
    assert published_tables(warehouse) == expected_tables(warehouse.home)


@pytest.mark.parametrize("loss", MADE_AGAIN, ids=lambda loss: loss.__name__)
def test_proven_damage_is_mended_by_the_next_run_itself(warehouse: Warehouse, earlier: Path, loss: Loss) -> None:
    loss(warehouse, earlier)
    warehouse.usage("march.jsonl", {"id": "z", "credits": 3, "createdAt": "2025-03-03"})
    warehouse.run()
    assert published_tables(warehouse) == expected_tables(warehouse.home)


@pytest.mark.usefixtures("earlier")
def test_a_landing_that_was_lost_with_its_log_is_landed_again(warehouse: Warehouse, tmp_path: Path) -> None:
    shutil.copy2(warehouse.settings.build_database, tmp_path / "before.duckdb")
    warehouse.usage("march.jsonl", {"id": "z", "credits": 3, "createdAt": "2025-03-03"})
    warehouse.land()
    shutil.copy2(tmp_path / "before.duckdb", warehouse.settings.build_database)
    warehouse.run()
    assert published_tables(warehouse) == expected_tables(warehouse.home)


@pytest.mark.usefixtures("earlier")
def test_models_that_were_lost_with_their_log_are_not_published(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.usage("march.jsonl", {"id": "x1", "credits": 3, "createdAt": "2024-03-03"})
    warehouse.land()
    shutil.copy2(warehouse.settings.build_database, tmp_path / "landed.duckdb")
    warehouse.build()
    before = warehouse.published_bytes()
    shutil.copy2(tmp_path / "landed.duckdb", warehouse.settings.build_database)
    with pytest.raises(PublishError):
        warehouse.publish()
    assert warehouse.published_bytes() == before
    run_or_rebuild(warehouse)
    assert published_tables(warehouse) == expected_tables(warehouse.home)


@pytest.mark.usefixtures("earlier")
def test_a_rebuild_from_landing_publishes_the_same_tables(warehouse: Warehouse) -> None:
    before = whole_version(warehouse)
    warehouse.run(rebuild=True)
    assert whole_version(warehouse) == before
