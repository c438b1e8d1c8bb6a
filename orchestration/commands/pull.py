"""`credits pull`: asks Corti for everything once, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ingest.corti.summaries import ConsumptionSummary, PullSummary, ReadSummary
from ingest.errors import CreditsError, SettingsError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration import progress
from orchestration.pulls.pulling import NOT_CONFIGURED, ask_consoles, pull_interactions, pulls_of, read_back


def run_pull(settings: Settings, show: Callable[[str], object]) -> None:
    """Pull all accounts and say what was found.

    Raises:
        SettingsError: no account is configured, or one incompletely.
        CreditsError: a pull ended early; what it had by then is in landing.
    """
    pulls = pulls_of(settings)
    if pulls is None:
        raise SettingsError(f"{NOT_CONFIGURED}.")
    with progress.shown(show):
        done: Sequence[PullSummary | ReadSummary | ConsumptionSummary] = [
            *pull_interactions(settings, pulls),
            *read_back(settings, pulls),
            *ask_consoles(settings, pulls),
        ]
    for line in _summary_lines(done):
        show(line)
    if early := [str(summary.message) for summary in done if summary.reason]:
        raise CreditsError("; ".join(dict.fromkeys(early)))
    show("now: `credits run` lands and publishes it")


def _summary_lines(done: Sequence[PullSummary | ReadSummary | ConsumptionSummary]) -> Iterator[str]:
    for summary in done:
        match summary:
            case PullSummary():
                days = f"{counted(summary.days_complete, 'day')} complete, {summary.days_failed} failed"
                yield (
                    f"{summary.account}: {counted(summary.interactions, 'interaction')}, {summary.listed} of them "
                    f"listed with {counted(summary.resources, 'resource')}, {days}, "
                    f"{counted(summary.requests, 'request')}"
                )
                if summary.guided_refused:
                    yield f"{summary.account}: Corti does not list guided documents here; missing ones are not found"
            case ReadSummary():
                yield (
                    f"{summary.account}: {summary.asked} looked up: {summary.final} with a figure, "
                    f"{summary.processing} still processing, {summary.silent} without one, {summary.gone} gone, "
                    f"{summary.failed} failed"
                )
            case ConsumptionSummary():
                totals, users = counted(summary.totals, "total"), counted(summary.users, "user")
                yield f"{summary.account}: {totals} of {users} from the console"
