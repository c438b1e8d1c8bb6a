"""The only place where everything that Dagster loads is put together."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.alerts import delivered_alerts
from orchestration.defs.automation import credits_job, hourly, new_files, rebuild_job
from orchestration.defs.corti import corti_job, corti_view, daily
from orchestration.defs.history import history_job, nightly
from orchestration.defs.landing import landing
from orchestration.defs.models import credit_models
from orchestration.defs.publish import published_version_of
from orchestration.defs.resources import Warehouse


@dg.definitions
def defs() -> dg.Definitions:
    """The code location. Parses the dbt project if it has changed since it was last parsed."""
    models = credit_models()
    marts = [key for key in models.keys if key.path[0] == "marts"]
    return dg.Definitions(
        assets=[corti_view, landing, models, published_version_of(marts), delivered_alerts],
        jobs=[credits_job, rebuild_job, corti_job, history_job],
        schedules=[hourly, daily, nightly],
        sensors=[new_files],
        resources={"warehouse": Warehouse()},
        executor=dg.in_process_executor,
    )
