"""The set-up in docs/capture/python-httpx.md captures a call as written there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.capture.bodies import codes
from tests.ingest.capture.loopback_corti import json_answer, loopback_corti
from tests.ingest.capture.spool_reading import ready_files

RECIPE = Path(__file__).resolve().parents[3] / "docs" / "capture" / "python-httpx.md"


def test_the_two_lines_of_the_recipe_capture_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    lines, imports = re.findall(r"```python\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    names: dict[str, Any] = {}
    exec("import os\nfrom pathlib import Path\nimport httpx\n" + imports + lines, names)
    with loopback_corti(json_answer(codes(), 200)) as corti, names["client"] as client:
        client.post(corti.base + "/v2/tools/coding/", json={}, extensions={"credits_user": "user-17"})
    names["spool"].close()
    [file] = ready_files(tmp_path / "landing")
    assert b'"userId":"user-17"' in file.read_bytes() and b'"creditsConsumed":0.011' in file.read_bytes()
