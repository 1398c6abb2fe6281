"""Cutting documents into items: cheap, and never different from parsing the whole."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.charset import to_utf8
from alerter.collect.parse import parse_xml
from alerter.collect.split import item_hash, split
from alerter.domain.article import Entry
from tests.fakes import Item, rss

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHARED = Path(__file__).parents[3] / "shared" / "feeds"
FILES = sorted(file for file in SHARED.glob("*") if file.suffix != ".csv")
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">%s</feed>'


def whole(body: bytes) -> tuple[Entry, ...]:
    """All entries, parsed in one go."""
    return parse_xml(body, base="https://x.example/feed", now=NOW).entries


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="needs ../shared/feeds")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_items_parsed_apart_equal_the_whole(file: Path) -> None:
    """Every second item, one by one, and all together: the same entries as in the whole."""
    body = to_utf8(file.read_bytes())
    parts = split(body)
    if parts is None:
        return
    expected = whole(body)
    assert whole(parts.document(parts.items)) == expected
    assert len(parts.items) == len(expected)
    assert whole(parts.document(parts.items[::2])) == expected[::2]
    alone = [whole(parts.document([item])) for item in parts.items[:10]]
    assert [entry for entries in alone for entry in entries] == list(expected[:10])


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="needs ../shared/feeds")
def test_nearly_all_real_feeds_can_be_cut() -> None:
    """Otherwise it would save nothing. Two of the files are broken beyond doubt."""
    uncut = [file.name for file in FILES if split(to_utf8(file.read_bytes())) is None]
    assert len(uncut) <= 2


def test_an_end_tag_in_a_comment_or_cdata_ends_nothing() -> None:
    """Only markup counts."""
    inner = b"<title><![CDATA[how to write </item> and <item>]]></title><!-- </item> -->"
    parts = split(b"<rss><channel><item>" + inner + b"</item><item>2</item></channel></rss>")
    assert parts is not None
    assert parts.items == (b"<item>" + inner + b"</item>", b"<item>2</item>")


def test_rdf_and_prefixes_are_cut_too() -> None:
    """RDF keeps its items outside of the channel; a prefix is part of the name."""
    rdf = b"<rdf:RDF><channel><items><rdf:li/></items></channel><item rdf:about='a'>1</item></rdf:RDF>"
    parts = split(rdf)
    assert parts is not None
    assert parts.items == (b"<item rdf:about='a'>1</item>",)
    prefixed = split(b"<a:feed xmlns:a='x'><a:entry>1</a:entry><a:entry/></a:feed>")
    assert prefixed is not None
    assert prefixed.items == (b"<a:entry>1</a:entry>", b"<a:entry/>")


def test_what_stands_between_items_is_kept() -> None:
    """A language after the first item is still the feed's language."""
    parts = split(b"<rss><item>1</item><language>ar</language><item>2</item></rss>")
    assert parts is not None
    assert parts.document(parts.items[1:]) == (b"<rss><language>ar</language><item>2</item></rss>")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<rss><channel></channel></rss>",
        b"<rss><item><item>nested</item></item></rss>",
        b"<rss><item>1</item><entry>2</entry></rss>",
        b"<rss><item>never ends",
        b"<rss></item><item>1</item></rss>",
        b"<rss><item><![CDATA[never ends</item></rss>",
        b"<rss><!-- never ends <item>1</item></rss>",
        b"<rss><item",
        b"<rss>" + b"x" * 300_000 + b"<item>1</item></rss>",
        ATOM % b"<entry>1</feed>",
    ],
)
def test_in_doubt_nothing_is_cut(body: bytes) -> None:
    """The caller then parses the whole."""
    assert split(body) is None


def test_the_same_item_has_the_same_hash_in_another_document() -> None:
    """And a changed one another."""
    old = split(rss([Item("one", guid="1"), Item("two", guid="2")]))
    new = split(rss([Item("new", guid="3"), Item("one", guid="1"), Item("two!", guid="2")]))
    assert old is not None
    assert new is not None
    known = {item_hash(item) for item in old.items}
    assert [item_hash(item) in known for item in new.items] == [False, True, False]


@pytest.mark.parametrize(
    "piece",
    [b"<![CDATA[", b"<!--", b"<item>", b"</item>", b"<item ", b"<", b"<item/>", b"<item></item>"],
)
def test_time_grows_with_the_length_and_not_faster(piece: bytes) -> None:
    """A million repetitions of anything take seconds at the very most."""
    start = time.process_time()
    split(piece * 200_000)
    assert time.process_time() - start < 3


@given(st.lists(st.sampled_from([b"<item>", b"</item>", b"<entry>", b"<![CDATA[", b"]]>", b"x"])))
def test_pieces_are_in_order_and_none_is_lost(pieces: list[bytes]) -> None:
    """Head, items and tail together hold every byte but the blanks between items."""
    body = b"".join(pieces)
    parts = split(body)
    if parts is not None:
        joined = parts.document(parts.items)
        assert sorted(joined) == sorted(body)
        assert body.startswith(parts.head[: body.find(parts.items[0])])


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(body: bytes) -> None:
    """Whatever comes."""
    split(body)
