"""What we know of a feed after a poll, from what we knew and what came back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from alerter.collect.clean import shorten, tidy
from alerter.collect.fetch import Fetched, FetchFailed, Trouble, Unchanged
from alerter.collect.health import Listing, judge_answer, with_health
from alerter.collect.parsing import Parsed
from alerter.collect.rhythm import Wishes, first_rhythm, learned_rhythm, next_poll
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth

MOVED_POLLS: Final = 3
MOVED_FOR: Final = timedelta(days=1)
MAX_REASON: Final = 300
FAILURES_UNTIL_HOME: Final = 3  # at a moved URL, after which the configured one is asked again


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What bears on every feed of a poll."""

    feed: FeedSettings
    poll: PollSettings
    took: timedelta
    hot: bool
    now: datetime


def after_failure(state: FeedState, failed: FetchFailed, at: Circumstances) -> FeedState:
    """Count the failure and wait longer. A feed that is gone is asked once a day."""
    gone = failed.trouble is Trouble.GONE
    health = FeedHealth.GONE if gone else FeedHealth.FAILING
    counted = replace(
        _polled(state, at),
        failures=state.failures + 1,
        url=state.configured_url if state.failures + 1 >= FAILURES_UNTIL_HOME else state.url,
    )
    reason = shorten(tidy(failed.reason), MAX_REASON)  # parts of it are the server's own words
    judged = with_health(counted, health, reason, now=at.now)
    return _scheduled(judged, Wishes(retry_after=failed.retry_after), at)


def after_own_outage(state: FeedState, at: Circumstances) -> FeedState:
    """Nothing is held against the feed; it is asked again at its usual interval."""
    return _scheduled(_polled(state, at), Wishes(), at)


def after_unchanged(state: FeedState, answer: Unchanged, at: Circumstances) -> FeedState:
    """A 304, or the same bytes again."""
    answered = _answered(state, answer, at)
    return _judged(answered, None, Wishes(fresh_for=answer.fresh_for), at)


def after_news(
    state: FeedState, fetched: Fetched, parsed: Parsed, *, new: int, known: int, at: Circumstances
) -> FeedState:
    """A changed document, of whose entries `new` were new and `known` were there before."""
    answered = replace(
        _answered(state, fetched, at), body_hash=fetched.body_hash, last_changed=at.now
    )
    learned = _learned(answered, parsed, new=new, first=state.last_ok is None, now=at.now)
    listing = Listing(listed=parsed.listed, known=known)
    judged = _judged(learned, listing, Wishes(fresh_for=fetched.fresh_for), at)
    usual = state.entries_usual
    return replace(
        judged,
        entries_last=parsed.listed,
        entries_usual=usual + (parsed.listed - usual) / 5 if usual else float(parsed.listed),
    )


def _polled(state: FeedState, at: Circumstances) -> FeedState:
    took_ms = round(at.took / timedelta(milliseconds=1))
    return replace(state, polls=state.polls + 1, last_polled=at.now, took_ms=took_ms)


def _answered(state: FeedState, answer: Unchanged | Fetched, at: Circumstances) -> FeedState:
    moved = _moved(_polled(state, at), answer.moved_to, at.now)
    return replace(
        moved,
        failures=0,
        last_ok=at.now,
        etag=answer.etag,
        last_modified=answer.last_modified,
    )


def _moved(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Believe a permanent redirect once three polls over a day have seen the same one."""
    if moved_to is None or moved_to == state.url:
        if state.moved_to is None:
            return state
        return replace(state, moved_to=None, moved_first_seen=None, moved_polls=0)
    if moved_to != state.moved_to or state.moved_first_seen is None:
        return replace(state, moved_to=moved_to, moved_first_seen=now, moved_polls=1)
    polls = state.moved_polls + 1
    if polls < MOVED_POLLS or now - state.moved_first_seen < MOVED_FOR:
        return replace(state, moved_polls=polls)
    return replace(state, url=moved_to, moved_to=None, moved_first_seen=None, moved_polls=0)


def _learned(
    state: FeedState, parsed: Parsed, *, new: int, first: bool, now: datetime
) -> FeedState:
    about = parsed.about
    state = replace(
        state,
        title=about.title or state.title,
        lang=about.lang or state.lang,
        ttl=about.ttl or state.ttl,
        skip_hours=about.skip_hours or state.skip_hours,
        skip_days=about.skip_days or state.skip_days,
    )
    if first:
        dates = [entry.published or entry.updated for entry in parsed.entries]
        dated = [date for date in dates if date is not None and date <= now]
        newest = max(dated, default=now if parsed.entries else None)
        return replace(state, rhythm=first_rhythm(dated), last_entry=newest)
    rhythm = learned_rhythm(state, new=new, now=now)
    return replace(state, rhythm=rhythm, last_entry=now if new else state.last_entry)


def _judged(
    state: FeedState, listing: Listing | None, wishes: Wishes, at: Circumstances
) -> FeedState:
    health, reason = judge_answer(state, listing, took=at.took, timeout=at.poll.timeout, now=at.now)
    return _scheduled(with_health(state, health, reason, now=at.now), wishes, at)


def _scheduled(state: FeedState, wishes: Wishes, at: Circumstances) -> FeedState:
    due = next_poll(state, at.feed, at.poll, wishes=wishes, hot=at.hot, now=at.now)
    return replace(state, next_poll=due)
