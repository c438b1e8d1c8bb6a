"""A month is given as 2026-10; what else people write is answered with the month that they mean."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.errors import ArgumentError
from orchestration.months import month_of


@pytest.mark.parametrize("text", ["2026-10", " 2026-10 "])
def test_a_month_is_its_first_day(text: str) -> None:
    assert month_of(text) == date(2026, 10, 1)


@pytest.mark.parametrize(
    "text", ["10/2026", "10-2026", "2026/10", "2026.10", "202610", "2026-10-15", "October 2026", "oct 2026", "2026 Oct"]
)
def test_another_way_to_write_it_is_answered_with_the_right_one(text: str) -> None:
    with pytest.raises(ArgumentError, match=f"^'{text}' is not a month: did you mean 2026-10[?]$"):
        month_of(text)


@pytest.mark.parametrize("text", ["2026-13", "13/2026"])
def test_a_year_has_twelve(text: str) -> None:
    with pytest.raises(ArgumentError, match="a year has the months 01 to 12; give one such as 2026-12"):
        month_of(text)


@pytest.mark.parametrize(("text", "meant"), [("2026-1", "2026-01"), ("2026-9", "2026-09"), ("2027-1", "2027-01")])
def test_a_month_of_one_digit_is_not_guessed(text: str, meant: str) -> None:
    with pytest.raises(ArgumentError, match=f"is not a month: did you mean {meant}[?]$"):
        month_of(text)


@pytest.mark.parametrize("text", ["", "2026", "soon", "2026-00", "0000-01", "\u0662026-10", "x" * 500])
def test_what_means_no_month_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ArgumentError, match="is not a month: give one such as 2026-10") as raised:
        month_of(text)
    assert len(str(raised.value)) < 100
