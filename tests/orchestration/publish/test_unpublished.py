"""What is not published, and leaves the version that there is: a failed switch, unseen loads, a smaller warehouse."""

from __future__ import annotations

import pytest

from ingest.errors import PublishError
from orchestration.pipeline import land_new_files, publish_version
from tests.orchestration.homes import Home


def test_switch_that_fails_leaves_the_current_version_and_no_other(home: Home) -> None:
    home.roll_back()
    before = home.published_bytes()
    (home.settings.published / ".current.next").mkdir()
    with pytest.raises(PublishError, match="not published"):
        publish_version(home.settings)
    assert home.published_bytes() == before


@pytest.mark.parametrize("delivery", ["usage_records/more.jsonl", "mappings/users/more_2027-01-01.csv"])
def test_load_that_the_models_have_not_seen_is_not_published(home: Home, delivery: str) -> None:
    path = home.settings.landing / delivery
    path.write_text(
        "userId,tenantId\nu1,t1\n" if path.suffix == ".csv" else '{"creditsConsumed": 1, "createdAt": "2026-01-01"}\n'
    )
    before = home.published_bytes()
    assert land_new_files(home.settings, "a run").summary.files == 1
    with pytest.raises(PublishError, match="the models were not built"):
        publish_version(home.settings)
    assert home.published_bytes() == before


def test_smaller_warehouse_is_not_published_over_a_larger_one(home: Home) -> None:
    manifest = (home.current / "manifest.json").resolve()
    operations = home.manifest()["totals"]["operations"]
    text = manifest.read_text().replace(f'"operations": {operations},', f'"operations": {operations + 1},')
    manifest.unlink()
    manifest.write_text(text)
    with pytest.raises(PublishError, match=f"{operations} operations are left of the {operations + 1}"):
        publish_version(home.settings)
