"""`credits statement` writes a whole statement or none, and ends a mistake in one line."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from ingest.errors import ArgumentError
from ingest.settings import Settings
from orchestration.cli import main
from orchestration.commands.statement import write_statement
from orchestration.statements.reading import StatementError, read_statement
from tests.orchestration.statements.made_statements import made


def test_lines_that_do_not_make_their_total_are_not_sent(settings: Settings) -> None:
    with duckdb.connect(str(settings.published / "current" / "credits.duckdb")) as marts:
        marts.execute("update marts.mart_tenant_statements set amount = amount + 0.01 where currency = 'EUR'")
    with pytest.raises(StatementError, match="EUR lines of 2026-10 do not add up"):
        read_statement(settings, "t1", "2026-10")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["t1", "2026-13"], 2, "'2026-13' is not a month: a year has the months 01 to 12; give one such as 2026-12."),
        (["t1", "October"], 2, "'October' is not a month: give one such as 2026-10."),
        (["t1", "2026-10-01"], 2, "'2026-10-01' is not a month: did you mean 2026-10?"),
        (["t2", "2026-09"], 2, "'t2' has no statement for 2026-09; there is 2026-10."),
        (["Neighbuor", "2026-10"], 2, "there is no tenant 'Neighbuor': did you mean t2 (Neighbour)?"),
        (["t", "2026-10"], 2, "'t' may mean 3 tenants: t1 ("),
        (["(unmapped)", "2026-10"], 2, "(unmapped) is not a customer"),
        (["t1", "2026-10", "--out", "no/such/folder/a.html"], 2, "no/such/folder/a.html can't be written (No such"),
    ],
)
def test_a_mistake_ends_in_one_line(settings: Settings, arguments: list[str], code: int, said: str) -> None:
    ended = CliRunner().invoke(main, ["statement", *arguments])
    assert ended.exit_code == code
    assert said in ended.stderr and ended.stderr.startswith("credits: ") and ended.stderr.count("\n") == 1
    assert ended.stdout == ""


@pytest.mark.parametrize("meant", ["t2", "T2", "neighbour", "Neigh", " neighbour "])
def test_a_customer_is_meant_by_id_name_or_the_beginning_of_one(settings: Settings, meant: str) -> None:
    ended = CliRunner().invoke(main, ["statement", meant, "2026-10", "--format", "csv"])
    assert (ended.exit_code, ended.stdout_bytes) == (0, made(settings, "csv", "t2"))


def test_nothing_published_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10"])
    assert (ended.exit_code, ended.stderr) == (1, "credits: nothing is published yet: run `credits run` first.\n")


def test_a_statement_goes_to_a_file_as_a_whole_or_to_standard_output(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "october.pdf"
    out.write_text("earlier")
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10", "--format", "pdf", "--out", str(out)])
    assert (ended.exit_code, ended.output) == (0, "")
    assert out.read_bytes() == made(settings, "pdf")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["october.pdf"]
    ended = CliRunner().invoke(main, ["statement", "t1", "2026-10", "--format", "csv"])
    assert ended.stdout_bytes == made(settings, "csv")


def test_a_binary_file_is_not_written_to_a_terminal(settings: Settings) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(ArgumentError, match="give --out FILE"):
        write_statement(settings, "t1", "2026-10", "pdf", None, None, Terminal())
