"""Which statements a build may leave out, by what they name. Doubt means that the step runs."""

from __future__ import annotations

import pytest

from orchestration.models.build_plan import Step
from orchestration.models.unreached_steps import _unreached

WINDOWS = ("build", "intermediate", "windows", "table")
MADE = 'create table "build"."intermediate"."windows__dbt_tmp" as select * from '
RATES = frozenset({("raw", "rates")})


def model(statement: str, reads: frozenset[tuple[str, str]] = RATES, *, makes_all_rows: bool = True) -> Step:
    return Step(statement, {}, WINDOWS, True, reads, makes_all_rows)


def is_left_out(step: Step, *changed: str) -> bool:
    return 0 in _unreached([step], frozenset(changed))


def test_a_table_of_unchanged_datasets_is_left_out() -> None:
    step = model(MADE + '"build"."raw"."rates"')
    assert is_left_out(step) and is_left_out(step, "users", "usage_records") and not is_left_out(step, "rates")


@pytest.mark.parametrize(
    "clock",
    [
        *("current_date", "CURRENT_TIMESTAMP", "now()", "get_current_timestamp()", "transaction_timestamp()"),
        *("localtimestamp", "current_localtimestamp()", "'today'::date", "age(x)", "random()", "gen_random_uuid()"),
    ],
)
def test_a_statement_that_may_read_the_clock_runs(clock: str) -> None:
    assert not is_left_out(model(f'{MADE}"build"."raw"."rates" where at < {clock}'))


@pytest.mark.parametrize(
    ("other", "reads"),
    [("raw.users", RATES | {("raw", "users")}), ('"build"."raw"."users"', RATES)],
    ids=["named in a form that is not seen", "not known to dbt"],
)
def test_a_statement_that_names_other_relations_than_dbt_says_runs(
    other: str, reads: frozenset[tuple[str, str]]
) -> None:
    assert not is_left_out(model(f'{MADE}"build"."raw"."rates" cross join {other}', reads))


@pytest.mark.parametrize(
    ("condition", "left_out"),
    [
        ("dataset = 'rates'", True),
        ("dataset = 'users'", False),
        ("dataset in ('rates', 'users')", False),
        ("1 = 1", False),
    ],
)
def test_the_ledgers_rows_count_only_with_their_dataset(condition: str, left_out: bool) -> None:
    reads = RATES | {("raw", "landed_files")}
    step = model(f'{MADE}"build"."raw"."rates" join "build"."raw"."landed_files" on {condition}', reads)
    assert is_left_out(step) == left_out


@pytest.mark.parametrize("table", ["publications", "seen_files", "unread_files", "file_notices"])
def test_other_state_of_landing_always_counts(table: str) -> None:
    step = model(f'{MADE}"build"."raw"."rates", "build"."raw"."{table}"', RATES | {("raw", table)})
    assert not is_left_out(step)


def test_a_table_that_an_increment_continues_and_a_check_that_only_warns_run() -> None:
    statement = MADE + '"build"."raw"."rates"'
    assert not is_left_out(model(statement, makes_all_rows=False))
    assert is_left_out(Step(statement, {}, None, True, RATES | {("intermediate", "windows__dbt_tmp")}))
    assert not is_left_out(Step(statement, {}, None, False, RATES | {("intermediate", "windows__dbt_tmp")}))
