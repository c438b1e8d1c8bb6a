"""`python -m bench`: takes all measurements and writes docs/benchmarks.md.

`--small` tries it with a tenth of the data, and `--largest` adds 30 million records. `--against FOLDER` compares small
runs with those of another checkout of this project, in turn.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.capture_findings import capture_findings
from bench.dashboard_tables import make_tables
from bench.forecast_trials import forecast_finding
from bench.measuring import Finding, Measured, measure, median
from bench.report import write_report
from bench.runway_trials import runway_finding
from bench.small_runs import idle_files, many_files, one_late_record, small_runs
from ingest.sample import write_sample

DAILY_RECORDS = 16_667
_LAST_MONTH = "2026-10-01T00:00:00Z"
_IDS = re.compile(rb'"(?:record|resource|operation)Id":"')


def main() -> None:
    """Measure, print, report."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--small", action="store_true", help="a tenth of the size, to try the harness")
    parser.add_argument("--largest", action="store_true", help="also 30 million records (needs 40 GB of disk)")
    parser.add_argument("--against", type=Path, help="another checkout, for the ratios of small runs")
    parser.add_argument("--work", type=Path, help="folder for the data (default: a temporary one)")
    options = parser.parse_args()
    scale = 10 if options.small else 1
    with tempfile.TemporaryDirectory(dir=options.work, prefix="credits-bench-") as folder:
        findings = []
        for finding in _findings(Path(folder), scale, options.largest, options.against):
            print(f"{finding.what}\n  {finding.figures}\n  {finding.result} (goal: {finding.goal})", flush=True)
            findings.append(finding)
    if not options.small:
        write_report(findings)


def _findings(folder: Path, scale: int, largest: bool, against: Path | None) -> Iterator[Finding]:
    small, large = 1_000_000 // scale, 10_000_000 // scale
    yield from small_runs(folder / "sample-home", against)
    yield many_files(folder / "many", 10_000 // scale)
    yield idle_files(folder / "idle", 500_000 // scale)
    for records in (small, large):
        _history(folder, records)
    late = folder / "late"
    write_sample(late, records=166_000 // scale, days=14, seed=99)  # three fifths are plain JSON lines
    yield _landing(folder, small)
    wholes = {records: _whole(folder, records) for records in (small, large)}
    for records, (ours, theirs) in wholes.items():
        yield Finding(
            f"Whole build of {records:,} records, compared with one hand-written DuckDB session, without start-up",
            f"ours {ours.said['cpu']:.1f} CPU-s (landing {ours.said['land']:.1f}, models and checks "
            f"{ours.said['models']:.1f}, publishing {ours.said['publish']:.1f}), hand-written {theirs.said['cpu']:.1f}",
            f"{ours.said['cpu'] / theirs.said['cpu']:.2f} times",
            "1.3 times or less" if records == large else "1.5 times or less",
        )
    peak = wholes[large][0].peak_gb
    yield Finding(
        f"Peak memory of the whole build of {large:,} records", f"{peak:.1f} GB", f"{peak:.1f} GB", "4.5 GB or less"
    )
    yield _less_memory(folder, large)
    yield _one_record(folder, small, large)
    yield _increments(folder, late, small, large)
    yield _repricing(folder, small, large)
    yield _nothing_new(folder, large)
    yield _dashboard(folder, small, large, scale)
    if largest:
        yield from _largest(folder, large, 3 * large, wholes[large][0])
    yield runway_finding(folder / "runways", 3000 // scale)
    yield forecast_finding(folder / "forecasts", 3000 // scale)
    yield from capture_findings()


def _history(folder: Path, records: int) -> None:
    write_sample(folder / f"h{records}", records=records, days=max(14, records // DAILY_RECORDS), seed=3)


def _landing(folder: Path, records: int) -> Finding:
    """Landing of the bulk's plain JSON Lines only, alternating with the bare statement, three times each."""
    source = folder / f"h{records}" / "landing" / "usage_records" / "capture"
    only = folder / "only-json"
    target = only / "landing" / "usage_records"
    target.mkdir(parents=True)
    for path in source.rglob("*.jsonl"):
        (target / path.name).hardlink_to(path)
    ours, bare, rows = [], [], 0.0
    for _ in range(3):
        shutil.rmtree(only / "warehouse", ignore_errors=True)
        measured = measure(["bench.our_landing"], only)
        ours.append(measured.said["cpu"])
        rows = measured.said["rows"]
        bare.append(measure(["bench.bare_landing", str(target), str(only / "bare.duckdb")]).said["cpu"])
    ratio = median([one / other for one, other in zip(ours, bare, strict=True)])
    return Finding(
        f"Landing {int(rows):,} JSON lines, compared with a bare `read_json` + `insert`",
        f"ours {median(ours):.2f} CPU-s, bare {median(bare):.2f} CPU-s",
        f"{ratio:.2f} times",
        "1.5 times or less",
    )


def _whole(folder: Path, records: int) -> tuple[Measured, Measured]:
    home = folder / f"h{records}"
    ours = measure(["bench.our_build"], home)
    theirs = measure(["bench.hand_written", str(home / "landing"), str(folder / f"hand{records}")])
    shutil.rmtree(folder / f"hand{records}")
    return ours, theirs


def _less_memory(folder: Path, records: int) -> Finding:
    """All models again, with 2 GB for DuckDB."""
    home = folder / f"h{records}"
    peak = measure(["orchestration.cli", "rebuild"], home, {"CREDITS_MEMORY_LIMIT": "2GB"}).peak_gb
    return Finding(
        f"Peak memory of a rebuild of {records:,} records with `CREDITS_MEMORY_LIMIT=2GB`",
        f"{peak:.1f} GB",
        f"{peak:.1f} GB",
        "2.5 GB or less",
    )


def _one_record(folder: Path, small: int, large: int) -> Finding:
    """One late record on each history, with `credits run`, including start-up; three times, alternating."""
    taken: dict[int, list[float]] = {small: [], large: []}
    for _ in range(3):
        for records in (small, large):
            taken[records].append(one_late_record(folder / f"h{records}"))
    added = (median(taken[large]) - median(taken[small])) / ((large - small) / 1e6)
    return Finding(
        f"`credits run` with one late record, with a history of {small:,} and of {large:,}, including start-up",
        f"{median(taken[small]):.1f} and {median(taken[large]):.1f} CPU-s",
        f"{added:.2f} CPU-s for each million of history",
        "0.3 CPU-s or less",
    )


def _largest(folder: Path, large: int, largest: int, whole: Measured) -> Iterator[Finding]:
    """The whole build and a small run with three times the longest history."""
    _history(folder, largest)
    home = folder / f"h{largest}"
    ours = measure(["bench.our_build"], home)
    ratio = ours.said["cpu"] / largest / (whole.said["cpu"] / large)
    yield Finding(
        f"Whole build of {largest:,} records, for each record, compared with {large:,}",
        f"{ours.said['cpu']:.1f} and {whole.said['cpu']:.1f} CPU-s, peak {ours.peak_gb:.1f} GB",
        f"{ratio:.2f} times",
        "1.1 times or less",
    )
    taken = [(one_late_record(home), one_late_record(folder / f"h{large}")) for _ in range(3)]
    yield Finding(
        f"`credits run` with one late record, with a history of {largest:,} compared with {large:,}",
        f"{median([one for one, _ in taken]):.1f} and {median([other for _, other in taken]):.1f} CPU-s",
        f"{median([one / other for one, other in taken]):.2f} times",
        "1.1 times or less",
    )


def _increments(folder: Path, late: Path, small: int, large: int) -> Finding:
    """Late records of the last two weeks, with `credits run`, including start-up; three times, alternating."""
    taken: dict[int, list[float]] = {small: [], large: []}
    sources = sorted((late / "landing" / "usage_records" / "capture").rglob("*.jsonl"))
    delivered = sum(path.read_bytes().count(b"\n") for path in sources)
    for turn in range(3):
        for records in (small, large):
            home = folder / f"h{records}"
            target = home / "landing" / "usage_records" / "late-files"
            target.mkdir(exist_ok=True)
            for path in sources:
                # Other ids each time, because the same records would be duplicates.
                lines = _IDS.sub(rb"\g<0>t%d-" % turn, path.read_bytes())
                (target / f"{turn}-{path.name}").write_bytes(lines)
            taken[records].append(measure(["orchestration.cli", "run"], home).cpu)
    ratio = median([large_ / small_ for small_, large_ in zip(taken[small], taken[large], strict=True)])
    return Finding(
        f"`credits run` with {delivered:,} late records of the last two weeks, with a history of {small:,} "
        f"and of {large:,}, including start-up",
        f"{median(taken[small]):.1f} and {median(taken[large]):.1f} CPU-s",
        f"{ratio:.2f} times",
        "1.2 times or less",
    )


def _repricing(folder: Path, small: int, large: int) -> Finding:
    """Another price for one customer in the sample's last month, on each history; three times, alternating."""
    taken: dict[int, list[float]] = {small: [], large: []}
    for turn in range(3):
        for records in (small, large):
            rates = folder / f"h{records}" / "landing" / "billing" / "rates"
            tenant = sorted(rates.glob("rates-*.csv"))[-1].read_text(encoding="utf-8").splitlines()[-1].split(",")[0]
            row = f"{tenant},stream,1.{turn},EUR,{_LAST_MONTH}"
            (rates / "stream.csv").write_text(f"tenantId,kind,pricePerCredit,currency,validFrom\n{row}\n")
            taken[records].append(measure(["orchestration.cli", "run"], folder / f"h{records}").cpu)
    ratio = median([large_ / small_ for small_, large_ in zip(taken[small], taken[large], strict=True)])
    return Finding(
        f"`credits run` with another price for one customer's last month, with a history of {small:,} and of "
        f"{large:,}, including start-up",
        f"{median(taken[small]):.1f} and {median(taken[large]):.1f} CPU-s",
        f"{ratio:.2f} times",
        "1.2 times or less",
    )


def _nothing_new(folder: Path, records: int) -> Finding:
    idle = median([measure(["orchestration.cli", "run"], folder / f"h{records}").cpu for _ in range(3)])
    return Finding(
        f"`credits run` with nothing new, with a history of {records:,}",
        f"{idle:.2f} CPU-s",
        f"{idle:.2f} CPU-s",
        "0.2 CPU-s or less",
    )


def _dashboard(folder: Path, small: int, large: int, scale: int) -> Finding:
    """The dashboards of both histories, and of invented tables for an organisation with 50,000 users."""
    homes = [folder / f"h{records}" / "published" / "current" / "credits.duckdb" for records in (small, large)]
    wide = folder / "wide.duckdb"
    make_tables(wide, tenants=500, users=50_000 // scale, days=730, operations=large)
    made = [measure(["bench.our_dashboard", str(database)]).said for database in (*homes, wide)]
    nexts = [f"{measured['next']:.2f}" for measured in made if "next" in measured]
    return Finding(
        f"Making the dashboard for {small:,} records, for {large:,}, and for {large:,} with "
        f"{50_000 // scale:,} users and 500 customers, without start-up",
        " and ".join(f"{measured['cpu']:.2f} CPU-s" for measured in made)
        + f"; the next page, with one month of both histories changed, {' and '.join(nexts)} CPU-s",
        " and ".join(f"{measured['bytes'] / 1e6:.1f} MB" for measured in made),
        "5 MB or less at 10,000,000",
    )


if __name__ == "__main__":
    main()
