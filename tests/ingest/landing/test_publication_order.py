"""Which of several publications is the last one."""

from __future__ import annotations

from datetime import datetime

from ingest.landing.publications import last_published_models, last_published_version, record_publication
from ingest.landing.warehouse import open_build_database
from tests.ingest.landing.landing_home import LandingHome


def test_the_last_publication_is_that_of_the_last_load_also_where_the_clock_went_back(home: LandingHome) -> None:
    home.settings.warehouse.mkdir(parents=True, exist_ok=True)
    with open_build_database(home.settings) as connection:
        assert last_published_models(connection) is None
        record_publication(connection, "first", 1, datetime(2026, 3, 2), "models of the first")
        record_publication(connection, "second", 2, datetime(2026, 3, 1), "models of the second")
        assert last_published_models(connection) == "models of the second"
        assert last_published_version(connection) == "second"
        record_publication(connection, "third", 2, datetime(2026, 3, 3), "models of the third")
        assert last_published_models(connection) == "models of the third"
