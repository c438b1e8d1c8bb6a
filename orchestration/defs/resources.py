"""What the assets share: the settings of the run, and the writer's lock, which is held from the first step to
the last.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dagster as dg

from ingest.error_lines import safe_line
from ingest.landing.warehouse import writer_lock
from ingest.settings import Settings, load_settings
from orchestration.change_detection import bring_landing
from orchestration.checked_settings import check_all_settings
from orchestration.defs.dead_runs import end_dead_runs, mark_home
from orchestration.run_log import LOGGER, run_log


class Warehouse(dg.ConfigurableResource[Settings]):
    """The home's settings; the holder of the resource is the warehouse's only writer."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        """Hold the writer's lock during the run, however it was started."""
        check_all_settings()
        settings = load_settings()
        bring_landing(settings)
        if context.run is None:
            with writer_lock(settings, "a test"):
                yield settings
            return
        run_id, instance = context.run.run_id, context.instance
        # Failures below come from Dagster's storage, which the warehouse does not depend on.
        with suppress(Exception):
            if instance:
                mark_home(instance, settings, run_id)
        with writer_lock(settings, f"run {run_id}"), run_log(settings, f"run {run_id}"):
            try:
                if instance:
                    end_dead_runs(instance, settings, run_id)
            except Exception as error:
                LOGGER.warning("runs that were killed could not be ended in Dagster's catalog: %s", safe_line(error))
            yield settings
