"""A service on loopback that takes alerts, or refuses them, or never answers; and homes with alerts to send."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.settings import Settings, load_settings
from ingest.simulator.serving import serving

SECRET = "hush-hush"


@dataclass
class Receiver:
    """What came, in order; `status` is what it answers, `came` is set when something has come."""

    status: int = 200
    silent: bool = False
    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    came: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "alerts") -> str:
        """A URL of apprise's for it, with secrets in it."""
        return f"json://someone:{SECRET}@127.0.0.1:{self.port}/{SECRET}/{path}"

    @property
    def bodies(self) -> list[str]:
        return [body["message"] for body in self.taken]

    async def receive(self, request: Request) -> Response:
        message = await request.body()
        self.asked += 1
        self.came.set()
        if self.silent:
            from anyio import to_thread

            await to_thread.run_sync(self.ended.wait)
        if self.status == 200:
            self.taken.append(json.loads(message))
        return Response(status_code=self.status)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens until the block ends."""
    receiver = Receiver()
    app = Starlette(routes=[Route("/{path:path}", receiver.receive, methods=["POST"])])
    with serving(app) as served:
        receiver.port = served.port
        try:
            yield receiver
        finally:
            receiver.ended.set()


def publish_alerts(home: Path, summaries: Sequence[str], *, critical: Sequence[str] = (), closed: int = 0) -> Settings:
    """Make a home whose published version holds these open alerts, the sentence being the key as well."""
    settings = load_settings({"CREDITS_HOME": str(home), "CREDITS_LOCK_WAIT_SECONDS": "0"})
    version = settings.published / "versions" / "v1"
    version.mkdir(parents=True, exist_ok=True)
    (version / "credits.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(version / "credits.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.mart_usage_alerts (alert_key varchar, alert_type varchar, severity varchar, "
            "first_seen_on date, is_open boolean, summary varchar)"
        )
        rows = [
            (summary, "unusual_day", "critical" if summary in critical else "warning", True) for summary in summaries
        ]
        rows += [(f"closed {number}", "unusual_day", "warning", False) for number in range(closed)]
        for key, kind, severity, is_open in rows:
            connection.execute(
                "insert into marts.mart_usage_alerts values (?, ?, ?, '2026-03-01', ?, ?)",
                [key, kind, severity, is_open, key],
            )
    manifest = {"version": "v1", "database": "credits.duckdb", "tables": {"mart_usage_alerts": {}}}
    (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    current = settings.published / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(Path("versions") / "v1")
    return settings
