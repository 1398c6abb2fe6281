"""Levels of risk: which rule raises them, and how they fall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerter.domain.risk import Area, AreaKind, IncidentPoint, RiskChange, TempoAlert
from alerter.domain.scales import Category, RiskLevel, Severity, Status, Target
from alerter.incidents.risk import risk_change
from alerter.store import Store
from tests.builders import NOON

POST = Area(kind=AreaKind.MISSION, key="us-baghdad")
DAY = timedelta(days=1)
TEMPO = TempoAlert(
    area=POST, revision=1, raised_at=NOON, told_at=NOON, count=5, window_days=7, expected=0.4,
    probability=0.0001, incident_ids=("inc-1",),
)  # fmt: skip


def a_point(**given: Any) -> IncidentPoint:
    """A severe attack at the post, yesterday."""
    point = IncidentPoint(
        id="inc-1",
        number=1,
        at=NOON - DAY,
        headline="Rocket",
        host="IQ",
        mission_ids=("us-baghdad",),
        category=Category.INDIRECT_FIRE,
        target=Target.PREMISES,
        status=Status.OCCURRED,
        severity=Severity.SEVERE,
    )
    return replace(point, **given)


def level_of(*points: IncidentPoint, tempo: TempoAlert | None = None) -> RiskLevel:
    """The level that these ask for, from normal."""
    change = risk_change(POST, points, tempo, None, now=NOON)
    return RiskLevel.NORMAL if change is None else change.level


def at(level: RiskLevel, *, days_ago: float) -> RiskChange:
    """The last change, so many days ago."""
    then = NOON - days_ago * DAY
    return RiskChange(area=POST, at=then, level=level, before=RiskLevel.NORMAL, reason="then")


@pytest.mark.parametrize(
    ("points", "tempo", "level"),
    [
        ((), None, RiskLevel.NORMAL),
        ((a_point(severity=Severity.MINOR),), None, RiskLevel.NORMAL),
        ((a_point(at=NOON - 31 * DAY),), None, RiskLevel.NORMAL),
        ((a_point(),), None, RiskLevel.CAUTION),
        ((a_point(), a_point(id="inc-2", at=NOON - 9 * DAY)), None, RiskLevel.RECONSIDER),
        ((a_point(),), TEMPO, RiskLevel.RECONSIDER),
        ((a_point(category=Category.SECURITY_MEASURE, counts=False),), None, RiskLevel.RECONSIDER),
        ((a_point(category=Category.SECURITY_MEASURE, counts=False),), TEMPO, RiskLevel.CRITICAL),
        (
            (a_point(at=NOON - 20 * DAY), a_point(id="inc-2", target=Target.VEHICLE)),
            None,
            RiskLevel.RECONSIDER,
        ),
        ((a_point(severity=Severity.EXTREME),), None, RiskLevel.CRITICAL),
        ((a_point(severity=Severity.EXTREME, at=NOON - 9 * DAY),), None, RiskLevel.RECONSIDER),
    ],
)
def test_each_rule_asks_for_its_level(
    points: tuple[IncidentPoint, ...], tempo: TempoAlert | None, level: RiskLevel
) -> None:
    """One case for every rule of `incidents.risk`; docs/tempo.md lists them in words."""
    assert level_of(*points, tempo=tempo) is level


def test_a_rise_comes_at_once_and_with_its_reason() -> None:
    """Even an hour after the last change."""
    change = risk_change(POST, [a_point()], TEMPO, at(RiskLevel.CAUTION, days_ago=0.04), now=NOON)
    assert change is not None
    assert change.before is RiskLevel.CAUTION
    assert change.reason == "tempo: 5 incidents in 7 days, 0.4 usual"
    assert change.incident_ids == ("inc-1",)


def test_a_level_falls_one_step_at_a_time_and_not_before_three_days() -> None:
    """That nothing happened since yesterday lowers nothing."""
    assert risk_change(POST, [], None, at(RiskLevel.CRITICAL, days_ago=2), now=NOON) is None
    change = risk_change(POST, [], None, at(RiskLevel.CRITICAL, days_ago=4), now=NOON)
    assert change is not None
    assert change.level is RiskLevel.RECONSIDER
    assert change.reason.startswith("what raised it has passed")


def test_a_promise_lowers_nothing() -> None:
    """A government's vow joins as a statement, which counts for no rule."""
    vow = a_point(id="inc-9", counts=False, category=Category.THREAT_WARNING)
    assert level_of(a_point(), vow) is RiskLevel.CAUTION


def test_an_unchanged_level_makes_no_row() -> None:
    """The series holds changes only."""
    assert risk_change(POST, [a_point()], None, at(RiskLevel.CAUTION, days_ago=9), now=NOON) is None


def test_the_series_and_the_latest_level_survive(each_store: Store) -> None:
    """On both databases."""
    first = at(RiskLevel.CAUTION, days_ago=3)
    second = replace(first, at=NOON, level=RiskLevel.CRITICAL, before=RiskLevel.CAUTION)
    other = replace(first, area=Area(kind=AreaKind.HOST, key="IQ"))
    with each_store.begin() as tx:
        for change in (first, second, other):
            tx.risk.save_change(change)
    with each_store.read() as tx:
        assert tx.risk.series(POST) == [first, second]
        assert tx.risk.latest() == {POST: second, other.area: other}


def test_tempo_alerts_points_and_coverage_survive(each_store: Store) -> None:
    """What a restart must not forget, on both databases."""
    ended = replace(TEMPO, ended_at=NOON + DAY)
    with each_store.begin() as tx:
        tx.risk.save_tempo(TEMPO)
        tx.risk.save_points([a_point(), a_point(id="inc-2", at=NOON - 200 * DAY)])
        tx.risk.add_coverage({(NOON.date(), ""): 12.0, (NOON.date(), "IQ"): 3.0})
        tx.risk.add_coverage({(NOON.date(), ""): 2.5})
    with each_store.read() as tx:
        assert tx.risk.open_tempo() == {POST: TEMPO}
        assert tx.risk.tempo_revision(POST) == 1
        assert tx.risk.points(since=NOON - 9 * DAY, until=NOON) == [a_point()]
        assert tx.risk.coverage(since=NOON.date()) == {
            "": {NOON.date(): 14.5},
            "IQ": {NOON.date(): 3.0},
        }
    with each_store.begin() as tx:
        tx.risk.save_tempo(ended)
        assert tx.risk.forget(NOON - 100 * DAY) == 1
        tx.risk.drop_points(["inc-1"])
    with each_store.read() as tx:
        assert tx.risk.open_tempo() == {}
        assert tx.risk.tempo_series(POST) == [ended]
        assert tx.risk.points(since=NOON - 900 * DAY, until=NOON) == []
