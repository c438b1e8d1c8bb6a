"""What a run says at its end."""

from __future__ import annotations

import pytest

from orchestration.commands.run import summary


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (
            1,
            [
                "1 line read: 1 new",
                "1.5 credits in 1 operation, the same in every mart",
                "1 operation never reported its usage",
            ],
        ),
        (
            2,
            [
                "2 lines read: 2 new",
                "1.5 credits in 2 operations, the same in every mart",
                "2 operations never reported their usage",
            ],
        ),
    ],
)
def test_one_of_a_thing_is_said_in_the_singular(count: int, said: list[str]) -> None:
    totals = {
        "lines_read": count,
        "verdicts": {"new": count},
        "operations": count,
        "unreported_operations": count,
        "credits": "1.5",
        "credits_unmapped": "0",
        "credits_estimated": "0",
    }
    assert [line for line in summary(totals) if "unmapped" not in line] == said
