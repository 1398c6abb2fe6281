"""The rules of grading, by example, and what holds for any situation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.grade import Situation, grade
from alerter.domain.scales import Category, Certainty, Severity, Status, Target, Trust, Urgency


def situation(**given_: object) -> Situation:
    """Rockets at a mission, just now."""
    values: dict[str, object] = {
        "category": Category.INDIRECT_FIRE,
        "status": Status.OCCURRED,
        "age_h": 2.0,
    }
    return Situation(**{**values, **given_})  # type: ignore[arg-type]


def test_every_scale_names_the_rule_that_set_it() -> None:
    """A result without a reason cannot be checked."""
    found = grade(situation())
    assert [rule.name.partition("/")[0] for rule in found.rules] == [
        "severity",
        "urgency",
        "certainty",
    ]
    assert all(rule.text.endswith(".") for rule in found.rules)


def test_mission_dead_are_extreme() -> None:
    """Somebody of a mission was killed."""
    found = grade(situation(killed=1, mission_hurt=True, target=Target.PEOPLE))
    assert found.severity is Severity.EXTREME


def test_a_foiled_attempt_is_capped() -> None:
    """A bomb that was found in time is moderate, unless somebody died."""
    foiled = situation(category=Category.BOMBING, foiled=True)
    assert grade(foiled).severity is Severity.MODERATE
    deadly = situation(category=Category.BOMBING, foiled=True, killed=1)
    assert grade(deadly).severity is Severity.SEVERE


def test_hurt_beside_my_post_is_extreme() -> None:
    """Distance to my own post counts."""
    near = situation(injured=1, distance_km=0.8)
    assert grade(near).severity is Severity.EXTREME
    assert grade(situation(injured=1, distance_km=12.0)).severity is Severity.SEVERE


def test_words_about_an_event_are_minor() -> None:
    """A vow changes nothing on the ground."""
    vow = situation(category=Category.SECURITY_MEASURE, status=Status.AFTERMATH, statement=True)
    assert grade(vow).severity is Severity.MINOR


def test_urgency_follows_time_and_status() -> None:
    """Now, soon, later, past."""
    assert grade(situation()).urgency is Urgency.IMMEDIATE
    assert grade(situation(age_h=None)).urgency is Urgency.IMMEDIATE
    assert grade(situation(age_h=50)).urgency is Urgency.EXPECTED
    assert grade(situation(status=Status.AFTERMATH)).urgency is Urgency.PAST
    friday = situation(category=Category.UNREST, status=Status.WARNING, age_h=None, ahead_h=72)
    assert grade(friday).urgency is Urgency.EXPECTED
    far = situation(category=Category.UNREST, status=Status.WARNING, age_h=None, ahead_h=400)
    assert grade(far).urgency is Urgency.FUTURE


def test_certainty_rises_by_stated_steps() -> None:
    """One source, a reliable one, a second, an official one."""
    assert grade(situation()).certainty is Certainty.POSSIBLE
    assert grade(situation(trust=Trust.B)).certainty is Certainty.LIKELY
    assert grade(situation(sources=2)).certainty is Certainty.LIKELY
    assert grade(situation(sources=2, official=True)).certainty is Certainty.OBSERVED
    assert grade(situation(trust=Trust.F, sources=2)).certainty is Certainty.POSSIBLE
    assert grade(situation(sources=2, denied=True)).certainty is Certainty.POSSIBLE


def test_no_category_no_grade() -> None:
    """What is no threat has no severity."""
    found = grade(situation(category=None, status=Status.NONE))
    assert (found.severity, found.rules) == (Severity.UNKNOWN, ())


situations = st.builds(
    Situation,
    category=st.sampled_from(Category),
    status=st.sampled_from(Status),
    target=st.none() | st.sampled_from(Target),
    killed=st.integers(0, 300),
    injured=st.integers(0, 300),
    age_h=st.none() | st.floats(0, 1e4),
    ahead_h=st.none() | st.floats(-10, 1e4),
    distance_km=st.none() | st.floats(0, 1e4),
    sources=st.integers(1, 50),
    trust=st.sampled_from(Trust),
    official=st.booleans(),
    denied=st.booleans(),
    foiled=st.booleans(),
    breach=st.booleans(),
    statement=st.booleans(),
)


@given(situations)
def test_any_situation_gets_severity_and_certainty_with_rules(any_situation: Situation) -> None:
    """No combination falls through the table."""
    found = grade(any_situation)
    assert found.certainty is not Certainty.UNKNOWN
    assert found.severity is not Severity.UNKNOWN
    assert found == grade(any_situation)


@given(situations, st.integers(1, 20))
def test_more_dead_are_never_less_severe(any_situation: Situation, more: int) -> None:
    """Severity does not fall when casualties rise."""
    from dataclasses import replace

    worse = replace(any_situation, killed=any_situation.killed + more)
    assert grade(worse).severity >= grade(any_situation).severity
