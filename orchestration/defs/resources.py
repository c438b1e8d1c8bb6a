"""What the assets share: the settings of the run, and the one writer's place, held from its first step to its last."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from ingest.error_lines import safe_line
from ingest.landing.warehouse import writer_lock
from ingest.settings import Settings, load_settings
from orchestration.checked_settings import check_all_settings
from orchestration.defs.dead_runs import end_dead_runs
from orchestration.run_log import LOGGER, run_log


class Warehouse(dg.ConfigurableResource[Settings]):
    """The home's settings; whoever holds the resource is the warehouse's one writer."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Settings]:
        """Hold the writer's lock while the run lasts, whatever started it."""
        check_all_settings()
        settings = load_settings()
        if context.run is None:
            with writer_lock(settings, "a test"):
                yield settings
            return
        run = f"run {context.run.run_id}"
        with writer_lock(settings, run), run_log(settings, run):
            try:
                if context.instance:
                    end_dead_runs(context.instance, settings, context.run.run_id)
            except Exception as error:  # Dagster's storage, which nothing of the warehouse depends on
                LOGGER.warning("runs that were killed could not be ended in Dagster's catalog: %s", safe_line(error))
            yield settings
