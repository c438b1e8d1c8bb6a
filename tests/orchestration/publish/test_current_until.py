"""Which users and tenants are current changes with time alone: the run after that has something to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from orchestration.change_detection import has_news
from orchestration.publish.current_until import has_changed, next_change
from tests.orchestration.homes import Home

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
PAST, JUST_NOW, SOON, LATER = (NOW + timedelta(days=days) for days in (-90, -1, 1, 90))


@pytest.mark.parametrize(
    ("windows", "change"),
    [
        ([], None),
        ([(PAST, None, True)], None),
        ([(PAST, JUST_NOW, False), (JUST_NOW, None, True)], None),
        ([(PAST, LATER, True), (LATER, None, False)], LATER),
        ([(PAST, None, True), (SOON, LATER, False)], SOON),
        ([(PAST, JUST_NOW, True), (JUST_NOW, None, False)], JUST_NOW),
    ],
)
def test_the_next_window_to_begin_or_end_is_known_also_where_it_has_come(
    windows: list[tuple[datetime, datetime | None, bool]], change: datetime | None
) -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as marts; create schema marts.marts")
        for table in ("dim_users", "dim_tenants"):
            connection.execute(
                f"create table marts.marts.{table} (valid_from timestamp, valid_to timestamp, is_current boolean)"
            )
        connection.execute("create table marts.marts.mart_capture_sources (state_until timestamp)")
        for window in windows:
            connection.execute("insert into marts.marts.dim_tenants values (?, ?, ?)", window)
        found = next_change(connection)
    assert found == (change.isoformat() if change else None)
    assert has_changed(found) == (change == JUST_NOW)


def test_a_run_has_something_to_do_when_a_window_has_changed(home: Home) -> None:
    assert not has_news(home.settings)
    manifest = (home.current / "manifest.json").resolve()
    before = manifest.read_text()
    said = home.manifest()["current_until"]
    manifest.unlink()
    manifest.write_text(
        before.replace(f'"current_until": "{said}"', f'"current_until": "{PAST.isoformat()}"', 1)
        if said
        else before.replace('"current_until": null', f'"current_until": "{PAST.isoformat()}"', 1)
    )
    assert has_news(home.settings)
    version = home.manifest()["version"]
    assert "published" in home.credits("run").out
    assert home.manifest()["version"] > version and not has_news(home.settings)
