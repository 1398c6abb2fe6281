"""What a route may ask of an incident."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.scales import Category, Reason, Severity
from alerter.notify.match import matches, mismatch
from tests.notify.builders import a_match, a_matter

HOLDS: list[dict[str, Any]] = [
    {},
    {"mission": ["gb-baghdad", "us-baghdad"]},
    {"host": ["IQ"]},
    {"sending": ["GB", "US"]},
    {"city": ["baghdad"]},
    {"within": "5km"},
    {"within": "5km", "mission": ["us-baghdad"]},
    {"category": ["indirect_fire", "bombing"]},
    {"severity": ["Severe", "Extreme"]},
    {"urgency": ["Immediate"]},
    {"certainty": ["Likely", "Observed"]},
    {"probability": 0.95},
    {"reason": ["first_report"]},
    {"language": ["ar"]},
    {"feed": ["daily-post"]},
    {"not": {"host": ["SY"]}},
    {"host": ["IQ"], "not": {"city": ["Erbil"], "severity": ["Severe"]}},
]
FAILS: list[tuple[dict[str, Any], str]] = [
    ({"mission": ["gb-baghdad"]}, "mission us-baghdad is not gb-baghdad"),
    ({"host": ["SY", "JO"]}, "host IQ is not SY or JO"),
    ({"sending": ["GB"]}, "sending US is not GB"),
    ({"city": ["Erbil"]}, "city baghdad is not erbil"),
    ({"within": "800m"}, "5 km from us-baghdad is more than 0.8 km"),
    ({"within": "900km", "mission": ["us-baghdad"], "host": ["SY"]}, "host IQ is not SY"),
    ({"category": ["bombing"]}, "category indirect_fire is not bombing"),
    ({"severity": ["Extreme"]}, "severity Severe is not Extreme"),
    ({"probability": 0.99}, "probability 0.95 is below 0.99"),
    ({"reason": ["escalated"]}, "reason first_report is not escalated"),
    ({"language": ["fa"]}, "language en or ar is not fa"),
    ({"feed": ["other"]}, "feed daily-post is not other"),
    ({"not": {"host": ["IQ"]}}, "it is what `not` leaves out"),
    ({"not": {}}, "it is what `not` leaves out"),
]


@pytest.mark.parametrize("asked", HOLDS, ids=str)
def test_it_holds(asked: dict[str, Any]) -> None:
    """Every key that is given holds; lists mean any of them."""
    assert mismatch(a_match(**asked), a_matter()) is None


@pytest.mark.parametrize(("asked", "why"), FAILS, ids=str)
def test_it_does_not_hold_and_says_why(asked: dict[str, Any], why: str) -> None:
    """The first key that fails is named."""
    assert mismatch(a_match(**asked), a_matter()) == why


@pytest.mark.parametrize("key", ["host", "city", "category", "mission", "sending", "feed"])
def test_what_is_not_known_matches_no_list(key: str) -> None:
    """What is not known to be in Iraq is not sent as if it were."""
    unknown = a_matter(
        host=None, cities=(), category=None, mission_ids=(), sending=(), feeds=(), distances={}
    )
    value = "bombing" if key == "category" else "IQ"
    assert mismatch(a_match(**{key: [value]}), unknown) == f"{key} unknown is not " + (
        value.lower() if key == "city" else value
    )


def test_distance_is_to_the_missions_that_the_match_names() -> None:
    """Near one post, far from another: the route of the other does not take it."""
    matter = a_matter(
        mission_ids=("us-baghdad", "us-erbil"), distances={"us-baghdad": 4.7, "us-erbil": 320.0}
    )
    assert matches(a_match(within="25km"), matter)
    assert not matches(a_match(within="25km", mission=["us-erbil"]), matter)


def test_without_a_known_distance_nothing_is_within_it() -> None:
    """An event that cannot be placed is not said to be near."""
    why = mismatch(a_match(within="25km"), a_matter(distances={}))
    assert why == "no distance to a post is known"


@given(
    hosts=st.lists(st.sampled_from(["IQ", "SY", "JO"]), min_size=1, unique=True),
    severities=st.lists(st.sampled_from(list(Severity)), min_size=1, unique=True),
    host=st.sampled_from(["IQ", "SY", "JO", None]),
    severity=st.sampled_from(list(Severity)),
    category=st.sampled_from([*Category, None]),
    reason=st.sampled_from([*Reason, None]),
)
def test_not_is_the_opposite_of_its_whole_match(
    *,
    hosts: list[str],
    severities: list[Severity],
    host: str | None,
    severity: Severity,
    category: Category | None,
    reason: Reason | None,
) -> None:
    """`not` with two keys leaves out only what has both."""
    asked = {"host": hosts, "severity": [str(each) for each in severities]}
    matter = a_matter(host=host, severity=severity, category=category, reason=reason)
    assert matches(a_match(**asked), matter) == (host in hosts and severity in severities)
    assert matches(a_match(**{"not": asked}), matter) != matches(a_match(**asked), matter)
