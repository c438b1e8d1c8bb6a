"""A file with figures of the last run and of the published version, for a monitoring system.

The file is OpenMetrics text, and just as well the older Prometheus text that node-exporter's textfile collector reads:
every metric is a gauge, and no line has a time of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.settings import Settings
from orchestration.run_outcome import RunOutcome

if TYPE_CHECKING:
    import duckdb

_RECENT = "in the last 35 days of them"
_COVERAGE = """
select sum(created_at_corti), sum(captured + filled_by_read), sum(missing) from marts.mart_capture_coverage
where date_day > (select max(date_day) from marts.mart_capture_coverage) - 35
"""
_TOTALS = """
select count(*), count(*) filter (where status <> 'matched'), sum(abs(difference))
from marts.mart_provider_reconciliation
where window_to > (select max(window_to) from marts.mart_provider_reconciliation) - interval 35 day
"""
_STOPPED = 130
"""The exit code of a run that a signal ended."""


@dataclass(frozen=True)
class Metric:
    """One metric: its samples are pairs of labels and a value."""

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float | Decimal]]


class RunMeasure:
    """What is measured of a run while it lasts; `outcome` is set once it has one."""

    def __init__(self) -> None:
        self.outcome: RunOutcome | None = None
        self._started, self._cpu = time.monotonic(), _cpu_seconds()

    def metrics(self, exit_code: int) -> Iterator[Metric]:
        """The metrics of the run itself."""
        yield _one("credits_run_exit_code", "Exit code of the last run: 0, or 3 if files were left out.", exit_code)
        yield _one("credits_run_finished_timestamp_seconds", "When the last run ended.", round(time.time(), 3))
        taken, cpu = round(time.monotonic() - self._started, 3), round(_cpu_seconds() - self._cpu, 2)
        yield _one("credits_run_duration_seconds", "How long the last run took.", taken)
        yield _one("credits_run_cpu_seconds", "CPU time of the last run.", cpu)


@contextmanager
def measured_run(settings: Settings, show: Callable[[str], object]) -> Iterator[RunMeasure]:
    """Write the file of CREDITS_METRICS_FILE, if it is set, when the run within ends or fails. The run's outcome stays
    what it is, whatever becomes of the file; that it can't be written is a line to `show`.
    """
    measure = RunMeasure()
    code = 1
    try:
        yield measure
        code = measure.outcome.exit_code if measure.outcome else 0
    except CreditsError as error:
        code = error.exit_code
        raise
    except KeyboardInterrupt:
        code = _STOPPED
        raise
    finally:
        try:
            write_metrics(settings, [*measure.metrics(code)])
        except CreditsError as error:
            show(f"  no metrics were written: {error}")


def write_metrics(settings: Settings, of_run: Sequence[Metric]) -> None:
    """Write these metrics and those of the published version to the file of CREDITS_METRICS_FILE, whole or not at all.

    Raises:
        CreditsError: it can't be written.
    """
    if settings.metrics_file is None:
        return
    try:
        of_version = [*version_metrics(settings)]
    except CreditsError:
        of_version = []  # the run has said why; its own figures are all that is known
    partial = settings.metrics_file.with_name(f".{settings.metrics_file.name}.{os.getpid()}.partial")
    try:
        try:
            partial.write_text(as_text([*of_run, *of_version]), encoding="utf-8")
            partial.chmod(0o644)  # node-exporter is another user
            partial.replace(settings.metrics_file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CreditsError(
            f"{settings.metrics_file} can't be written ({error.strerror}): look at its folder, or set another "
            "CREDITS_METRICS_FILE."
        ) from None


def version_metrics(settings: Settings) -> Iterator[Metric]:
    """The metrics of the published version; none if nothing is published.

    Raises:
        CreditsError: it can't be read.
    """
    from orchestration.status import read_status

    status = read_status(settings, ask_bucket=False)
    if status.version is None or status.built_at is None:
        return
    yield _one("credits_version_timestamp_seconds", "When the current version was built.", _seconds(status.built_at))
    if status.last_usage_at:
        yield _one(
            "credits_last_usage_timestamp_seconds", "When the latest operation was.", _seconds(status.last_usage_at)
        )
    yield _one("credits_published_credits", "Credits in the current version.", status.credits)
    yield _one("credits_published_operations", "Operations in the current version.", status.operations)
    yield _one("credits_unmapped_credits", "Credits without a known user or customer.", status.unmapped_credits)
    yield _one("credits_estimated_credits", "Credits that are estimates.", status.estimated_credits)
    yield _one("credits_unreported_operations", "Operations whose usage never came.", status.unreported_operations)
    yield Metric(
        "credits_records",
        "Lines that were read, by verdict.",
        [({"verdict": verdict}, count) for verdict, count in sorted((status.verdicts or {}).items())],
    )
    set_aside = sum(file.kind == "set_aside" for file in status.left_out)
    yield _one("credits_set_aside_files", "Faulty exports that are set aside.", set_aside)
    yield _one("credits_unread_files", "Files below landing/ that are not read.", len(status.left_out) - set_aside)
    yield _one("credits_files_to_mend", "Files that stay out until a person mends them.", len(status.to_mend))
    yield Metric(
        "credits_open_alerts",
        "Open alerts, by severity.",
        [
            ({"severity": "critical"}, status.alerts_critical),
            ({"severity": "warning"}, status.alerts_open - status.alerts_critical),
        ],
    )
    yield from _of_tables(settings)


def _of_tables(settings: Settings) -> Iterator[Metric]:
    """What the status does not have one by one: sources, and the gap to Corti's own totals."""
    import duckdb

    from orchestration.published_version import opened_version

    try:
        with opened_version(settings) as (marts, tables):
            sources: list[tuple[str, datetime | None, datetime | None, bool]] = []
            if "mart_capture_sources" in tables:
                sources = marts.execute(
                    "select source, last_heartbeat_at, last_record_at, is_silent from marts.mart_capture_sources "
                    "order by source"
                ).fetchall()
            coverage = _row(marts, _COVERAGE) if "mart_capture_coverage" in tables else None
            totals = _row(marts, _TOTALS) if "mart_provider_reconciliation" in tables else None
    except duckdb.Error as error:
        raise CreditsError(f"the published version can't be read ({safe_line(error)}).") from None
    heartbeats = [({"source": name}, _seconds(at)) for name, at, _, _ in sources if at]
    yield Metric("credits_source_last_heartbeat_timestamp_seconds", "When a source last gave a heartbeat.", heartbeats)
    records = [({"source": name}, _seconds(at)) for name, _, at, _ in sources if at]
    yield Metric("credits_source_last_record_timestamp_seconds", "When a source last brought a record.", records)
    silent = [({"source": name}, int(is_silent)) for name, _, _, is_silent in sources]
    yield Metric("credits_source_silent", "1 if a source gives no sign of life when it should.", silent)
    if coverage and coverage[0]:
        listed, covered, missing = coverage
        yield _one(
            "credits_capture_coverage_ratio", f"Share of listed resources with a record, {_RECENT}.", covered / listed
        )
        yield _one("credits_missing_captures", f"Listed resources without a record, {_RECENT}.", missing)
    if totals and totals[0]:
        _, unmatched, difference = totals
        yield _one("credits_unmatched_totals", f"Totals of Corti's that differ from ours, {_RECENT}.", unmatched)
        yield _one("credits_reconciliation_gap_credits", f"Sum of the differences to them, {_RECENT}.", difference)


def _row(marts: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    return marts.execute(query).fetchall()[0]


def as_text(metrics: Iterable[Metric]) -> str:
    """The file's content. A metric without samples is left out."""
    lines: list[str] = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
            lines += [f"{metric.name}{_labelled(labels)} {_number(value)}" for labels, value in metric.samples]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _one(name: str, explanation: str, value: float | Decimal) -> Metric:
    return Metric(name, explanation, [({}, value)])


def _labelled(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}" if labels else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _seconds(at: datetime) -> float:
    """Seconds since 1970 of a time; one without a zone is in UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _cpu_seconds() -> float:
    """CPU time of this process and of those that it has started and that have ended."""
    return sum(os.times()[:4])
