"""Logged responses become usage records; importing them again changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.capture.log_replay import NO_ADDRESS, NO_OBJECT, NO_STATUS, Imported, import_log
from ingest.errors import CreditsError
from orchestration.cli import main
from tests.ingest.capture.bodies import (
    CLINICAL,
    DOCUMENTS,
    TRANSCRIPT,
    TRANSCRIPTS,
    codes,
    document,
    task_v1,
    transcript,
)

SEEN = "2026-03-02T09:14:07.5+01:00"
BASE = "https://api.eu.corti.app"


def call(path: str, body: object, status: object = 201, **more: object) -> dict[str, object]:
    return {"method": "POST", "url": f"{BASE}{path}?token=secret", "status": status, "body": body, "time": SEEN, **more}


def log_of(folder: Path, *lines: object) -> Path:
    log = folder / "app.log"
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    log.write_bytes(b"\n".join(written) + b"\n")
    return log


def imported_lines(imported: Imported) -> list[dict[str, str]]:
    assert imported.landed is not None
    return [json.loads(line, parse_float=str, parse_int=str) for line in imported.landed.read_bytes().splitlines()]


def test_a_logged_call_says_what_the_call_itself_would_have_said(tmp_path: Path) -> None:
    log = log_of(tmp_path, call(TRANSCRIPTS, transcript(), userId="u-1", tenantId="t-1", cortiTenant="acme"))
    imported = import_log(log, tmp_path / "landing")
    [line] = imported_lines(imported)
    assert (line["resourceId"], line["creditsConsumed"], line["status"]) == (TRANSCRIPT, "0.3475", "final")
    assert (line["capturedAt"], line["environment"], line["cortiTenant"]) == (SEEN, "eu", "acme")
    assert (line["userId"], line["tenantId"]) == ("u-1", "t-1")
    assert CLINICAL not in str(line) and "secret" not in str(line)
    assert (imported.lines, imported.records, imported.quiet, imported.refused) == (1, 1, 0, {})


def test_digits_are_kept_whether_the_body_was_logged_as_json_or_as_text(tmp_path: Path) -> None:
    body = b'{"usageInfo": {"creditsConsumed": 0.1000000000000000055}}'
    front = b'{"method":"POST","path":"/v2/tools/coding/","status":200,"time":"2026-03-02","body":'
    log = log_of(tmp_path, front + body + b"}", front + json.dumps(body.decode()).encode() + b"}")
    lines = imported_lines(import_log(log, tmp_path / "landing"))
    assert [line["creditsConsumed"] for line in lines] == ["0.1000000000000000055"] * 2


def test_the_same_log_gives_the_same_file_and_a_grown_one_the_same_records(tmp_path: Path) -> None:
    first = import_log(log_of(tmp_path, call("/v2/tools/coding/", codes(), 200)), tmp_path / "landing")
    assert first.landed
    inode = first.landed.stat().st_ino
    assert first == import_log(first.log, tmp_path / "landing")
    assert first.landed.stat().st_ino == inode, "a file that is replaced would be a reason for a run"
    calls = (call("/v2/tools/coding/", codes(), 200), call(DOCUMENTS, document()))
    grown = import_log(log_of(tmp_path, *calls), tmp_path / "landing")
    assert grown.landed != first.landed
    assert imported_lines(grown)[0] == imported_lines(first)[0]


def test_lines_that_are_no_logged_call_are_told_by_number_and_reason_and_the_others_are_imported(
    tmp_path: Path,
) -> None:
    whole = call("/v2/tools/coding/", codes(), 200)
    no_address = {"method": "POST", "status": 200, "body": codes()}
    no_status = {"method": "POST", "path": "/v2/tools/coding/", "body": codes()}
    lines = (b"", b"nonsense " + CLINICAL.encode(), whole, [1], no_address, no_status, {**whole, "status": True})
    more = (b"\xff", {**whole, "url": "http://[", "status": 200}, {**whole, "status": "2 00"}, b"[" * 100_000)
    imported = import_log(log_of(tmp_path, *lines, *more), tmp_path / "landing")
    assert (imported.lines, imported.records) == (10, 1)
    assert {reason: (lines.count, lines.numbers) for reason, lines in imported.refused.items()} == {
        NO_OBJECT: (4, [2, 4, 8, 11]),
        NO_ADDRESS: (2, [5, 9]),
        NO_STATUS: (3, [6, 7, 10]),
    }


def test_failures_and_calls_that_cost_nothing_are_told_apart(tmp_path: Path) -> None:
    failed = (call("/v2/tools/coding/", None, None), call("/v2/tools/coding/", {"detail": "x"}, 503))
    free = (call("/v2/interactions/", {"interactionId": "i"}), call(TRANSCRIPTS, {"type": "x"}, 400))
    imported = import_log(log_of(tmp_path, *failed, *free), tmp_path / "landing")
    assert [line["status"] for line in imported_lines(imported)] == ["unreported"] * 2
    assert imported.quiet == 2


def test_a_log_without_usage_writes_nothing(tmp_path: Path) -> None:
    assert import_log(log_of(tmp_path, b""), tmp_path / "landing").landed is None
    assert not (tmp_path / "landing").exists()


@pytest.mark.parametrize("time", [{"time": None}, {"time": ""}, {"time": "  "}, {"time": float("nan")}])
def test_a_line_without_a_time_takes_that_of_the_log_and_is_counted(tmp_path: Path, time: dict[str, object]) -> None:
    log = log_of(tmp_path, {**call("/v2/tools/coding/", codes(), 200), **time})
    os.utime(log, (1772445600, 1772445600))
    imported = import_log(log, tmp_path / "landing")
    assert [line["capturedAt"] for line in imported_lines(imported)] == ["2026-03-02T10:00:00+00:00"]
    assert (imported.timeless, imported.refused) == (1, {})


def test_a_location_in_the_logged_headers_names_the_transcript(tmp_path: Path) -> None:
    headers = {"Location": TRANSCRIPTS + TRANSCRIPT, "content-encoding": "gzip", "x": 1}
    log = log_of(tmp_path, call(TRANSCRIPTS, "", 202, headers=headers), call(TRANSCRIPTS, None, 202, headers=headers))
    lines = imported_lines(import_log(log, tmp_path / "landing"))
    assert [(line["resourceId"], line["status"]) for line in lines] == [(TRANSCRIPT, "unreported")] * 2


def test_what_is_not_there_or_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CreditsError, match=r"none\.log cannot be read"):
        import_log(tmp_path / "none.log", tmp_path / "landing")
    (tmp_path / "landing").write_text("a file")
    with pytest.raises(CreditsError, match="usage_records cannot be written"):
        import_log(log_of(tmp_path, call(TRANSCRIPTS, transcript())), tmp_path / "landing")


def test_the_command_imports_every_file_and_shows_no_content(tmp_path: Path) -> None:
    broken = [f"{CLINICAL} {number}".encode() for number in range(30)]
    log = log_of(tmp_path, call("/agents/a/v1/message:send", {"task": task_v1()}), *broken)
    arguments = ["capture", "import", str(log), str(log), "--environment", "us", "--corti-tenant", "acme"]
    result = CliRunner(env={"CREDITS_HOME": str(tmp_path / "home")}).invoke(main, arguments)
    assert result.exit_code == 3, result.output
    assert "30 lines refused (not a JSON object): 2, 3, 4" in result.stdout and "and 10 more" in result.stdout
    assert result.stderr == "credits: 60 lines refused (not a JSON object); everything else was imported.\n"
    assert CLINICAL not in result.output and "secret" not in result.output
    [file] = (tmp_path / "home" / "landing" / "usage_records").iterdir()
    assert json.loads(file.read_bytes())["cortiTenant"] == "acme"


def test_an_event_of_the_embedded_assistant_is_an_operation_of_its_own(tmp_path: Path) -> None:
    payload = {
        "creditsConsumed": 0.42,
        "reason": "document-creation",
        "documentName": CLINICAL,
        "interactionId": "f3a1b2c4-d5e6-4f70-8192-a3b4c5d6e7f8",
        "templateId": "corti-soap",
    }
    event = {"event": "account.creditsConsumed", "confidential": True, "payload": payload, "userId": "u-1"}
    log = log_of(
        tmp_path,
        {**event, "time": SEEN},
        {"type": event["event"], "payload": payload, "time": "2026-03-02T09:15:07Z"},
        {
            "method": "POST",
            "path": "/embedded-usage",
            "status": 204,
            "body": event,
            "operationId": "op-7",
            "time": SEEN,
        },
        {**event, "payload": {}, "time": SEEN},
        {"event": "account.loggedIn", "payload": {}, "time": SEEN},
    )
    imported = import_log(log, tmp_path / "landing")
    lines = imported_lines(imported)
    assert [line["kind"] for line in lines] == ["embedded"] * 4
    assert [line.get("creditsConsumed") for line in lines] == ["0.42", "0.42", "0.42", None]
    assert [line["status"] for line in lines] == ["final", "final", "final", "unreported"]
    assert len({line["operationId"] for line in lines}) == 4 and lines[2]["operationId"] == "op-7"
    assert lines[0]["interactionId"] == payload["interactionId"] and lines[0]["userId"] == "u-1"
    assert lines[0]["dimensions"] == {"template": "corti-soap"}
    assert not any("resourceId" in line for line in lines) and CLINICAL not in str(lines)
    assert sum(refused.count for refused in imported.refused.values()) == 1


def test_the_dimensions_of_a_line_win_over_its_metadata_and_these_over_the_header_and_the_answer(
    tmp_path: Path,
) -> None:
    analytics = json.dumps({"workflow": "header", "integration": "header", "template": "header", "label": "header"})
    given = {
        "metadata": {"workflow": "line", "integration": "line", "patient": CLINICAL},
        "dimensions": {"workflow": "own"},
    }
    log = log_of(tmp_path, call(DOCUMENTS, document(), headers={"x-Corti-Analytics": analytics}, **given))
    [line] = imported_lines(import_log(log, tmp_path / "landing"))
    assert line["dimensions"] == {"integration": "line", "label": "header", "template": "header", "workflow": "own"}
    [line] = imported_lines(import_log(log, tmp_path / "landing", dimension_keys=["workflow"]))
    assert line["dimensions"] == {"workflow": "own"}


def test_each_fact_of_a_list_that_tells_credits_is_a_record(tmp_path: Path) -> None:
    facts = [{"id": f"f-{n}", "text": CLINICAL, "creditsConsumed": n / 100} for n in (1, 2)]
    body = {"facts": [*facts, {"id": "f-3", "text": CLINICAL}]}
    path = "/v2/interactions/i-1/facts/"
    log = log_of(
        tmp_path, {**call(path, body, 200), "method": "GET"}, call("/v2/tools/extract-facts", {"facts": facts}, 200)
    )
    lines = imported_lines(import_log(log, tmp_path / "landing"))
    assert [(line["kind"], line["resourceId"], line["creditsConsumed"], line["source"]) for line in lines] == [
        ("facts", "f-1", "0.01", "read"),
        ("facts", "f-2", "0.02", "read"),
        ("facts", "f-1", "0.01", "created"),
        ("facts", "f-2", "0.02", "created"),
    ]
    assert len({line["recordId"] for line in lines}) == 4
