"""Everything below landing/ that does not land is named with the reason; one bad entry affects no other file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.contract.datasets import RECORD_ENDINGS
from ingest.contract.landing_listing import list_landing, listing_fingerprint
from tests.ingest.landing.landing_home import LandingHome, record

ENDING = "its ending is not read"
UNKNOWN = "its folder is not a known one"
UNREAD = "its folder is not read by this release"
PLACES = {
    "m.jsonl": UNKNOWN,
    "README": UNKNOWN,
    "usage/l.jsonl": UNKNOWN,
    "usage/deep/er/l.csv": UNKNOWN,
    "billing/rates.csv": UNKNOWN,
    "mappings/user/u.csv": UNKNOWN,
    "erasures/2026/e.jsonl": UNREAD,
    "usage_records/c.jsonl.bz2": ENDING,
    "usage_records/e.xlsx": ENDING,
    "usage_records/no_ending": ENDING,
    "usage_records/deep/README.md": ENDING,
    "usage_records/i.parquet.gz": ENDING,
    "mappings/users/u.xls": ENDING,
    "billing/rates/r.xlsx.gz": ENDING,
}
# Modes do not bind root; root without these privileges is bound like anybody.
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def left_out(home: LandingHome) -> dict[str, tuple[str, str]]:
    return {left.path: (left.kind, left.reason) for left in home.land().left_out}


@pytest.mark.parametrize("path", PLACES)
def test_a_file_whose_ending_or_place_is_not_read_is_named_with_its_size(home: LandingHome, path: str) -> None:
    home.deliver(path, b"12345")
    home.usage("good.jsonl", [record("good")])
    [left] = home.land().left_out
    assert (left.path, left.kind, left.reason, left.size) == (path, "unread", PLACES[path], 5)
    assert set(home.credits()) == {"good"}


@pytest.mark.parametrize("ending", RECORD_ENDINGS)
def test_each_ending_of_the_contract_is_ready_in_any_case(home: LandingHome, ending: str) -> None:
    home.deliver(f"usage_records/a{ending.upper()}", "")
    listing = list_landing(home.settings.landing)
    form = {"ndjson": "jsonl", "tsv": "csv"}.get(ending.split(".")[1], ending.split(".")[1])
    assert [file.form for folder in listing.folders for file in folder.files] == [form]
    assert listing.left_out == ()


@pytest.mark.parametrize("folder", ["mappings/users", "mappings/interactions", "billing/rates", "provider/consumption"])
def test_a_spreadsheet_is_ready_where_people_export(home: LandingHome, folder: str) -> None:
    home.deliver(f"{folder}/a.XLSX", "")
    [folder_listed] = list_landing(home.settings.landing).folders
    assert [file.form for file in folder_listed.files] == ["xlsx"]


@pytest.mark.parametrize(
    ("name", "target", "kind", "why"),
    [
        ("loop", ".", "unread", "a link to a folder"),
        ("loop", "loop", "unread", ENDING),
        ("p.jsonl", "p.jsonl", "unreadable", "Too many levels of symbolic links"),
        ("gone.jsonl", "nothing", "unreadable", "No such file"),
        ("passwd.csv", "/etc/passwd", "unread", "leads out of its dataset's folder"),
        ("users.csv", "../mappings/users/u.csv", "unread", "leads out of its dataset's folder"),
        ("etc", "/etc", "unread", "leads out of its dataset's folder"),
    ],
)
def test_links_are_not_followed_out_of_their_folder_nor_round_and_round(
    home: LandingHome, name: str, target: str, kind: str, why: str
) -> None:
    home.deliver("mappings/users/u.csv", "userId,tenantId\nu,t\n")
    home.usage("good.jsonl", [record("good")])
    (home.settings.landing / "usage_records" / name).symlink_to(target)
    [(path, (found, reason))] = left_out(home).items()
    assert (path, found) == (f"usage_records/{name}", kind) and why in reason
    assert set(home.credits()) == {"good"}


def test_a_link_within_its_folder_is_read_once_by_its_targets_name_or_else_by_its_own(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    home.usage("..data/b", [record("b")])
    for name, target in (("again.jsonl", "a.jsonl"), ("b.jsonl", "..data/b")):
        (home.settings.landing / "usage_records" / name).symlink_to(target)
    assert left_out(home) == {}
    assert home.rows("select path from raw.seen_files order by 1") == [
        ("usage_records/a.jsonl",),
        ("usage_records/b.jsonl",),
    ]


def test_the_folder_of_a_dataset_may_stand_on_another_disk(home: LandingHome, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (home.settings.landing / "usage_records").rmdir()
    (home.settings.landing / "usage_records").symlink_to(tmp_path / "disk")
    home.usage("deep/a.jsonl", [record("a")])
    assert left_out(home) == {}
    assert set(home.credits()) == {"a"}


def test_pipes_and_sockets_are_named_and_not_opened(home: LandingHome, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.settings.landing / "usage_records"
    os.mkfifo(folder / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as server:
        # The path of a socket may have about 100 characters: a name in the present folder always fits.
        monkeypatch.chdir(folder)
        server.bind("socket.csv")
    ordinary = ("unread", "it is not an ordinary file")
    assert left_out(home) == {"usage_records/pipe.jsonl": ordinary, "usage_records/socket.csv": ordinary}


def test_what_is_not_ready_is_not_named(home: LandingHome) -> None:
    for path in (".hidden", "_draft", "a.jsonl.tmp", "a.partial", ".git/x", "usage_records/_tmp/a.jsonl"):
        home.deliver(path, "x")
    assert left_out(home) == {}


def test_a_folder_that_cannot_be_read_costs_no_other_file(home: LandingHome) -> None:
    home.usage("good.jsonl", [record("good")])
    for name in ("usage_records/closed", "lost+found"):
        (home.settings.landing / name).mkdir(mode=0)
    imports = "from pathlib import Path; from ingest.contract.landing_listing import list_landing as look"
    ask = imports + "; print(look(Path({!r})))"
    command = [*WITHOUT_PRIVILEGES, sys.executable, "-c", ask.format(str(home.settings.landing))]
    got = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "good.jsonl" in got
    assert "path='usage_records/closed/', reason=\"the folder can't be read (Permission denied)" in got
    assert "path='lost+found/', reason='its folder is not a known one'" in got


def test_what_is_left_out_makes_another_listing_only_when_it_comes_or_goes(home: LandingHome) -> None:
    before = listing_fingerprint(home.settings.landing)
    log = home.usage("growing.log", "1")
    came = listing_fingerprint(home.settings.landing)
    log.write_text("12")
    assert listing_fingerprint(home.settings.landing) == came != before
    log.unlink()
    assert listing_fingerprint(home.settings.landing) == before


def test_what_is_left_out_is_kept_with_when_it_was_first_seen(home: LandingHome) -> None:
    log = home.usage("a.log", "1")
    home.land()
    [seen] = home.rows("select path, kind, reason, size, first_seen_at from raw.unread_files")
    assert seen[:4] == ("usage_records/a.log", "unread", ENDING, 1)
    log.write_text("12")
    home.land()
    assert home.rows("select size, first_seen_at from raw.unread_files") == [(2, seen[4])]
    log.unlink()
    home.land()
    assert home.rows("select * from raw.unread_files") == []


def test_folders_in_hives_way_name_values(home: LandingHome) -> None:
    home.usage("tenantId=a%20b%2Fc/year=2026/userId=__HIVE_DEFAULT_PARTITION__/x=1=2/a.jsonl", "")
    [folder] = list_landing(home.settings.landing).folders
    [file] = folder.files
    assert file.folder_values == {"tenantId": "a b/c", "year": "2026", "x": "1=2"}
