"""Polling as a whole: real servers, a real store, a clock that the test moves."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import pytest

from alerter.collect.poller import Poller
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.config.settings import AlerterSettings, RetentionSettings
from alerter.domain.article import Article
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange
from alerter.domain.scales import FeedHealth
from alerter.pipeline.enrich import enrich
from alerter.pipeline.poll import poll
from alerter.pipeline.retain import forget_articles
from alerter.store import Store
from tests.builders import NOON
from tests.fakes import FeedServer, Item, rss

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Newsroom:
    """A feed server, a store and a poller; `at` moves the clock."""

    def __init__(self, store: Store, stack: ExitStack) -> None:
        self.store = store
        self.server = stack.enter_context(FeedServer())
        self.stack = stack
        self.now = NOON
        self.feeds: dict[str, FeedSettings] = {}
        self.given: dict[str, Any] = {}
        self._poller: Poller | None = None

    def feed(self, name: str, *items: Item, **script: Any) -> Any:
        """Script a feed on the server and configure it."""
        made = self.server.feed(f"/{name}", *items, **script)
        self.configure(name, self.server.url(f"/{name}"))
        return made

    def configure(self, name: str, url: str, **given: Any) -> None:
        """Configure a feed."""
        self.feeds[name] = FeedSettings(url=url, name=name, **given)

    @property
    def settings(self) -> AlerterSettings:
        """The configuration as it is now."""
        values: dict[str, Any] = {
            "timeout": timedelta(seconds=5),
            "allow_networks": (ip_network("127.0.0.0/8"),),
            "per_host": 16,
            "max_bytes": 2_000_000,
        }
        retention = RetentionSettings(articles=30 * DAY)
        poll_settings = PollSettings(**(values | self.given))
        feeds = tuple(self.feeds.values())
        return AlerterSettings(feeds=feeds, poll=poll_settings, retention=retention)

    @property
    def poller(self) -> Poller:
        """One poller for all polls."""
        if self._poller is None:
            self._poller = Poller(self.settings.poll)
            self.stack.callback(self._poller.close)
        return self._poller

    def poll(self, *, later: timedelta = timedelta(), **given: Any) -> int:
        """Let time pass, then poll what is due."""
        self.now += later
        with self.store.begin() as tx:
            tx.feeds.sync(self.settings.feeds)
        return poll(
            store=self.store, settings=self.settings, poller=self.poller, now=self.now, **given
        )

    def state(self, name: str) -> FeedState:
        """What is known of a feed."""
        with self.store.read() as tx:
            found = tx.feeds.get(name)
        assert found is not None
        return found

    def articles(self, name: str) -> list[Article]:
        """The articles of a feed, newest first."""
        with self.store.read() as tx:
            return tx.articles.latest(name, 1000)

    def titles(self, name: str) -> set[str]:
        """Their titles."""
        return {article.title for article in self.articles(name)}

    def changes(self) -> list[HealthChange]:
        """Changes of health that are to be told."""
        with self.store.read() as tx:
            return tx.feeds.untold_health_changes()

    def __enter__(self) -> Self:
        return self


@pytest.fixture
def room(store: Store) -> Iterator[Newsroom]:
    """A newsroom without feeds."""
    with ExitStack() as stack:
        yield Newsroom(store, stack)


def items(count: int, *, start: int = 0) -> list[Item]:
    """Items, the newest first."""
    return [
        Item(f"Headline {n}", guid=f"g{n}", link=f"https://news.example/{n}", summary=f"Text {n}.")
        for n in reversed(range(start, start + count))
    ]


def test_a_feed_is_polled_when_it_is_due(room: Newsroom) -> None:
    """Articles at the first poll, a 304 at the second, one new article at the third."""
    script = room.feed("a", *items(3), etag=True)
    assert room.poll() == 1
    assert room.poll(later=MINUTE) == 0
    assert room.poll(later=5 * MINUTE) == 1
    script.items = items(4)
    assert room.poll(later=5 * MINUTE) == 1
    assert [seen.status for seen in room.server.requests("/a")] == [200, 304, 200]
    assert room.titles("a") == {f"Headline {n}" for n in range(4)}
    newest = next(each for each in room.articles("a") if each.title == "Headline 3")
    assert (newest.first_seen, newest.url) == (room.now, "https://news.example/3")
    state = room.state("a")
    assert (state.health, state.polls, state.entries_last) == (FeedHealth.OK, 3, 4)


def test_a_feed_without_validators_is_parsed_only_when_it_changes(room: Newsroom) -> None:
    """The hash of the body is enough."""
    room.feed("a", *items(3))
    room.poll()
    changed = room.state("a").last_changed
    room.poll(later=5 * MINUTE)
    assert room.state("a").last_changed == changed
    assert room.state("a").last_ok == room.now


def test_the_first_poll_tells_old_entries_from_new_ones(room: Newsroom) -> None:
    """Older than `backlog`, and dated: kept, but no news."""
    old = Item("Old", guid="1", published=NOON - 2 * DAY)
    room.feed("a", old, Item("New", guid="2", published=NOON - MINUTE), Item("Undated", guid="3"))
    room.poll()
    assert {each.title: each.backlog for each in room.articles("a")} == {
        "Old": True,
        "New": False,
        "Undated": False,
    }


def test_an_edited_entry_is_a_revision(room: Newsroom) -> None:
    """It waits to be assessed again, under the same id."""
    script = room.feed("a", Item("Blast at embassy", guid="1", summary="Police are on the scene."))
    room.poll()
    (before,) = room.articles("a")
    with room.store.begin() as tx:
        tx.articles.mark_assessed([before.id], "m")
    script.items = [
        Item("Blast at embassy kills two", guid="1", summary="Police are on the scene.")
    ]
    room.poll(later=5 * MINUTE)
    (after,) = room.articles("a")
    assert (after.id, after.revision, after.title) == (before.id, 2, "Blast at embassy kills two")
    with room.store.read() as tx:
        assert [each.id for each in tx.articles.unassessed("m", 5)] == [before.id]


def test_the_same_article_through_two_feeds_is_linked(room: Newsroom) -> None:
    """One row for each, and the later one says whose twin it is: by page, or by text."""
    story = Item(
        "Rockets hit compound",
        guid="1",
        link="https://news.example/1?utm_source=a",
        summary="Two rockets landed near the gate of the embassy compound, police said on Monday.",
    )
    room.feed("a", story)
    room.poll()
    room.feed("b", replace(story, guid="2", link="http://www.news.example/1"))
    room.feed("c", replace(story, guid="3", link="https://copy.example/x"))
    room.poll(later=MINUTE)
    (first,) = room.articles("a")
    assert first.same_as is None
    assert [room.articles(name)[0].same_as for name in "bc"] == [first.id, first.id]


def hostile_zoo(room: Newsroom) -> dict[str, str]:
    """One feed of each kind of trouble, and a word of the reason that it must give."""
    huge = b"x" * 3_000_000
    laughs = b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><rss><item>&b;</item></rss>'
    room.feed("hang", hang=60)
    room.feed("drip-headers", drip_headers=True)
    room.feed("drip-body", Item("x" * 5000), drip_body=True)
    room.feed("endless", body=b"<rss>" + b" " * 65_536, endless=True)
    room.feed("huge", body=huge)
    room.feed("bomb", body=bytes(50_000_000), gzipped=True)
    room.feed("error", status=500)
    room.feed("missing", status=404)
    room.feed("gone", status=410)
    room.feed("loop", status=302, location="/loop")
    room.feed("private", status=302, location="http://10.0.0.1/")
    room.feed("scheme", status=302, location="file:///etc/passwd")
    room.feed("reset", Item("x"), reset_after=40)
    room.feed("laughs", body=laughs)
    room.feed("deep", body=b"<rss>" + b"<a>" * 50_000)
    room.feed("page", body=b"<!DOCTYPE html><html><body>login</body></html>")
    room.feed("garbage", body=bytes(range(256)) * 10)
    room.feed("nothing", body=b"")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    room.configure("refused", f"http://127.0.0.1:{port}/")
    room.configure("metadata", "http://169.254.169.254/latest/")
    return {
        "hang": "no complete answer",
        "drip-headers": "no complete answer",
        "drip-body": "no complete answer",
        "endless": "longer than 2,000,000 bytes",
        "huge": "longer than 2,000,000 bytes",
        "bomb": "longer than 2,000,000 bytes when unpacked",
        "error": "HTTP 500 Internal Server Error",
        "missing": "HTTP 404 Not Found",
        "gone": "HTTP 410 Gone",
        "loop": "more than 5 redirects",
        "private": "10.0.0.1 is not a public address",
        "scheme": "not a web address",
        "reset": "broken answer",
        "laughs": "entities made of entities",
        "deep": "nested",
        "page": "not a feed: an HTML page",
        "garbage": "not a feed",
        "nothing": "not a feed: the body is empty",
        "refused": "refused",
        "metadata": "169.254.169.254 is not a public address",
    }


def test_each_kind_of_trouble_costs_its_own_feed(room: Newsroom) -> None:
    """Twenty hostile feeds among forty healthy ones: all are polled, and each reason is told."""
    room.given = {"timeout": timedelta(seconds=2), "concurrency": 16, "per_host": 16}
    expected = hostile_zoo(room)
    for number in range(40):
        room.feed(f"well-{number}", *items(3))
    start = time.monotonic()
    assert room.poll() == 60
    assert time.monotonic() - start < 30
    for number in range(40):
        assert len(room.articles(f"well-{number}")) == 3
    for name, reason in expected.items():
        state = room.state(name)
        assert state.health in (FeedHealth.FAILING, FeedHealth.GONE), name
        assert reason in state.health_reason, name
        assert room.articles(name) == []
    assert room.state("gone").next_poll is not None
    with room.store.read() as tx:
        (rejection,) = tx.feeds.rejections("page")
        assert rejection.content.startswith(b"<!DOCTYPE html>")


def test_a_feed_that_hangs_delays_no_other(room: Newsroom) -> None:
    """With `wait`, the step comes back; what hangs is saved by a later call."""
    room.feed("warm", *items(1))
    room.poll()  # the parse worker is running from here on
    room.feed("hang", hang=60)
    room.feed("well", *items(2))
    tick = timedelta(seconds=0.4)
    start = time.monotonic()
    while not room.articles("well") and time.monotonic() - start < 4:
        before = time.monotonic()
        room.poll(wait=tick)
        assert time.monotonic() - before < 2
    assert room.state("hang").health is FeedHealth.NEW
    assert room.poller.in_flight == 1
    assert len(room.articles("well")) == 2
    room.poll()
    assert "no complete answer" in room.state("hang").health_reason
    assert room.poller.in_flight == 0


def test_a_host_never_gets_more_requests_at_once_than_allowed(room: Newsroom) -> None:
    """Two at a time, whatever the number of threads."""
    room.given = {"per_host": 2, "concurrency": 16}
    for number in range(10):
        room.feed(f"f{number}", *items(1), hang=0.05)
    start = time.monotonic()
    room.poll()
    # Ten answers of 50 ms, two at a time, cannot take less than a quarter of a second.
    assert time.monotonic() - start >= 0.25


def test_failures_are_counted_and_told_once(room: Newsroom) -> None:
    """Shown at once, told after three over ten minutes, and told again when it is back."""
    script = room.feed("a", *items(2), status=503)
    for _ in range(6):
        room.poll(later=11 * MINUTE)
    assert [(c.feed, c.old, c.new) for c in room.changes()] == [
        ("a", FeedHealth.OK, FeedHealth.FAILING)
    ]
    script.status = 200
    room.poll(later=61 * MINUTE)
    assert [(c.new, c.reason) for c in room.changes()][1:] == [
        (FeedHealth.OK, "answers again; it was failing")
    ]


def test_retry_after_is_kept_to(room: Newsroom) -> None:
    """As long as the server asks for."""
    room.feed("a", status=429, headers={"Retry-After": "1800"})
    room.poll()
    due = room.state("a").next_poll
    assert due is not None
    assert 27 * MINUTE <= due - room.now <= 30 * MINUTE


def test_a_feed_that_loses_its_entries_is_empty(room: Newsroom) -> None:
    """200 with no items is no sign of health."""
    script = room.feed("a", *items(5))
    room.poll()
    script.items = []
    room.poll(later=5 * MINUTE)
    assert room.state("a").health is FeedHealth.EMPTY
    room.poll(later=11 * MINUTE)
    assert [change.new for change in room.changes()] == [FeedHealth.EMPTY]
    script.items = items(6)
    room.poll(later=11 * MINUTE)
    assert room.state("a").health is FeedHealth.OK


def test_a_304_for_days_is_frozen(room: Newsroom) -> None:
    """Its entries used to come each hour."""
    hourly = [Item(f"T{n}", guid=str(n), published=NOON - n * 60 * MINUTE) for n in range(10)]
    script = room.feed("a", *hourly, etag=True)
    room.poll()
    assert room.state("a").health is FeedHealth.OK
    room.poll(later=2 * DAY)
    assert room.state("a").health is FeedHealth.FROZEN
    assert "it used to bring an entry every 1 h" in room.state("a").health_reason
    script.items = [Item("News", guid="n"), *hourly]
    room.poll(later=MINUTE * 6)
    assert room.state("a").health is FeedHealth.OK


def test_a_window_that_moved_on_is_a_gap_and_is_polled_faster(room: Newsroom) -> None:
    """No entry in common with the last poll."""
    script = room.feed("a", *items(5))
    room.poll()
    script.items = items(5, start=20)
    room.poll(later=5 * MINUTE)
    state = room.state("a")
    assert state.health is FeedHealth.GAP
    assert state.next_poll is not None
    assert state.next_poll - room.now <= 2.5 * MINUTE
    script.items = items(5, start=23)
    room.poll(later=5 * MINUTE)
    assert room.state("a").health is FeedHealth.OK


def test_a_feed_that_changes_every_guid_brings_each_entry_once(room: Newsroom) -> None:
    """Ten polls, the same five articles, and no gap."""
    script = room.feed("a", *items(5))
    room.poll()
    for round_ in range(10):
        script.items = [replace(item, guid=f"{round_}-{item.guid}") for item in items(5)]
        room.poll(later=5 * MINUTE)
        assert room.state("a").health is FeedHealth.OK
    assert len(room.articles("a")) == 5


def test_our_own_outage_is_told_apart(room: Newsroom) -> None:
    """All hosts lost at once: no feed is blamed, one change is told; then all is well."""
    for number in range(6):
        inner = room.stack.enter_context(FeedServer())
        inner.feed("/", *items(2))
        room.configure(f"f{number}", inner.url("/"))
    room.poll()
    good = dict(room.feeds)
    for number in range(6):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with room.store.begin() as tx:
            state = tx.feeds.get(f"f{number}")
            assert state is not None
            tx.feeds.save([replace(state, url=url, next_poll=None)])
    assert room.poll(later=5 * MINUTE) == 6
    assert [room.state(name).health for name in good] == [FeedHealth.OK] * 6
    assert [room.state(name).failures for name in good] == [0] * 6
    (change,) = room.changes()
    assert (change.feed, change.new) == (OWN_LINK, FeedHealth.FAILING)
    assert "6 of 6 hosts cannot be reached" in change.reason
    with room.store.begin() as tx:
        for name, feed in good.items():
            state = tx.feeds.get(name)
            assert state is not None
            tx.feeds.save([replace(state, url=feed.url, next_poll=None)])
    room.poll(later=5 * MINUTE)
    assert [change.new for change in room.changes()] == [FeedHealth.FAILING, FeedHealth.OK]


def test_a_permanent_redirect_is_stored_in_the_end(room: Newsroom) -> None:
    """After a day of polls the old address is asked no more."""
    room.feed("new", *items(2), etag=True)
    room.feed("old", status=301, location="/new")
    del room.feeds["new"]
    for _ in range(4):
        room.poll(later=9 * 60 * MINUTE)
    assert room.state("old").url == room.server.url("/new")
    asked = len(room.server.requests("/old"))
    room.poll(later=60 * MINUTE)
    assert len(room.server.requests("/old")) == asked


def test_feeds_of_a_hot_host_state_are_polled_faster(room: Newsroom) -> None:
    """An open incident in Iraq."""
    room.feed("a", *items(1))
    room.configure("a", room.server.url("/a"), covers=("IQ",))
    room.poll(hot_hosts={"IQ"})
    due = room.state("a").next_poll
    assert due is not None
    assert due - room.now <= 2.5 * MINUTE


def test_a_broken_item_costs_itself_alone_and_is_kept(room: Newsroom) -> None:
    """Beside its reason; and it is not tried again at each poll."""
    body = rss(items(5)).replace(b"Headline 2", b"<a>" * 2000 + b"Headline 2")
    room.feed("a", body=body)
    room.poll()
    assert len(room.articles("a")) == 4
    with room.store.read() as tx:
        (rejection,) = tx.feeds.rejections("a")
    assert "nested" in rejection.reason
    room.server.scripts["/a"].body = body.replace(b"<channel>", b"<channel> ")
    room.poll(later=5 * MINUTE)
    with room.store.read() as tx:
        assert len(tx.feeds.rejections("a")) == 1


def test_a_very_long_document_is_stored_in_parts(room: Newsroom) -> None:
    """Every entry once, also those that share a GUID with one of another part; then only the new."""
    twice = [Item(f"First {n}", guid=f"twice-{n}") for n in range(20)]
    again = [Item(f"Second, quite unlike it, {n}", guid=f"twice-{n}") for n in range(20)]
    script = room.feed("a", *twice, *items(2500), *again)
    room.poll()
    with room.store.read() as tx:
        assert tx.articles.count() == 2540
    script.items = [Item("Breaking", guid="b"), *script.items]
    room.poll(later=5 * MINUTE)
    assert room.articles("a")[0].title == "Breaking"
    with room.store.read() as tx:
        assert tx.articles.count() == 2541
    assert room.state("a").health is FeedHealth.OK


def test_a_folder_is_polled_like_a_feed(room: Newsroom, tmp_path: Path) -> None:
    """A note dropped into it is an article at the next poll, once."""
    folder = tmp_path / "dropped"
    folder.mkdir()
    room.configure("folder", folder.as_uri(), kind="folder")
    room.poll()
    assert room.state("folder").health is FeedHealth.EMPTY
    (folder / "note.txt").write_text("Shots near the gate\nTwo men on a motorbike.")
    room.poll(later=5 * MINUTE)
    assert room.titles("folder") == {"Shots near the gate"}
    room.poll(later=5 * MINUTE)
    assert len(room.articles("folder")) == 1
    assert room.state("folder").health is FeedHealth.OK
    folder.joinpath("note.txt").unlink()
    folder.rmdir()
    room.poll(later=5 * MINUTE)
    assert room.state("folder").health_reason == "cannot read the folder: No such file or directory"


def test_a_feed_behind_a_password(room: Newsroom, tmp_path: Path) -> None:
    """The secret comes from a file; a missing file is a reason, and names the file only."""
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    room.feed("a", *items(1))
    room.configure("a", room.server.url("/a"), auth={"username": "u", "password_file": secret})
    room.poll()
    assert room.server.requests("/a")[0].headers["Authorization"] == "Basic dTpodW50ZXIy"
    secret.unlink()
    room.poll(later=5 * MINUTE)
    reason = room.state("a").health_reason
    assert "password" in reason
    assert "hunter2" not in reason


def test_a_json_api_is_polled_by_its_mapping(room: Newsroom) -> None:
    """And an error object instead of a list is a failure, not an empty feed."""
    script = room.feed("a", body=b'{"hits": [{"t": "Shots", "u": "https://x.example/1"}]}')
    mapping = {"entries": "hits", "title": "t", "link": "u"}
    room.configure("a", room.server.url("/a"), json=mapping)
    room.poll()
    assert room.titles("a") == {"Shots"}
    script.body = b'{"error": "quota"}'
    room.poll(later=5 * MINUTE)
    assert room.state("a").health_reason == "no list at `hits` in the answer"


def test_old_articles_go_unless_they_are_listed_still(room: Newsroom) -> None:
    """And what is kept is not news again when its markup changes."""
    script = room.feed("a", *items(4))
    room.poll()
    script.items = items(2)
    room.poll(later=5 * MINUTE)
    room.now += 31 * DAY
    assert forget_articles(store=room.store, settings=room.settings, now=room.now) == 4
    assert room.titles("a") == {"Headline 0", "Headline 1"}
    assert forget_articles(store=room.store, settings=room.settings, now=room.now) == 0
    script.items = [replace(item, summary=f"{item.summary} ") for item in items(2)]
    room.poll(later=5 * MINUTE)
    assert len(room.articles("a")) == 2


def test_the_whole_text_of_a_promising_article_is_read_once(room: Newsroom) -> None:
    """For feeds that ask for it; where the page fails the summary stays."""
    pytest.importorskip("trafilatura", reason="needs the fulltext extra")
    words = "Two rockets landed near the compound and guards returned fire, witnesses said. " * 6
    story = f"<article><p>{words}</p><p>{words}</p></article>"
    page = f"<html><body><nav>Menu</nav>{story}</body></html>"
    room.server.feed("/story", body=page.encode(), content_type="text/html")
    linked = Item("Rockets", guid="1", link=room.server.url("/story"), summary="Short.")
    room.feed("a", linked, Item("Lost", guid="2", link="http://127.0.0.1:9/x", summary="Stays."))
    room.configure("a", room.server.url("/a"), fulltext=True)
    room.poll()
    with room.store.begin() as tx:
        tx.articles.mark_assessed([each.id for each in room.articles("a")], "m")
        tx.articles.want_fulltext([each.id for each in room.articles("a")])
    given: dict[str, Any] = {"store": room.store, "settings": room.settings}
    given["poller"] = room.poller
    assert enrich(**given) == 1
    assert enrich(**given) == 0
    bodies = {each.title: each.body for each in room.articles("a")}
    assert "guards returned fire" in bodies["Rockets"]
    assert "Menu" not in bodies["Rockets"]
    assert bodies["Lost"] == ""
    with room.store.read() as tx:
        assert [each.title for each in tx.articles.unassessed("m", 5)] == ["Rockets"]


def test_two_daemons_share_the_feeds(room: Newsroom) -> None:
    """Each feed is polled by one of them."""
    for number in range(20):
        room.feed(f"f{number}", *items(1))
    with room.store.begin() as tx:
        tx.feeds.sync(room.settings.feeds)
    other = Poller(room.settings.poll)
    room.stack.callback(other.close)
    given: dict[str, Any] = {"store": room.store, "settings": room.settings, "now": NOON}
    counts = [
        poll(poller=poller, wait=timedelta(milliseconds=1), **given)
        for poller in (room.poller, other)
    ]
    counts += [poll(poller=poller, **given) for poller in (room.poller, other)]
    assert sum(counts) == 20
    assert len(room.server.requests()) == 20
