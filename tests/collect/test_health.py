"""How a feed is, why, and who must hear of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerter.collect.health import Listing, judge_answer, news_of_health, with_health, words
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth
from tests.builders import NOON, a_feed

HOUR = timedelta(hours=1)
QUICK = timedelta(milliseconds=200)


def seasoned(**given: Any) -> FeedState:
    """A feed with a history: thirty entries, one an hour."""
    values: dict[str, Any] = {
        "entries_last": 30,
        "entries_usual": 30.0,
        "rhythm": HOUR,
        "last_entry": NOON - HOUR,
        "health_since": NOON - HOUR,
    }
    return a_feed(**(values | given))


def judged(
    state: FeedState, listing: Listing | None = None, took: timedelta = QUICK
) -> tuple[FeedHealth, str]:
    """The health after an answer at noon."""
    return judge_answer(state, listing, took=took, timeout=timedelta(seconds=20), now=NOON)


def test_a_feed_that_answers_is_ok() -> None:
    """With nothing new, or with something."""
    assert judged(seasoned()) == (FeedHealth.OK, "")
    assert judged(seasoned(), Listing(listed=30, known=29)) == (FeedHealth.OK, "")


def test_a_feed_without_entries_is_empty() -> None:
    """Where there used to be some it says how many; it stays empty while nothing changes."""
    health, reason = judged(seasoned(), Listing(listed=0, known=0))
    assert (health, reason) == (
        FeedHealth.EMPTY,
        "answers without entries; it used to list about 30",
    )
    assert judged(seasoned(entries_last=0))[0] is FeedHealth.EMPTY
    fresh = a_feed(entries_last=0)
    assert judged(fresh, Listing(listed=0, known=0)) == (
        FeedHealth.EMPTY,
        "has not listed an entry yet",
    )


def test_a_feed_that_is_silent_for_much_longer_than_its_rhythm_is_frozen() -> None:
    """Twenty times its rhythm and a day at least: a 304 is no proof of life."""
    assert judged(seasoned(last_entry=NOON - 23 * HOUR))[0] is FeedHealth.OK
    assert judged(seasoned(last_entry=NOON - 30 * HOUR)) == (
        FeedHealth.FROZEN,
        "nothing new for 1 d 6 h; it used to bring an entry every 1 h",
    )
    weekly = seasoned(rhythm=timedelta(days=7), last_entry=NOON - timedelta(days=60))
    assert judged(weekly)[0] is FeedHealth.OK


def test_a_document_without_a_known_entry_is_a_gap() -> None:
    """The window has moved on by more than its length: something was missed."""
    health, reason = judged(seasoned(), Listing(listed=30, known=0))
    assert health is FeedHealth.GAP
    assert "entries were probably missed" in reason
    assert judged(seasoned(), Listing(listed=1, known=0))[0] is FeedHealth.OK
    assert judged(a_feed(entries_last=0), Listing(listed=30, known=0))[0] is FeedHealth.OK


def test_a_gap_is_shown_for_an_hour() -> None:
    """Unless the next document overlaps."""
    gap = seasoned(health=FeedHealth.GAP, health_reason="missed", health_since=NOON - HOUR / 2)
    assert judged(gap) == (FeedHealth.GAP, "missed")
    assert judged(replace(gap, health_since=NOON - 2 * HOUR))[0] is FeedHealth.OK
    assert judged(gap, Listing(listed=30, known=1))[0] is FeedHealth.OK


def test_a_feed_that_takes_half_its_time_is_slow() -> None:
    """Before it fails."""
    assert judged(seasoned(), took=timedelta(seconds=12)) == (
        FeedHealth.SLOW,
        "took 12.0s to answer",
    )


def test_health_remembers_since_when() -> None:
    """A new reason is no new health."""
    failing = with_health(seasoned(), FeedHealth.FAILING, "HTTP 500", now=NOON)
    again = with_health(failing, FeedHealth.FAILING, "HTTP 502", now=NOON + HOUR)
    assert (again.health_since, again.health_reason) == (NOON, "HTTP 502")


def failing(**given: Any) -> FeedState:
    """A feed that has failed for an hour."""
    values: dict[str, Any] = {
        "health": FeedHealth.FAILING,
        "health_reason": "HTTP 500",
        "health_since": NOON - HOUR,
        "failures": 4,
    }
    return a_feed(**(values | given))


def test_one_failure_is_weather() -> None:
    """Three over ten minutes are told, once."""
    assert news_of_health(failing(failures=1), now=NOON) is None
    assert news_of_health(failing(health_since=NOON - timedelta(minutes=5)), now=NOON) is None
    change = news_of_health(failing(), now=NOON)
    assert change is not None
    assert (change.old, change.new, change.reason) == (
        FeedHealth.OK,
        FeedHealth.FAILING,
        "HTTP 500",
    )
    assert news_of_health(failing(told=FeedHealth.FAILING), now=NOON) is None


@pytest.mark.parametrize("health", [FeedHealth.GONE, FeedHealth.FROZEN])
def test_gone_and_frozen_are_told_at_once(health: FeedHealth) -> None:
    """Nothing is gained by waiting."""
    assert news_of_health(failing(health=health, health_since=NOON), now=NOON) is not None


def test_an_empty_feed_is_told_if_it_was_ever_full() -> None:
    """A feed that never had entries is a matter of configuration, and shown."""
    assert news_of_health(failing(health=FeedHealth.EMPTY, entries_usual=9.0), now=NOON)
    assert news_of_health(failing(health=FeedHealth.EMPTY, entries_usual=0.0), now=NOON) is None


@pytest.mark.parametrize("health", [FeedHealth.SLOW, FeedHealth.GAP, FeedHealth.OK])
def test_slow_feeds_and_gaps_are_shown_and_not_told(health: FeedHealth) -> None:
    """They bring news still. After a failure that was told they are good news."""
    assert news_of_health(a_feed(health=health), now=NOON) is None
    back = news_of_health(a_feed(health=health, told=FeedHealth.GONE), now=NOON)
    assert back is not None
    assert (back.new, back.reason) == (FeedHealth.OK, "answers again; it was gone")


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=5), "1 min"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=2, hours=3, minutes=4), "2 d 3 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_spans_are_told_in_words(span: timedelta, text: str) -> None:
    """The two largest units."""
    assert words(span) == text
