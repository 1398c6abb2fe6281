"""Measuring a classifier on labelled items: every number of the goal, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerter.domain.assessment import Assessment
from alerter.understand.labelled import Labelled, event_groups
from alerter.understand.metrics import (
    accuracy,
    average_precision,
    best_f1,
    calibration_error,
    interval,
    macro_f1,
    precision_recall_f1,
)

WORST: Final = 25
MIN_SLICE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the classifier says of one labelled row; texts of heads are None where it is silent."""

    probability: float
    threat: bool
    status: str = "none"
    category: str | None = None
    target: str | None = None
    host: str | None = None
    sending: tuple[str, ...] = ()

    @classmethod
    def of(cls, assessment: Assessment) -> Said:
        """From an assessment; the category counts even below the threshold."""
        best = max(
            assessment.categories, key=lambda name: assessment.categories[name], default=None
        )
        return cls(
            probability=assessment.probability, threat=assessment.threat,
            status=assessment.status.value, category=best.value if best else None,
            target=assessment.target.value if assessment.target else None,
            host=assessment.host, sending=assessment.sending,
        )  # fmt: skip


def evaluate(rows: Sequence[Labelled], said: Sequence[Said], *, seed: int = 0) -> dict[str, Any]:
    """Every metric as plain JSON values; None where the rows cannot tell."""
    groups = event_groups(rows)
    labels = np.array([row.label for row in rows], dtype=np.int64)
    scores = np.array([one.probability for one in said], dtype=np.float64)
    called = np.array([one.threat for one in said], dtype=np.bool_)
    return {
        "items": len(rows),
        "threats": int(labels.sum()),
        "events": len(set(groups[labels == 1])),
        **_main(labels, scores, called),
        "intervals": _intervals(groups, labels, scores, called, seed),
        "english": _part(rows, said, lambda row: row.lang == "en"),
        "other_languages": _part(rows, said, lambda row: row.lang not in {"en", ""}),
        "background": _background(rows, called),
        "retrospective_above_threshold": _share(
            [one.threat for row, one in zip(rows, said, strict=True)
             if row.status == "retrospective"]
        ),
        **_heads(rows, said),
        "by": {
            name: _slices(rows, said, key)
            for name, key in _SLICES.items()
        },
        "worst": _worst(rows, said),
    }  # fmt: skip


_SLICES: Final[Mapping[str, Callable[[Labelled], str]]] = {
    "language": lambda row: row.lang,
    "category": lambda row: row.category or ("none" if row.label == 0 else "unknown"),
    "source": lambda row: row.source,
    "year": lambda row: row.year,
    "status": lambda row: row.status or "",
}


def _main(labels: NDArray[np.int64], scores: Any, called: NDArray[np.bool_]) -> dict[str, Any]:
    precision, recall, f1 = precision_recall_f1(labels, called)
    return {
        "average_precision": _rounded(average_precision(labels, scores)),
        "precision": _rounded(precision),
        "recall": _rounded(recall),
        "f1": _rounded(f1),
        "best_f1": _rounded(best_f1(labels, scores)) if len(labels) else None,
        "calibration_error": _rounded(calibration_error(labels, scores)) if len(labels) else None,
    }


def _intervals(
    groups: NDArray[np.int64], labels: Any, scores: Any, called: Any, seed: int
) -> dict[str, Any]:
    if not len(labels):
        return {}
    measures: dict[str, Callable[[NDArray[np.int64]], float | None]] = {
        "average_precision": lambda rows: average_precision(labels[rows], scores[rows]),
        "f1": lambda rows: precision_recall_f1(labels[rows], called[rows])[2],
        "precision": lambda rows: precision_recall_f1(labels[rows], called[rows])[0],
        "recall": lambda rows: precision_recall_f1(labels[rows], called[rows])[1],
        "calibration_error": lambda rows: calibration_error(labels[rows], scores[rows]),
    }
    return {name: interval(groups, measure, seed=seed) for name, measure in measures.items()}


def _part(
    rows: Sequence[Labelled], said: Sequence[Said], chosen: Callable[[Labelled], bool]
) -> dict[str, Any]:
    picked = [(row, one) for row, one in zip(rows, said, strict=True) if chosen(row)]
    labels = np.array([row.label for row, _ in picked], dtype=np.int64)
    scores = np.array([one.probability for _, one in picked], dtype=np.float64)
    called = np.array([one.threat for _, one in picked], dtype=np.bool_)
    return {"items": len(picked), "threats": int(labels.sum()), **_main(labels, scores, called)}


def _background(rows: Sequence[Labelled], called: NDArray[np.bool_]) -> dict[str, Any]:
    """Alarms among items of a stream that nobody read."""
    stream = np.array([row.background for row in rows], dtype=np.bool_)
    alarms = int((called & stream).sum())
    total = int(stream.sum())
    return {
        "items": total,
        "alarms": alarms,
        "alarms_per_1000": round(1000 * alarms / total, 3) if total else None,
    }


def _heads(rows: Sequence[Labelled], said: Sequence[Said]) -> dict[str, Any]:
    """Category, target and states over the true threats; status over those that were called."""
    true = [(row, one) for row, one in zip(rows, said, strict=True) if row.label == 1]
    named = [(row.category, one.category) for row, one in true if row.category]
    truth = [category for category, _ in named if category]
    found = [category for _, category in named]
    status = [(row.status, one.status) for row, one in true if row.status and one.threat]
    target = [(row.target, one.target) for row, one in true if row.target and one.threat]
    host = [(row.host, one.host) for row, one in true if row.host]
    sending = [(set(row.sending), set(one.sending)) for row, one in true if row.sending]
    return {
        "category": {"items": len(truth), "accuracy": _rounded(accuracy(truth, found)),
                     "macro_f1": _rounded(macro_f1(truth, found))},
        "status": _agreement(status),
        "target": _agreement(target),
        "host": _agreement(host),
        "sending": _agreement(sending),
    }  # fmt: skip


def _agreement(pairs: Sequence[tuple[object, object]]) -> dict[str, Any]:
    right = accuracy([a for a, _ in pairs], [b for _, b in pairs])
    return {"items": len(pairs), "accuracy": _rounded(right)}


def _slices(
    rows: Sequence[Labelled], said: Sequence[Said], key: Callable[[Labelled], str]
) -> dict[str, Any]:
    members: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        members[key(row)].append(index)
    return {
        name: _part([rows[i] for i in own], [said[i] for i in own], lambda _: True)
        for name, own in sorted(members.items(), key=lambda pair: -len(pair[1]))
        if len(own) >= MIN_SLICE
    }


def _worst(rows: Sequence[Labelled], said: Sequence[Said]) -> list[dict[str, Any]]:
    """The errors that the classifier was surest of."""
    wrong = [
        (abs(one.probability - row.label), row, one)
        for row, one in zip(rows, said, strict=True)
        if one.threat != bool(row.label)
    ]
    wrong.sort(key=lambda entry: (-entry[0], entry[1].id))
    return [
        {"id": row.id, "label": row.label, "probability": one.probability, "lang": row.lang,
         "category": row.category, "status": row.status, "unsure": row.unsure, "text": row.text}
        for _, row, one in wrong[:WORST]
    ]  # fmt: skip


def _share(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
