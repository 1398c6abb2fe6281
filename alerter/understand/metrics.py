"""The numbers by which a classifier is measured, each a small function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Scores = NDArray[np.float64]

BINS: Final = 10
ROUNDS: Final = 300


def average_precision(labels: Labels, scores: Scores) -> float | None:
    """Area under the precision-recall curve by steps, as scikit-learn's; None without threats."""
    total = int(labels.sum())
    if total == 0:
        return None
    precision, recall = curve(labels, scores)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def curve(labels: Labels, scores: Scores) -> tuple[Scores, Scores]:
    """Precision and recall at each distinct score, from the highest down."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    precision = hits[last] / (last + 1)
    recall = hits[last] / max(1, int(labels.sum()))
    return precision.astype(np.float64), recall.astype(np.float64)


def precision_recall_f1(labels: Labels, called: NDArray[np.bool_]) -> tuple[float, float, float]:
    """At one threshold; 0 where nothing was called or nothing was there."""
    hits = float((called & (labels == 1)).sum())
    precision = hits / called.sum() if called.any() else 0.0
    recall = hits / labels.sum() if labels.any() else 0.0
    both = precision + recall
    return float(precision), float(recall), float(2 * precision * recall / both if both else 0.0)


def best_f1(labels: Labels, scores: Scores) -> float:
    """The F1 at the threshold that these labels would have chosen: an upper bound."""
    precision, recall = curve(labels, scores)
    both = np.maximum(precision + recall, 1e-12)
    return float((2 * precision * recall / both).max(initial=0.0))


def calibration_error(labels: Labels, scores: Scores) -> float:
    """Expected calibration error in ten bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    gaps = [
        abs(float(labels[inside].mean()) - float(scores[inside].mean())) * inside.mean()
        for number in range(BINS)
        if (inside := bins == number).any()
    ]
    return float(sum(gaps))


def accuracy(truth: Sequence[object], said: Sequence[object]) -> float | None:
    """Share of equal pairs; None without any."""
    return sum(a == b for a, b in zip(truth, said, strict=True)) / len(truth) if truth else None


def macro_f1(truth: Sequence[str], said: Sequence[str | None]) -> float | None:
    """Mean F1 over the classes that occur in `truth`; None without any."""
    scores = []
    for name in sorted(set(truth)):
        hits = sum(a == b == name for a, b in zip(truth, said, strict=True))
        scores.append(2 * hits / (truth.count(name) + list(said).count(name)))
    return float(np.mean(scores)) if scores else None


def interval(
    groups: NDArray[np.int64], measure: Callable[[NDArray[np.int64]], float | None], *, seed: int
) -> tuple[float, float] | None:
    """The middle 95 % of a measure over bootstrap samples of whole groups (Efron 1979).

    Rows of one event stand or fall together, so whole events are drawn.
    """
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    random = np.random.default_rng(seed)
    values = []
    for _ in range(ROUNDS):
        drawn = random.integers(0, len(members), len(members))
        value = measure(np.concatenate([members[index] for index in drawn]))
        if value is not None:
            values.append(value)
    if not values:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)
