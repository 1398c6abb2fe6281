"""HTML and hostile text to plain text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.clean import CUT, one_line, plain_text, shorten, tidy


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<b>Three</b> roc<i>ke</i>ts", "Three rockets"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("a &amp; b &lt;c&gt; &#8217;", "a & b <c> \u2019"),
        ("AT&amp;amp;T", "AT&amp;T"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<script>alert(1)</script>seen<style>x{}</style>", "seen"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        ("<a href='javascript:alert(1)'>link</a>", "link"),
        ("<!-- hidden -->seen<!-- x", "seen"),
        ("  lots \t of\u00a0 \n\n\n space ", "lots of\nspace"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("", ""),
    ],
)
def test_markup_becomes_readable_text(markup: str, text: str) -> None:
    """Blocks become lines, entities are resolved once, scripts vanish."""
    assert plain_text(markup, limit=1000) == text


def test_what_cannot_be_seen_is_removed() -> None:
    """Controls, direction overrides, zero-width characters, tags and lone surrogates."""
    hidden = "\x00\x07\x1b\u202e\u2066\u200b\ufeff\xad\u2028\ud800\U000e0041\ufffe"
    assert tidy(f"a{hidden}b".replace("\u2028", "")) == "ab"
    assert tidy("a\u2028b\r\nc") == "a\nb\nc"


def test_joiners_stay_where_they_are_spelling() -> None:
    """Persian writes one word with a zero-width non-joiner; in Latin text it only hides."""
    assert tidy("می\u200cشود") == "می\u200cشود"
    assert tidy("em\u200cbas\u200dsy") == "embassy"


def test_one_line_has_no_line_feed() -> None:
    """Headlines go into subjects of mails and names of files."""
    assert one_line("<p>One</p>\r\nBcc: two", limit=100) == "One Bcc: two"


def test_what_is_too_long_is_cut_and_says_so() -> None:
    """The limit holds with the mark."""
    text = plain_text("x" * 5000, limit=100)
    assert len(text) == 100
    assert text.endswith(CUT)
    assert shorten("short", 100) == "short"


def test_decomposed_letters_are_composed() -> None:
    """The same word must look the same to everything that compares."""
    assert tidy("e\u0301") == "\u00e9"


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<table><tr><td>", "<svg>", "<script>", "<!--", "&amp", "<", "\n "]
)
def test_absurd_markup_takes_no_absurd_time(piece: str) -> None:
    """A tree of a hundred thousand nested tags would take minutes."""
    start = time.process_time()
    plain_text(piece * 100_000 + "x", limit=100)
    assert time.process_time() - start < 3


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(20, 100))
def test_any_text_comes_out_clean(text: str, limit: int) -> None:
    """Never raises, keeps the limit, can be stored, and cleaning again changes nothing."""
    cleaned = plain_text(text, limit=limit)
    assert len(cleaned) <= limit
    cleaned.encode("utf-8")
    assert tidy(cleaned) == cleaned
    assert not any(character < " " and character != "\n" for character in cleaned)
