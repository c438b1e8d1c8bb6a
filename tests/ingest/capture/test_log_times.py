"""When a logged call was made is what its line says, or nothing that the line contradicts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.capture.log_replay import NO_TIME, import_log
from orchestration.cli import main
from tests.ingest.capture.bodies import codes
from tests.ingest.capture.test_log_replay import call, imported_lines, log_of


def timed(time: object) -> dict[str, object]:
    return {**call("/v2/tools/coding/", codes(), 200), "time": time}


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("2026-03-02 09:20:11+01", "2026-03-02T08:20:11Z"),
        ("2026-03-02 08:20:11 UTC", "2026-03-02T08:20:11Z"),
        ("2026-03-02T09:20:11+0100", "2026-03-02T08:20:11Z"),
        ("2026-03-02T08:20", "2026-03-02T08:20:00Z"),
        ("2026-03-02", "2026-03-02T00:00:00Z"),
        (" 2026-03-02T08:20:11Z ", "2026-03-02T08:20:11Z"),
        ("2026-03-02T08:20:11", "2026-03-02T08:20:11Z"),
        ("2026-03-02T08:20:11.1234567891Z", "2026-03-02T08:20:11.123456Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"),
        ("2026-03-02T09:20:11.5+01:00", "2026-03-02T09:20:11.5+01:00"),
    ],
)
def test_a_time_that_landing_understands_is_written_in_rfc_3339(tmp_path: Path, time: str, moment: str) -> None:
    imported = import_log(log_of(tmp_path, timed(time)), tmp_path / "landing")
    assert [line["capturedAt"] for line in imported_lines(imported)] == [moment]
    assert (imported.timeless, imported.refused) == (0, {})


NOT_UNDERSTOOD = (
    *("1772443211", "yesterday", "02/Mar/2026:09:20:11 +0100", "2026-02-30", "2026-03-02T09:20:11+99:00"),
    *(1772443211, 1772443211.5, 0, True, False, [2026, 3, 2], {"at": "2026-03-02"}),
)


@pytest.mark.parametrize("time", NOT_UNDERSTOOD)
def test_a_time_that_is_not_understood_refuses_its_line_and_never_becomes_the_log_s(
    tmp_path: Path, time: object
) -> None:
    imported = import_log(log_of(tmp_path, timed("2026-03-02T08:20:11Z"), timed(time)), tmp_path / "landing")
    assert [line["capturedAt"] for line in imported_lines(imported)] == ["2026-03-02T08:20:11Z"]
    assert (imported.refused[NO_TIME].numbers, imported.timeless) == ([2], 0)


def test_the_command_names_the_line_whose_time_is_not_understood(tmp_path: Path) -> None:
    log = log_of(tmp_path, timed("2026-03-02 09:20:11+01"), timed(1772443211))
    arguments = ["capture", "import", str(log), "--environment", "eu", "--corti-tenant", "acme"]
    result = CliRunner(env={"CREDITS_HOME": str(tmp_path / "home")}).invoke(main, arguments)
    assert result.exit_code == 3
    assert f"{log}: 1 line refused (time not understood" in result.stdout
    assert result.stdout.rstrip().endswith("): 2") and "modification time" not in result.stdout
    assert len(result.stderr.splitlines()) == 1 and "time not understood" in result.stderr
    [file] = (tmp_path / "home" / "landing" / "usage_records").iterdir()
    [line] = file.read_bytes().splitlines()
    assert datetime.fromisoformat(json.loads(line)["capturedAt"]) == datetime(2026, 3, 2, 8, 20, 11, tzinfo=UTC)


def test_names_match_as_in_landing_and_of_a_repeated_one_the_first_counts(tmp_path: Path) -> None:
    line = b'{"Method":"POST","URL":"https://api.eu.corti.app/v2/tools/coding/","STATUS":200,"user_id":42.0,' \
        b'"tenantId":"t-1","Tenant-Id":"t-2","time":"2026-03-02","time":"2026-04-02","corti_tenant":7,' \
        b'"body":{"usageInfo":{"creditsConsumed":1,"creditsConsumed":2}}}'  # fmt: skip
    [record] = imported_lines(import_log(log_of(tmp_path, line), tmp_path / "landing"))
    assert (record["userId"], record["tenantId"], record["cortiTenant"]) == ("42", "t-1", "7")
    assert (record["capturedAt"][:10], record["creditsConsumed"]) == ("2026-03-02", "1")
