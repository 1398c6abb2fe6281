"""Links that are safe to click, and links that can be compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.urls import absolute, canonical, is_front_page, without_secrets

BASE = "https://news.example/feeds/world.xml"


@pytest.mark.parametrize(
    ("link", "resolved"),
    [
        ("/a/1", "https://news.example/a/1"),
        ("1.html", "https://news.example/feeds/1.html"),
        ("//other.example/x", "https://other.example/x"),
        ("https://other.example/x", "https://other.example/x"),
        (" https://other.example/\n x ", "https://other.example/x"),
        ("https://other.example/\u00fc", "https://other.example/%C3%BC"),
        ('https://other.example/"><script>', "https://other.example/%22%3E%3Cscript%3E"),
    ],
)
def test_links_are_resolved_against_the_feed(link: str, resolved: str) -> None:
    """And leave nothing that could break out of an attribute."""
    assert absolute(link, BASE) == resolved


@pytest.mark.parametrize(
    "link",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVa\tScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:x@y",
        "https://[::1",
        "http://x:99999999/",
        "https://x/" + "a" * 3000,
    ],
)
def test_what_is_no_web_address_is_dropped(link: str | None) -> None:
    """Nobody may click on it by accident."""
    assert absolute(link, BASE) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a/1",
        "http://news.example/a/1",
        "https://www.news.example/a/1/",
        "https://NEWS.example:443/a/1#comments",
        "https://news.example//a/1?utm_source=rss&utm_medium=feed",
        "https://news.example/a/1?fbclid=xyz",
        "https://news.example/a/1?at_medium=RSS&at_campaign=rss",
    ],
)
def test_ways_to_write_one_page_are_the_same(url: str) -> None:
    """Scheme, www, port, tracking, fragment and slashes say nothing about the page."""
    assert canonical(url) == "news.example/a/1"


def test_parameters_that_name_the_page_stay() -> None:
    """In any order; and a port is part of the host."""
    assert canonical("https://x.example/?b=2&a=1") == canonical("https://x.example?a=1&b=2")
    assert canonical("https://x.example/?id=1") != canonical("https://x.example/?id=2")
    assert canonical("http://x.example:8080/a") != canonical("http://x.example/a")


def test_a_front_page_is_no_article() -> None:
    """Feeds without pages of their own link to it from every entry."""
    assert is_front_page("https://x.example/")
    assert not is_front_page("https://x.example/?p=1")


def test_user_and_password_are_not_shown() -> None:
    """An at sign further on belongs to the path."""
    assert without_secrets("https://u:p@x.example/a@b?c") == "https://x.example/a@b?c"
    assert without_secrets("https://x.example") == "https://x.example"


@given(st.text())
def test_nothing_makes_them_raise(text: str) -> None:
    """What comes out can be used again."""
    url = absolute(text, BASE)
    if url is not None:
        assert url.startswith(("http://", "https://"))
        assert url.isascii()
        assert absolute(url, BASE) == url
        canonical(url)
    canonical(text)
    without_secrets(text)
