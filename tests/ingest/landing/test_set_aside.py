"""A faulty export is set aside whole: the one before it stays in force, and all else lands."""

from __future__ import annotations

import os

import pytest

from ingest.landing import file_tasks
from tests.ingest.landing.landing_home import LandingHome, record

USERS = "mappings/users/"
GOOD = "userId,tenantId\nu,t\n"
FAULTY = "userId,tenantId\nu,t\nv,\n"


def count_looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the files whose bytes are looked at."""
    looked: list[str] = []
    inspect = file_tasks.inspect
    monkeypatch.setattr(file_tasks, "inspect", lambda file, *given: looked.append(file.path) or inspect(file, *given))
    return looked


def kinds(home: LandingHome) -> dict[str, str]:
    return {left.path: left.kind for left in home.land().left_out}


def test_the_export_before_stays_and_everything_else_lands(home: LandingHome) -> None:
    home.deliver(f"{USERS}u_2026-01-01.csv", GOOD)
    home.land()
    home.deliver(f"{USERS}u_2026-02-01.csv", FAULTY)
    home.deliver("billing/rates/r_2026-01-01.csv", "pricePerCredit,currency\n0.30000000000000004,EUR\n")
    home.deliver("mappings/tenants/t_2026-01-01.csv", "tenantId,name\nt,T\n")
    home.usage("a.jsonl", [record("a")])
    left = {left.path: left for left in home.land().left_out}
    assert {path: file.kind for path, file in left.items()} == {
        f"{USERS}u_2026-02-01.csv": "set_aside",
        "billing/rates/r_2026-01-01.csv": "set_aside",
    }
    assert left[f"{USERS}u_2026-02-01.csv"].reason.startswith("row 3, column 'tenantId' is empty")
    assert left["billing/rates/r_2026-01-01.csv"].reason.startswith("row 2, column 'pricePerCredit'")
    counts = [
        home.rows(f"select count(*) from raw.{table}") for table in ("users", "tenants", "rates", "usage_records")
    ]
    assert counts == [[(1,)], [(1,)], [(0,)], [(1,)]]


def test_a_faulty_content_under_a_known_name_leaves_the_content_before_in_force(home: LandingHome) -> None:
    path = home.deliver(f"{USERS}u_2026-01-01.csv", GOOD)
    home.land()
    path.write_text(FAULTY)
    assert kinds(home) == {f"{USERS}u_2026-01-01.csv": "set_aside"}
    assert home.rows("select user_id from raw.users") == [("u",)]


def test_it_is_named_again_without_another_look_until_it_is_mended(
    home: LandingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.deliver(f"{USERS}u_2026-01-01.csv", FAULTY)
    home.land()
    [(since,)] = home.rows("select first_seen_at from raw.unread_files")
    listing = home.rows("select listing from raw.landing_state")
    looked = count_looks(monkeypatch)
    assert kinds(home) == {f"{USERS}u_2026-01-01.csv": "set_aside"}
    assert looked == []
    assert home.rows("select first_seen_at from raw.unread_files") == [(since,)]
    assert home.rows("select listing from raw.landing_state") == listing != [("incomplete",)]
    path.write_text(GOOD)
    assert kinds(home) == {}
    assert home.rows("select user_id from raw.users") == [("u",)]
    assert home.rows("select * from raw.unread_files") == []


def test_it_is_read_again_when_its_fault_may_be_gone(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    window = "tenantId,name,validFrom,validTo\n"
    first = home.deliver("mappings/tenants/first_2026-01-01.csv", f"{window}t,A,2026-01-01,\n")
    home.deliver("mappings/tenants/second_2026-02-01.csv", f"{window}t,B,2026-03-01,\n")
    assert kinds(home) == {"mappings/tenants/second_2026-02-01.csv": "set_aside"}
    first.write_text(f"{window}t,A,2026-01-01,2026-03-01\n")
    assert kinds(home) == {}
    assert home.rows("select count(distinct file_id) from raw.tenants") == [(3,)]
    home.deliver(f"{USERS}third_2026-04-01.csv", FAULTY)
    home.land()
    monkeypatch.setattr("ingest.landing.ledger.READING_RULES", 1_000)
    looked = count_looks(monkeypatch)
    assert kinds(home) == {f"{USERS}third_2026-04-01.csv": "set_aside"}
    assert looked == [f"{USERS}third_2026-04-01.csv"]


def test_it_is_read_again_when_it_was_written_again_with_its_size_and_time(home: LandingHome) -> None:
    path = home.deliver(f"{USERS}u_2026-01-01.csv", FAULTY)
    home.land()
    before = path.stat()
    path.write_text(GOOD + "\n" * (len(FAULTY) - len(GOOD)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert kinds(home) == {}


def test_it_is_forgotten_when_it_is_removed(home: LandingHome) -> None:
    path = home.deliver(f"{USERS}u_2026-01-01.csv", FAULTY)
    home.land()
    path.unlink()
    assert kinds(home) == {}
    assert home.rows("select * from raw.unread_files") == []
