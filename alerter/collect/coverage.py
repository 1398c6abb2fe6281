"""What we see and what we do not: live sources per host state and language. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.collect.health import BLIND
from alerter.config.feeds import FeedSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth

ANYWHERE: Final = "*"  # feeds that cover no state in particular
UNKNOWN_LANGUAGE: Final = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The sources for one host state in one language.

    `live` are those that answered and are not blind. `stale` is the time since any of them
    answered, `silent` since any of them brought something new; None when none ever did.
    """

    host: str
    lang: str
    feeds: int
    live: int
    stale: timedelta | None
    silent: timedelta | None
    blind: tuple[str, ...]


def coverage(
    feeds: Sequence[FeedSettings], states: Mapping[str, FeedState], *, now: datetime
) -> list[Coverage]:
    """One row for each host state and language, the least covered first."""
    groups: defaultdict[tuple[str, str], list[FeedState]] = defaultdict(list)
    for feed in feeds:
        state = states.get(feed.name)
        if state is not None:
            lang = feed.lang or state.lang or UNKNOWN_LANGUAGE
            for host in feed.covers or (ANYWHERE,):
                groups[host, lang].append(state)
    rows = [_row(host, lang, group, now) for (host, lang), group in groups.items()]
    return sorted(rows, key=lambda row: (row.live, row.host, row.lang))


def is_live(state: FeedState) -> bool:
    """Whether this feed would show us what it publishes."""
    return state.health not in BLIND and state.health is not FeedHealth.NEW


def _row(host: str, lang: str, group: Sequence[FeedState], now: datetime) -> Coverage:
    answered = [state.last_ok for state in group if state.last_ok]
    brought = [state.last_entry for state in group if state.last_entry]
    return Coverage(
        host=host,
        lang=lang,
        feeds=len(group),
        live=sum(is_live(state) for state in group),
        stale=now - max(answered) if answered else None,
        silent=now - max(brought) if brought else None,
        blind=tuple(state.name for state in group if not is_live(state)),
    )
