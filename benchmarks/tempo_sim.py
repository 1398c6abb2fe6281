"""What the tempo alert promises: false alerts per place and year, and how soon it sees a tripling.

Runs the shipped functions over invented years. Every place has a constant rate of incidents (the
null), or one that triples at a known time. Four ways for incidents to come: independently
(Poisson), in daily clusters with a variance of 1.5 or 2 times the mean (negative binomial), and in
chains where every fourth incident sets off another within days (Hawkes, branching 0.25). Looks
are made at every moment at which a count changes, which is what an hourly look amounts to.

    python benchmarks/tempo_sim.py [--runs 1000] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alerter.incidents.tempo import (
    AGAIN,
    ALPHA,
    BASELINE,
    BLOCK,
    CALM,
    DISPERSION,
    MIN_COUNT,
    WINDOWS,
    clumping,
    dispersion_of,
    pooled_rate,
    tail,
)

BURN_IN = BASELINE + max(WINDOWS)
YEAR = 365
WITHIN = 10  # days after the tripling
RATES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)

Floats = NDArray[np.float64]
Maker = Callable[[np.random.Generator, Floats], Floats]


def poisson(draw: np.random.Generator, rates: Floats) -> Floats:
    """Times of incidents that come independently; `rates` are per day."""
    return _times(draw, draw.poisson(rates))


def clustered(dispersion: float) -> Maker:
    """Times of incidents whose daily counts vary by `dispersion` times the mean."""

    def make(draw: np.random.Generator, rates: Floats) -> Floats:
        mean = draw.gamma(rates / (dispersion - 1), dispersion - 1)
        return _times(draw, draw.poisson(mean))

    return make


def chained(branching: float) -> Maker:
    """Times of incidents of which each sets off `branching` others, two days later on average."""

    def make(draw: np.random.Generator, rates: Floats) -> Floats:
        generation = _times(draw, draw.poisson(rates * (1 - branching)))
        found = [generation]
        while len(generation):
            children = draw.poisson(branching, len(generation))
            generation = np.repeat(generation, children)
            generation = generation + draw.exponential(2.0, len(generation))
            found.append(generation)
        times = np.sort(np.concatenate(found))
        return times[times < len(rates)]

    return make


WAYS: dict[str, Maker] = {
    "Poisson": poisson,
    "dispersion 1.5": clustered(1.5),
    "dispersion 2": clustered(2.0),
    "chains 0.25": chained(0.25),
}


def looks(times: Floats, start: float) -> tuple[Floats, Floats, Floats]:
    """When a count changes after `start`, the count then, and its probability."""
    changes = np.concatenate([times, *(times + window for window in WINDOWS)])
    at = np.unique(changes[changes >= start])
    edges = at[:, None] - WINDOWS[0] - BLOCK * np.arange(BASELINE // BLOCK + 1)
    upto = np.searchsorted(times, edges, "right")
    blocks = (upto[:, :-1] - upto[:, 1:]).astype(np.float64)
    now = np.searchsorted(times, at, "right")
    chi, weeks = clumping(blocks, np.full_like(blocks, float(BLOCK)))
    spread = dispersion_of(chi, weeks, dispersion_of(chi, weeks, DISPERSION))  # a place alone
    days = np.full(len(at), float(BASELINE))
    chances, counts = [], []
    for window in WINDOWS:
        young = np.searchsorted(times, at - window, "right")
        before = (young - np.searchsorted(times, at - window - BASELINE, "right")).astype(float)
        count = (now - young).astype(np.float64)
        chance, _ = tail(
            count,
            before,
            window=np.full(len(at), float(window)),
            base=days,
            dispersion=spread,
            rate=pooled_rate(before, days),
        )
        chances.append(chance)
        counts.append(count)
    best = np.argmin(chances, axis=0)
    rows = np.arange(len(at))
    return at, np.array(counts)[best, rows], np.array(chances)[best, rows]


def alerts(at: Floats, counts: Floats, chances: Floats, alpha: float = ALPHA) -> list[float]:
    """When alerts are told: raised, and again when the count has doubled, until calm."""
    told: list[float] = []
    known: float | None = None
    for time, count, chance in zip(at, counts, chances, strict=True):
        surprising = count >= MIN_COUNT and chance <= alpha
        if known is not None and (count == 0 or chance > CALM):
            known = None
        if surprising and (known is None or count >= AGAIN * known):
            told.append(float(time))
            known = float(count)
    return told


def false_alerts(make: Maker, rate: float, runs: int, seed: int) -> float:
    """Alerts per place and year where nothing changes."""
    draw = np.random.default_rng(seed)
    rates = np.full(BURN_IN + YEAR, rate)
    found = [len(alerts(*looks(make(draw, rates), BURN_IN))) for _ in range(runs)]
    return float(np.mean(found))


def found_in_time(make: Maker, rate: float, runs: int, seed: int, times: float = 3.0) -> float:
    """The share of runs in which a rate that rises by `times` is told within ten days."""
    draw = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        quiet = make(draw, np.full(BURN_IN, rate))
        risen = make(draw, np.full(WITHIN, rate * times)) + BURN_IN
        at, counts, chances = looks(np.concatenate([quiet, risen]), BURN_IN)
        early = at <= BURN_IN + WITHIN
        hits += bool(alerts(at[early], counts[early], chances[early]))
    return hits / runs


def _times(draw: np.random.Generator, counts: NDArray[np.int64]) -> Floats:
    days = np.repeat(np.arange(len(counts)), counts)
    times: Floats = np.sort(days + draw.random(len(days)))
    return times


def main(argv: Sequence[str]) -> int:
    """Print the table; exit 1 where a promise of docs/tempo.md is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args(argv)
    rows: list[dict[str, object]] = []
    too_many = False
    print(f"{'incidents come':15} {'a day':>6} {'false a year':>13} {'tripling in 10 days':>20}")
    for name, make in WAYS.items():
        for rate in RATES:
            false = false_alerts(make, rate, wanted.runs, seed=1)
            hit = found_in_time(make, rate, wanted.runs, seed=2)
            too_many |= name != "dispersion 2" and false > 1.0
            rows.append({"way": name, "rate": rate, "false_per_year": false, "found": hit})
            print(f"{name:15} {rate:6.1f} {false:13.2f} {hit:20.2f}", flush=True)
    if wanted.json:
        wanted.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(too_many)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
