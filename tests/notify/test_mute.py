"""Silences and inhibition hold back what they should, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerter.config.routes import InhibitSettings
from alerter.domain.mute import Silence
from alerter.domain.scales import Severity
from alerter.notify.mute import inhibited, inhibitors_of, silenced, value_of
from tests.builders import NOON
from tests.notify.builders import a_matter

HOUR = timedelta(hours=1)


def a_silence(number: int = 3, **given: Any) -> Silence:
    values: dict[str, Any] = {
        "matcher": {"host": ["IQ"]},
        "author": "ann",
        "reason": "exercise at the range",
        "starts_at": NOON,
        "until": NOON + HOUR,
    }
    return Silence(id=number, **(values | given))


def a_rule(**given: Any) -> InhibitSettings:
    basic = {"source": {"severity": ["Extreme"]}, "target": {"severity": ["Moderate"]}}
    return InhibitSettings.model_validate(basic | given)


EXTREME = a_matter("inc-9", label="#12", severity=Severity.EXTREME)
MODERATE = a_matter("inc-1", severity=Severity.MODERATE)


def test_a_silence_holds_what_matches_until_it_ends() -> None:
    """And says whose it is and why."""
    hold = silenced(a_matter(), [a_silence()], NOON)
    assert hold is not None
    assert (hold.by, hold.until) == ("silence:3", NOON + HOUR)
    assert hold.text == "muted by silence 3 of ann: exercise at the range"
    assert silenced(a_matter(host="SY"), [a_silence()], NOON) is None


def test_a_silence_holds_only_while_it_is_in_force() -> None:
    """Not before it starts, not from its end on."""
    assert silenced(a_matter(), [a_silence()], NOON - timedelta(seconds=1)) is None
    assert silenced(a_matter(), [a_silence()], NOON + HOUR) is None


def test_of_several_silences_the_longest_counts() -> None:
    """What ends first does not let it out."""
    long = a_silence(4, until=NOON + 5 * HOUR)
    hold = silenced(a_matter(), [a_silence(), long], NOON)
    assert hold is not None
    assert hold.by == "silence:4"


def test_a_silence_that_cannot_be_read_any_more_hides_nothing() -> None:
    """A key of an older version must not become a silence of everything."""
    assert silenced(a_matter(), [a_silence(matcher={"colour": ["red"]})], NOON) is None


def test_a_page_holds_back_lesser_notes_about_the_same_city() -> None:
    """For two hours unless said otherwise."""
    held = inhibited(MODERATE, [a_rule()], inhibitors_of(EXTREME, [a_rule()], NOON), NOON)
    assert held is not None
    assert (held.text, held.until) == ("inhibited by #12", NOON + 2 * HOUR)


def test_inhibition_ends_by_itself() -> None:
    """It is a pause, not a filter."""
    since = inhibitors_of(EXTREME, [a_rule()], NOON)
    assert inhibited(MODERATE, [a_rule()], since, NOON + 2 * HOUR) is None


@pytest.mark.parametrize(
    "other",
    [
        a_matter("inc-9", severity=Severity.MODERATE),
        a_matter(severity=Severity.SEVERE),
        a_matter(severity=Severity.MODERATE, cities=("Erbil",)),
        a_matter(severity=Severity.MODERATE, cities=()),
    ],
    ids=["itself", "not the target", "another city", "no city known"],
)
def test_what_is_not_held_back(other: Any) -> None:
    """Only what the rule names, and only where it is known to be the same."""
    assert inhibited(other, [a_rule()], inhibitors_of(EXTREME, [a_rule()], NOON), NOON) is None


def test_nothing_is_held_back_by_something_lesser() -> None:
    """Whatever the rule says: a worse alert always comes through."""
    rule = a_rule(source={"severity": ["Moderate"]}, target={"severity": ["Extreme"]})
    since = inhibitors_of(MODERATE, [rule], NOON)
    assert since
    assert inhibited(EXTREME, [rule], since, NOON) is None


def test_inhibition_within_a_distance() -> None:
    """The same street, not the same governorate."""
    rule = a_rule(equal=["host"], within="5km")
    since = inhibitors_of(EXTREME, [rule], NOON)
    assert inhibited(MODERATE, [rule], since, NOON) is not None
    far = a_matter(severity=Severity.MODERATE, point=(36.19, 44.0))
    nowhere = a_matter(severity=Severity.MODERATE, point=None)
    assert inhibited(far, [rule], since, NOON) is None
    assert inhibited(nowhere, [rule], since, NOON) is None


def test_a_rule_that_was_taken_out_of_the_configuration_holds_nothing() -> None:
    """State on disk may be older than the rules."""
    since = inhibitors_of(EXTREME, [a_rule()], NOON)
    assert inhibited(MODERATE, [], since, NOON) is None


def test_every_field_to_group_by_has_a_value() -> None:
    """Those of the configuration, all of them."""
    fields = ("host", "city", "category", "mission", "sending", "severity", "reason")
    assert [value_of(a_matter(), field) for field in fields] == [
        "IQ", "baghdad", "indirect_fire", "us-baghdad", "US", "Severe", "first_report",
    ]  # fmt: skip
