"""Pulls from Corti as assets: files below landing/ that the next landing reads. They never wait for the warehouse.

Without an account they are skipped: not materialized, since nothing was asked, and not failed, since nothing is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import dagster as dg

from ingest.corti.summaries import ConsumptionSummary, PullSummary, ReadSummary
from ingest.errors import CreditsError
from ingest.settings import load_settings
from orchestration.defs.failures import as_failures
from orchestration.pulls.pulling import NOT_CONFIGURED, ask_consoles, pull_interactions, pulls_of, read_back

GROUP = "corti"
Summary = PullSummary | ReadSummary | ConsumptionSummary
_INTERACTIONS = dg.AssetKey(["corti", "interactions"])
_READS = dg.AssetKey(["corti", "reads"])
_CONSUMPTION = dg.AssetKey(["corti", "consumption"])


@dg.multi_asset(
    name="corti_view",
    specs=[
        dg.AssetSpec(
            _INTERACTIONS,
            group_name=GROUP,
            skippable=True,
            description="Interactions of the lookback and what hangs on them, as Corti lists them.",
        ),
        dg.AssetSpec(
            _READS,
            deps=[_INTERACTIONS],
            group_name=GROUP,
            skippable=True,
            description="What transcripts and documents cost that were provisional, unreported or missed.",
        ),
        dg.AssetSpec(
            _CONSUMPTION,
            group_name=GROUP,
            skippable=True,
            description="Totals of users and days, from the console's admin API.",
        ),
    ],
    pool="corti",
)
def corti_view(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetObservation]:
    """Ask every configured account. If one can't be asked, the step asks the others and then fails."""
    with as_failures():
        settings = load_settings()
        pulls = pulls_of(settings)
    if pulls is None:
        context.log.warning(NOT_CONFIGURED)
        for key in (_INTERACTIONS, _READS, _CONSUMPTION):
            yield dg.AssetObservation(key, description=NOT_CONFIGURED, metadata={"state": "not configured"})
        return
    early: list[str] = []
    with as_failures():
        listed = pull_interactions(settings, pulls)
    yield from _outcome(context, _INTERACTIONS, listed, early)
    with as_failures():
        reads = read_back(settings, pulls)
    yield from _outcome(context, _READS, reads, early)
    if any(account.admin for account in pulls.accounts):
        with as_failures():
            totals = ask_consoles(settings, pulls)
        yield from _outcome(context, _CONSUMPTION, totals, early)
    else:
        text = "no account has a console login: see CREDITS_CORTI_<NAME>_ADMIN_EMAIL"
        yield dg.AssetObservation(_CONSUMPTION, description=text, metadata={"state": "not configured"})
    if early:
        raise dg.Failure(description="; ".join(dict.fromkeys(early)), allow_retries=False)


def _outcome(
    context: dg.AssetExecutionContext, key: dg.AssetKey, summaries: Sequence[Summary], early: list[str]
) -> Iterator[dg.MaterializeResult]:
    metadata = {f"{summary.account} {name}": value for summary in summaries for name, value in _shown(summary)}
    ended_early = [str(summary.message) for summary in summaries if summary.reason]
    for message in ended_early:
        context.log.error(message)
    early += ended_early
    # If an account gave nothing, the asset is not up to date.
    if not ended_early:
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)


def _shown(summary: Summary) -> Iterator[tuple[str, int | bool]]:
    for name, value in asdict(summary).items():
        if isinstance(value, (int, bool)):
            yield name.replace("_", " "), value


corti_job = dg.define_asset_job(
    "corti_job", selection=dg.AssetSelection.groups(GROUP), description="Ask Corti for its own view, once."
)


@dg.schedule(job=corti_job, cron_schedule="30 2 * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a pull every night if an account is configured."""
    try:
        configured = pulls_of(load_settings()) is not None
    except CreditsError:
        return dg.RunRequest()  # the run will report what is wrong
    return dg.RunRequest() if configured else dg.SkipReason(NOT_CONFIGURED)
