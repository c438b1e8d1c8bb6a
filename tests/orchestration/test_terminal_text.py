"""A file's name can't forge what `credits run` and its error line say, and the line names the cause."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ingest.contract.left_out import LeftOut
from ingest.settings import Settings
from orchestration.commands.run import LeftOutError, refuse_left_out, run_once
from orchestration.run_outcome import RunOutcome
from orchestration.terminal_text import shown_path, shown_reason
from tests.orchestration.made_version import publish_by_hand

FORGED = "usage_records/a\nleft out: fake: line\x1b[2J\u202e.txt"
ESCAPED = "usage_records/a\\nleft out: fake: line\\x1b[2J\\u202e.txt"
SEEN = datetime(2026, 10, 1)


def test_a_path_is_shown_without_control_characters_and_without_its_middle() -> None:
    assert shown_path(FORGED) == ESCAPED
    shown = shown_path("usage_records/" + "loop/" * 300 + "end.jsonl")
    assert len(shown) <= 160 and shown.startswith("usage_records/loop") and shown.endswith("end.jsonl")
    assert shown_reason("a\nb" + "x" * 1000).startswith("a\\nbx") and len(shown_reason("x" * 1000)) == 300


def _with_tables_counted(settings: Settings) -> None:
    path = settings.published / "current" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["tables"] |= {"mart_unread_files": {"rows": 1}, "mart_file_notices": {"rows": 2}}
    path.write_text(json.dumps(manifest))


def test_a_run_names_what_the_published_version_says_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    detail = "row 2: an adjustment names the customer 'x\ny', whom no export and no usage knows"
    notices = [("billing/adjustments/a.csv", "adjustments", "unknown_customer", detail, 1), (FORGED, "u", "n", "d", 0)]
    settings = publish_by_hand(
        tmp_path / "home",
        mart_unread_files=[(FORGED, "its ending\nis not read", 1, "unread", SEEN)],
        mart_file_notices=notices,
    )
    _with_tables_counted(settings)
    monkeypatch.setattr("orchestration.commands.run.has_news", lambda _: False)
    lines: list[str] = []
    run_once(settings, rebuild=False, show=lines.append)
    assert f"  left out: {ESCAPED}: its ending\\nis not read" in lines
    assert f"  look at billing/adjustments/a.csv: {detail}".replace("\n", "\\n") in lines
    assert f"  look at {ESCAPED}: d" in lines


def test_the_one_line_says_whose_reason_it_names() -> None:
    one = LeftOut("mappings/users/a\nb.csv", "row 2, column 'userId' is empty", 1, "set_aside")
    two = LeftOut("mappings/users/c.csv", "another", 1, "set_aside")
    said = r"users/a\\nb.csv below landing/ is not in version v: row 2, column 'userId' is empty; everything else"
    with pytest.raises(LeftOutError, match=said):
        refuse_left_out(RunOutcome("v", True, {}, left_out=(one,)))
    said = (
        r"a\\nb.csv below landing/ is not in version v: row 2, .* is empty \(and 1 more file, see `credits status`\); "
    )
    with pytest.raises(LeftOutError, match=said):
        refuse_left_out(RunOutcome("v", True, {}, left_out=(one, two)))
