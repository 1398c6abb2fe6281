"""When a feed is asked next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.rhythm import (
    GONE_EVERY,
    JITTER,
    Wishes,
    first_rhythm,
    learned_rhythm,
    next_poll,
)
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth
from tests.builders import NOON, a_feed

MINUTE = timedelta(minutes=1)
POLL = PollSettings(every=5 * MINUTE, floor=MINUTE, ceiling=60 * MINUTE)


def delay(
    state: FeedState, *, hot: bool = False, every: timedelta | None = None, **wishes: Any
) -> timedelta:
    """How long until the next poll, without the jitter: rounded up to what was asked for."""
    feed = FeedSettings(url=state.url, name=state.name, every=every)
    due = next_poll(state, feed, POLL, wishes=Wishes(**wishes), hot=hot, now=NOON)
    return due - NOON


def about(expected: timedelta) -> Any:
    """Up to a tenth early, never late."""

    class About:
        def __eq__(self, other: object) -> bool:
            assert isinstance(other, timedelta)
            return expected * (1 - JITTER) <= other <= expected

        def __repr__(self) -> str:
            return f"about {expected}"

    return About()


def test_a_healthy_feed_is_asked_at_its_interval() -> None:
    """The common one, or its own."""
    assert delay(a_feed()) == about(5 * MINUTE)
    assert delay(a_feed(), every=12 * MINUTE) == about(12 * MINUTE)


def test_feeds_do_not_march_in_step() -> None:
    """A thousand feeds spread over the last tenth of the interval; each always the same."""
    due = [delay(a_feed(f"feed-{number}")) for number in range(1000)]
    assert len(set(due)) > 200
    assert delay(a_feed("feed-1")) == due[1]


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (50, 60), (5000, 60)]
)
def test_a_failing_feed_is_asked_less_and_less_but_always(failures: int, minutes: int) -> None:
    """Doubled up to the ceiling, and never given up."""
    state = a_feed(failures=failures, health=FeedHealth.FAILING)
    assert delay(state) == about(minutes * MINUTE)


def test_a_feed_that_is_gone_is_asked_once_a_day() -> None:
    """It may come back."""
    assert delay(a_feed(health=FeedHealth.GONE, failures=1)) == about(GONE_EVERY)


def test_retry_after_is_kept_to_as_far_as_the_ceiling() -> None:
    """Also by feeds with an interval of their own, and by hot ones."""
    failing = a_feed(failures=1, health=FeedHealth.FAILING)
    assert delay(failing, retry_after=30 * MINUTE) == about(30 * MINUTE)
    assert delay(failing, retry_after=MINUTE) == about(5 * MINUTE)
    assert delay(failing, retry_after=timedelta(days=3)) == about(60 * MINUTE)
    assert delay(failing, retry_after=30 * MINUTE, hot=True) == about(30 * MINUTE)


def test_the_publishers_caching_lengthens_the_common_interval() -> None:
    """max-age, Expires and ttl, up to the ceiling; shorter ones change nothing."""
    assert delay(a_feed(), fresh_for=15 * MINUTE) == about(15 * MINUTE)
    assert delay(a_feed(), fresh_for=timedelta(days=1)) == about(60 * MINUTE)
    assert delay(a_feed(), fresh_for=MINUTE) == about(5 * MINUTE)
    assert delay(a_feed(ttl=30 * MINUTE)) == about(30 * MINUTE)


def test_an_interval_of_its_own_outranks_the_publishers_caching() -> None:
    """The operator said so."""
    slow = a_feed(ttl=30 * MINUTE)
    assert delay(slow, every=2 * MINUTE, fresh_for=30 * MINUTE) == about(2 * MINUTE)


def test_a_busy_feed_is_asked_at_twice_its_rhythm() -> None:
    """But not below the floor; a quiet one is not asked less often."""
    assert delay(a_feed(rhythm=6 * MINUTE)) == about(3 * MINUTE)
    assert delay(a_feed(rhythm=timedelta(seconds=1))) == MINUTE
    assert delay(a_feed(rhythm=timedelta(days=30))) == about(5 * MINUTE)


def test_hot_feeds_and_feeds_with_a_gap_are_asked_twice_as_often() -> None:
    """Whatever the publisher's caching says; never below the floor."""
    assert delay(a_feed(ttl=30 * MINUTE), hot=True) == about(timedelta(minutes=2.5))
    assert delay(a_feed(health=FeedHealth.GAP)) == about(timedelta(minutes=2.5))
    assert delay(a_feed(), hot=True, every=90 * timedelta(seconds=1)) == MINUTE


def test_an_interval_below_the_floor_is_the_floor() -> None:
    """Floor and ceiling bound what is learned and asked, not what is configured."""
    second = timedelta(seconds=1)
    assert delay(a_feed(), every=second) == about(second)
    assert delay(a_feed(), every=timedelta(hours=6)) == about(timedelta(hours=6))


def test_skipped_hours_are_left_out_as_far_as_the_ceiling() -> None:
    """Noon is skipped: one o'clock. The whole day: an hour from now."""
    assert delay(a_feed(skip_hours=(12,))) == 60 * MINUTE
    assert delay(a_feed(skip_hours=(13,))) == about(5 * MINUTE)
    assert delay(a_feed(skip_days=(NOON.weekday(),))) == 60 * MINUTE
    assert delay(a_feed(skip_hours=(12,)), hot=True) == about(timedelta(minutes=2.5))


def test_the_first_rhythm_is_the_usual_pause_between_dated_entries() -> None:
    """A pause of a month in between changes little; two dates say nothing."""
    hours = [NOON - timedelta(hours=number) for number in range(10)]
    assert first_rhythm(hours) == timedelta(hours=1)
    assert first_rhythm([*hours, NOON - timedelta(days=30)]) == timedelta(hours=1)
    assert first_rhythm(hours[:2]) is None
    assert first_rhythm([NOON] * 5) is None


def test_the_rhythm_follows_what_is_seen() -> None:
    """Slowly: one observation counts a fifth."""
    state = a_feed(rhythm=timedelta(hours=1), last_entry=NOON - timedelta(hours=6))
    assert learned_rhythm(state, new=1, now=NOON) == timedelta(hours=2)
    assert learned_rhythm(state, new=0, now=NOON) == timedelta(hours=1)
    assert learned_rhythm(replace(state, rhythm=None), new=2, now=NOON) == timedelta(hours=3)


SPANS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))


@given(
    st.builds(
        a_feed,
        failures=st.integers(0, 10**6),
        rhythm=st.none() | SPANS,
        ttl=st.none() | SPANS,
        health=st.sampled_from([health for health in FeedHealth if health is not FeedHealth.GONE]),
        skip_hours=st.lists(st.integers(0, 23)).map(tuple),
        skip_days=st.lists(st.integers(0, 6)).map(tuple),
        polls=st.integers(0, 10**6),
    ),
    st.none() | SPANS,
    st.none() | SPANS,
    st.booleans(),
)
def test_the_next_poll_lies_between_floor_and_ceiling(
    state: FeedState, retry_after: timedelta | None, fresh_for: timedelta | None, hot: bool
) -> None:
    """Whatever is learned and whatever servers ask for."""
    assert MINUTE <= delay(state, hot=hot, retry_after=retry_after, fresh_for=fresh_for)
    assert delay(state, hot=hot, retry_after=retry_after, fresh_for=fresh_for) <= 60 * MINUTE
