"""What we do not see: languages and host states gone quiet against their own rhythm. Pure.

A single feed that fails is told by whoever polls it. Here feeds are taken together: when every
Arabic feed fails, or all of them answer and none brings anything new, Arabic is a blind spot.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.config.feeds import FeedSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth

LOST: Final = frozenset({FeedHealth.FAILING, FeedHealth.EMPTY, FeedHealth.FROZEN, FeedHealth.GONE})
QUIET_FLOOR: Final = timedelta(hours=8)  # newspapers sleep at night
SURPRISE: Final = 12.0  # usual gaps without news; by chance once in 160,000 gaps (e to the 12th)
OWN_OUTAGE: Final = timedelta(minutes=30)
SMALLEST_GROUP: Final = 2  # the group of a single feed is told by the feed's own alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A language or a host state that is not seen now."""

    kind: str  # "language" or "host"
    name: str
    text: str
    feeds: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What an alert about it is about."""
        return f"coverage:{self.kind}:{self.name}"


def groups(
    feeds: Sequence[FeedSettings], states: Mapping[str, FeedState]
) -> dict[tuple[str, str], list[FeedState]]:
    """The feeds of each language and of each host state, as configured or as they say."""
    found: dict[tuple[str, str], list[FeedState]] = {}
    for feed in feeds:
        state = states.get(feed.name)
        if state is None:
            continue
        lang = feed.lang or state.lang
        keys = [("host", host) for host in feed.covers]
        if lang:
            keys.append(("language", lang.partition("-")[0].lower()))
        for key in keys:
            found.setdefault(key, []).append(state)
    return found


def gaps(
    feeds: Sequence[FeedSettings], states: Mapping[str, FeedState], now: datetime
) -> list[Gap]:
    """Every group that is lost or quiet; none during an outage of our own, which is told apart."""
    if own_outage(states.values(), now):
        return []
    found = []
    for (kind, name), members in sorted(groups(feeds, states).items()):
        text = _why_blind(members, now) if len(members) >= SMALLEST_GROUP else None
        if text is not None:
            feeds_of = tuple(state.name for state in members)
            found.append(Gap(kind=kind, name=name, text=text, feeds=feeds_of))
    return found


def own_outage(states: Iterable[FeedState], now: datetime) -> bool:
    """Whether no feed at all has answered for a while: then it is us, not them."""
    answered = [state.last_ok for state in states if state.last_ok is not None]
    return bool(answered) and now - max(answered) > OWN_OUTAGE


def _why_blind(members: Sequence[FeedState], now: datetime) -> str | None:
    if all(state.health in LOST for state in members):
        reasons = sorted({state.health.value for state in members})
        return f"all {len(members)} feeds are lost ({', '.join(reasons)})"
    rate = sum(1 / state.rhythm.total_seconds() for state in members if state.rhythm)
    last = max((state.last_entry for state in members if state.last_entry), default=None)
    if last is None or rate <= 0:
        return None
    silent = now - last
    expected = silent.total_seconds() * rate
    if silent < QUIET_FLOOR or expected < SURPRISE:
        return None
    hours = silent / timedelta(hours=1)
    return (
        f"no feed has brought anything new for {hours:.0f} hours, "
        f"in which about {math.floor(expected)} items were to be expected"
    )
