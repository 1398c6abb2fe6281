"""Feeds of all dialects to entries that can be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerter.collect.charset import to_utf8
from alerter.collect.parse import Document, is_blank, parse_xml
from alerter.domain.article import Entry
from alerter.domain.errors import FeedError
from tests.fakes import Item, rss

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[3] / "shared" / "feeds"
FILES = sorted(file for file in SHARED.glob("*") if file.suffix != ".csv")


def parse(body: bytes | str) -> Document:
    """A document as if fetched from news.example."""
    raw = body.encode() if isinstance(body, str) else body
    return parse_xml(to_utf8(raw), base="https://news.example/feed", now=NOW)


def only(item: str, *, root: str = "<rss version='2.0'><channel>{}</channel></rss>") -> Entry:
    """The one entry of a feed with this item."""
    (entry,) = parse(root.format(f"<item>{item}</item>")).entries
    return entry


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="needs ../shared/feeds")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_real_feed_gives_entries_with_text(file: Path) -> None:
    """RSS 0.91 to 2.0, RDF and Atom, in several encodings and several kinds of broken."""
    document = parse(file.read_bytes())
    assert [entry for entry in document.entries if not is_blank(entry)]
    for entry in document.entries:
        assert entry.title or is_blank(entry)
        assert "<p>" not in entry.summary
        assert entry.link is None or entry.link.startswith("http")


def test_an_rss_item_becomes_an_entry() -> None:
    """Every field, clean."""
    entry = only(
        "<guid isPermaLink='false'>7</guid><link>/a/7</link><title>Shots &amp;amp; fire</title>"
        "<description>&lt;p&gt;Near the &lt;b&gt;embassy&lt;/b&gt;&lt;/p&gt;</description>"
        "<pubDate>Tue, 15 Sep 2020 13:00:00 +0300</pubDate><author>Desk</author>"
    )
    assert entry == Entry(
        guid="7",
        link="https://news.example/a/7",
        title="Shots & fire",
        summary="Near the embassy",
        published=datetime(2020, 9, 15, 10, tzinfo=UTC),
        author="Desk",
    )


def test_an_atom_entry_has_a_body_and_an_update() -> None:
    """`content` is the body, `updated` is kept apart from `published`."""
    (entry,) = parse(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://other.example/'>"
        "<entry><id>tag:x,1</id><link rel='alternate' href='a/1'/><title>T</title>"
        "<summary>S</summary><content type='html'>&lt;p&gt;Body&lt;/p&gt;</content>"
        "<updated>2020-09-15T11:00:00Z</updated></entry></feed>"
    ).entries
    assert (entry.guid, entry.link) == ("tag:x,1", "https://other.example/a/1")
    assert (entry.summary, entry.body) == ("S", "Body")
    assert (entry.published, entry.updated) == (None, datetime(2020, 9, 15, 11, tzinfo=UTC))


def test_rdf_is_understood() -> None:
    """RSS 1.0 keeps items beside the channel and dates in Dublin Core."""
    (entry,) = parse(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<channel rdf:about='x'><title>C</title></channel><item rdf:about='https://x.example/1'>"
        "<title>T</title><link>https://x.example/1</link><dc:date>2020-09-15T10:00Z</dc:date>"
        "</item></rdf:RDF>"
    ).entries
    assert entry.title == "T"
    assert entry.updated == datetime(2020, 9, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    ["", "now", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "2021-01-01"],
)
def test_a_date_that_cannot_be_true_is_unknown(date: str) -> None:
    """Never the time of the poll."""
    assert only(f"<title>t</title><pubDate>{date}</pubDate>").published is None


def test_a_link_with_a_script_is_dropped() -> None:
    """The entry stays."""
    entry = only("<title>t</title><link>javascript:alert(1)</link>")
    assert entry.link is None


def test_a_title_of_markup_is_text() -> None:
    """Tags go, what they hold stays, scripts go with what they hold."""
    entry = only("<title>&lt;b&gt;Blast&lt;/b&gt; &lt;script&gt;x()&lt;/script&gt;today</title>")
    assert entry.title == "Blast today"


def test_an_entry_without_a_title_is_titled_by_its_text() -> None:
    """An analyst must be able to tell entries apart."""
    entry = only(f"<description>{'Rockets fell. ' * 30}</description>")
    assert entry.title.startswith("Rockets fell. Rockets fell.")
    assert len(entry.title) <= 120


def test_huge_texts_are_cut() -> None:
    """Nothing unbounded reaches the database."""
    entry = only(f"<title>{'t' * 5000}</title><description>{'s' * 50_000}</description>")
    assert (len(entry.title), len(entry.summary)) == (1000, 5000)


def test_control_characters_do_not_stop_the_parser() -> None:
    """XML forbids them; feeds contain them."""
    entry = only("<title>a\x00b\x08c\x1b[31md</title>")
    assert entry.title == "abc[31md"


def test_wishes_of_the_publisher_are_read() -> None:
    """`ttl` in minutes, `skipHours` in UTC, `skipDays` by name; and the language."""
    document = parse(
        rss(
            [Item("t")],
            channel="<language>ar-IQ</language><ttl>30</ttl><skipHours><hour>1</hour><hour>24"
            "</hour></skipHours><skipDays><day>Friday</day></skipDays>",
        )
    )
    assert document.lang == "ar"
    assert document.ttl == timedelta(minutes=30)
    assert (document.skip_hours, document.skip_days) == ((0, 1), (4,))


def test_a_feed_that_skips_every_hour_skips_none() -> None:
    """It would never be polled."""
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    assert parse(rss([], channel=f"<skipHours>{hours}</skipHours>")).skip_hours == ()


def test_an_empty_feed_is_a_feed() -> None:
    """It has no entries, which is not an error."""
    assert parse(rss([])).entries == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML page"),
        (b"hello", "not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a feed"),
        (b"/etc/passwd", "not a feed"),
    ],
)
def test_what_is_no_feed_says_so(body: bytes, reason: str) -> None:
    """In words; and a body that is the name of a file does not open it."""
    with pytest.raises(FeedError, match=reason):
        parse(body)


def test_a_feed_that_stops_in_the_middle_gives_what_it_has() -> None:
    """Malformed XML is read loosely."""
    document = parse(rss([Item("one", guid="1"), Item("two", guid="2")])[:-60])
    assert [entry.title for entry in document.entries][:1] == ["one"]


def test_a_declared_entity_is_resolved_and_an_external_one_is_not() -> None:
    """Old RSS declares `&eacute;`; nothing may read files or the network."""
    document = parse(
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="0.91"><channel>'
        "<item><title>caf&eacute; &x;</title></item></channel></rss>"
    )
    assert document.entries[0].title.startswith("caf\u00e9")
    assert "root:" not in document.entries[0].title


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_as_entries_or_as_a_reason(body: bytes) -> None:
    """Alone, and inside a feed."""
    for document in (body, rss([Item("t")]).replace(b"<title>t", b"<title>" + body)):
        try:
            assert parse(document) is not None
        except FeedError as error:
            assert str(error)
