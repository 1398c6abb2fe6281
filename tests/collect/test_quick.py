"""Reading ordinary feeds quickly: never another result than feedparser's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.charset import to_utf8
from alerter.collect.parse import Document, parse_thoroughly, parse_xml
from alerter.collect.quick import read_quickly

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BASE = "https://x.example/feed"
SHARED = Path(__file__).parents[3] / "shared" / "feeds"
FILES = sorted(file for file in SHARED.glob("*") if file.suffix != ".csv")
NAMESPACES = (
    "xmlns:atom='http://www.w3.org/2005/Atom' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
    "xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:slash='http://purl.org/rss/1.0/modules/slash/' xmlns:odd='urn:odd'"
)
RSS = f"<?xml version='1.0'?><rss version='2.0' {NAMESPACES}><channel>%s</channel></rss>"
ATOM = f"<feed xmlns='http://www.w3.org/2005/Atom' {NAMESPACES}>%s</feed>"
ITEM = (
    "<item><title>Shots &amp;amp; fire</title><link>https://x.example/a?b=1&amp;c=2</link>"
    "<guid isPermaLink='false'>a7</guid><pubDate>Tue, 15 Sep 2020 13:00:00 +0300</pubDate>"
    "<description>&lt;p&gt;Near the embassy&lt;/p&gt;</description><category>x</category>"
    "<dc:creator>Desk</dc:creator><content:encoded><![CDATA[<p>All of it</p>]]></content:encoded>"
    "</item>"
)
ENTRY = (
    "<entry><title type='html'>Shots</title><id>tag:x.example,2020:7</id>"
    "<link rel='self' href='https://x.example/self'/><link href='https://x.example/7'/>"
    "<published>2020-09-15T13:00:00.25+03:00</published><updated>2020-09-15T11:00:00Z</updated>"
    "<summary>Near the embassy</summary><author><name>Desk</name><email>d@x.example</email></author>"
    "<content type='html'>&lt;p&gt;All&lt;/p&gt;</content></entry>"
)


def thoroughly(body: bytes) -> Document:
    """What feedparser makes of it."""
    return parse_thoroughly(body, base=BASE, now=NOW)


def agrees(body: bytes) -> bool:
    """Whether the document was read quickly; then with the very same result."""
    if read_quickly(body) is None:
        return False
    assert parse_xml(body, base=BASE, now=NOW) == thoroughly(body)
    return True


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="needs ../shared/feeds")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_real_feeds_read_the_same_either_way(file: Path) -> None:
    """Whatever is read quickly equals what feedparser gives."""
    agrees(to_utf8(file.read_bytes()))


def test_ordinary_feeds_are_read_quickly() -> None:
    """Both dialects, with all that usually stands in an item, and what stands around them."""
    channel = (
        "<title>Daily</title><link>https://x.example</link><atom:link rel='self' href='x'/>"
        "<language>en-GB</language><ttl>30</ttl><image><title>Logo</title><url>u</url></image>"
    )
    assert agrees((RSS % (channel + ITEM * 3)).encode())
    assert agrees((ATOM % ("<title>Daily</title><id>i</id>" + ENTRY)).encode())
    assert agrees((RSS % "<title>Nothing yet</title>").encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<title>", "<title>twice</title><title>"),
        ("<category>x</category>", "<odd:x/>"),
        ("<category>x</category>", "<media:description>other</media:description>"),
        ("<guid isPermaLink='false'>a7</guid>", "<guid>a7</guid>"),
        ("https://x.example/a", "/a"),
        ("https://x.example/a", "https:///x.example/a"),
        ("<item>", "<item xml:base='https://y.example/'>"),
        ("Tue, 15 Sep 2020 13:00:00 +0300", "15.9.2020"),
        ("Tue, 15 Sep 2020 13:00:00 +0300", "Tue, 31 Feb 2020 13:00:00 +0300"),
        ("Tue, 15 Sep 2020 13:00:00 +0300", "Tue, 15 Sep 2020 13:00:00 EST"),
        ("Shots", "KÃ¤lte"),
        ("Shots", "it\x92s"),
        ("Shots", "<b>Shots</b>"),
        ("<title>Shots", "<title type='xhtml'>Shots"),
        ("Shots", "&nbsp;"),
        ("</item>", ""),
    ],
)
def test_what_is_not_ordinary_is_left_to_feedparser(before: str, after: str) -> None:
    """No guess is made."""
    assert agrees((RSS % ITEM).encode())
    assert not agrees((RSS % ITEM.replace(before, after)).encode())


def test_a_document_type_is_left_to_feedparser() -> None:
    """It may declare entities."""
    assert read_quickly(b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + (RSS % ITEM)[21:].encode()) is None


TEXTS = st.sampled_from(
    ["", "  ", "Shots", "a &amp; b", "&lt;p&gt;x&lt;/p&gt;", "<![CDATA[<i>x</i>]]>", "é", "Ã©", "الوزارة",
     "&amp;amp;", "&amp;eacute;", "x@y.example (X)", "\u2028 x", "&#146;", "https://x.example/?a=1&amp;b;=2",
     "https://x.example/#", "http://x.example", "urn:x:1", "true", "7"]
)  # fmt: skip
DATES = st.sampled_from(
    ["", "Tue, 15 Sep 2020 13:00:00 GMT", "15 Sep 2020 13:00:00 -0130", "2020-09-15T13:00:00Z",
     "Tue, 15 Sep 2020 24:00:00 GMT", "2020-09-15T13:00:00.9-01:30", "2020-09-15", "yesterday",
     "Tue, 15 Sep 2031 13:00:00 GMT"]
)  # fmt: skip
ATTRIBUTES = st.sampled_from(
    ["", " type='html'", " type='xhtml'", " type='TEXT'", " type='image/png'", " isPermaLink='false'",
     " href='https://x.example/h'", " rel='self' href='y'", " rel='alternate' type='text/xml' href='z'",
     " lang='fr'", " xml:lang='de'", " domain='d'", " url='https://x.example/u'", " mode='base64'"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["title", "link", "guid", "pubDate", "description", "author", "dc:creator", "content:encoded",
     "category", "enclosure", "source", "atom:link", "media:content", "slash:comments", "id", "summary",
     "content", "updated", "published", "dc:date", "pubdate", "media:title", "name"]
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn) -> str:
    """One element with text, usually fitting."""
    name = draw(NAMES)
    text = draw(DATES if name in ("pubDate", "published", "updated") else TEXTS)
    return f"<{name}{draw(ATTRIBUTES) if draw(st.integers(0, 3)) == 0 else ''}>{text}</{name}>"


@given(
    channel=st.lists(elements(), max_size=3),
    items=st.lists(st.lists(elements(), max_size=7), min_size=1, max_size=3),
    atom=st.booleans(),
)
def test_generated_feeds_read_the_same_either_way(
    channel: list[str], items: list[list[str]], *, atom: bool
) -> None:
    """Any mix of elements, in any order."""
    name = "entry" if atom else "item"
    inside = "".join(f"<{name}>{''.join(each)}</{name}>" for each in items)
    agrees(((ATOM if atom else RSS) % ("".join(channel) + inside)).encode())


@given(st.binary(max_size=300))
def test_no_bytes_break_it(body: bytes) -> None:
    """It answers None for what it cannot read."""
    assert read_quickly(body) is None or replace(parse_xml(body, base=BASE, now=NOW)) is not None
