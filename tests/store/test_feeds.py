"""Feeds in the store: due by an index, claimed by a lease, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from alerter.config.feeds import FeedSettings
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange, Rejection
from alerter.domain.scales import FeedHealth
from alerter.store import Store
from tests.builders import NOON

LEASE = timedelta(minutes=1)


def feeds(*names: str) -> list[FeedSettings]:
    """Configured feeds."""
    return [FeedSettings(url=f"https://{name}.example/rss", name=name) for name in names]


def claim(store: Store, *, limit: int = 10, later: timedelta = timedelta()) -> list[str]:
    """The names of what is claimed."""
    with store.begin() as tx:
        return sorted(state.name for state in tx.feeds.claim_due(NOON + later, limit, LEASE))


def state_of(store: Store, name: str) -> FeedState:
    """What is known of one feed."""
    with store.read() as tx:
        state = tx.feeds.get(name)
    assert state is not None
    return state


def test_configured_feeds_are_due_at_once(each_store: Store) -> None:
    """And are new."""
    with each_store.begin() as tx:
        assert not tx.feeds.is_any_due(NOON)
        tx.feeds.sync(feeds("a", "b"))
        assert tx.feeds.is_any_due(NOON)
        assert [(s.name, s.health, s.next_poll) for s in tx.feeds.all()] == [
            ("a", FeedHealth.NEW, None),
            ("b", FeedHealth.NEW, None),
        ]
    assert claim(each_store) == ["a", "b"]


def test_a_claimed_feed_is_nobody_elses_until_the_lease_ends(each_store: Store) -> None:
    """Then it comes due by itself: its poller has died."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a", "b", "c"))
    assert len(claim(each_store, limit=2)) == 2
    assert len(claim(each_store)) == 1
    assert claim(each_store) == []
    assert claim(each_store, later=LEASE) == ["a", "b", "c"]


def test_a_state_comes_back_as_it_was_saved(each_store: Store) -> None:
    """Every field."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a"))
    state = replace(
        state_of(each_store, "a"),
        url="https://moved.example/",
        health=FeedHealth.FAILING,
        health_reason="HTTP 500",
        health_since=NOON,
        next_poll=NOON + LEASE,
        last_polled=NOON,
        last_ok=NOON,
        last_changed=NOON,
        last_entry=NOON,
        etag='"v"',
        last_modified="then",
        body_hash="h",
        failures=3,
        polls=9,
        entries_last=30,
        entries_usual=29.5,
        rhythm=timedelta(seconds=90),
        moved_to="https://x.example/",
        moved_first_seen=NOON,
        moved_polls=2,
        lang="ar",
        title="Post",
        ttl=timedelta(hours=1),
        skip_hours=(1, 2),
        skip_days=(6,),
        took_ms=120,
        told=FeedHealth.FAILING,
    )
    with each_store.begin() as tx:
        tx.feeds.save([state])
    assert state_of(each_store, "a") == state


def test_an_unchanged_poll_saves_what_it_changes(each_store: Store) -> None:
    """Validators and what was learned stay as they are."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a"))
    before = replace(state_of(each_store, "a"), etag='"v"', entries_last=7)
    with each_store.begin() as tx:
        tx.feeds.save([before])
        tx.feeds.save_unchanged(
            [replace(before, etag="lost", next_poll=NOON, last_ok=NOON, health=FeedHealth.OK)]
        )
    after = state_of(each_store, "a")
    assert (after.etag, after.entries_last) == ('"v"', 7)
    assert (after.next_poll, after.last_ok, after.health) == (NOON, NOON, FeedHealth.OK)


def test_a_feed_that_is_no_longer_configured_is_not_polled(each_store: Store) -> None:
    """What was learned of it is kept for when it comes back."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a", "b"))
        a = tx.feeds.get("a")
        assert a is not None
        tx.feeds.save([replace(a, etag='"v"', next_poll=NOON + LEASE * 99)])
        tx.feeds.sync(feeds("b"))
        assert [state.name for state in tx.feeds.all()] == ["b"]
    assert claim(each_store) == ["b"]
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a", "b"))
    assert claim(each_store) == ["a"]
    assert state_of(each_store, "a").etag == '"v"'


def test_a_feed_with_another_url_starts_anew(each_store: Store) -> None:
    """Validators of the old URL would hide the entries of the new one."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a"))
        a = tx.feeds.get("a")
        assert a is not None
        tx.feeds.save([replace(a, etag='"v"', polls=5, last_ok=NOON, next_poll=NOON + LEASE)])
        tx.feeds.remember({a.number: b"listed"})
        tx.feeds.sync([FeedSettings(url="https://other.example/", name="a")])
        assert tx.feeds.memory(a.number) == b""
    after = state_of(each_store, "a")
    assert (after.url, after.etag, after.polls, after.last_ok) == (
        "https://other.example/",
        None,
        0,
        None,
    )
    assert claim(each_store) == ["a"]


def test_a_feed_can_be_asked_for_at_once(each_store: Store) -> None:
    """`alerter poll --feed`."""
    with each_store.begin() as tx:
        tx.feeds.sync(feeds("a"))
    claim(each_store)
    with each_store.begin() as tx:
        tx.feeds.make_due("a", NOON)
    assert claim(each_store) == ["a"]


def test_what_was_listed_is_remembered(each_store: Store) -> None:
    """The last document replaces the one before."""
    with each_store.begin() as tx:
        assert tx.feeds.memory(1) == b""
        tx.feeds.remember({1: b"one", 2: b"other"})
        tx.feeds.remember({1: b"two\x00\xff"})
        assert tx.feeds.memory(1) == b"two\x00\xff"


def test_changes_of_health_wait_until_they_are_told(each_store: Store) -> None:
    """In the order in which they came; and our own link is remembered."""
    ok, bad = FeedHealth.OK, FeedHealth.FAILING
    changes = [
        HealthChange(feed="a", at=NOON, old=ok, new=bad, reason="HTTP 500"),
        HealthChange(feed=OWN_LINK, at=NOON, old=ok, new=bad, reason="all hosts lost"),
    ]
    with each_store.begin() as tx:
        assert tx.feeds.own_link() is None
        tx.feeds.add_health_changes(changes)
        found = tx.feeds.untold_health_changes()
        assert [replace(change, id=None) for change in found] == changes
        assert tx.feeds.own_link() == found[1]
        tx.feeds.mark_told([change.id for change in found[:1] if change.id], NOON)
        assert [change.feed for change in tx.feeds.untold_health_changes()] == [OWN_LINK]


def test_what_could_not_be_parsed_is_kept_for_a_while(each_store: Store) -> None:
    """With its reason, the latest first, until retention."""
    old = Rejection(feed="a", at=NOON - timedelta(days=9), reason="nested", content=b"<a>")
    new = Rejection(feed="a", at=NOON, reason="not a feed", content=b"\xff")
    with each_store.begin() as tx:
        tx.feeds.reject([old, new])
        assert tx.feeds.rejections("a") == [new, old]
        assert tx.feeds.forget(NOON - timedelta(days=1)) == 1
        assert tx.feeds.rejections("a") == [new]
