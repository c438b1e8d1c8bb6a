"""What is pulled from Corti, for the command and for the assets alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ingest.corti.accounts import load_accounts
from ingest.corti.pull_settings import load_pull_settings
from ingest.corti.pulls import Pulls
from ingest.corti.summaries import ConsumptionSummary, PullSummary, ReadSummary
from ingest.landing_store import landing_store
from ingest.settings import Settings
from orchestration import progress
from orchestration.pulls.open_costs import covered, open_costs

NOT_CONFIGURED = "no Corti account is configured: name one in CREDITS_CORTI_ACCOUNTS (docs/corti-view.md)"


def pulls_of(settings: Settings) -> Pulls | None:
    """The configured pulls; None if no account is configured.

    Raises:
        SettingsError: an account is configured incompletely.
    """
    accounts = load_accounts()
    if not accounts:
        return None
    return Pulls(accounts, settings.landing, load_pull_settings(), progress.report)


def pull_interactions(settings: Settings, pulls: Pulls) -> list[PullSummary]:
    """List interactions and their resources."""
    with _delivered(settings, pulls) as pulls:
        return pulls.interactions(lambda interaction, resources: covered(settings, interaction, resources))


def read_back(settings: Settings, pulls: Pulls) -> list[ReadSummary]:
    """Look up costs that are not final in the published version."""
    with _delivered(settings, pulls) as pulls:
        return pulls.reads(lambda: open_costs(settings, pulls.settings.lookback_days))


def ask_consoles(settings: Settings, pulls: Pulls) -> list[ConsumptionSummary]:
    """Ask the consoles for totals."""
    with _delivered(settings, pulls) as pulls:
        return pulls.consumption()


@contextmanager
def _delivered(settings: Settings, pulls: Pulls) -> Iterator[Pulls]:
    """Pulls that know what earlier ones wrote, and whose files are in the landing store when the context ends."""
    store = landing_store(settings)
    store.bring(may_be_empty=True)
    with store.outbox(resend=True) as folder:
        yield replace(pulls, outbox=folder)
