"""Of publishers that begin at the same version, one lands, and the others say why they did not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import PublishError
from orchestration.publish.bucket_versions import BucketVersions
from orchestration.publish.publishing_turn import TURN, Turn
from tests.objects.publishing.small_versions import BASE, Months, SmallHome, newest_delta, pointer_of, total_of
from tests.objects.publishing.test_killed_publishers import ended, require_agreement, start, whole

pytestmark = pytest.mark.objects

MakeHome = Callable[..., SmallHome]

WANTED: tuple[Months, ...] = (
    {**BASE, "2026-07": "7"},
    {**BASE, "2026-08": "8"},
    {**BASE, "2026-07": "7"},
    {**BASE, "2026-03": "55"},
    {**BASE, "2026-01": "11", "2026-09": "9"},
    {**BASE, "2026-07": "7"},
)
"""Three publishers add the same month, one adds another, and two change one; only adding conflicts with nothing."""


@pytest.mark.parametrize("attempt", range(3))
def test_of_six_publishers_at_once_one_lands_and_the_others_say_why(make_home: MakeHome, attempt: int) -> None:
    homes = [make_home(f"home-{number}") for number in range(6)]
    homes[0].publish(BASE)
    before = newest_delta(homes[0].storage)
    publishers = [start(home, months) for home, months in zip(homes, WANTED, strict=True)]
    for publisher in publishers:
        assert publisher.stdout and publisher.stdout.readline() == "ready\n"
    for publisher in publishers:
        assert publisher.stdin
        publisher.stdin.write("\n")
        publisher.stdin.flush()
    said = [ended(publisher) for publisher in publishers]
    landed = [number for number, answer in enumerate(said) if "version" in answer]
    assert len(landed) == 1, said
    winner = said[landed[0]]["version"]
    for answer in (answer for answer in said if "error" in answer):
        assert (
            answer["error"].startswith(f"not published to {homes[0].storage.url}: ") and "run again" in answer["error"]
        )
        assert winner in answer["error"], (winner, answer)
    assert pointer_of(homes[0].storage)["version"] == winner
    assert whole(homes[0]) == total_of(WANTED[landed[0]])
    require_agreement(homes[landed[0]])
    after = newest_delta(homes[0].storage)
    assert {after[table] - before[table] for table in after} <= {0, 1}
    for number, home in enumerate(homes):
        assert number == landed[0] or home.current != winner


def test_loser_publishes_on_top_of_the_winner_when_it_runs_again(make_home: MakeHome) -> None:
    one, other = make_home("one"), make_home("other")
    first = one.publish(BASE)
    late = BucketVersions(other.settings, other.storage)
    second = one.publish(WANTED[0])
    with pytest.raises(PublishError, match=f"published version {second} there meanwhile; run again"):
        other.publish(WANTED[1], late)
    assert other.current is None and pointer_of(one.storage)["version"] == second != first
    third = other.publish(WANTED[1])
    assert pointer_of(one.storage)["version"] == third == other.current
    assert whole(other) == total_of(WANTED[1])
    require_agreement(other)


def test_publisher_waits_for_no_turn_that_is_over_or_of_a_dead_holder(make_home: MakeHome) -> None:
    home = make_home()
    home.publish(BASE)
    now = datetime.now(UTC)
    _, entry = home.storage.read(TURN)
    other = Turn("another", "elsewhere", "2026-01-01T00-00-00Z", (now - timedelta(minutes=1)).isoformat())
    e_tag = home.storage.swap(TURN, other.as_bytes(), entry.e_tag)
    with pytest.raises(PublishError, match=r"version 2026-01-01T00-00-00Z is being published by elsewhere"):
        home.publish(WANTED[0])
    assert whole(home) == total_of(BASE)
    dead = Turn("another", "elsewhere", "2026-01-01T00-00-00Z", (now - timedelta(minutes=16)).isoformat())
    home.storage.swap(TURN, dead.as_bytes(), e_tag)
    home.publish(WANTED[0])
    assert whole(home) == total_of(WANTED[0])


def test_two_publishers_never_take_the_same_name(make_home: MakeHome, tmp_path: Path) -> None:
    homes = [make_home(f"home-{number}") for number in range(4)]
    stores = [BucketVersions(home.settings, home.storage) for home in homes]
    assert len({store.new_version() for store in stores for _ in range(2)}) >= 4
    names = [store.new_version() for store in stores]
    assert len({*names}) == 4
