"""What messages and notices show of a file's names: few, short, and never what may be a record's text."""

from __future__ import annotations

import pytest

from ingest.contract.left_out import shown_name
from tests.ingest.landing.landing_home import DAY, LandingHome

USERS = "mappings/users/u_2026-01-01"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kunden-Nr.", "'Kunden-Nr.'"),
        ("Größe", "'Größe'"),
        ("Gr\udcf6\udcdfe", "'Gr\ufffd\ufffde'"),
        ("Jane Doe", "(8 characters)"),
        ("jane@clinic.example", "(19 characters)"),
        ("a\nb", "(3 characters)"),
        ("x'y", "(3 characters)"),
        ("x" * 100, f"'{'x' * 24}…'"),
    ],
)
def test_a_name_is_shown_if_it_looks_like_one(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_file_without_a_header_shows_no_persons_name(home: LandingHome) -> None:
    home.usage("a.csv", f"Jane Doe,tA,1,{DAY}\nJohn Roe,tA,1,{DAY}\n")
    (notice,) = home.land().notices
    assert f"but 8 characters, 2 characters, 1 character, {len(DAY)} characters;" in notice.detail


@pytest.mark.parametrize("line", ["hypertension", "x0153,fever,1", "fever,3 days", "Jane Doe,fever"])
def test_a_first_line_that_may_be_of_values_shows_none_of_them(home: LandingHome, line: str) -> None:
    home.usage("a.csv", f"{line}\n{line}\n")
    (notice,) = home.land().notices
    assert notice.notice == "unknown_header"
    assert not any(word in notice.detail for word in ("hypertension", "fever", "Jane", "0153"))


def test_a_first_line_of_unknown_names_shows_them(home: LandingHome) -> None:
    home.usage("a.csv", "betrag;kunden_nr\n1;2\n")
    (notice,) = home.land().notices
    assert "but 'betrag', 'kunden_nr';" in notice.detail


@pytest.mark.parametrize("dataset", [USERS, "mappings/interactions/i_2026-01-01"])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_unknown_columns_are_named_up_to_20_and_then_counted(home: LandingHome, dataset: str, ending: str) -> None:
    known = ["userId", "tenantId" if "users" in dataset else "interactionId"]
    names = ["Jane Doe", *(f"extra{number}" for number in range(500))]
    if ending == "csv":
        home.deliver(f"{dataset}.csv", f"{','.join([*known, *names])}\nu,i{',x' * len(names)}\n")
    elif "users" in dataset:
        home.deliver(
            f"{dataset}.jsonl", [{known[0]: f"u{at}", known[1]: "t", name: 1} for at, name in enumerate(names)]
        )
    else:
        return
    details = [notice.detail for notice in home.land().notices]
    assert len(details) == 21 and not any("Jane" in detail for detail in details)
    assert "481 more columns are taken by no field" in details


@pytest.mark.parametrize("blanks", [" ", "   "])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_blanks_around_quotes_are_passed_over(home: LandingHome, blanks: str, end: str) -> None:
    rows = ('"userId"_,"creditsConsumed" ,_"createdAt"_', f'"u, ""1"" ,"_,_"1"_,"{DAY}"_', f'"u2","2","{DAY}"')
    home.usage("a.csv", (end or "\n").join(rows).replace("_", blanks) + end)
    summary = home.land()
    assert (summary.accepted, home.refused(), summary.notices) == (2, [], ())
    found = home.rows("select user_id, credits::integer from raw.usage_records order by credits")
    assert found == [('u, "1" ,', 1), ("u2", 2)]


def test_a_quote_that_stays_open_is_still_named(home: LandingHome) -> None:
    home.usage("a.csv", f'"userId" ,"creditsConsumed" ,"createdAt\nu,1,{DAY}\n')
    (notice,) = home.land().notices
    assert notice.notice == "broken_header"


@pytest.mark.parametrize("content", ["userId,tenantId\n", "userId,tenantId\n , \n", "userId,tenantId"])
def test_a_header_alone_is_named_as_that(home: LandingHome, content: str) -> None:
    home.deliver(f"{USERS}.csv", content)
    assert "it has a header and no rows; export it with all its rows" in home.set_aside()


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_named_as_that(home: LandingHome, content: str) -> None:
    home.deliver(f"{USERS}.csv", content)
    assert "the file is empty" in home.set_aside()


def test_a_header_alone_withdraws_all_adjustments_of_its_file(home: LandingHome) -> None:
    header = "adjustmentId,tenantId,credits,effectiveDate,reason\n"
    home.deliver("billing/adjustments/a.csv", f"{header}a1,t,-1,2026-01-01,r\n")
    home.land()
    home.deliver("billing/adjustments/a.csv", header)
    assert home.land().left_out == ()
    standing = "select count(*) from raw.adjustments where file_id in (select max(file_id) from raw.seen_files)"
    assert home.rows(standing) == [(0,)]
