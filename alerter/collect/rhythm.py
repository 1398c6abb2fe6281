"""When a feed is asked next. Pure; every answer lies between floor and ceiling.

The configured interval is a promise about delay, so nothing but the publisher's own wish makes it
longer: a feed that speaks once a month may be the one that matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from alerter.config.feeds import FeedSettings, PollSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth

GONE_EVERY: Final = timedelta(days=1)
JITTER: Final = 0.1  # polls come up to a tenth early, so that feeds do not march in step
MAX_DOUBLINGS: Final = 20
LEARNING: Final = 0.2  # weight of the newest observation in what is learned
MIN_DATED: Final = 3  # dated entries from which a first rhythm is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the server asked for with its last answer."""

    retry_after: timedelta | None = None
    fresh_for: timedelta | None = None


def next_poll(
    state: FeedState,
    feed: FeedSettings,
    poll: PollSettings,
    *,
    wishes: Wishes,
    hot: bool,
    now: datetime,
) -> datetime:
    """When to ask again. `hot`: the feed covers a state with an open incident.

    * After failures: the interval, doubled with each failure up to the ceiling; never given up.
    * `Retry-After` is kept to, as far as the ceiling.
    * `every` at the feed itself outranks max-age, Expires and ttl; without it they lengthen the
      common interval, and a busy feed is asked at twice its own rhythm.
    * Hot feeds, and those that lost entries between two polls, are asked twice as often.
    """
    every = feed.every or poll.every
    floor, ceiling = min(poll.floor, every), max(poll.ceiling, every)
    if state.health is FeedHealth.GONE:
        return now + _jittered(GONE_EVERY, state)
    if state.failures:
        delay = every * 2 ** min(state.failures - 1, MAX_DOUBLINGS)
    elif hot or state.health is FeedHealth.GAP:
        delay = every / 2
    elif feed.every is not None:
        delay = every
    else:
        delay = max(_own_pace(state, every), wishes.fresh_for or floor, state.ttl or floor)
    delay = max(delay, wishes.retry_after or floor)
    due = now + _jittered(min(max(delay, floor), ceiling), state, at_least=floor)
    if hot or feed.every is not None:
        return due
    return _after_skipped(due, state, latest=now + ceiling)


def _own_pace(state: FeedState, every: timedelta) -> timedelta:
    return every if state.rhythm is None else min(every, state.rhythm / 2)


def _jittered(
    delay: timedelta, state: FeedState, *, at_least: timedelta = timedelta()
) -> timedelta:
    """Somewhat earlier, by a share that depends on the feed and the poll alone."""
    seed = f"{state.name}\0{state.polls}".encode("utf-8", "replace")
    share = hashlib.blake2b(seed, digest_size=1).digest()[0] / 255
    return max(delay * (1 - JITTER * share), at_least)


def _after_skipped(due: datetime, state: FeedState, *, latest: datetime) -> datetime:
    """Move out of skipHours and skipDays, hour by hour, but not beyond `latest`."""
    while due < latest and (due.hour in state.skip_hours or due.weekday() in state.skip_days):
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(due, latest)


def first_rhythm(published: Sequence[datetime]) -> timedelta | None:
    """The usual time between the dated entries of a first document; the median ignores pauses."""
    dates = sorted(published, reverse=True)
    if len(dates) < MIN_DATED:
        return None
    gaps = sorted(newer - older for newer, older in pairwise(dates))
    return gaps[len(gaps) // 2] or None


def learned_rhythm(state: FeedState, *, new: int, now: datetime) -> timedelta | None:
    """The rhythm after a poll that brought `new` entries."""
    if not new or state.last_entry is None:
        return state.rhythm
    observed = max(now - state.last_entry, timedelta()) / new
    if state.rhythm is None:
        return observed or None
    return state.rhythm * (1 - LEARNING) + observed * LEARNING
