"""Jobs and their triggers: an hourly schedule, a sensor on the landing folder, a rebuild on request."""

import dagster as dg

from ingest.contract.landing_listing import listing_fingerprint
from ingest.landing_store import landing_store
from ingest.settings import Settings, load_settings
from orchestration.change_detection import has_news
from orchestration.checked_settings import check_all_settings
from orchestration.dashboard.design import fingerprint
from orchestration.defs.corti import GROUP
from orchestration.defs.failures import as_failures
from orchestration.models.building import build_fingerprint
from orchestration.published_version import current_manifest

# Corti is asked on a separate schedule: a run of the warehouse works on the files in landing.
everything = dg.AssetSelection.all() - dg.AssetSelection.groups(GROUP)

credits_job = dg.define_asset_job(
    "credits_job", selection=everything, description="Land, build, check and publish once."
)

rebuild_job = dg.define_asset_job(
    "rebuild_job",
    selection=everything,
    config={"ops": {"landing": {"config": {"rebuild": True}}}},
    description="Make all tables again from the files below landing/ and publish them.",
)

hourly = dg.ScheduleDefinition(
    name="hourly", job=credits_job, cron_schedule="0 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)


@dg.sensor(job=credits_job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Start a run when the published version lacks files in landing, was made by other models, or has outdated
    statements about the present: once for each listing, each state of the models and the dashboard, and each such time.
    A setting that can't be used, or a folder that can't be read, fails the tick and is shown there.
    """
    with as_failures():
        check_all_settings()
        settings = load_settings()
        landing_store(settings).bring()
        if not settings.landing.exists() or not has_news(settings):
            return dg.SkipReason("nothing new below landing/")
        states = (
            listing_fingerprint(settings.landing),
            build_fingerprint(settings),
            fingerprint(),
            _current_until(settings),
        )
        return dg.RunRequest(run_key=" ".join(states))


def _current_until(settings: Settings) -> str:
    manifest = current_manifest(settings)
    return str(manifest.get("current_until")) if manifest else "nothing"
