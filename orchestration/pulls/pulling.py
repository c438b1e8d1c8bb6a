"""What is pulled from Corti, for the command and for the assets alike."""

from __future__ import annotations

from ingest.corti.accounts import load_accounts
from ingest.corti.pull_settings import load_pull_settings
from ingest.corti.pulls import Pulls
from ingest.corti.summaries import PullSummary, ReadSummary
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
    return pulls.interactions(lambda interaction, resources: covered(settings, interaction, resources))


def read_back(settings: Settings, pulls: Pulls) -> list[ReadSummary]:
    """Look up costs that are not final in the published version."""
    return pulls.reads(lambda: open_costs(settings, pulls.settings.lookback_days))
