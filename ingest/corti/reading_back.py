"""Looks up what a resource cost: transcripts that were still processing, and resources that capture missed or has no
figure for.

Corti's API has credits in reads of transcripts and documents. Only the creating response has those of a guided
document, so there is nothing to look up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ingest.contract.call import CallContext
from ingest.contract.landing_writer import LandingWriter
from ingest.contract.plain_values import credit_digits, id_in_path, time_text
from ingest.contract.usage_record import UsageRecord
from ingest.corti.accounts import Account
from ingest.corti.client import CortiClient
from ingest.corti.concurrently import concurrently
from ingest.corti.json_picking import Item, Shape
from ingest.corti.listing import path_of
from ingest.corti.resources import DOCUMENT, TRANSCRIPT
from ingest.corti.summaries import Progress, ReadSummary
from ingest.errors import BalanceError, CortiError, GoneError, LoginError

_FOLDERS = {TRANSCRIPT: "transcripts", DOCUMENT: "documents"}
_READ = Shape(
    "",
    {
        "id": "id",
        "status": "status",
        "createdAt": "created_at",
        "usageInfo.creditsConsumed": "credits",
        "creditsConsumed": "credits",
    },
)
_AT_ONCE = 200
_MOST_FAILURES = 5
_DELIVERED_AT = 5000
"""How many records are delivered together: a killed run may have to look up this number again."""


@dataclass(frozen=True)
class Candidate:
    """One transcript or document whose cost is not final.

    `environment` and `corti_tenant` are those of its records, which may be None, because the read must name the same
    operation. `created_at` (RFC 3339) is given if no record has a time; for a transcript, which has no time in Corti's
    API, it is the time of its interaction. `recorded_kind` is the `kind` of its records, if it differs.
    """

    kind: str
    interaction_id: str
    resource_id: str
    environment: str | None = None
    corti_tenant: str | None = None
    created_at: str | None = None
    recorded_kind: str | None = None

    def is_of(self, account: Account) -> bool:
        """Whether it belongs to an account, or names none."""
        return self.environment in (None, "", account.environment) and self.corti_tenant in (None, "", account.tenant)


async def read_back(
    client: CortiClient, candidates: Iterable[Candidate], writer: LandingWriter, progress: Progress
) -> ReadSummary:
    """Look up each candidate of the client's account, and write a usage record of the answer.

    Refusals and failures of Corti are in the summary, not raised.

    Raises:
        HomeError: landing can't be written.
    """
    summary = ReadSummary(client.account.name)
    waiting = iter(
        [candidate for candidate in candidates if candidate.kind in _FOLDERS and candidate.is_of(client.account)]
    )
    failures = 0
    try:
        while portion := [*islice(waiting, _AT_ONCE)]:
            async with concurrently(_looked_up(client, candidate) for candidate in portion) as tasks:
                for task in tasks:
                    outcome = await task
                    summary.asked += 1
                    failures = failures + 1 if outcome.verdict == "failed" else 0
                    setattr(summary, outcome.verdict, getattr(summary, outcome.verdict) + 1)
                    if outcome.record is not None:
                        writer.add_line(outcome.record.line())
            progress(f"reading back {client.account.name}", summary.asked, summary.asked + len(portion))
            if writer.lines >= _DELIVERED_AT:
                writer.deliver()
            if failures >= _MOST_FAILURES:
                summary.reason, summary.message = "server_error", f"{client.account.name}: too many reads failed"
                break
    except CortiError as error:
        summary.reason, summary.message = error.reason, str(error)
    finally:
        writer.deliver()
    return summary


@dataclass(frozen=True)
class _Outcome:
    verdict: str
    record: UsageRecord | None = None


async def _looked_up(client: CortiClient, candidate: Candidate) -> _Outcome:
    interaction, resource = id_in_path(candidate.interaction_id), id_in_path(candidate.resource_id)
    if interaction is None or resource is None:
        return _Outcome("gone")
    try:
        items = await client.get(path_of(interaction, _FOLDERS[candidate.kind], resource), _READ)
    except GoneError:
        return _Outcome("gone")
    except (LoginError, BalanceError):
        raise
    except CortiError:
        return _Outcome("failed")
    return _outcome_of(items, replace(candidate, interaction_id=interaction, resource_id=resource))


def _outcome_of(items: Sequence[Item], candidate: Candidate) -> _Outcome:
    item = items[0] if items else {}
    if item.get("status", "").lower() == "processing":
        return _Outcome("processing")
    digits = credit_digits(item.get("credits"))
    if digits is None:
        return _Outcome("silent")
    context = CallContext.mint()
    record = UsageRecord(
        record_id=context.record_id,
        kind=candidate.recorded_kind or candidate.kind,
        status="final",
        source="read",
        credits=digits,
        interaction_id=candidate.interaction_id,
        resource_id=candidate.resource_id,
        created_at=time_text(item.get("created_at")) or candidate.created_at,
        captured_at=context.captured_at,
        environment=candidate.environment or None,
        corti_tenant=candidate.corti_tenant or None,
    )
    return _Outcome("final", record)
