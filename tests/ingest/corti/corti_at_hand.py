"""A simulated Corti on loopback, with an account for it, a home to pull into, and how a test puts things there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.corti.accounts import Account, AdminAccess
from ingest.corti.client import CortiClient, Limits, opened
from ingest.corti.legacy_list_credits import LegacyListCredits
from ingest.corti.pull import pull_account
from ingest.corti.pull_settings import PullSettings
from ingest.corti.retrying import RetryPolicy
from ingest.corti.summaries import PullSummary
from ingest.secret import Secret
from ingest.simulator.faults import Fault
from ingest.simulator.invention import at
from ingest.simulator.serving import Served
from ingest.simulator.state import Interaction, Simulator, Transcript

SECRET = "hush-hush-client-secret"
PASSWORD = "hush-hush-password"
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
QUICK = Limits(read_seconds=5, attempt_seconds=5, retries=RetryPolicy(attempts=3, first_seconds=0.001))


@dataclass
class CortiAtHand:
    """`pull` walks over the days before `NOW`; `asked` are the paths of all requests that reached the server."""

    simulator: Simulator
    served: Served
    landing: Path
    settings: PullSettings = field(default_factory=lambda: PullSettings(lookback_days=5, page_size=7, limits=QUICK))
    numbers: int = 0

    @property
    def account(self) -> Account:
        admin = AdminAccess(f"{self.served.http}/functions/v1/public", "admin@clinic.test", Secret(PASSWORD), "p1")
        urls = (f"{self.served.http}/v2", f"{self.served.http}/realms")
        return Account("main", "eu", "acme", *urls, "client-1", Secret(SECRET), admin)

    def fault(self, action: str, path: str = "", **more: Any) -> None:
        self.simulator.faults.arm(Fault(action, path, **more))

    def interaction(self, days_ago: float = 0, **more: Any) -> Interaction:
        stamp = at(NOW - timedelta(days=days_ago))
        self.numbers += 1
        fields = {"id": f"i-{self.numbers:05d}", "assigned_user_id": f"u-{self.numbers % 3}", "updated_at": stamp}
        made = Interaction(**{**fields, "encounter": {"status": "planned"}, "created_at": stamp, **more})
        self.simulator.add_interaction(made)
        return made

    def transcript(self, interaction: Interaction, credits: str = "0.5", **more: Any) -> Transcript:
        number = f"t-{interaction.id}-{len(interaction.transcripts) + 1}"
        made = Transcript(number, "r-1", interaction.id, Decimal(credits), **{"done_at": 0.0, **more})
        interaction.transcripts[made.id] = made
        return made

    def document(self, interaction: Interaction, credits: str = "0.25") -> str:
        number, stamp = f"d-{interaction.id}-{len(interaction.documents) + 1}", interaction.created_at
        text = self.simulator.invention.text(40)
        section = {"id": "s-1", "text": text, "createdAt": "2001-01-01T00:00:00Z"}
        usage = {"creditsConsumed": Decimal(credits)}
        body = {"id": number, "name": text, "sections": [section], "createdAt": stamp, "usageInfo": usage}
        interaction.documents[number] = body
        return number

    def guided(self, interaction: Interaction) -> str:
        number = f"g-{interaction.id}"
        body = {"id": number, "name": self.simulator.invention.text(), "interactionId": interaction.id}
        self.simulator.guided_documents[number] = {**body, "createdAt": interaction.created_at}
        return number

    def with_client(self, use: Callable[[CortiClient], Awaitable[Any]], account: Account | None = None) -> Any:
        async def run() -> Any:
            async with opened(account or self.account, self.settings.limits) as client:
                return await use(client)

        return asyncio.run(run())

    def pull(
        self, legacy_list_credits: LegacyListCredits | None = None, now: datetime = NOW, **settings: Any
    ) -> PullSummary:
        chosen = replace(self.settings, **settings)
        got: list[tuple[str, int, int]] = []

        async def use(client: CortiClient) -> PullSummary:
            progress = lambda *step: got.append(step)  # noqa: E731
            return await pull_account(client, self.landing, chosen, progress, legacy_list_credits, now)

        return self.with_client(use)

    def lines(self, folder: str) -> list[dict[str, Any]]:
        """All delivered lines of a folder, in the order of their making."""
        files = sorted((self.landing / folder).glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def listed(self) -> list[str]:
        return sorted(line["interactionId"] for line in self.lines("corti/interactions"))

    def resources(self) -> list[tuple[str, str]]:
        return sorted((line["kind"], line["resourceId"]) for line in self.lines("corti/resources"))

    def days(self) -> dict[str, tuple[Any, ...]]:
        """The last outcome of each day: outcome, interactions, reason."""
        rows = self.lines("corti/pulls")
        return {row["day"]: (row["outcome"], row["interactions"], row.get("reason")) for row in rows}


def nothing_covered(_: str, __: Collection[tuple[str, str]]) -> Collection[tuple[str, str]]:
    return []
