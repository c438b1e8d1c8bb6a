"""Whether the bounds of runways hold: simulated accounts whose future is known.

Each account has some weeks of use and prepaid credits, and is built by `credits run` with all the others. Then its use
goes on until nothing is left, and the day on which that happens is compared with the published bounds.
`python -m bench.runway_trials` runs it alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from bench.measuring import Finding, measure
from bench.simulated_use import KINDS, Figures, simulated_use

_LAST_DAY = date(2026, 3, 31)
_FUTURE_WEEKS = 80


@dataclass(frozen=True)
class Trial:
    """A simulated account: its use before and after the last published day, and its purchases that are left then, as
    credits and days until they expire (None: never).
    """

    kind: str
    before: Figures
    after: Figures
    purchases: tuple[tuple[float, int | None], ...]

    @property
    def days_until_empty(self) -> int | None:
        """The day after the last published one at whose end nothing is left; None if it is too far ahead."""
        left = [*self.purchases]
        for day, used in enumerate(self.after, start=1):
            left = [(credits, expires) for credits, expires in left if expires is None or day < expires]
            asked = used
            for place, (credits, expires) in enumerate(left):
                taken = min(asked, credits)
                left[place] = (credits - taken, expires)
                asked -= taken
            left = [(credits, expires) for credits, expires in left if credits > 0]
            if not left:
                return day
        return None


def trials(number: int, seed: int) -> list[Trial]:
    """Accounts of all kinds in turn: each with its own weekdays, weekly noise of days, history and size of balance."""
    chance = np.random.default_rng(seed)
    return [_trial(chance, kind) for _, kind in zip(range(number), _endless(), strict=False)]


def _endless() -> Iterator[str]:
    while True:
        yield from KINDS


def _trial(chance: np.random.Generator, kind: str) -> Trial:
    weeks = int(chance.integers(5, 20))
    use = simulated_use(chance, KINDS[kind], weeks + _FUTURE_WEEKS)
    before, after = use[: 7 * weeks], use[7 * weeks :]
    a_week = before[-56:].mean() * 7
    credits = round(a_week * chance.uniform(1.5, 16), 3)
    if chance.random() < 1 / 3:
        expiring = round(credits * chance.uniform(0.1, 0.6), 3)
        return Trial(
            kind, before, after, ((expiring, int(chance.integers(7, 60))), (round(credits - expiring, 3), None))
        )
    return Trial(kind, before, after, ((credits, None),))


def _write(folder: Path, found: list[Trial]) -> None:
    landing = folder / "landing"
    for name in ("usage_records", "billing/purchases"):
        (landing / name).mkdir(parents=True)
    with (landing / "usage_records" / "use.jsonl").open("w", encoding="utf-8") as lines:
        for number, trial in enumerate(found):
            for back, credits in enumerate(reversed(trial.before)):
                day = _LAST_DAY - timedelta(days=back)
                record = {"resourceId": f"{number}-{back}", "environment": "eu", "cortiTenant": f"t{number}"}
                lines.write(json.dumps({**record, "createdAt": f"{day}T12:00:00Z", "creditsConsumed": credits}) + "\n")
    with (landing / "billing" / "purchases" / f"p_{_LAST_DAY}.jsonl").open("w", encoding="utf-8") as lines:
        for number, trial in enumerate(found):
            # What is used up to the last day comes out of a purchase that expires with it.
            used = {"purchaseId": f"{number}-used", "credits": f"{trial.before.sum():.3f}"}
            begins = _LAST_DAY - timedelta(days=len(trial.before))
            rows = [{**used, "purchasedAt": f"{begins}", "expiresAt": f"{_LAST_DAY + timedelta(days=1)}"}]
            for place, (credits, expires) in enumerate(trial.purchases):
                row = {"purchaseId": f"{number}-{place}", "credits": f"{credits:.3f}", "purchasedAt": f"{begins}"}
                rows.append(row if expires is None else {**row, "expiresAt": f"{_LAST_DAY + timedelta(days=expires)}"})
            for row in rows:
                lines.write(json.dumps({**row, "environment": "eu", "cortiTenant": f"t{number}"}) + "\n")


def runway_finding(folder: Path, number: int) -> Finding:
    """How often the true day lies within the published bounds."""
    found = trials(number, seed=20261201)
    _write(folder, found)
    measure(["orchestration.cli", "run"], folder)
    with duckdb.connect(str(folder / "published" / "current" / "credits.duckdb"), read_only=True) as marts:
        rows = marts.execute(
            "select cast(substr(corti_tenant, 2) as integer), runway_days, runway_days_low, runway_days_high "
            "from marts.mart_credit_balance where is_current"
        ).fetchall()
    within: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    early, late, widths = 0, 0, []
    for account, runway, low, high in rows:
        true = found[account].days_until_empty
        if true is None:
            continue
        within[found[account].kind].append(low <= true <= high)
        early, late = early + (true < low), late + (true > high)
        widths.append((high - low) / runway)
    held = [is_within for of_kind in within.values() for is_within in of_kind]
    by_kind = ", ".join(f"{kind} {100 * np.mean(of_kind):.0f} %" for kind, of_kind in within.items())
    return Finding(
        f"Prepaid credits of {len(held):,} simulated accounts end on a day within the bounds of the published runway",
        f"earlier {100 * early / len(held):.1f} %, later {100 * late / len(held):.1f} %; from low to high "
        f"{100 * np.median(widths):.0f} % of the runway (median); with {by_kind}",
        f"{100 * np.mean(held):.1f} %",
        "75 to 85 %",
    )


def main() -> None:
    """Print the figure."""
    with tempfile.TemporaryDirectory(prefix="credits-bench-") as folder:
        finding = runway_finding(Path(folder), 3000)
    print(f"{finding.what}\n  {finding.figures}\n  {finding.result} (goal: {finding.goal})")


if __name__ == "__main__":
    main()
