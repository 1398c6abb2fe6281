"""Counting incidents by place: when a rise is told, and when it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from alerter.domain.risk import Area, AreaKind, IncidentPoint, TempoAlert
from alerter.domain.scales import Category, Certainty, Reason, Severity, Status, Target, Urgency
from alerter.incidents.coverage import Coverage, coverage_of, everywhere, spread_hours
from alerter.incidents.points import point_of
from alerter.incidents.rising import Turn, notice_of, turns
from alerter.incidents.tempo import ALPHA, Reading, readings, signals, tail
from alerter.incidents.widening import widenings
from benchmarks.tempo_sim import clustered, false_alerts, found_in_time, poisson
from tests.builders import NOON, a_mission, an_incident

BAGHDAD = Area(kind=AreaKind.CITY, key="IQ/Baghdad")
IRAQ = Area(kind=AreaKind.HOST, key="IQ")
POST = Area(kind=AreaKind.MISSION, key="us-baghdad")
COVERED: dict[str | None, Coverage] = {None: everywhere(200.0)}


def a_point(number: int, *, days_ago: float, **given: Any) -> IncidentPoint:
    """An attack in Baghdad so many days before noon."""
    point = IncidentPoint(
        id=f"inc-{number}",
        number=number,
        at=NOON - timedelta(days=days_ago),
        headline=f"Rocket number {number}",
        host="IQ",
        city="Baghdad",
        category=Category.INDIRECT_FIRE,
        target=Target.PREMISES,
        status=Status.OCCURRED,
        severity=Severity.SEVERE,
    )
    return replace(point, **given)


def quiet_quarter() -> list[IncidentPoint]:
    """One attack every three weeks."""
    return [a_point(n, days_ago=15.0 + 21 * n) for n in range(5)]


def burst(count: int = 5) -> list[IncidentPoint]:
    """That many attacks within the last six days."""
    return [a_point(100 + n, days_ago=0.5 + 6 * n / count) for n in range(count)]


def of(area: Area, found: Sequence[Reading]) -> Reading:
    """The reading of one area."""
    return next(reading for reading in found if reading.area == area)


def turned(
    points: Sequence[IncidentPoint],
    open_alerts: dict[Area, TempoAlert] | None = None,
    now: datetime = NOON,
) -> list[Turn]:
    """What changes when these points are looked at."""
    return turns(readings(points, COVERED, now=now), open_alerts or {}, now=now)


def test_the_fifth_attack_in_six_days_is_a_rise_where_one_in_three_weeks_is_usual() -> None:
    """One more than was to be expected in a month."""
    (turn,) = turned([*quiet_quarter(), *burst(5)])
    assert turn.alert.area == BAGHDAD
    assert turn.alert.count == 5
    assert turn.alert.expected < 1
    assert turn.alert.probability <= ALPHA


def test_the_usual_number_is_no_rise() -> None:
    """A place that sees one attack a day is not told of its seventh in a week."""
    daily = [a_point(n, days_ago=n + 0.5) for n in range(97)]
    assert turned(daily) == []


def test_two_attacks_never_make_a_tempo() -> None:
    """However quiet it was before."""
    assert turned(burst(2)) == []


def test_an_outage_is_no_row_of_quiet_days() -> None:
    """The same counts are no surprise when the days before were hardly covered."""
    points = [*quiet_quarter(), *burst(5)]
    covered = {(NOON - timedelta(days=n)).date(): 480.0 for n in range(12)}
    found = readings(points, {None: coverage_of(covered, now=NOON)}, now=NOON)
    assert signals(readings(points, COVERED, now=NOON))
    assert not signals(found)


def test_days_without_coverage_shorten_the_window() -> None:
    """Three attacks in the two days that were covered count for more than three in a week."""
    points = [*quiet_quarter(), *(a_point(100 + n, days_ago=0.3 * n) for n in range(3))]
    full = {(NOON - timedelta(days=n)).date(): 480.0 for n in range(120)}
    gap = {day: hours for day, hours in full.items() if not 1 < (NOON.date() - day).days < 8}
    whole = of(BAGHDAD, readings(points, {None: coverage_of(full, now=NOON)}, now=NOON))
    holed = of(BAGHDAD, readings(points, {None: coverage_of(gap, now=NOON)}, now=NOON))
    assert holed.window_covered < 3.0
    assert holed.probability < whole.probability


def test_twice_the_feeds_find_more_and_that_is_no_rise() -> None:
    """Attacks in a week that is seen through four times the feeds are less surprising."""
    points = [*quiet_quarter(), *burst(5)]
    same = {(NOON - timedelta(days=n)).date(): 480.0 for n in range(120)}
    more = {day: hours * (4 if (NOON.date() - day).days < 8 else 1) for day, hours in same.items()}
    plain = of(BAGHDAD, readings(points, {None: coverage_of(same, now=NOON)}, now=NOON))
    louder = of(BAGHDAD, readings(points, {None: coverage_of(more, now=NOON)}, now=NOON))
    assert louder.probability > 2 * plain.probability


def test_one_rise_is_told_by_the_city_and_not_again_by_state_and_post() -> None:
    """Three areas see the same five attacks; one alert tells of them."""
    points = [replace(p, mission_ids=("us-baghdad",)) for p in [*quiet_quarter(), *burst(5)]]
    found = readings(points, COVERED, now=NOON)
    assert {BAGHDAD, IRAQ, POST} <= signals(found)
    assert [turn.alert.area for turn in turned(points)] == [BAGHDAD]


def test_a_state_is_told_when_other_places_rise_too() -> None:
    """Attacks all over the state are more than those of the one city that was told."""
    elsewhere = [
        a_point(200 + n, days_ago=0.4 + n / 2, city=f"Town {n}", lat=None) for n in range(9)
    ]
    areas = [turn.alert.area for turn in turned([*quiet_quarter(), *burst(5), *elsewhere])]
    assert areas == [BAGHDAD, IRAQ]


def test_a_rise_is_told_once_and_again_when_it_has_doubled() -> None:
    """Between the two, further attacks are silent."""
    points = [*quiet_quarter(), *burst(5)]
    (first,) = turned(points)
    known = {BAGHDAD: first.alert}
    assert turned([*points, a_point(300, days_ago=0.1)], known) == []
    doubled = [*points, *(a_point(300 + n, days_ago=0.1) for n in range(5))]
    (again,) = turned(doubled, known)
    assert again.alert.count == 10
    assert again.alert.raised_at == first.alert.raised_at


def test_a_rise_ends_when_the_count_is_usual_again() -> None:
    """The end is kept and not told; a new rise afterwards is told."""
    points = [*quiet_quarter(), *burst(5)]
    (first,) = turned(points)
    later = NOON + timedelta(days=12)
    (end,) = turned(points, {BAGHDAD: first.alert}, now=later)
    assert end.alert.ended_at == later
    assert end.reading is None


def test_many_quiet_places_raise_the_bar() -> None:
    """What is surprising for one place is not when a hundred places are looked at."""
    points = [*quiet_quarter(), *burst(5)]
    alone = of(BAGHDAD, readings(points, COVERED, now=NOON))
    hundred = [
        replace(alone, area=Area(kind=AreaKind.CITY, key=f"FR/{n}"), probability=0.6)
        for n in range(100)
    ]
    assert signals([alone]) == {BAGHDAD}
    assert signals([alone, *hundred]) == set()


def test_several_true_rises_do_not_hide_each_other() -> None:
    """Benjamini-Hochberg: with ten rises among a hundred places all ten are told."""
    base = Reading(
        area=BAGHDAD, window_days=7, count=6, expected=0.7, probability=0.002,
        base_count=9, base_days=90.0, window_covered=7.0,
    )  # fmt: skip
    risen = [replace(base, area=Area(kind=AreaKind.CITY, key=f"IQ/{n}")) for n in range(10)]
    calm = [
        replace(base, area=Area(kind=AreaKind.CITY, key=f"FR/{n}"), probability=0.5)
        for n in range(90)
    ]
    assert len(signals([*risen, *calm])) == 10


def test_before_there_is_a_history_nothing_is_told() -> None:
    """On the first days of an installation a busy place is no news: nobody knows what is usual."""
    covered = {(NOON - timedelta(days=n)).date(): 480.0 for n in range(5)}
    found = readings(burst(5), {None: coverage_of(covered, now=NOON)}, now=NOON)
    assert not signals(found)


def test_the_tail_is_a_probability_that_falls_with_the_count() -> None:
    """Whatever the base, exposure and dispersion; without coverage it is 1."""
    counts = np.arange(0, 30, dtype=float)
    for base_count, base, dispersion in ((0.0, 0.0, 1.3), (9.0, 90.0, 1.5), (90.0, 90.0, 4.0)):
        chance, mean = tail(
            counts,
            np.full(30, base_count),
            window=np.full(30, 7.0),
            base=np.full(30, base),
            dispersion=np.full(30, dispersion),
        )
        assert chance[0] == pytest.approx(1.0)
        assert (np.diff(chance) <= 1e-12).all()
        assert (mean > 0).all()
    nothing, _ = tail(
        np.array([3.0]), np.array([1.0]), window=np.array([0.0]), base=np.array([90.0]),
        dispersion=np.array([1.5]),
    )  # fmt: skip
    assert nothing[0] == 1.0


def test_the_alert_tells_counts_chance_incidents_and_whose_posts() -> None:
    """All that F2 of an officer's wishes asks for is in the notice."""
    points = [*quiet_quarter(), *burst(4), a_point(200, days_ago=0.2, target=Target.VEHICLE)]
    (turn,) = turned(points)
    notice = notice_of(turn, points, (a_mission(),), now=NOON)
    assert notice.reason is Reason.TEMPO
    assert (notice.severity, notice.urgency, notice.certainty) == (
        Severity.SEVERE,
        Urgency.EXPECTED,
        Certainty.LIKELY,
    )
    assert (notice.host, notice.city) == ("IQ", "Baghdad")
    assert notice.mission_ids == ("us-baghdad",)
    assert "5 incidents in 7 days at Baghdad (IQ)" in notice.text
    assert set(notice.incident_ids) == {"inc-100", "inc-101", "inc-102", "inc-103", "inc-200"}
    assert any(line.startswith("#200") for line in notice.lines)
    assert notice.series[-1] == ("2020-09-15", 2)
    assert sum(count for _, count in notice.series) == 9
    assert any("now vehicles and convoys" in line for line in notice.lines)


def test_targets_widen_when_a_new_kind_is_hit_after_another() -> None:
    """Premises, then a convoy, then people: two widenings, each with the incident that was it."""
    points = [
        a_point(1, days_ago=30),
        a_point(2, days_ago=9, target=Target.VEHICLE),
        a_point(3, days_ago=8, target=Target.VEHICLE),
        a_point(4, days_ago=2, target=Target.PEOPLE),
    ]
    found = widenings(points, now=NOON)
    assert [(w.target, w.incident.number) for w in found] == [
        (Target.VEHICLE, 2),
        (Target.PEOPLE, 4),
    ]
    assert found[1].before == (Target.PREMISES, Target.VEHICLE)


def test_the_first_kind_of_target_is_no_widening() -> None:
    """Nothing is known before it."""
    assert widenings([a_point(1, days_ago=1)], now=NOON) == ()


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({}, True),
        ({"category": Category.SECURITY_MEASURE}, False),
        ({"status": Status.RETROSPECTIVE}, False),
        ({"notes": ("statement: words about an event, nothing new",)}, False),
        ({"probability": 0.6}, False),
        ({"headline": "Forty attacks in two months"}, False),
    ],
)
def test_acts_count_and_words_do_not(given: dict[str, Any], *, counts: bool) -> None:
    """Measures, statements, recalls, summaries and what is not sure enough are not counted."""
    assert point_of(an_incident(**given), threshold=0.8, noise=False).counts is counts


def test_what_a_person_called_noise_does_not_count() -> None:
    """Feedback works at once."""
    assert not point_of(an_incident(), threshold=0.8, noise=True).counts


def test_hours_are_spread_over_the_days_they_belong_to() -> None:
    """Across midnight too."""
    hours = spread_hours(NOON, NOON + timedelta(hours=30))
    assert hours == {date(2020, 9, 15): 12.0, date(2020, 9, 16): 18.0}


def test_less_than_one_false_alert_a_year_and_a_tripling_is_found() -> None:
    """A small run of the simulation; docs/tempo.md has the large one."""
    assert false_alerts(poisson, 0.3, runs=60, seed=3) <= 1.0
    assert false_alerts(clustered(1.5), 1.0, runs=60, seed=4) <= 1.2  # 0.75 in the large run
    assert found_in_time(poisson, 1.2, runs=60, seed=5) >= 0.9
