"""How well a host state was covered, day by day: what turns days into comparable days.

A day is worth 1 when as many feeds that cover the host were alive as on the median day. An outage
is worth 0: no zero is counted for it. Fewer feeds count in proportion; more feeds count by the
square root, since twice the feeds find the same incidents and some more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

OUTAGE: Final = 0.25  # of the usual coverage; a day with less says nothing
DAY: Final = timedelta(days=1)
WORLD: Final = ""  # feeds that cover no host in particular cover all


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage as exposure: `ages` are days back from now (falling), `total` runs up to each."""

    ages: NDArray[np.float64]
    total: NDArray[np.float64]

    def between(self, edges: Sequence[float]) -> NDArray[np.float64]:
        """Exposure between neighbouring ages (rising), in days of the usual coverage."""
        if len(self.ages) == 0:
            return np.zeros(len(edges) - 1)
        upto = np.interp(np.negative(edges), -self.ages, self.total)
        found: NDArray[np.float64] = upto[:-1] - upto[1:]
        return found

    def days(self, young: float, old: float) -> float:
        """Exposure between two ages in days, `young` the later one."""
        return float(self.between((young, old))[0])


def coverage_of(feed_hours: Mapping[date, float], *, now: datetime) -> Coverage:
    """Coverage from hours of living feeds per day (UTC). Days that are missing had none."""
    spans = {day: _span(day, now) for day in feed_hours}
    rates = {day: hours / spans[day] for day, hours in feed_hours.items() if spans[day] > 0}
    usual = median([rate for rate in rates.values() if rate > 0] or [0.0])
    ages, total = [], []
    running = 0.0
    for day in sorted(rates):
        start = (now - datetime.combine(day, time(), UTC)) / DAY
        worth = _worth(rates[day] / usual) if usual > 0 else 0.0
        ages += [start, start - spans[day] / 24]
        total += [running, running + worth * spans[day] / 24]
        running = total[-1]
    return Coverage(np.array(ages), np.array(total))


def everywhere(days: float) -> Coverage:
    """Full coverage over the last days: for callers that know of no gaps."""
    return Coverage(np.array([days, 0.0]), np.array([0.0, days]))


def spread_hours(since: datetime, until: datetime) -> dict[date, float]:
    """The hours between two times, by day (UTC)."""
    hours: dict[date, float] = {}
    while since < until:
        midnight = datetime.combine(since.date() + DAY, time(), UTC)
        end = min(midnight, until)
        hours[since.date()] = (end - since) / timedelta(hours=1)
        since = end
    return hours


def _span(day: date, now: datetime) -> float:
    """Hours of the day that have passed."""
    start = datetime.combine(day, time(), UTC)
    return max(0.0, min(24.0, (now - start) / timedelta(hours=1)))


def _worth(ratio: float) -> float:
    if ratio < OUTAGE:
        return 0.0
    return ratio if ratio <= 1.0 else sqrt(ratio)
