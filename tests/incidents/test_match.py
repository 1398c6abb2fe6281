"""Which incidents a report need not be compared with, because it can join none of them."""

from __future__ import annotations

from datetime import timedelta

from alerter.domain.scales import Category, Status
from alerter.incidents.match import WINDOW, oldest_news
from alerter.incidents.weights import WEIGHTS
from tests.builders import NOON, an_article, an_assessment

ARTICLE = an_article("a", published=NOON, first_seen=NOON)


def test_what_lies_too_far_back_cannot_be_joined_whatever_else_agrees() -> None:
    """The agreement of all other parts together does not outweigh another day."""
    w = WEIGHTS
    states = w.same_host + w.same_sending
    place = max(w.same_post, w.same_city, w.near)
    text = max(w.same_text, w.text_most)
    best = max(states, w.both_named) + place + w.same_category + w.same_target + text
    assert best + w.new_event < w.join


def test_an_act_is_compared_with_the_incidents_of_a_week() -> None:
    """Counted from the day that the text speaks of, where it speaks of an earlier one."""
    fresh = an_assessment("a", status=Status.OCCURRED, category=Category.BOMBING)
    late = an_assessment(
        "a",
        status=Status.OCCURRED,
        category=Category.BOMBING,
        event_time=NOON - timedelta(days=3),
    )
    assert oldest_news(fresh, ARTICLE) == NOON - timedelta(days=8)
    assert oldest_news(late, ARTICLE) == NOON - timedelta(days=11)


def test_what_follows_an_act_or_comes_slowly_is_compared_with_all() -> None:
    """A trial, a closure or a warning may be about what lies months back."""
    for status, category in (
        (Status.AFTERMATH, Category.BOMBING),
        (Status.WARNING, Category.BOMBING),
        (Status.OCCURRED, Category.SECURITY_MEASURE),
    ):
        said = an_assessment("a", status=status, category=category)
        assert oldest_news(said, ARTICLE) == NOON - WINDOW
