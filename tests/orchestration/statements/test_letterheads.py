"""The sender's letterhead on a statement, and the statements of all customers at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from ingest.errors import ArgumentError
from ingest.settings import Settings
from orchestration.cli import main
from orchestration.commands.output_file import file_names
from orchestration.statements.letterhead import PLAIN, read_letterhead
from orchestration.statements.reading import read_statement, read_statements
from tests.orchestration.statements.made_statements import made

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63504858000001"
    "c40121625f8afd0000000049454e44ae426082"
)
LETTERHEAD = """
issuer = "Acme & Sons <Health>"
address = ["Harbour Street 1", "1000 Copenhagen"]
logo = "logo.png"
number = "INV-{month}-{tenant}"
payment_days = 30
text = "Please pay to IBAN DK00."

[kinds]
stream = "Ambient scribe"
"""


@pytest.fixture
def letterhead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "letterhead.toml"
    path.write_text(LETTERHEAD)
    (tmp_path / "logo.png").write_bytes(PIXEL)
    monkeypatch.setenv("CREDITS_STATEMENT_LETTERHEAD", str(path))
    return path


def test_the_sender_stands_on_the_page_and_in_the_pdf(settings: Settings, letterhead: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["statements", "2026-10", "--format", "html,pdf", "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    page = (out / "2026-10-t1.html").read_text()
    assert (out / "2026-10-t1.pdf").read_bytes() != made(settings, "pdf")
    for said in (
        "Harbour Street 1",
        "INV-2026-10-t1",
        "3 December 2026",
        "Ambient scribe",
        "IBAN DK00",
        "Guided documents",
    ):
        assert said in page
    assert "Acme &amp; Sons &lt;Health&gt;" in page
    assert page.count("data:image/png;base64,") == 1 and "img-src data:" in page
    assert "Payment due" not in (out / "2026-10-t2.html").read_text(), "it is open"


def test_statements_of_all_customers_are_those_of_each(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    done = CliRunner().invoke(main, ["statements", "2026-10", "--format", "csv, PARQUET", "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, f"wrote 3 statements of 2026-10 as csv, parquet to {out}\n")
    assert sorted(path.name for path in out.iterdir()) == [
        f"2026-10-{tenant}.{form}" for tenant in ("t1", "t2", "t3") for form in ("csv", "parquet")
    ]
    for tenant in ("t1", "t2", "t3"):
        assert (out / f"2026-10-{tenant}.csv").read_bytes() == made(settings, "csv", tenant)
        rows = pyarrow.parquet.read_table(out / f"2026-10-{tenant}.parquet").to_pylist()
        assert {row["tenant_id"] for row in rows} == {tenant}
    assert read_statements(settings, "2026-09") == [read_statement(settings, "t1", "2026-09")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2026-08", "--out", "x"], "no customer has a statement for 2026-08; there is 2026-09, 2026-10."),
        (["2026-10", "--out", "x", "--format", "docx"], "--format names 'docx': give some of"),
        (["2026-10", "--out", "/dev/null/x"], "/dev/null/x can't be made (Not a directory): give another --out."),
    ],
)
def test_a_mistake_ends_in_one_line(settings: Settings, arguments: list[str], said: str) -> None:
    ended = CliRunner().invoke(main, ["statements", *arguments])
    assert ended.exit_code == 2 and said in ended.stderr and ended.stderr.count("\n") == 1


def test_no_two_customers_have_one_file_and_none_lies_elsewhere() -> None:
    names = file_names(["a", "A", "../x", "x/y", ".hidden", "clinic 7", "é" * 60, "con "])
    assert len({name.lower() for name in names.values()}) == len(names)
    assert names["a"] == "a" and names["clinic 7"] == "clinic 7"
    assert not any("/" in name or name.startswith(".") or name.endswith((" ", ".")) for name in names.values())


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("issuer = 7", "has an unusable 'issuer': give a text"),
        ("adress = []", "has an unusable 'adress': give one of issuer, address"),
        ('number = "{month}"', "has an unusable 'number'"),
        ("payment_days = true", "has an unusable 'payment_days'"),
        ('logo = "logo.exe"', "has an unusable 'logo': give the path of a PNG"),
        ('logo = "missing.png"', "the logo of .* can't be read"),
        ('logo = "letterhead.png"', "has an unusable 'logo'"),
        ('logo = "a\\u0000.png"', "has an unusable 'logo'"),
        ("issuer = ", "is not a valid TOML file"),
        ('address = "street"', "has an unusable 'address'"),
    ],
)
def test_a_letterhead_that_cant_be_used_is_said_in_one_line(tmp_path: Path, toml: str, said: str) -> None:
    path = tmp_path / "letterhead.toml"
    path.write_text(toml)
    path.with_suffix(".png").write_text("no image")
    with pytest.raises(ArgumentError, match=said):
        read_letterhead(path)
    assert read_letterhead(None) is PLAIN


def test_kinds_are_in_words(settings: Settings) -> None:
    assert b"neighbour kind" in made(settings, "html", "t2")
    assert PLAIN.kind_name("codes") == "Medical coding"
