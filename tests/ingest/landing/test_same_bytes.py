"""Two deliveries are the same if their bytes are the same, and the values that their folders give."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ingest.landing.landing_home import DAY, LandingHome, record

ROW = f"userId,creditsConsumed,createdAt\nu1,3,{DAY}\n"


def tenants(home: LandingHome) -> list[tuple[str, Decimal]]:
    return [
        (tenant, found) for tenant, found in home.rows("select tenant_id, credits from raw.usage_records order by 1")
    ]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("name", ["p.csv", "p.jsonl", "deep/er/p.csv"])
def test_the_same_bytes_in_two_folders_of_a_field_land_twice(home: LandingHome, name: str, at_once: bool) -> None:
    content = ROW if name.endswith("csv") else [{"userId": "u1", "creditsConsumed": 3, "createdAt": DAY}]
    for tenant in ("tA", "tB"):
        home.usage(f"tenantId={tenant}/{name}", content)
        if not at_once:
            home.land()
    home.land()
    assert tenants(home) == [("tA", Decimal(3)), ("tB", Decimal(3))]
    home.usage(f"tenant_id=tB/again/{name}", content)
    assert home.land().load_id is None
    assert home.rows("select count(*) from raw.seen_files where file_id is null") == [(0,)]


def test_folders_that_say_nothing_of_the_rows_make_no_other_content(home: LandingHome) -> None:
    home.usage("date=2026-01-01/p.csv", ROW)
    home.usage("date=2026-01-02/p.csv", ROW)
    home.land()
    assert len(tenants(home)) == 1


def test_the_same_export_in_two_folders_of_a_field_lands_twice(home: LandingHome) -> None:
    for tenant in ("tA", "tB"):
        home.deliver(f"mappings/users/tenantId={tenant}/u_2026-01-31.csv", "userId\nu1\n")
    home.land()
    assert home.rows("select tenant_id from raw.users order by 1") == [("tA",), ("tB",)]


@pytest.mark.parametrize("other", ["a.jsonl", "a.json", "a.csv", "z.csv"])
def test_a_parquet_file_without_bytes_is_unreadable_beside_any_other(home: LandingHome, other: str) -> None:
    home.usage(other, b"")
    home.usage("b.parquet", b"")
    home.land()
    assert home.refused() == [("b.parquet", 1, "unreadable_file")]


def test_a_copy_of_an_export_that_was_set_aside_is_named_too(home: LandingHome) -> None:
    paths = [f"mappings/users/{name}_2026-01-31.csv" for name in ("a", "b")]
    for path in paths:
        home.deliver(path, 'userId\n"\n')
    assert [(left.path, left.kind) for left in home.land().left_out] == [(path, "set_aside") for path in paths]


def test_an_array_under_the_ending_of_lines_is_read_under_its_own_beside_it(home: LandingHome) -> None:
    home.usage(
        "a.jsonl", "[\n" + ",\n".join(f'{{"resourceId":"{name}","credits":1,"createdAt":"{DAY}"}}' for name in "xy")
    )
    home.usage("b.json", (home.settings.landing / "usage_records/a.jsonl").read_bytes() + b"]")
    home.usage("a.jsonl", (home.settings.landing / "usage_records/b.json").read_bytes())
    assert [(left.path, left.kind) for left in home.land().left_out] == [("usage_records/b.json", "changed")]
    home.land()
    assert set(home.credits()) == {"x", "y"}
    assert home.rows("select count(*) from raw.usage_records") == [(2,)]
    assert home.land().load_id is None


def test_a_worse_reading_takes_nothing_back(home: LandingHome) -> None:
    content = f'[{{"resourceId":"x","credits":1,"createdAt":"{DAY}"}},\n{{"no":"record"}}]'
    home.usage("a.json", content)
    home.land()
    home.usage("b.jsonl", content)
    assert home.land().load_id is None
    assert set(home.credits("%a.json")) == {"x"}
    assert home.land().left_out == ()


def test_a_sound_copy_of_another_form_is_not_read(home: LandingHome) -> None:
    home.usage("a.json", [record("x")])
    home.usage("b.jsonl", [record("x")])
    assert home.land().files == 1
    assert home.land().load_id is None
