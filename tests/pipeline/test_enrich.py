"""Whole texts of promising articles: polite, once, and never at the cost of what we have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from alerter.pipeline.enrich import LONG_ENOUGH, enrich
from alerter.store import Store
from tests.fakes import FeedServer, Item
from tests.pipeline.test_poll import Newsroom

pytest.importorskip("trafilatura", reason="needs the fulltext extra")

WORDS = "Two rockets landed near the compound and guards returned fire, witnesses said. " * 6
PAGE = f"<html><body><nav>Menu</nav><article><p>{WORDS}</p><p>{WORDS}</p></article></body></html>"


@pytest.fixture
def room(store: Store) -> Iterator[Newsroom]:
    """A newsroom without feeds."""
    with ExitStack() as stack:
        yield Newsroom(store, stack)


def publish(room: Newsroom, *items: Item, fulltext: bool = True) -> None:
    """Poll a feed with these items, and ask for the whole text of each."""
    room.feed("a", *items)
    room.configure("a", room.server.url("/a"), fulltext=fulltext)
    room.poll()
    with room.store.begin() as tx:
        ids = [each.id for each in room.articles("a")]
        tx.articles.mark_assessed(ids, "m")
        tx.articles.want_fulltext(ids)


def stories(server: FeedServer, names: Sequence[str], page: str = PAGE) -> list[Item]:
    """Items that link to a page of this server each."""
    for name in names:
        server.feed(f"/{name}", body=page.encode(), content_type="text/html")
    return [Item(name, guid=name, link=server.url(f"/{name}"), summary="Short.") for name in names]


def read(room: Newsroom, *, limit: int = 10) -> int:
    """One call of the step."""
    return enrich(store=room.store, settings=room.settings, poller=room.poller, limit=limit)


def bodies(room: Newsroom) -> dict[str, str]:
    """The text of each article by its title."""
    return {each.title: each.body for each in room.articles("a")}


def waiting(room: Newsroom) -> int:
    """How many articles wait to be judged again."""
    with room.store.read() as tx:
        return len(tx.articles.unassessed("m", 100))


def test_a_host_is_asked_for_one_page_in_a_call(room: Newsroom) -> None:
    """Others wait for the next call; another host is asked in the same one."""
    other = room.stack.enter_context(FeedServer(host="127.0.0.2"))
    publish(room, *stories(room.server, ["p1", "p2", "p3"]), *stories(other, ["q1"]))
    assert read(room) == 2
    assert len([r for r in room.server.requests() if r.path.startswith("/p")]) == 1
    assert len(other.requests()) == 1
    assert [read(room), read(room), read(room)] == [1, 1, 0]
    assert all("guards returned fire" in body for body in bodies(room).values())


def test_no_more_pages_than_asked_for(room: Newsroom) -> None:
    """A page may take as long as a feed, and the step is one of many."""
    others = [room.stack.enter_context(FeedServer(host=f"127.0.0.{n}")) for n in (2, 3, 4)]
    publish(room, *(item for n, other in enumerate(others) for item in stories(other, [f"x{n}"])))
    assert read(room, limit=2) == 2
    assert sum(len(other.requests()) for other in others) == 2


def test_a_page_is_asked_for_once_whatever_comes_of_it(room: Newsroom) -> None:
    """Read, refused or without a story: nobody is asked a second time."""
    (good,) = stories(room.server, ["good"])
    (wall,) = stories(room.server, ["wall"], page="<html><body>Subscribe</body></html>")
    room.server.feed("/gone", body=b"", status=404)
    gone = Item("gone", guid="gone", link=room.server.url("/gone"), summary="Stays.")
    publish(room, good, wall, gone)
    for _ in range(6):
        read(room)
    asked = [each.path for each in room.server.requests() if each.path != "/a"]
    assert sorted(asked) == ["/gone", "/good", "/wall"]
    with room.store.begin() as tx:
        tx.articles.want_fulltext([each.id for each in room.articles("a")])
    assert read(room) == 0
    assert len(room.server.requests()) == 4


def test_without_a_better_text_the_article_stays_as_it_was(room: Newsroom) -> None:
    """Its summary is what was judged, and nothing is judged again for nothing."""
    (wall,) = stories(
        room.server, ["wall"], page="<html><body><p>Subscribe to read this story.</p></body></html>"
    )
    publish(room, wall)
    assert read(room) == 0
    assert bodies(room) == {"wall": ""}
    assert room.articles("a")[0].summary == "Short."
    assert waiting(room) == 0


def test_a_text_that_was_read_is_judged_again(room: Newsroom) -> None:
    """Once."""
    publish(room, *stories(room.server, ["good"]))
    assert read(room) == 1
    assert waiting(room) == 1


def test_a_feed_that_did_not_ask_for_it_is_left_alone(room: Newsroom) -> None:
    """`fulltext` may have been switched off since; and a whole article needs no page."""
    publish(room, *stories(room.server, ["good"]), fulltext=False)
    assert read(room) == 0
    assert [each.path for each in room.server.requests()] == ["/a"]


def test_a_feed_of_whole_articles_costs_no_request(room: Newsroom) -> None:
    """The body is there already."""
    long = "<content:encoded>" + "A long story. " * (LONG_ENOUGH // 10) + "</content:encoded>"
    (item,) = stories(room.server, ["good"])
    body = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        + item.rss().replace("</item>", long + "</item>")
        + "</channel></rss>"
    )
    room.feed("a", body=body.encode())
    room.configure("a", room.server.url("/a"), fulltext=True)
    room.poll()
    with room.store.begin() as tx:
        tx.articles.want_fulltext([each.id for each in room.articles("a")])
    assert read(room) == 0
    assert [each.path for each in room.server.requests()] == ["/a"]
