"""The sample that ships with the project, in whole, against the reference."""

from __future__ import annotations

import shutil
from decimal import Decimal

from ingest.settings import CHECKOUT
from orchestration.status_command import status_lines
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
    printed = (CHECKOUT / "README.md").read_text().splitlines()
    said = [line for line in status_lines(warehouse.settings) if not line.startswith(("home ", "published "))]
    assert [line for line in said if line not in printed] == []
    reconciliation = warehouse.table("mart_provider_reconciliation", ("user_id", "difference", "status"))
    assert reconciliation == [
        ("user_12345", Decimal(0), "matched"),
        ("user_67890", Decimal(0), "matched"),
        ("user_98765", Decimal("-12.5"), "under"),
        ("user_98765", Decimal(-40), "no records"),
        (None, Decimal(0), "matched"),
    ]
