"""The sample that ships with the project, in whole, against the reference."""

from __future__ import annotations

import shutil
from decimal import Decimal

from ingest.settings import CHECKOUT
from tests.warehouse.comparing import expected_tables, published_tables
from tests.warehouse.driving import Warehouse


def test_the_committed_sample_is_published_as_the_reference_computes_it(warehouse: Warehouse) -> None:
    shutil.copytree(CHECKOUT / "data" / "sample" / "landing", warehouse.settings.landing, dirs_exist_ok=True)
    publication = warehouse.run()
    expected = expected_tables(warehouse.home)
    published = published_tables(warehouse)
    assert published.keys() == expected.keys()
    for name, table in expected.items():
        assert published[name] == table, name
    assert publication.totals.credits == expected["credits"]
    assert publication.totals.credits > Decimal(100)
