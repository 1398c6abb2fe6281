"""Feeds that a page announces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.discover import FoundFeed, discover

BASE = "https://news.example/world/"


def test_announced_feeds_are_found_in_order() -> None:
    """Relative links are resolved; style sheets and scripts are no feeds."""
    page = b"""<html><head><link rel="stylesheet" href="/s.css">
      <link rel="alternate" type="application/rss+xml" title="World &amp; more" href="rss.xml">
      <link rel="alternate" type="application/atom+xml" href="https://other.example/atom">
      <link rel="alternate" type="application/feed+json" href="/feed.json">
      <link rel="alternate" hreflang="fr" href="/fr/">
      <link rel="alternate" type="application/rss+xml" href="javascript:x()"></head></html>"""
    assert discover(page, base=BASE) == [
        FoundFeed(url="https://news.example/world/rss.xml", title="World & more"),
        FoundFeed(url="https://other.example/atom", title=""),
        FoundFeed(url="https://news.example/feed.json", title=""),
    ]


def test_links_that_look_like_feeds_are_the_second_choice() -> None:
    """Pages that announce nothing in their head."""
    page = b'<a href="/rss/world">RSS</a> <a href="/feedback">Write</a> <a href="/x.rss">X</a>'
    found = [feed.url for feed in discover(page, base=BASE)]
    assert found == ["https://news.example/rss/world", "https://news.example/x.rss"]


@given(st.binary(max_size=300))
def test_no_page_makes_it_raise(page: bytes) -> None:
    """Whatever comes."""
    discover(b"<link rel=alternate type=application/rss+xml href=" + page, base=BASE)
