"""The use of simulated accounts and users, day by day, whose future is known too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Habit:
    """How use varies: how far weeks scatter, how far the level drifts and grows in a week, how often a day is out of
    the ordinary, and whether it is made of few calls.
    """

    scatter: float = 0
    drift: float = 0
    growth: float = 0
    unusual: float = 0
    few_calls: bool = False


KINDS = {
    "a steady level": Habit(),
    "few calls a day": Habit(few_calls=True),
    "now and then a day of four times the use": Habit(unusual=0.03),
    "weeks that differ by 5 %": Habit(scatter=0.05),
    "a level that drifts by 1.5 % a week": Habit(drift=0.015),
    "growth or decline of up to 0.5 % a week": Habit(growth=0.005),
}


def simulated_use(chance: np.random.Generator, habit: Habit, weeks: int) -> Figures:
    """Credits of each day, with weekdays of their own, calm or noisy days, and about 100 credits on a usual day."""
    days = 7 * weeks
    weekdays = chance.uniform(0.6, 1.4, 7)
    weekdays[5:] *= chance.uniform(0, 0.5)
    noise = chance.uniform(0.1, 0.6)
    mean = chance.uniform(3, 50)
    of_days = chance.poisson(mean, days) / mean if habit.few_calls else chance.lognormal(-(noise**2) / 2, noise, days)
    of_days = of_days * np.where(chance.random(days) < habit.unusual, 4, 1)
    steps = chance.normal(0, habit.drift, weeks) + chance.uniform(-habit.growth, habit.growth)
    level = np.exp(np.cumsum(steps) + chance.normal(0, habit.scatter, weeks)).repeat(7)
    return np.round(100 * np.resize(np.roll(weekdays, chance.integers(7)), days) * level * of_days, 3)
