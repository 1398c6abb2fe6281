"""Do incidents come faster than this place is used to? Counts against the place's own 90 days.

The count of a window is compared with its predictive distribution given the days before it: a
gamma-Poisson model (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6) whose variance is
multiplied by a dispersion, because attacks come in clusters (quasi-Poisson: McCullagh and Nelder,
Generalized Linear Models, 2nd ed., 6.2). Days count by how much of the usual coverage they had,
so that an outage is no zero. Several places are corrected for as by Benjamini and Hochberg
(1995), within each kind of area. What the settings below promise is shown by
`benchmarks/tempo_sim.py` and written in docs/tempo.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from alerter.domain.risk import Area, AreaKind, IncidentPoint
from alerter.incidents.coverage import Coverage

WINDOWS: Final = (7, 10)  # days; two, because a campaign may rise in a week or a little more
BASELINE: Final = 90  # days before the window
BLOCK: Final = 7  # days: the dispersion is that of whole weeks, so that weekdays do not count
ALPHA: Final = 0.0023  # per look and place; gives less than one false alert a year, see docs
FALSE_SHARE: Final = 0.05  # Benjamini-Hochberg over the areas of one kind
MIN_COUNT: Final = 3
MIN_BASE: Final = 7.0  # covered days before the window: with less nobody knows what is usual
CALM: Final = 0.2  # an alert ends when its count is again as likely as this
AGAIN: Final = 2.0  # told again when the count has doubled since it was told
PRIOR_SHAPE: Final = 0.25  # before anything is known: most places are quiet, a few are not
PRIOR_RATE: Final = 0.05  # incidents a day
PRIOR_DAYS: Final = 365.0  # how much the pooled rate holds to that
RATE_BOUNDS: Final = (0.005, 0.5)
DISPERSION: Final = 1.5  # before anything is known
DISPERSION_WEEKS: Final = 8.0  # how much an area's own estimate holds to the pooled one
DISPERSION_BOUNDS: Final = (1.3, 4.0)
MIN_BLOCK_MEAN: Final = 0.35  # a week with fewer expected incidents says nothing of dispersion

DAY: Final = timedelta(days=1)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An area's count in its most surprising window, and what was to be expected.

    `probability` is the chance of that many or more if nothing had changed. `base_days` is how
    much of the 90 days was covered, in days of the usual coverage; `window_covered` the same of
    the window.
    """

    area: Area
    window_days: int
    count: int
    expected: float
    probability: float
    base_count: int
    base_days: float
    window_covered: float
    incident_ids: tuple[str, ...] = ()


def tail(
    count: Floats,
    base_count: Floats,
    *,
    window: Floats,
    base: Floats,
    dispersion: Floats,
    rate: Floats | float = PRIOR_RATE,
) -> tuple[Floats, Floats]:
    """The chance of this count or more, and the expected count, elementwise.

    Counted as the mid-P value (Lancaster 1961): half of the chance of just this count, else the
    test of a small count would be far stricter than it says.
    `window` and `base` are exposures in days. The predictive distribution is negative binomial
    with the mean and the (inflated) variance of the gamma-Poisson model; where nothing was
    covered the answer is 1.
    """
    shape = PRIOR_SHAPE + base_count
    mean = shape / (PRIOR_SHAPE / rate + base) * window
    safe = np.maximum(mean, 1e-12)
    variance = dispersion * safe * (1.0 + safe / shape)
    size = safe**2 / (variance - safe)
    odds = size / (size + safe)
    chance = (_at_least(count, size, odds) + _at_least(count + 1, size, odds)) / 2
    return np.where((window > 0) & (count > 0), chance, 1.0), mean


def _at_least(count: Floats, size: Floats, odds: Floats) -> Floats:
    """The negative binomial chance of `count` (1 or more) events or more (DLMF 8.17).

    As the incomplete beta function: `scipy.stats` would cost the daemon 50 MB for this one line.
    """
    return np.asarray(betainc(np.maximum(count, 1.0), size, 1.0 - odds), dtype=np.float64)


def clumping(blocks: Floats, exposures: Floats) -> tuple[Floats, Floats]:
    """Pearson's statistic of the weeks of each row about the row's rate, and its weeks less one.

    Weeks that expect next to nothing, or were hardly covered, say nothing of clumping.
    """
    days = exposures.sum(axis=1, keepdims=True)
    mean = blocks.sum(axis=1, keepdims=True) / np.maximum(days, 1e-9) * exposures
    telling = (mean >= MIN_BLOCK_MEAN) & (exposures > BLOCK / 2)
    parts = np.where(telling, (blocks - mean) ** 2 / np.maximum(mean, 1e-9), 0.0)
    return parts.sum(axis=1), np.maximum(telling.sum(axis=1) - 1.0, 0.0)


def dispersion_of(chi: Floats, weeks: Floats, pooled: Floats | float) -> Floats:
    """Variance over mean of weekly counts, held to `pooled` where telling weeks are few."""
    found = (DISPERSION_WEEKS * pooled + chi) / (DISPERSION_WEEKS + weeks)
    return np.clip(found, *DISPERSION_BOUNDS)


def pooled_rate(counts: Floats, days: Floats) -> Floats:
    """Incidents a day over all areas of a kind, held to what is usual in the world."""
    return np.clip((PRIOR_RATE * PRIOR_DAYS + counts) / (PRIOR_DAYS + days), *RATE_BOUNDS)


def readings(
    points: Sequence[IncidentPoint], coverage: Mapping[str | None, Coverage], *, now: datetime
) -> list[Reading]:
    """One reading for every area with an incident in the last 90 days and a window.

    `coverage` is by host state; that under None is for hosts without their own.
    """
    by_area = by_areas([point for point in points if point.counts and point.at <= now])
    found = []
    for kind in AreaKind:
        areas = {area: held for area, held in by_area.items() if area.kind is kind}
        if areas:
            found += _read_kind(areas, coverage, now)
    return found


def by_areas(points: Iterable[IncidentPoint]) -> dict[Area, list[IncidentPoint]]:
    """Points under every area that they are counted in."""
    found: dict[Area, list[IncidentPoint]] = {}
    for point in points:
        for area in point.areas:
            found.setdefault(area, []).append(point)
    return found


def may_rise(points: Sequence[IncidentPoint], *, now: datetime) -> bool:
    """Whether any area has incidents enough in a window for its tempo to be looked at."""
    since = now - max(WINDOWS) * DAY
    recent = [point for point in points if point.counts and since < point.at <= now]
    return any(len(held) >= MIN_COUNT for held in by_areas(recent).values())


def signals(found: Sequence[Reading]) -> set[Area]:
    """The areas whose tempo is rising, corrected for how many are looked at.

    Each must be surprising by itself (`ALPHA`, which holds the false alerts of one area below one
    a year) and among all of its kind (`FALSE_SHARE`).
    """
    rising: set[Area] = set()
    for kind in AreaKind:
        ranked = sorted((r for r in found if r.area.kind is kind), key=lambda r: r.probability)
        limit = 0.0
        for position, reading in enumerate(ranked, start=1):
            doubled = reading.probability * len(WINDOWS)  # the better of several windows
            if doubled <= FALSE_SHARE * position / len(ranked):
                limit = reading.probability
        rising |= {r.area for r in ranked if r.probability <= limit and is_surprising(r)}
    return rising


def is_surprising(reading: Reading) -> bool:
    """Whether the count alone, without regard to other places, is worth an alert."""
    enough = reading.count >= MIN_COUNT and reading.base_days >= MIN_BASE
    return enough and reading.probability <= ALPHA


def without(reading: Reading, told: Sequence[Reading]) -> Reading:
    """The reading less what other areas, told already, account for."""
    known = {each for other in told for each in other.incident_ids}
    left = tuple(each for each in reading.incident_ids if each not in known)
    base_count = max(0, reading.base_count - sum(other.base_count for other in told))
    chance, mean = tail(
        np.array([float(len(left))]),
        np.array([float(base_count)]),
        window=np.array([reading.window_covered]),
        base=np.array([reading.base_days]),
        dispersion=np.array([DISPERSION]),
    )
    return Reading(
        area=reading.area,
        window_days=reading.window_days,
        count=len(left),
        expected=float(mean[0]),
        probability=float(chance[0]),
        base_count=base_count,
        base_days=reading.base_days,
        window_covered=reading.window_covered,
        incident_ids=left,
    )


def _read_kind(
    areas: Mapping[Area, Sequence[IncidentPoint]],
    coverage: Mapping[str | None, Coverage],
    now: datetime,
) -> list[Reading]:
    measured = [_measure(held, _coverage_of(area, held, coverage), now)
                for area, held in areas.items()]  # fmt: skip
    count, base_count, window, base = (
        np.array([row[i] for row in measured], dtype=np.float64) for i in range(4)
    )
    blocks, exposures = (np.array([row[i] for row in measured], dtype=np.float64) for i in (4, 5))
    chi, weeks = clumping(blocks, exposures)
    pooled = dispersion_of(chi.sum(), weeks.sum(), DISPERSION)
    chance, mean = tail(
        count,
        base_count,
        window=window,
        base=base,
        dispersion=dispersion_of(chi, weeks, pooled)[:, None],
        rate=pooled_rate(base_count[:, 0].sum(), base[:, 0].sum()),
    )
    best = chance.argmin(axis=1)
    return [
        Reading(
            area=area,
            window_days=WINDOWS[best[row]],
            count=int(count[row, best[row]]),
            expected=float(mean[row, best[row]]),
            probability=float(chance[row, best[row]]),
            base_count=int(base_count[row, best[row]]),
            base_days=float(base[row, best[row]]),
            window_covered=float(window[row, best[row]]),
            incident_ids=_since(held, now - timedelta(days=WINDOWS[best[row]])),
        )
        for row, (area, held) in enumerate(areas.items())
    ]


Measured = tuple[list[float], list[float], list[float], list[float], Floats, Floats]
EDGES: Final = tuple(float(WINDOWS[0] + BLOCK * i) for i in range(BASELINE // BLOCK + 1))


def _measure(held: Sequence[IncidentPoint], coverage: Coverage, now: datetime) -> Measured:
    """Counts and exposures of the windows, of the 90 days before each, and of its weeks."""
    ages = np.array(sorted((now - point.at) / DAY for point in held))
    count, base_count, window, base = [], [], [], []
    for width in WINDOWS:
        edges = (0.0, float(width), float(width + BASELINE))
        recent, before = _counts(ages, edges)
        covered, covered_before = coverage.between(edges)
        count.append(float(recent))
        base_count.append(float(before))
        window.append(float(covered))
        base.append(float(covered_before))
    return count, base_count, window, base, _counts(ages, EDGES), coverage.between(EDGES)


def _counts(ages: Floats, edges: Sequence[float]) -> Floats:
    upto = np.searchsorted(ages, edges, "left")
    return np.diff(upto).astype(np.float64)


def _since(held: Sequence[IncidentPoint], start: datetime) -> tuple[str, ...]:
    return tuple(point.id for point in sorted(held, key=lambda p: p.at) if point.at > start)


def _coverage_of(
    area: Area, held: Sequence[IncidentPoint], coverage: Mapping[str | None, Coverage]
) -> Coverage:
    host = area.key.partition("/")[0] if area.kind is not AreaKind.MISSION else held[0].host
    return coverage.get(host, coverage[None])
