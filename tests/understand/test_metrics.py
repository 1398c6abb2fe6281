"""The measures agree with what is known of them, and evaluation gives every number of the goal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score

from alerter.understand.curve import curve_svg
from alerter.understand.evaluate import Said, evaluate
from alerter.understand.items import Item
from alerter.understand.labelled import Labelled
from alerter.understand.metrics import (
    average_precision,
    best_f1,
    calibration_error,
    interval,
    macro_f1,
    precision_recall_f1,
)

PAIRS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda n: n / 20)), min_size=2, max_size=60
)


@settings(deadline=None, max_examples=50)
@given(PAIRS)
def test_measures_agree_with_scikit_learn(pairs: list[tuple[int, float]]) -> None:
    """Ties and all."""
    labels = np.array([label for label, _ in pairs], dtype=np.int64)
    scores = np.array([score for _, score in pairs])
    if labels.sum() == 0:
        assert average_precision(labels, scores) is None
        return
    assert average_precision(labels, scores) == pytest.approx(
        average_precision_score(labels, scores)
    )
    called = scores >= 0.5
    expected = f1_score(labels, called, zero_division=0)
    assert precision_recall_f1(labels, called)[2] == pytest.approx(expected)
    assert best_f1(labels, scores) >= expected - 1e-9


def test_a_calibrated_forecast_has_no_calibration_error() -> None:
    """Eight of ten at 0.8 is perfect; ten of ten is off by 0.2."""
    scores = np.full(10, 0.8)
    assert calibration_error(np.array([1] * 8 + [0] * 2), scores) == pytest.approx(0.0)
    assert calibration_error(np.ones(10, dtype=np.int64), scores) == pytest.approx(0.2)


def test_macro_f1_counts_each_class_alike() -> None:
    """A class that is never found pulls the mean down by its share."""
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((6 / 7) / 2)


def test_the_interval_draws_whole_events() -> None:
    """One big event makes the interval wide, however many rows it has."""
    values = np.array([1.0] * 50 + [0.0] * 2)
    one_event = interval(
        np.array([0] * 50 + [1, 2]), lambda rows: float(values[rows].mean()), seed=0
    )
    many = interval(np.arange(52), lambda rows: float(values[rows].mean()), seed=0)
    assert one_event is not None
    assert many is not None
    assert one_event[1] - one_event[0] > many[1] - many[0]


def row(label: int, **given: object) -> Labelled:
    base = Labelled(id="x", item=Item(title="t"), label=label, lang="en", status="none")
    return replace(base, **given)  # type: ignore[arg-type]


def test_evaluation_has_every_number_of_the_goal() -> None:
    """Main measures, languages, alarms per thousand, old attacks, categories and states."""
    rows = [
        row(1, id="1", category="bombing", host="IQ", sending=("US",), status="occurred"),
        row(1, id="2", category="unrest", lang="fr", host="TN", status="warning"),
        row(0, id="3", status="retrospective"),
        row(0, id="4", status=None, background=True),
    ]
    said = [
        Said(probability=0.9, threat=True, category="bombing", host="IQ", sending=("US",),
             status="occurred"),
        Said(probability=0.2, threat=False, category="bombing"),
        Said(probability=0.8, threat=True),
        Said(probability=0.0, threat=False),
    ]  # fmt: skip
    result = evaluate(rows, said)
    assert result["precision"] == 0.5
    assert result["recall"] == 0.5
    assert result["retrospective_above_threshold"] == 1.0
    assert result["background"] == {"items": 1, "alarms": 0, "alarms_per_1000": 0.0}
    assert result["category"] == {"items": 2, "accuracy": 0.5, "macro_f1": 0.3333}
    assert result["host"] == {"items": 2, "accuracy": 0.5}
    assert result["sending"]["accuracy"] == 1.0
    assert result["other_languages"]["items"] == 1
    assert {one["id"] for one in result["worst"]} == {"2", "3"}
    assert result["intervals"]["f1"] is not None


def test_the_curve_is_an_svg_that_escapes_its_names() -> None:
    """No script, no foreign markup."""
    svg = curve_svg([("<script>", np.array([1, 0, 1]), np.array([0.9, 0.8, 0.1]))], title="a & b")
    assert svg.startswith("<svg")
    assert "<script>" not in svg
    assert "a &amp; b" in svg
