"""The integration guide's older way: whatever credits the lists of interactions carry, facts included.

Off unless `CREDITS_CORTI_OLDER_WAY` says otherwise. Each figure becomes a record of its own resource, with the source
`read`, and only where no captured record covers that resource. Today's API carries credits in the list of documents
alone; docs/corti-view.md says what this leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from ingest.capture.call import CallContext
from ingest.capture.plain_values import credit_digits
from ingest.capture.usage_record import UsageRecord
from ingest.corti.client import CortiClient
from ingest.corti.landing_drop import LandingDrop
from ingest.corti.listing import Interaction
from ingest.corti.resources import Listed, facts_of

Covered = Callable[[str, Collection[tuple[str, str]]], Collection[tuple[str, str]]]
"""Of an interaction's resources, each as kind and id, those that a record of some account may cover already."""


class OlderWay:
    """Turns credits in lists into usage records, which landing sees with `deliver`. `records` counts them."""

    def __init__(self, drop: LandingDrop, covered: Covered) -> None:
        self._drop = drop
        self._covered = covered
        self.records = 0

    async def take(self, client: CortiClient, interaction: Interaction, listed: Listed) -> None:
        """Write a record for each resource of an interaction whose list said a figure above 0.

        Raises:
            CortiError: the list of facts can't be had.
        """
        resources = [*listed.resources, *await facts_of(client, interaction.id)]
        figures = [
            (each, digits)
            for each in resources
            if not each.in_progress and (digits := credit_digits(each.credits)) and Decimal(digits) > 0
        ]
        if not figures:
            return
        covered = set(self._covered(interaction.id, [(each.kind, each.id) for each, _ in figures]))
        for each, digits in figures:
            if (each.kind, each.id) in covered:
                continue
            context = CallContext.mint()
            record = UsageRecord(
                record_id=context.record_id,
                kind=each.kind,
                status="final",
                source="read",
                credits=digits,
                interaction_id=interaction.id,
                resource_id=each.id,
                created_at=each.created_at or interaction.created_at,
                captured_at=context.captured_at,
                environment=client.account.environment,
                corti_tenant=client.account.tenant,
            )
            self._drop.add_line(record.line())
            self.records += 1

    def deliver(self) -> None:
        """Let landing see the records that were taken so far."""
        self._drop.deliver()
