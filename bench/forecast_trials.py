"""How good the forecast of a month is: simulated users whose month is known to its end.

Each user has at least 8 weeks of use up to a day of March, and is built by `credits run` with all the others. Then the
credits of the whole month are compared with the published forecast and its bounds. `python -m bench.forecast_trials`
runs it alone.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from bench.measuring import Finding, measure
from bench.simulated_use import KINDS, Figures, Habit, simulated_use

_LAST_DAYS = (date(2026, 3, 5), date(2026, 3, 14), date(2026, 3, 24))
"""The last days that are known, one for each home."""
_KINDS = {**KINDS, "growth or decline of up to 3 % a week": Habit(growth=0.03)}
_FUTURE_WEEKS = 4


@dataclass(frozen=True)
class Trial:
    """A simulated user: the use before and after the end of the last known day."""

    kind: str
    before: Figures
    after: Figures

    def month(self, last_day: date) -> float:
        """The credits of the whole month."""
        return float(self.to_date(last_day) + self.after[: 31 - last_day.day].sum())

    def to_date(self, last_day: date) -> float:
        """The credits of the month up to the last known day."""
        return float(self.before[-last_day.day :].sum())


def trials(number: int, seed: int) -> list[Trial]:
    """Users of all kinds in turn, each with its own habits and history."""
    chance = np.random.default_rng(seed)
    return [_trial(chance, [*_KINDS][place % len(_KINDS)]) for place in range(number)]


def _trial(chance: np.random.Generator, kind: str) -> Trial:
    weeks = int(chance.integers(8, 20))
    use = simulated_use(chance, _KINDS[kind], weeks + _FUTURE_WEEKS)
    return Trial(kind, use[: 7 * weeks], use[7 * weeks :])


def _write(home: Path, last_day: date, found: list[Trial]) -> None:
    records = home / "landing" / "usage_records"
    records.mkdir(parents=True)
    with (records / "use.jsonl").open("w", encoding="utf-8") as lines:
        for number, trial in enumerate(found):
            for back, credits in enumerate(reversed(trial.before)):
                record = {"resourceId": f"{number}-{back}", "userId": f"u{number}", "tenantId": f"t{number % 10}"}
                at = f"{last_day - timedelta(days=back)}T12:00:00Z"
                lines.write(json.dumps({**record, "createdAt": at, "creditsConsumed": credits}) + "\n")


def forecast_finding(folder: Path, number: int) -> Finding:
    """How far forecasts are from the true month, and how often that lies within the bounds."""
    errors: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    by_day: list[str] = []
    of_pace: list[float] = []
    below, above, widths = 0, 0, []
    for place, last_day in enumerate(_LAST_DAYS):
        home = folder / f"{last_day}"
        found = trials(number // len(_LAST_DAYS), seed=20261201 + place)
        _write(home, last_day, found)
        measure(["orchestration.cli", "run"], home)
        with duckdb.connect(str(home / "published" / "current" / "credits.duckdb"), read_only=True) as marts:
            rows = marts.execute(
                """
                select
                    cast(substr(entity_id, 2) as integer), cast(forecast_credits as double),
                    cast(forecast_credits_low as double), cast(forecast_credits_high as double)
                from marts.mart_month_forecast where entity_type = 'user'
                """
            ).fetchall()
        of_day: list[float] = []
        for user, forecast, low, high in rows:
            true, pace = found[user].month(last_day), found[user].to_date(last_day) / last_day.day * 31
            of_day.append(abs(forecast - true) / true)
            errors[found[user].kind].append(of_day[-1])
            of_pace.append(abs(pace - true) / true)
            below, above = below + (true < low), above + (true > high)
            widths.append((high - low) / forecast)
        by_day.append(f"{last_day.day} March {100 * np.mean(of_day):.1f} %")
    every = [error for of_kind in errors.values() for error in of_kind]
    by_kind = ", ".join(f"{kind} {100 * np.mean(of_kind):.1f} %" for kind, of_kind in errors.items())
    held = 100 - 100 * (below + above) / len(every)
    figures = (
        f"mean error {100 * np.mean(every):.1f} % of the month ({', '.join(by_day)}); the pace of the month so far "
        f"gives {100 * np.mean(of_pace):.1f} %; with {by_kind}; below the bounds {100 * below / len(every):.1f} %, "
        f"above {100 * above / len(every):.1f} %; from low to high {100 * np.median(widths):.0f} % of the month "
        "(median)"
    )
    return Finding(
        f"The forecast of a month for {len(every):,} simulated users, compared with the whole month",
        figures,
        f"{100 * np.mean(every):.1f} %, {held:.1f} % within the bounds",
        "75 to 85 % within the bounds",
    )


def main() -> None:
    """Print the figure."""
    with tempfile.TemporaryDirectory(prefix="credits-bench-") as folder:
        finding = forecast_finding(Path(folder), 3000)
    print(f"{finding.what}\n  {finding.figures}\n  {finding.result} (goal: {finding.goal})")


if __name__ == "__main__":
    main()
