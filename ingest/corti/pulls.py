"""All configured accounts, one after the other: pull, read back, ask the console."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.contract.datasets import FOLDERS, PROVIDER_CONSUMPTION, USAGE_RECORDS
from ingest.contract.landing_writer import LandingWriter
from ingest.corti.accounts import Account
from ingest.corti.client import opened, opened_console
from ingest.corti.consumption import pull_consumption, windows
from ingest.corti.legacy_list_credits import Covered, LegacyListCredits
from ingest.corti.pull import pull_account
from ingest.corti.pull_settings import PullSettings
from ingest.corti.reading_back import Candidate, read_back
from ingest.corti.summaries import ConsumptionSummary, Progress, PullSummary, ReadSummary


@dataclass(frozen=True)
class Pulls:
    """Pulls all `accounts` and writes below `landing`, or below `outbox` if it is given.

    Blocks; each call has its own event loop. `progress` gets the progress. Refusals and failures of an account are in
    its summary, and the next account goes on.

    Raises:
        HomeError: landing can't be read or written.
    """

    accounts: Sequence[Account]
    landing: Path
    settings: PullSettings
    progress: Progress
    outbox: Path | None = None

    @property
    def _written(self) -> Path:
        return self.outbox or self.landing

    def interactions(self, covered: Covered) -> list[PullSummary]:
        """List all interactions of the lookback. Only the older way uses `covered`, if it is on."""

        async def pull(account: Account) -> PullSummary:
            writer = LandingWriter(self._written / FOLDERS[USAGE_RECORDS], f"listed-{account.name}")
            legacy_list_credits = LegacyListCredits(writer, covered) if self.settings.legacy_list_credits else None
            async with opened(account, self.settings.limits) as client:
                return await pull_account(
                    client,
                    self.landing,
                    self.settings,
                    self.progress,
                    legacy_list_credits,
                    outbox=self._written,
                )

        return [asyncio.run(pull(account)) for account in self.accounts]

    def reads(self, candidates: Callable[[], Iterable[Candidate]]) -> list[ReadSummary]:
        """Look up costs that are not final."""
        found = [*candidates()]

        async def read(account: Account) -> ReadSummary:
            writer = LandingWriter(self._written / FOLDERS[USAGE_RECORDS], f"read-{account.name}")
            async with opened(account, self.settings.limits) as client:
                return await read_back(client, found, writer, self.progress)

        return [asyncio.run(read(account)) for account in self.accounts]

    def consumption(self) -> list[ConsumptionSummary]:
        """Ask the console for the totals of accounts that have an admin's login."""

        async def ask(account: Account) -> ConsumptionSummary | None:
            if account.admin is None:
                return None
            writer = LandingWriter(self._written / FOLDERS[PROVIDER_CONSUMPTION], account.name)
            async with opened_console(account, account.admin, self.settings.limits) as client:
                asked = windows(
                    self.settings.consumption_days, datetime.now(UTC), with_today=self.settings.consumption_today
                )
                return await pull_consumption(client, account.admin.project, asked, writer, self.progress)

        return [summary for account in self.accounts if (summary := asyncio.run(ask(account)))]
