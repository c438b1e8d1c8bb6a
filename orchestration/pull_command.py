"""`credits pull`: everything that Corti can be asked for, once, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ingest.corti.accounts import load_accounts
from ingest.corti.pull_settings import load_pull_settings
from ingest.corti.pulls import Pulls
from ingest.corti.summaries import ConsumptionSummary, PullSummary, ReadSummary
from ingest.errors import CreditsError, SettingsError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration import progress
from orchestration.open_costs import covered, open_costs

NOT_CONFIGURED = "no Corti account is configured: name one in CREDITS_CORTI_ACCOUNTS (docs/corti-view.md)"


def pulls_of(settings: Settings) -> Pulls | None:
    """The configured pulls; None where no account is configured.

    Raises:
        SettingsError: an account is configured in part.
    """
    accounts = load_accounts()
    if not accounts:
        return None
    return Pulls(accounts, settings.landing, load_pull_settings(), progress.report)


def pull_interactions(settings: Settings, pulls: Pulls) -> list[PullSummary]:
    """List interactions and what hangs on them."""
    return pulls.interactions(lambda interaction, resources: covered(settings, interaction, resources))


def read_back(settings: Settings, pulls: Pulls) -> list[ReadSummary]:
    """Look up what the published version does not know for good."""
    return pulls.reads(lambda: open_costs(settings, pulls.settings.lookback_days))


def run_pull(settings: Settings, show: Callable[[str], object]) -> None:
    """Pull all accounts and say what came of it.

    Raises:
        SettingsError: no account is configured, or one in part.
        CreditsError: a pull ended early; what it had got until then is in landing.
    """
    pulls = pulls_of(settings)
    if pulls is None:
        raise SettingsError(f"{NOT_CONFIGURED}.")
    with progress.shown(show):
        done: Sequence[PullSummary | ReadSummary | ConsumptionSummary] = [
            *pull_interactions(settings, pulls),
            *read_back(settings, pulls),
            *pulls.consumption(),
        ]
    for line in _told(done):
        show(line)
    if early := [str(each.message) for each in done if each.reason]:
        raise CreditsError("; ".join(dict.fromkeys(early)))
    show("now: `credits run` lands and publishes it")


def _told(done: Sequence[PullSummary | ReadSummary | ConsumptionSummary]) -> Iterator[str]:
    for each in done:
        match each:
            case PullSummary():
                days = f"{counted(each.days_complete, 'day')} complete, {each.days_failed} failed"
                yield (
                    f"{each.account}: {counted(each.interactions, 'interaction')}, {each.listed} of them "
                    f"listed anew with {counted(each.resources, 'resource')}, {days}, "
                    f"{counted(each.requests, 'request')}"
                )
                if each.guided_refused:
                    yield f"{each.account}: Corti does not list guided documents here; missing ones are not found"
            case ReadSummary():
                yield (
                    f"{each.account}: {each.asked} looked up: {each.final} with a figure, {each.processing} still "
                    f"processing, {each.silent} without one, {each.gone} gone, {each.failed} failed"
                )
            case ConsumptionSummary():
                totals, users = counted(each.totals, "total"), counted(each.users, "user")
                yield f"{each.account}: {totals} of {users} from the console"
