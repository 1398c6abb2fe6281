"""How a feed is, in one word and one sentence; and which changes somebody must hear of. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.feed import FeedState, HealthChange
from alerter.domain.scales import FeedHealth

FROZEN_FACTOR: Final = 20  # times its rhythm without anything new
FROZEN_AT_LEAST: Final = timedelta(hours=24)
GAP_SHOWN: Final = timedelta(hours=1)
MIN_GAP_ENTRIES: Final = 2  # a feed that lists one entry always loses the one before
TOLD_FAILURES: Final = 3
TOLD_AFTER: Final = timedelta(minutes=10)
BLIND: Final = frozenset({FeedHealth.FAILING, FeedHealth.GONE, FeedHealth.EMPTY, FeedHealth.FROZEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a new document listed: how many entries, and how many of them we knew."""

    listed: int
    known: int


def judge_answer(
    state: FeedState,
    listing: Listing | None,
    *,
    took: timedelta,
    timeout: timedelta,
    now: datetime,
) -> tuple[FeedHealth, str]:
    """The health of a feed that has answered. `listing` is None when nothing had changed.

    `state` holds what is known after this answer, but for its health; `entries_last` is still that
    of the poll before.
    """
    empty = _why_empty(state, listing)
    if empty:
        return FeedHealth.EMPTY, empty
    frozen = _why_frozen(state, now)
    if frozen:
        return FeedHealth.FROZEN, frozen
    gap = _why_gap(state, listing, now)
    if gap:
        return FeedHealth.GAP, gap
    if took > timeout / 2:
        return FeedHealth.SLOW, f"took {took.total_seconds():.1f}s to answer"
    return FeedHealth.OK, ""


def _why_empty(state: FeedState, listing: Listing | None) -> str | None:
    listed = state.entries_last if listing is None else listing.listed
    if listed:
        return None
    if state.entries_usual >= 1:
        return f"answers without entries; it used to list about {state.entries_usual:.0f}"
    return "has not listed an entry yet"


def _why_frozen(state: FeedState, now: datetime) -> str | None:
    if state.rhythm is None or state.last_entry is None:
        return None
    silent = now - state.last_entry
    if silent <= max(state.rhythm * FROZEN_FACTOR, FROZEN_AT_LEAST):
        return None
    return f"nothing new for {words(silent)}; it used to bring an entry every {words(state.rhythm)}"


def _why_gap(state: FeedState, listing: Listing | None, now: datetime) -> str | None:
    if listing is None:
        fresh = state.health_since is not None and now - state.health_since < GAP_SHOWN
        return state.health_reason if state.health is FeedHealth.GAP and fresh else None
    if listing.known or listing.listed < MIN_GAP_ENTRIES or not state.entries_last:
        return None
    return (
        f"none of its {listing.listed} entries was there at the last poll: "
        "entries were probably missed, so it is polled faster"
    )


def with_health(state: FeedState, health: FeedHealth, reason: str, *, now: datetime) -> FeedState:
    """The state with this health; `health_since` is kept while the health stays the same."""
    since = state.health_since if health is state.health else now
    return replace(state, health=health, health_reason=reason, health_since=since or now)


def news_of_health(state: FeedState, *, now: datetime) -> HealthChange | None:
    """What must be told now: sight lost for a while, or regained after that was told.

    A single failure is weather; three of them over ten minutes are told, and so are a feed that is
    gone, one that has frozen and one that has lost its entries. Slow feeds and gaps are shown only.
    """
    if state.health is state.told:
        return None
    if state.health in BLIND:
        if not _has_lasted(state, now):
            return None
        new, reason = state.health, state.health_reason
    elif state.told in BLIND:
        new, reason = FeedHealth.OK, f"answers again; it was {state.told.value}"
    else:
        return None
    return HealthChange(feed=state.name, at=now, old=state.told, new=new, reason=reason)


def _has_lasted(state: FeedState, now: datetime) -> bool:
    lasted = state.health_since is not None and now - state.health_since >= TOLD_AFTER
    if state.health is FeedHealth.FAILING:
        return lasted and state.failures >= TOLD_FAILURES
    if state.health is FeedHealth.EMPTY:
        return lasted and state.entries_usual >= 1
    return True


def words(span: timedelta) -> str:
    """A span for people: the two largest units."""
    minutes = max(round(span.total_seconds() / 60), 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{days} d"] * (days > 0) + [f"{hours} h"] * (hours > 0)
    parts += [f"{minutes} min"] * (minutes > 0 and not days)
    return " ".join(parts[:2])
