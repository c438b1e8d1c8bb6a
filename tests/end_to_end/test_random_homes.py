"""Whatever is delivered, in whatever order, split and repeated: the reference's tables are published."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.landing.compacting import compact
from ingest.landing.warehouse import open_build_database
from tests.end_to_end.comparing import expected_tables, published_tables, whole_version, without_sources
from tests.end_to_end.driving import Warehouse
from tests.reference.strategies import Home, homes, shuffled, split_into_batches, write_home

MOST_BATCHES = 3


@settings(
    max_examples=6 if settings.get_current_profile_name() != "thorough" else 200,
    deadline=None,
    print_blob=True,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    home=homes(max_lines=60),
    seed=st.integers(0, 2**16),
    batches=st.integers(1, MOST_BATCHES),
    joined=st.booleans(),
    published=st.lists(st.booleans(), min_size=MOST_BATCHES, max_size=MOST_BATCHES),
)
def test_every_way_of_delivery_publishes_what_the_reference_computes(
    shared_home: Warehouse, home: Home, seed: int, batches: int, joined: bool, published: list[bool]
) -> None:
    shared_home.empty()
    for number, part in enumerate(split_into_batches(shuffled(home, seed), batches), start=1):
        write_home(part, shared_home.home, seed + number, prefix=f"b{number}-")
        shared_home.land()
        shared_home.build()
        if published[number - 1] or number == batches:
            shared_home.publish()
    assert published_tables(shared_home) == expected_tables(shared_home.home)
    version = whole_version(shared_home)
    for name in [name for name in version if not name.endswith(" as Parquet")]:
        assert version[f"{name} as Parquet"] == version[name]
    if joined:
        join_all_files(shared_home)
        assert published_tables(shared_home) == expected_tables(shared_home.home)
    if batches > 1 or joined:
        shared_home.run(rebuild=True)
        assert without_sources(whole_version(shared_home)) == without_sources(version)


def join_all_files(warehouse: Warehouse) -> None:
    """Join the files of all months, whether they are closed or not."""
    months = warehouse.inside(
        "select distinct date_trunc('month', coalesce(created_at, captured_at))::date from raw.usage_records"
    )
    with open_build_database(warehouse.settings) as connection:
        compact(connection, warehouse.settings.landing, [month for (month,) in months])
    assert warehouse.land().summary.load_id is None


@pytest.fixture(autouse=True)
def _left_empty(shared_home: Warehouse) -> None:
    """Each example empties the home itself: a fixture would do so once for all of them."""
