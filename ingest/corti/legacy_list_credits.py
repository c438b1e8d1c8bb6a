"""The integration guide's older way: the credits in the lists of interactions, including facts.

It is on only if `CREDITS_CORTI_OLDER_WAY` says so. Each figure becomes a record of its resource with the source `read`,
unless a captured record covers that resource. Today's API has credits only in the list of documents; docs/corti-view.md
says what this misses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal

from ingest.contract.call import CallContext
from ingest.contract.landing_writer import LandingWriter
from ingest.contract.plain_values import credit_digits
from ingest.contract.usage_record import UsageRecord
from ingest.corti.client import CortiClient
from ingest.corti.listing import Interaction
from ingest.corti.resources import Listed, facts_of

Covered = Callable[[str, Collection[tuple[str, str]]], Collection[tuple[str, str]]]
"""The resources of an interaction, as kind and id, that a record of some account may cover already."""


class LegacyListCredits:
    """Turns credits in lists into usage records, which landing sees after `deliver`. `records` counts them."""

    def __init__(self, writer: LandingWriter, covered: Covered) -> None:
        self._writer = writer
        self._covered = covered
        self.records = 0

    async def take(self, client: CortiClient, interaction: Interaction, listed: Listed) -> None:
        """Write a record for each resource of an interaction whose list has a figure above 0.

        Raises:
            CortiError: the list of facts can't be read.
        """
        resources = [*listed.resources, *await facts_of(client, interaction.id)]
        figures = [
            (resource, digits)
            for resource in resources
            if not resource.in_progress and (digits := credit_digits(resource.credits)) and Decimal(digits) > 0
        ]
        if not figures:
            return
        covered = set(self._covered(interaction.id, [(resource.kind, resource.id) for resource, _ in figures]))
        for resource, digits in figures:
            if (resource.kind, resource.id) in covered:
                continue
            context = CallContext.mint()
            record = UsageRecord(
                record_id=context.record_id,
                kind=resource.kind,
                status="final",
                source="read",
                credits=digits,
                interaction_id=interaction.id,
                resource_id=resource.id,
                created_at=resource.created_at or interaction.created_at,
                captured_at=context.captured_at,
                environment=client.account.environment,
                corti_tenant=client.account.tenant,
            )
            self._writer.add_line(record.line())
            self.records += 1

    def deliver(self) -> None:
        """Let landing see the records so far."""
        self._writer.deliver()
