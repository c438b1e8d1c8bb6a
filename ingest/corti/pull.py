"""The pull of one account: lists its interactions day by day, lists the resources of those that changed, writes both.

The written files are the only state. If a pull is stopped at any request, the next one continues: it goes over the same
days, and lists again only what is in no file below `landing/` yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from ingest.contract.datasets import CORTI_INTERACTIONS, CORTI_PULLS, CORTI_RESOURCES, FOLDERS
from ingest.contract.landing_writer import LandingWriter
from ingest.corti.accounts import Account
from ingest.corti.client import CortiClient
from ingest.corti.concurrently import concurrently
from ingest.corti.legacy_list_credits import LegacyListCredits
from ingest.corti.listed_interactions import ListedInteractions
from ingest.corti.listing import Interaction, interactions_since
from ingest.corti.pull_log import PullLog, stamp
from ingest.corti.pull_settings import PullSettings
from ingest.corti.resources import Listed, resources_of
from ingest.corti.summaries import Progress, PullSummary
from ingest.errors import BalanceError, CortiError, LoginError

_DELIVERED_AT = 500
"""How many interactions are delivered together: a killed pull may have to list this number again."""
_MOST_FAILURES = 5
"""After this number of failures in a row the pull ends, since Corti is probably not available."""


async def pull_account(
    client: CortiClient,
    landing: Path,
    settings: PullSettings,
    progress: Progress,
    legacy_list_credits: LegacyListCredits | None = None,
    now: datetime | None = None,
    *,
    outbox: Path | None = None,
) -> PullSummary:
    """Pull one account's interactions and resources. Refusals and failures of Corti are in the summary, not raised.
    Earlier pulls are read below `landing`; files are written there too, or below `outbox`.

    Raises:
        HomeError: landing can't be read or written.
    """
    at = now or datetime.now(UTC)
    return await _Pull(client, landing, outbox or landing, settings, progress, legacy_list_credits, at).run()


class _Pull:
    def __init__(
        self,
        client: CortiClient,
        landing: Path,
        outbox: Path,
        settings: PullSettings,
        progress: Progress,
        legacy_list_credits: LegacyListCredits | None,
        now: datetime,
    ) -> None:
        self._client = client
        self._landing = landing
        self._outbox = outbox
        self._settings = settings
        self._progress = progress
        self._legacy_list_credits = legacy_list_credits
        self._now = now
        self._account: Account = client.account
        self._interactions = self._writer(CORTI_INTERACTIONS)
        self._resources = self._writer(CORTI_RESOURCES)
        first = now.date() - timedelta(days=settings.lookback_days - 1)
        self._log = PullLog(self._account, self._writer(CORTI_PULLS), now, first, now.date())
        self._since = datetime.combine(first, time(), UTC)
        self._summary = PullSummary(self._account.name)
        self._failures = 0

    def _writer(self, dataset: str) -> LandingWriter:
        return LandingWriter(self._outbox / FOLDERS[dataset], self._account.name)

    async def run(self) -> PullSummary:
        settle = timedelta(hours=self._settings.settle_hours)
        listed_before = ListedInteractions.of(self._landing, self._account, self._since, settle)
        reason: str | None = "interrupted"
        try:
            async for page in self._pages():
                await self._take(page, listed_before)
            reason = None
        except CortiError as error:
            reason, self._summary.reason, self._summary.message = error.reason, error.reason, str(error)
        finally:
            listed_before.close()
            self._deliver_listed()
            self._log.close(self._client.requests, reason)
            self._summary.requests = self._client.requests
            self._summary.days_complete, self._summary.days_failed = self._log.complete, self._log.failed
        return self._summary

    def _pages(self) -> AsyncIterator[list[Interaction]]:
        return interactions_since(self._client, self._since, self._settings.page_size)

    async def _take(self, page: Sequence[Interaction], listed_before: ListedInteractions) -> None:
        if not page:
            return
        due = {interaction.id for interaction in listed_before.to_list(page, self._now)}
        for day in sorted({interaction.created.date() for interaction in page}):
            of_day = [interaction for interaction in page if interaction.created.date() == day]
            if self._interactions.lines >= _DELIVERED_AT:
                self._deliver()
            self._log.close_before(min(day, self._log.last))
            try:
                await self._list([interaction for interaction in of_day if interaction.id in due])
            finally:
                self._log.walked(day, len(of_day), self._client.requests)
            self._summary.interactions += len(of_day)
        self._progress(f"pulling {self._account.name}", self._log.done, self._log.total)

    async def _list(self, interactions: Sequence[Interaction]) -> None:
        async with concurrently(self._listed(interaction) for interaction in interactions) as tasks:
            for interaction, task in zip(interactions, tasks, strict=True):
                try:
                    listed = await task
                except (LoginError, BalanceError):
                    raise
                except CortiError as error:
                    self._log.fault(interaction.created.date(), error.reason)
                    self._failures += 1
                    if self._failures >= _MOST_FAILURES:
                        raise
                else:
                    self._failures = 0
                    self._write(interaction, listed)

    async def _listed(self, interaction: Interaction) -> Listed:
        listed = await resources_of(self._client, interaction.id)
        if self._legacy_list_credits:
            await self._legacy_list_credits.take(self._client, interaction, listed)
        return listed

    def _write(self, interaction: Interaction, listed: Listed) -> None:
        whose = {"environment": self._account.environment, "cortiTenant": self._account.tenant}
        pulled_at = stamp(self._now)
        for resource in listed.resources:
            self._resources.add(
                {
                    **whose,
                    "interactionId": interaction.id,
                    "kind": resource.kind,
                    "resourceId": resource.id,
                    "createdAt": resource.created_at,
                    "pulledAt": pulled_at,
                }
            )
        self._interactions.add(
            {
                **whose,
                "interactionId": interaction.id,
                "assignedUserId": interaction.assigned_user_id,
                "createdAt": interaction.created_at,
                "updatedAt": interaction.updated_at,
                "endedAt": interaction.ended_at,
                "encounterStatus": interaction.encounter_status,
                "encounterType": interaction.encounter_type,
                "pulledAt": pulled_at,
            }
        )
        self._summary.listed += 1
        self._summary.resources += len(listed.resources)
        self._summary.guided_refused |= listed.guided_refused

    def _deliver(self) -> None:
        self._deliver_listed()
        self._log.deliver()

    def _deliver_listed(self) -> None:
        # An interaction's line says that its resources are listed, a day's line that its interactions are: keep that
        # order.
        if self._legacy_list_credits:
            self._legacy_list_credits.deliver()
        self._resources.deliver()
        self._interactions.deliver()
