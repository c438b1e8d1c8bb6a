"""Users and tenants exports: every fault is named by file, row and column, and keeps the whole load out."""

from __future__ import annotations

import gzip
import re
from datetime import date, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from tests.ingest.landing.landing_home import LandingHome, record

USERS = "mappings/users/"
TENANTS = "mappings/tenants/"
CUT = gzip.compress(b"userId,tenantId\nu,t\n", mtime=0)[:-6]
WINDOW = "userId,tenantId,validFrom,validTo\n"
FAULTS = {
    (f"{USERS}a.csv", "tenantId\nt\n"): "'userId' is missing",
    (f"{USERS}b.csv", "name;timezone;tenantId\nn;z;t\n"): "'userId' is missing",
    (f"{TENANTS}a.csv", "tenantId,timezone\nt,UTC\n"): "'name' is missing",
    (f"{USERS}c.csv", "userId,tenantId\nu,t\nv,\n"): "row 3, column 'tenantId' is empty",
    (f"{USERS}d.csv", "userId,tenantId\n\nu,t\n,t\n"): "row 3, column 'userId' is empty",
    (f"{TENANTS}b.csv", "tenantId,name\nt,\n"): "row 2, column 'name' is empty",
    (f"{USERS}e.jsonl", '{"userId": "u", "tenantId": "t"}\n{"userId": "v"}\n'): "row 2, column 'tenantId' is empty",
    (
        f"{USERS}f.jsonl",
        '{"userId": "u", "tenantId": {"id": "t"}}\n',
    ): "row 1, column 'tenantId' has a value that is not a text",
    (
        f"{USERS}g.jsonl",
        '{"userId": "u", "tenantId": true}\n',
    ): "row 1, column 'tenantId' has a value that is not a text",
    (f"{USERS}h.csv", f"{WINDOW}u,t,01/02/2026,\n"): "row 2, column 'validFrom' is '01/02/2026'",
    (f"{USERS}i.csv", f"{WINDOW}u,t,2026-01-01,now\n"): "row 2, column 'validTo' is 'now'",
    (f"{USERS}j.csv", f"{WINDOW}u,t,2026-02-30,\n"): "row 2, column 'validFrom' is '2026-02-30'",
    (
        f"{USERS}k.csv",
        f"{WINDOW}u,t,2026-02-01,2026-01-01\n",
    ): "row 2, column 'validTo' is 2026-01-01T00:00:00, not after",
    (
        f"{USERS}l.csv",
        f"{WINDOW}u,t,2026-02-01,2026-02-01\n",
    ): "row 2, column 'validTo' is 2026-02-01T00:00:00, not after",
    (
        f"{USERS}m.csv",
        f"{WINDOW}u,t,2026-01-01,\nu,t,2026-01-01,2026-02-01\n",
    ): "row 3, columns 'userId', 'tenantId': 'u', 't' appears twice",
    (
        f"{USERS}n.csv",
        f"{WINDOW}u,t,2026-01-01,2026-03-01\nu,t,2026-02-01,\n",
    ): "row 3: the window of 'u', 't' overlaps",
    (f"{USERS}o.csv", f"{WINDOW}u,t,,\nu,t,2026-02-01,\n"): "row 3: the window of 'u', 't' overlaps that of row 2",
    (
        f"{USERS}p.csv",
        "userId,tenantId,displayName\nu,t,A\nu,t,B\n",
    ): "row 3, columns 'userId', 'tenantId': 'u', 't' appears twice with different values",
    (
        f"{USERS}z.csv",
        "userId,tenantId\n,t\nu,\nv,w\n,x\n",
    ): "row 2, column 'userId' is empty; give it a value (and 2 more: row 3, column 'tenantId'; row 5, column 'userId').",
    (f"{USERS}20261301.csv", "userId,tenantId\nu,t\n"): "its name has '20261301', which is not a valid date",
    (f"{USERS}u_01-02-2026.csv", "userId,tenantId\nu,t\n"): "its name has '01-02-2026', which is not a valid date",
    (
        "mappings/interactions/2026-02-30.jsonl",
        '{"interactionId": "i", "userId": "u"}\n',
    ): "its name has '2026-02-30'",
    (f"{TENANTS}c.csv", "tenantId,name\nt,A\nt,B\n"): "row 3, column 'tenantId': 't' appears twice",
    (f"{TENANTS}d.csv", "tenantId,name,timezone\nt,A,Mars/Olympus\n"): "row 2, column 'timezone' is 'Mars/Olympus'",
    (f"{TENANTS}e.csv", "tenantId,name,timezone\nt,A,CEST\n"): "row 2, column 'timezone' is 'CEST'",
    (f"{USERS}q.csv", ""): "the file is empty",
    (f"{USERS}r.csv", "userId,tenantId\n"): "it has a header and no rows",
    (f"{USERS}s.jsonl", ""): "the file is empty",
    (f"{USERS}t.parquet", "no parquet"): "it is damaged, or not a Parquet file",
    (f"{USERS}u.csv", "userId,tenantId\nu,t,x\n"): "row 2 can't be read: it has more or fewer fields",
    (f"{USERS}v.csv", 'userId,tenantId\nu,t\n"v,t\n'): "row 3 can't be read: a quote",
    (f"{USERS}w.csv", '"userId,tenantId\nu,t\n'): "a quote is out of place in the header",
    (f"{USERS}x.jsonl", '{"userId": "u", "tenantId": "t"}\n{"userId"\n'): "row 2 can't be read: it is not JSON",
    (f"{USERS}y.jsonl", "[]\n"): "row 1 can't be read: it is an array",
    (f"{USERS}z.jsonl", "7\n"): "row 1 can't be read: it is not a JSON object",
}


@pytest.mark.parametrize(("delivered", "said"), FAULTS.items())
def test_a_fault_is_named_and_its_file_set_aside_alone(
    home: LandingHome, delivered: tuple[str, str], said: str
) -> None:
    home.usage("a.jsonl", [record("a")])
    home.deliver(*delivered)
    got = home.set_aside()
    assert got.startswith(f"{delivered[0]}: ") and said in got
    assert home.rows("select dataset from raw.landed_files") == [("usage_records",)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"userId,tenantId\nu,\xff\n", "row 2 can't be read: it is not UTF-8"),
        ("a.jsonl", b'{"userId": "\xff"}\n', "row 1 can't be read: it is not UTF-8"),
        ("a.csv.gz", b"\x1f\x8b gzip", "row 2 can't be read: the compressed file breaks off"),
        ("a.jsonl.gz", b"\x1f\x8b gzip", "row 1 can't be read: the compressed file breaks off"),
        ("a.csv.gz", CUT, "row 3 can't be read: the compressed file breaks off"),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"userId": "u", "tenantId": "t"}\n', mtime=0)[:-6],
            "row 2 can't be read: the compressed file breaks off",
        ),
    ],
)
def test_bytes_that_are_no_text_are_named(home: LandingHome, name: str, content: bytes, said: str) -> None:
    home.deliver(USERS + name, content)
    assert said in home.set_aside()


def test_windows_of_several_files_may_not_overlap_those_landed_included(home: LandingHome) -> None:
    first = home.deliver(f"{USERS}first_2026-01-01.csv", f"{WINDOW}u,t,2026-01-01,2026-03-01\nv,t,2026-01-01,\n")
    home.land()
    first.unlink()
    second = home.deliver(f"{USERS}second_2026-02-01.csv", f"{WINDOW}u,t,2026-02-01,\nu,s,2026-02-01,\n")
    said = (
        "second_2026-02-01.csv: row 2: the window of 'u', 't' overlaps that of row 2 in mappings/users/first_2026-01-01"
    )
    assert said in home.set_aside()
    second.write_text(f"{WINDOW}u,s,2026-03-01,\n")
    home.deliver(f"{USERS}third_2026-02-01.csv", f"{WINDOW}v,t,2026-01-01,2026-02-01\nv,s,2026-02-01,\n")
    assert home.land().files == 2


def test_a_dated_export_delivered_again_stands_for_the_earlier_one(home: LandingHome) -> None:
    home.deliver(f"{USERS}u_2026-01-01.csv", f"{WINDOW}u,t,2026-01-01,\n")
    home.land()
    home.deliver(f"{USERS}u_2026-01-01.csv", f"{WINDOW}u,t,2025-01-01,2026-06-01\n")
    assert home.land().files == 1


def test_two_new_files_may_not_overlap_each_other(home: LandingHome) -> None:
    home.deliver(f"{TENANTS}a.csv", "tenantId,name,validFrom\nt,A,2026-01-01\n")
    home.deliver(f"{TENANTS}b.jsonl", '{"tenantId": "t", "name": "B", "validFrom": "2026-02-01"}\n')
    said = "b.jsonl: row 1: the window of 't' overlaps that of row 2 in mappings/tenants/a.csv"
    assert said in home.set_aside()
    assert home.rows("select path from raw.landed_files") == [(f"{TENANTS}a.csv",)]


ROW = ("7", "1.50", "Zo\u00eb, \u201cZ\u201d", datetime(2026, 1, 1, 11), datetime(9999, 12, 31))


def write_parquet(path: Path) -> None:
    columns = {
        "userId": pyarrow.array([7, 8]),
        "tenantId": ["1.50", "s"],
        "displayName": [ROW[2], None],
        "validFrom": pyarrow.array([ROW[3], None], pyarrow.timestamp("us", "UTC")),
        "validTo": [date(9999, 12, 31), None],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
@pytest.mark.parametrize("snake", [False, True])
def test_every_form_and_spelling_says_the_same(home: LandingHome, name: str, snake: bool) -> None:
    csv = f'userId,tenantId,displayName,validFrom,validTo\n7,1.50,"{ROW[2]}",2026-01-01 12:00:00+01:00,9999-12-31\n8,s,,,\n'
    json = (
        f'{{"userId": 7, "tenantId": "1.50", "displayName": "{ROW[2]}", "validFrom": "2026-01-01T12:00:00+01:00", '
        '"validTo": "9999-12-31", "email": "private"}\n{"userId": 8, "tenantId": "s", "validFrom": null}\n'
    )
    text = csv if "csv" in name else json
    if snake:
        text = re.sub("(userI|tenantI|displayN|validF|validT)", lambda m: f"{m[0][:-1]}_{m[0][-1].lower()}", text)
    path = home.deliver(USERS + name, text)
    if name == "a.parquet":
        write_parquet(path)
    home.land()
    found = home.rows(
        "select user_id, tenant_id, display_name, valid_from, valid_to from raw.users where not is_snapshot order by 1"
    )
    assert found == [ROW, ("8", "s", None, None, None)]


def test_a_number_beside_an_empty_cell_stays_as_it_was_written(home: LandingHome) -> None:
    home.deliver(f"{TENANTS}t.jsonl", '{"tenantId": 12345678901234567890, "name": 5}\n{"tenantId": "x", "name": "n"}\n')
    home.land()
    assert home.rows("select tenant_id, tenant_name from raw.tenants order by line_number") == [
        ("12345678901234567890", "5"),
        ("x", "n"),
    ]


def test_an_export_is_a_snapshot_as_of_the_time_in_its_name_or_of_its_bytes(home: LandingHome) -> None:
    for name in ("u_2026-01-31T10-20-30Z.csv", "u-2026-02-01.csv", "u.csv"):
        home.deliver(USERS + name, f"userId,tenantId\nu,{name}\n")
    path = home.settings.landing / USERS / "u.csv"
    home.land()
    found = home.rows("select exported_at, is_snapshot from raw.users order by 1")
    modified = datetime.fromtimestamp(path.stat().st_mtime_ns // 10**9)
    assert [at for at, _ in found[:2]] == [datetime(2026, 1, 31, 10, 20, 30), datetime(2026, 2, 1)]
    assert abs((found[2][0] - modified).total_seconds()) < 24 * 3600
    assert {snapshot for _, snapshot in found} == {True}


def test_a_user_may_belong_to_several_tenants_at_a_time(home: LandingHome) -> None:
    home.deliver(f"{USERS}s_2026-01-01.csv", "userId,tenantId\nu,t\nu,s\nv,s\n")
    home.deliver(f"{USERS}d_2026-01-01.csv", f"{WINDOW}w,t,2026-01-01,\nw,s,2026-01-01,2026-03-01\n")
    home.land()
    home.deliver(f"{USERS}d_2026-02-01.csv", f"{WINDOW}w,r,2026-02-01,\n")
    assert home.land().files == 1


def test_what_a_later_export_says_of_a_user_from_a_start_replaces_what_was_said(home: LandingHome) -> None:
    home.deliver(f"{USERS}d_2026-01-01.csv", f"{WINDOW}u,t,2026-01-01,\nu,s,2026-01-01,\n")
    home.land()
    home.deliver(f"{USERS}d_2026-02-01.csv", f"{WINDOW}u,r,2026-01-01,\nu,t,2026-02-01,\n")
    assert home.land().files == 1


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("u_20260131.csv", datetime(2026, 1, 31)),
        ("u_20260131T102030Z.csv", datetime(2026, 1, 31, 10, 20, 30)),
        ("u-2026-01-31T10:20:30Z.csv", datetime(2026, 1, 31, 10, 20, 30)),
    ],
)
def test_the_export_time_stands_in_the_name_in_any_of_its_forms(home: LandingHome, name: str, at: datetime) -> None:
    home.deliver(USERS + name, "userId,tenantId\nu,t\n")
    home.land()
    assert home.rows("select exported_at from raw.users") == [(at,)]


def test_no_more_than_twenty_faults_are_gathered(home: LandingHome) -> None:
    home.deliver(f"{USERS}u.csv", "userId,tenantId\n" + ",t\n" * 1000)
    assert "(and at least 19 more: row 3, column 'userId'; " in home.set_aside()
