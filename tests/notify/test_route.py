"""The tree of routes: who is reached, with what, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerter.config.routes import RouteSettings
from alerter.notify.route import find, trace, ways
from tests.notify.builders import a_matter, a_route


def reached(*routes: dict[str, Any]) -> list[str]:
    found = ways([a_route(**route) for route in routes], a_matter(), default="first")
    return [way.receiver for way in found]


def test_the_first_match_wins() -> None:
    """A neighbour after it is not asked."""
    assert reached({"match": {"host": ["IQ"]}, "receiver": "a"}, {"receiver": "b"}) == ["a"]


def test_continue_asks_the_next_one_too() -> None:
    """Both hear it."""
    assert reached({"receiver": "a", "continue": True}, {"receiver": "b"}) == ["a", "b"]


def test_without_a_match_the_first_receiver_hears_it() -> None:
    """Nothing is lost for want of a route."""
    assert reached({"match": {"host": ["SY"]}, "receiver": "a"}) == ["first"]
    assert reached() == ["first"]


def test_a_route_without_a_receiver_inherits_one() -> None:
    """From the route above it, or from the top."""
    child = {"match": {"severity": ["Severe"]}}
    assert reached({"receiver": "a", "routes": [child]}) == ["a"]
    assert reached({"routes": [child]}) == ["first"]


def test_a_child_is_asked_before_its_parent_takes_the_matter() -> None:
    """The parent takes what no child takes."""
    parent = {
        "receiver": "a",
        "routes": [
            {"match": {"city": ["Erbil"]}, "receiver": "erbil"},
            {"match": {"city": ["Baghdad"]}, "receiver": "baghdad"},
        ],
    }
    assert reached(parent) == ["baghdad"]
    assert reached({**parent, "routes": parent["routes"][:1]}) == ["a"]


def test_what_a_child_does_not_say_comes_from_above() -> None:
    """Everything but the match and `continue` is inherited, and can be said anew."""
    parent = a_route(
        receiver="a",
        repeat_every="4h",
        fallback="mail",
        escalate=[{"after": "10m", "receiver": "b"}],
        quiet_hours={"from": "22:00", "to": "06:00"},
        routes=[{"match": {"host": ["IQ"]}, "repeat_every": "1h", "escalate": []}],
    )
    (way,) = ways([parent], a_matter(), default="first")
    assert (way.route, way.receiver, way.fallback) == ("routes[0].routes[0]", "a", "mail")
    assert way.repeat_every == timedelta(hours=1)
    assert way.escalate == ()
    assert way.quiet_hours is not None


def test_a_route_is_found_again_by_its_name() -> None:
    """So that what was decided yesterday follows the rules of today."""
    tree = [a_route(receiver="a"), a_route(repeat_every="4h", routes=[{"receiver": "b"}])]
    way = find(tree, "routes[1].routes[0]", default="first")
    assert way is not None
    assert (way.receiver, way.repeat_every) == ("b", timedelta(hours=4))
    assert find(tree, "routes[7]", default="first") is None
    default = find(tree, "default", default="first")
    assert default is not None
    assert default.receiver == "first"


def test_the_trace_tells_why_each_route_declined() -> None:
    """What `route-test` prints."""
    steps = trace([a_route(match={"host": ["SY"]})], a_matter(), default="first")
    assert [(step.route, step.matched, step.text) for step in steps] == [
        ("routes[0]", False, "host IQ is not SY"),
        ("default", True, "no route matches; the first receiver hears it"),
    ]


HOSTS = st.lists(st.sampled_from(["IQ", "SY"]), max_size=2, unique=True)
TREES = st.recursive(
    st.fixed_dictionaries(
        {
            "match": st.fixed_dictionaries({"host": HOSTS}),
            "receiver": st.sampled_from(["a", "b", None]),
            "continue": st.booleans(),
        }
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "match": st.fixed_dictionaries({"host": HOSTS}),
            "receiver": st.sampled_from(["c", None]),
            "continue": st.booleans(),
            "routes": st.lists(inner, max_size=3),
        }
    ),
    max_leaves=8,
)


@given(trees=st.lists(TREES, max_size=4), host=st.sampled_from(["IQ", "SY", "JO", None]))
def test_somebody_always_hears_it_and_can_be_found_again(
    trees: list[dict[str, Any]], host: str | None
) -> None:
    """Whatever the tree: at least one way, each with a receiver, each findable by its name."""
    routes = [RouteSettings.model_validate(tree) for tree in trees]
    found = ways(routes, a_matter(host=host), default="first")
    assert found
    for way in found:
        again = find(routes, way.route, default="first")
        assert again is not None
        assert again.receiver == way.receiver
        assert way.receiver


def test_a_storm_is_a_number_or_off() -> None:
    """Anything else is one mistake, told in one line."""
    for storm in (2, "off", None):
        assert RouteSettings.model_validate({"storm": storm}).storm == storm
    for wrong in (1, True, "none", "20"):
        with pytest.raises(ValidationError, match="write 2 or more, or off") as caught:
            RouteSettings.model_validate({"storm": wrong})
        assert caught.value.error_count() == 1
