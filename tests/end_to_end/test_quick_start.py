"""The quick start without an account, command by command as it is printed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from ingest.settings import CHECKOUT

_PAGE = CHECKOUT / "docs" / "corti-view.md"
_SECTION = "## Try it without an account"
_ACTIVATION = "source .venv/bin/activate"


def printed() -> tuple[str, list[str]]:
    """The commands of the section, and the lines that it says will be shown."""
    section = _PAGE.read_text().partition(_SECTION)[2].partition("\n## ")[0]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    shown = [text.splitlines() for language, text in blocks if not language]
    return "".join(text for language, text in blocks if language == "sh"), [line for lines in shown for line in lines]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [socket_held.getsockname()[1] for socket_held in held]
    for socket_held in held:
        socket_held.close()
    return ports


def test_the_whole_loop_runs_as_printed_and_ends_with_equal_sums(tmp_path: Path) -> None:
    commands, shown = printed()
    assert commands.startswith(_ACTIVATION)
    commands = commands.removeprefix(_ACTIVATION)
    for known, free in zip(("8790", "8791"), free_ports(2), strict=True):
        commands = commands.replace(f"127.0.0.1:{known}", f"127.0.0.1:{free}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CREDITS_", "DAGSTER_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "TMPDIR": str(tmp_path),
    }
    said = tmp_path / "said"
    with said.open("wb") as out:
        shell = subprocess.Popen(
            ["bash", "-e", "-c", commands],
            cwd=CHECKOUT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = shell.wait(timeout=300)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
    lines = said.read_text().splitlines()
    assert code == 0, lines
    assert len(shown) > 5
    assert [line for line in shown if line not in lines] == []
    assert sum(line.endswith(": equal") for line in shown) == 4
    assert not any("NOT EQUAL" in line for line in lines)
