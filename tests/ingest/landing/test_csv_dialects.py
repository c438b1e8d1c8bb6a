"""A CSV file's delimiter, encoding and names are found once, from its header, whatever program wrote it."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest
import zstandard

from ingest.wording import counted
from tests.ingest.landing.landing_home import DAY, LandingHome

NAMES = ("interactionId", "userId", "tenantId", "createdAt", "creditsConsumed")
ROWS = [(f"i{n}", f"u{n}", "tA", f"2026-03-0{n}T10:00:00Z", "1.5") for n in (1, 2, 3)]


def table(delimiter: str = ",", end: str = "\n", names: Sequence[str] = NAMES, before: str = "") -> str:
    return before + "".join(delimiter.join(row) + end for row in [names, *ROWS])


def assert_all_land(home: LandingHome) -> None:
    summary = home.land()
    assert (summary.lines, summary.accepted, home.refused(), summary.notices) == (3, 3, [], ())
    found = home.rows(
        "select interaction_id, user_id, tenant_id, created_at, credits, line_number from raw.usage_records"
    )
    expected = [(f"i{n}", f"u{n}", "tA", datetime(2026, 3, n, 10), Decimal("1.5"), n + 1) for n in (1, 2, 3)]
    assert sorted(found) == expected


def unusual_tables() -> dict[str, str]:
    return {
        **{f"delimiter {delimiter!r}": table(delimiter) for delimiter in ",;\t|"},
        "carriage returns": table(";", "\r\n"),
        "old line ends": table(",", "\r"),
        **{f"sep {delimiter!r}": table(delimiter, "\r\n", before=f"sep={delimiter}\r\n") for delimiter in ",;\t|"},
        "quoted sep": table(";", before='"SEP=;"\n'),
        "sep that is not true": table(";", before="sep=,\n"),
        "capitals": table(names=["INTERACTION_ID", "USER_ID", "TENANT_ID", "CREATED_AT", "CREDITS_CONSUMED"]),
        "first capitals": table(";", names=[name[0].upper() + name[1:] for name in NAMES]),
        "words": table("\t", names=["Interaction ID", "user id", "Tenant-Id", "created-at", "Credits Consumed"]),
        "aliases": table(
            "|", names=["interactionId", "AssignedUserID", "CUSTOMER_ID", "created_at", "Usage_Info.Credits-Consumed"]
        ),
        "quotes": table('","', '"\r\n"').replace("interactionId", '"interactionId', 1)[:-1],
        "blank lines": table().replace("\n", "\n\n"),
        "blank lines first": "\n  \n" + table(),
        "quotes after blanks": table('", "', '"\n"').replace("interactionId", '"interactionId', 1)[:-1],
        "a byte order mark": "\ufeff" + table(";"),
    }


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in unusual_tables().items()])
def test_a_dialect_is_recognised(home: LandingHome, text: str) -> None:
    home.usage("a.csv", text.encode())
    assert_all_land(home)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_an_encoding_with_a_mark_is_recognised(home: LandingHome, encoding: str, delimiter: str) -> None:
    mark = "" if encoding in ("utf-16", "utf-8-sig") else "\ufeff"
    home.usage("a.csv", (mark + table(delimiter, "\r\n")).encode(encoding))
    assert_all_land(home)


@pytest.mark.parametrize("name", ["a.tsv", "a.csv.zst", "a.tsv.gz", "a.CSV.GZ", "a.csv"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_compression_is_told_by_the_bytes(home: LandingHome, name: str, pack: type[bytes]) -> None:
    home.usage(name, pack(table("\t").encode()))
    assert_all_land(home)


def test_utf16_that_breaks_off_costs_its_last_row_alone(home: LandingHome) -> None:
    home.usage("a.csv", table().encode("utf-16")[:-5])
    home.land()
    assert home.refused() == [("a.csv", 4, "invalid_utf8")]


def test_names_and_times_and_credits_may_have_blanks_around_them(home: LandingHome) -> None:
    home.usage(
        "a.csv", f"resourceId, userId, createdAt, creditsConsumed , status\nr1, u1, {DAY} , 1.5 , Provisional \n"
    )
    assert [notice.notice for notice in home.land().notices] == ["padded_ids"]
    found = home.rows("select user_id, credits, status from raw.usage_records")
    assert found == [(" u1", Decimal("1.5"), "provisional")]


def test_a_decimal_comma_is_a_reason_of_its_own_and_never_a_figure(home: LandingHome) -> None:
    home.usage("a.csv", table(";").replace("1.5", "1,5"))
    assert home.land().accepted == 0
    assert home.refused() == [("a.csv", line, "credits_decimal_comma") for line in (2, 3, 4)]


@pytest.mark.parametrize("text", [table(names=("\n",))[2:], "a;b;c\n1;2;3\n4;5;6\n", "x\ny\nz\n"])
def test_a_header_without_a_known_name_is_one_fault_of_the_file(home: LandingHome, text: str) -> None:
    home.usage("a.csv", text)
    home.usage("b.csv", table())
    summary = home.land()
    assert (summary.lines, summary.accepted, summary.rejected) == (6, 3, 3)
    assert home.refused() == [("a.csv", line, "unknown_header") for line in (1, 2, 3)]
    (notice,) = summary.notices
    assert (notice.path, notice.notice, notice.rows) == ("usage_records/a.csv", "unknown_header", 3)
    first = text.splitlines()[0].replace(";", ",").split(",")[0]
    assert (repr(first) if text.startswith("a;b;c") else counted(len(first), "character")) in notice.detail


def test_what_a_header_shows_holds_no_text(home: LandingHome) -> None:
    home.usage("a.csv", f"The patient says that it hurts,{'x' * 500},short,4,5,6,7,8\n")
    (notice,) = home.land().notices
    assert "patient" not in notice.detail
    shown = "30 characters, 500 characters, 5 characters, 1 character, 1 character, 1 character and 2 more"
    assert shown in notice.detail


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("tail", ["{0}{0}\n", "{0}{0}{0}{0}\n {0} {0}\n", "\n\n   \n", "{0}\n", "  {0}{0}{0}{0} \n"])
def test_rows_of_delimiters_alone_are_none(home: LandingHome, delimiter: str, tail: str) -> None:
    home.usage("a.csv", table(delimiter) + tail.format(delimiter) * 2)
    assert_all_land(home)


def test_of_two_names_that_match_the_exact_one_counts(home: LandingHome) -> None:
    home.usage(
        "a.csv", f"USER_ID,userId,id,createdAt,Credits,creditsConsumed\nloose,exact,r1,{DAY},2,1\nloose,,r2,{DAY},2, \n"
    )
    home.land()
    found = home.rows("select user_id, credits::integer from raw.usage_records order by resource_id")
    assert found == [("exact", 1), ("loose", 2)]


def test_folder_names_are_values_of_rows_that_lack_them(home: LandingHome) -> None:
    for folder in ("tenantId=tA", "tenant_id=tB"):
        home.usage(f"{folder}/a.csv", f"id,tenantId,createdAt,credits\n{folder}1,,{DAY},1\n{folder}2,tX,{DAY},1\n")
        home.usage(f"{folder}/b.jsonl", [{"id": f"{folder}3", "createdAt": DAY, "credits": 1}])
    home.land()
    found = dict(home.rows("select resource_id, tenant_id from raw.usage_records"))
    assert found == {
        **{f"tenantId=tA{n}": tenant for n, tenant in ((1, "tA"), (2, "tX"), (3, "tA"))},
        **{f"tenant_id=tB{n}": tenant for n, tenant in ((1, "tB"), (2, "tX"), (3, "tB"))},
    }


def test_a_long_line_and_a_long_field_cost_their_row_alone(home: LandingHome) -> None:
    long = "x" * (17 * 1024 * 1024)
    home.usage("a.csv", f"id,createdAt,credits,note\nr1,{DAY},1,\nr2,{DAY},1,{long}\nr3,{DAY},1,\n")
    assert home.land().accepted == 2
    assert home.refused() == [("a.csv", 3, "line_too_long")]


WIDE = {
    "unknown": [f"u{n}" for n in range(3_000)],
    "spelt in many ways": ["created" + "_" * n + "At" for n in range(1, 300)],
    "quoted": [f'"a ""{n}"" b"' for n in range(1_500)],
}


@pytest.mark.parametrize("names", WIDE.values(), ids=WIDE)
def test_a_wide_table_is_read_in_one_statement_that_names_each_column_a_few_times(
    home: LandingHome, names: Sequence[str]
) -> None:
    known = ("interactionId", "createdAt", "creditsConsumed")
    rows = [[""] * len(names) + ["i1", DAY, "1"], ["x"] * len(names) + ["", "", ""], [""] * (len(names) + 3)]
    home.usage("a.csv", "\n".join(",".join(row) for row in [[*names, *known], *rows]) + "\n")
    # Reading that takes the square of the columns would take minutes here.
    summary = home.land()
    assert (summary.accepted, summary.rejected) == (1, 1)
    assert home.rows("select interaction_id, line_number from raw.usage_records") == [("i1", 2)]
