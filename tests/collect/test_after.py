"""What is known of a feed after a poll; and of all of them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerter.collect.after import (
    Circumstances,
    after_failure,
    after_news,
    after_own_outage,
    after_unchanged,
)
from alerter.collect.coverage import coverage
from alerter.collect.fetch import Fetched, FetchFailed, Trouble, Unchanged
from alerter.collect.outage import Contact, is_over, own_outage
from alerter.collect.parse import Document
from alerter.collect.parsing import Parsed
from alerter.collect.turns import Turns
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.domain.article import Entry
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth
from tests.builders import NOON, a_feed

NEW_URL = "https://new.example/feed"
POLL = PollSettings()


def at(now: datetime = NOON) -> Circumstances:
    """A poll that took a fifth of a second."""
    return Circumstances(
        feed=FeedSettings(url="https://x.example/", name="daily-post"),
        poll=POLL,
        took=timedelta(milliseconds=200),
        hot=False,
        now=now,
    )


def failed(trouble: Trouble = Trouble.HTTP, reason: str = "HTTP 500") -> FetchFailed:
    """A failure."""
    return FetchFailed(reason=reason, trouble=trouble)


def news(state: FeedState, *entries: Entry, new: int = 1, **about: Any) -> FeedState:
    """The state after a document with these entries."""
    fetched = Fetched(url=state.url, body=b"", body_hash="h2", etag='"v2"')
    parsed = Parsed(entries=entries, about=Document(**about))
    return after_news(state, fetched, parsed, new=new, known=len(entries) - new, at=at())


def test_an_answer_ends_a_series_of_failures() -> None:
    """Three failures, then a 304."""
    state = a_feed(entries_last=5)
    for count in range(1, 4):
        state = after_failure(state, failed(), at())
        assert (state.failures, state.health) == (count, FeedHealth.FAILING)
    state = after_unchanged(state, Unchanged(etag='"v"'), at())
    assert (state.failures, state.health, state.health_reason) == (0, FeedHealth.OK, "")
    assert (state.last_ok, state.etag, state.polls) == (NOON, '"v"', 5)


def test_a_failure_keeps_the_validators() -> None:
    """What we have is still what we have."""
    state = a_feed(etag='"v1"', body_hash="h1", last_ok=NOON - timedelta(hours=1))
    after = after_failure(state, failed(), at())
    assert (after.etag, after.body_hash, after.last_ok) == ('"v1"', "h1", state.last_ok)


def test_a_reason_is_one_clean_line() -> None:
    """Part of it is what the server wrote."""
    after = after_failure(a_feed(), failed(reason="HTTP 500 \x1b[31m" + "x" * 500), at())
    assert "\x1b" not in after.health_reason
    assert len(after.health_reason) <= 300


def test_a_gone_feed_is_gone_until_it_answers() -> None:
    """410 is believed, and so is coming back."""
    gone = after_failure(a_feed(entries_last=3), failed(Trouble.GONE, "HTTP 410 Gone"), at())
    assert gone.health is FeedHealth.GONE
    assert after_unchanged(gone, Unchanged(), at()).health is FeedHealth.OK


def test_our_own_outage_is_not_held_against_a_feed() -> None:
    """No failure is counted, the health stays, and it is asked again at the usual interval."""
    state = a_feed(failures=0, health=FeedHealth.OK)
    after = after_own_outage(state, at())
    assert (after.failures, after.health, after.last_ok) == (0, FeedHealth.OK, state.last_ok)
    assert after.next_poll is not None
    assert after.next_poll <= NOON + POLL.every


def test_a_permanent_redirect_is_stored_after_three_polls_over_a_day() -> None:
    """Not after three within an hour, and not after two over a week."""
    moved = Unchanged(moved_to=NEW_URL)
    state = a_feed()
    for hours in (0, 1, 2, 23):
        state = after_unchanged(state, moved, at(NOON + timedelta(hours=hours)))
        assert state.url == state.configured_url
    state = after_unchanged(state, moved, at(NOON + timedelta(hours=25)))
    assert (state.url, state.moved_to) == (NEW_URL, None)
    rare = after_unchanged(a_feed(), moved, at())
    rare = after_unchanged(rare, moved, at(NOON + timedelta(days=7)))
    assert rare.url == rare.configured_url


def test_a_redirect_that_changes_or_stops_is_counted_anew() -> None:
    """Someone else's mistake for an hour moves nothing."""
    state = after_unchanged(a_feed(), Unchanged(moved_to=NEW_URL), at())
    other = Unchanged(moved_to="https://other.example/")
    state = after_unchanged(state, other, at(NOON + timedelta(hours=30)))
    assert (state.moved_polls, state.moved_first_seen) == (1, NOON + timedelta(hours=30))
    assert after_unchanged(state, Unchanged(), at()).moved_to is None


def test_a_moved_feed_that_fails_goes_home() -> None:
    """After three failures the configured URL is asked again."""
    state = replace(a_feed(), url=NEW_URL)
    for _ in range(2):
        state = after_failure(state, failed(), at())
    assert state.url == NEW_URL
    assert after_failure(state, failed(), at()).url == state.configured_url


def test_the_first_document_teaches_rhythm_language_and_title() -> None:
    """From its dates and its head."""
    dated = [Entry(title="t", published=NOON - timedelta(hours=n)) for n in (2, 3, 4, 5)]
    first = news(a_feed(last_ok=None), *dated, new=4, title="Post", lang="ar")
    assert (first.rhythm, first.last_entry) == (timedelta(hours=1), NOON - timedelta(hours=2))
    assert (first.title, first.lang, first.entries_last) == ("Post", "ar", 4)
    assert (first.etag, first.body_hash, first.last_changed) == ('"v2"', "h2", NOON)


def test_new_entries_are_counted_from_when_we_saw_them() -> None:
    """Dates of later documents teach nothing: they may be wrong."""
    state = a_feed(rhythm=timedelta(hours=1), last_entry=NOON - timedelta(hours=1), entries_last=3)
    after = news(state, Entry(title="t", published=NOON - timedelta(days=9)), new=1)
    assert (after.last_entry, after.rhythm) == (NOON, timedelta(hours=1))
    assert news(state, Entry(title="t"), new=0).last_entry == state.last_entry


def contacts(lost: int, reached: int) -> list[Contact]:
    """So many hosts of each kind, a minute ago."""
    when = NOON - timedelta(minutes=1)
    return [
        Contact(host=f"host-{number}", at=when, lost=number < lost)
        for number in range(lost + reached)
    ]


def test_most_hosts_lost_at_once_is_our_own_outage() -> None:
    """Eight of ten; not seven, and not four of four."""
    assert own_outage(contacts(8, 2), now=NOON) == (
        "8 of 10 hosts cannot be reached: our own connection is probably down"
    )
    assert own_outage(contacts(7, 3), now=NOON) is None
    assert own_outage(contacts(4, 0), now=NOON) is None
    assert own_outage(contacts(9, 0), now=NOON + timedelta(hours=1)) is None


def test_an_outage_is_over_when_most_hosts_answer_again() -> None:
    """Not because nobody was asked for a while, nor because of an answer from before."""
    since = NOON - timedelta(minutes=2)
    assert is_over(contacts(2, 8), since=since)
    assert not is_over(contacts(5, 5), since=since)
    assert not is_over(contacts(0, 4), since=since)
    assert not is_over(contacts(0, 10), since=NOON)


def test_coverage_counts_live_sources_per_state_and_language() -> None:
    """The least covered comes first; blind feeds are named."""
    feeds = [
        FeedSettings(url="u1", name="a", covers=("IQ",), lang="ar"),
        FeedSettings(url="u2", name="b", covers=("IQ", "SY"), lang="ar"),
        FeedSettings(url="u3", name="c"),
        FeedSettings(url="u4", name="never-polled"),
    ]
    states = {
        "a": a_feed("a", health=FeedHealth.FAILING, last_ok=NOON - timedelta(hours=5)),
        "b": a_feed("b", last_ok=NOON, last_entry=NOON - timedelta(hours=2)),
        "c": a_feed("c", health=FeedHealth.FROZEN, lang="en", last_ok=None),
    }
    rows = coverage(feeds, states, now=NOON)
    assert [(row.host, row.lang, row.live, row.feeds) for row in rows] == [
        ("*", "en", 0, 1),
        ("IQ", "ar", 1, 2),
        ("SY", "ar", 1, 1),
    ]
    assert rows[1].blind == ("a",)
    assert (rows[1].stale, rows[1].silent) == (timedelta(), timedelta(hours=2))
    assert rows[0].stale is None


def test_no_host_gets_more_than_its_turns() -> None:
    """The third job of a busy host waits aside; another host's job passes it."""
    turns: Turns[str] = Turns(host_of=lambda job: job[0], per_host=2)
    for job in ("a1", "a2", "a3", "b1"):
        turns.put(job)
    assert (turns.active, turns.waiting) == (3, 1)
    assert [turns.take(), turns.take(), turns.take()] == ["a1", "a2", "b1"]
    turns.done("a1")
    assert turns.take() == "a3"
    for job in ("a2", "a3", "b1"):
        turns.done(job)
    assert (turns.active, turns.waiting) == (0, 0)
    turns.close()
    assert turns.take() is None
