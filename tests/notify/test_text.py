"""Foreign text: what is shown of it, and what links are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.notify.escape import CHAT, HTML, PLAIN, SLACK
from alerter.notify.text import clean, clip, finite, fold_ascii, safe_url

ANYTHING = st.text(alphabet=st.characters(), max_size=300)  # surrogates and controls included
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


@given(ANYTHING)
def test_clean_text_is_one_line_that_can_be_encoded(text: str) -> None:
    """Whatever a feed sends: no controls, no direction marks, no lone surrogates, no breaks."""
    shown = clean(text)
    assert not UNSEEN.search(shown)
    assert shown == shown.strip()
    assert shown.encode("utf-8") or shown == ""
    assert clean(shown) == shown


@given(ANYTHING, st.integers(min_value=0, max_value=80))
def test_a_limit_is_kept(text: str, limit: int) -> None:
    """Cut texts end with an ellipsis inside the limit."""
    assert len(clean(text, limit=limit)) <= limit
    assert len(clip(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nBcc: b", "a Bcc: b"),
        ("\u202eexe.gpj\u202c", "exe.gpj"),
        ("zero\u200bwidth", "zerowidth"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x\u200cy", "xy"),
        ("क\u094d\u200dष", "क\u094d\u200dष"),
        ("Z" + "\u0351" * 40 + "algo", "Z\u0351\u0351algo"),
        ("\ud83d alone", "\ufffd alone"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("  many \t spaces\u00a0here ", "many spaces here"),
        (None, ""),
        (7, "7"),
    ],
)
def test_what_cannot_be_seen_goes_and_what_spells_words_stays(text: object, shown: str) -> None:
    """Joiners belong to Persian and Hindi spelling; elsewhere they only hide."""
    assert clean(text) == shown


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://",
        "https://user@evil.example/",
        "https://bank.example:x@evil.example/",
        "https://a b.example/",
        "https://evil.example/\r\nX: y",
        "https://evil.example/\u202e",
        "https://[::1",
        "https://host:99999/",
        "https://ho<st/",
        "https://" + "a" * 3000,
        "",
        None,
        7,
    ],
)
def test_links_that_may_not_be_shown(url: object) -> None:
    """A reader in a hurry clicks."""
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/a?b=1&c=2#d", "https://news.example/a?b=1&c=2#d"),
        ("HTTP://News.example/A", "http://news.example/A"),
        ("https://news.example/a|b>c(d)'\"", "https://news.example/a%7Cb%3Ec%28d%29%27%22"),
        ("https://новости.example/х", "https://xn--b1amnebsh.example/%D1%85"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://news.example/%D1%85", "https://news.example/%D1%85"),
    ],
)
def test_links_come_out_safe_for_every_markup(url: str, shown: str) -> None:
    """What ends a link in HTML, Slack or Markdown is escaped; hosts are shown as DNS has them."""
    assert safe_url(url) == shown


@given(st.text(max_size=200))
def test_a_link_never_raises_and_stays_inside_its_markup(text: str) -> None:
    """For any text at all."""
    for value in (text, f"https://news.example/{text}", f"https://{text}.example/"):
        url = safe_url(value)
        assert url is None or not set(url) & set("<>\"'|() \t\r\n`")


@given(ANYTHING)
def test_escaped_text_has_no_markup_left(text: str) -> None:
    """Each dialect: what could begin markup is gone."""
    shown = clean(text)
    slack = SLACK.escape(shown)
    assert not set("<>`*~") & set(slack.replace("&lt;", "").replace("&gt;", ""))
    assert not set("<>`*~@[]|\\") & set(CHAT.escape(shown))
    assert not set("<>\"'") & set(HTML.escape(shown))
    assert PLAIN.escape(shown) == shown


def test_the_eye_sees_what_was_written() -> None:
    """Ordinary signs stay: times, snake_case, a price, a hyphen."""
    text = "At 10:30:15, snake_case cost 5 & more - \u201cyes\u201d (1/2) #3"
    assert SLACK.escape(text) == text.replace("&", "&amp;")
    assert CHAT.escape(text) == text


@given(ANYTHING)
def test_folded_text_is_ascii(text: str) -> None:
    """For phones and for places that know no more."""
    assert fold_ascii(text).isascii()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "7", None, 1e300])
def test_numbers_that_cannot_be_shown(value: object) -> None:
    """NaN and infinity are what a broken program sends."""
    assert finite(value) is None
