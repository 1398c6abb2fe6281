"""JSON Feed, and JSON APIs by mapping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.jsonfeeds import parse_json_feed, parse_mapped, read_json
from alerter.collect.parse import Document
from alerter.domain.errors import FeedError

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)
TEN = datetime(2020, 9, 15, 10, tzinfo=UTC)
BASE = "https://api.example/v1"
GDELT = {
    "entries": "articles", "title": "title", "link": "url", "published": "seendate",
    "lang": "language", "id": None, "summary": None, "body": None,
}  # fmt: skip
RELIEFWEB = {
    "entries": "data", "id": "id", "title": "fields.title", "link": "fields.url",
    "body": "fields.body", "published": "fields.date.created",
    "lang": "fields.language.0.code", "summary": None,
}  # fmt: skip


def mapped(value: Any, mapping: dict[str, str | None]) -> Document:
    """An answer of the API."""
    return parse_mapped(value, mapping, base=BASE, now=NOW)


def test_a_json_feed_becomes_entries() -> None:
    """Version 1.1, with the author of version 1 and an id that is a number."""
    document = parse_json_feed(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Desk",
            "language": "fr-FR",
            "items": [
                {
                    "id": 7,
                    "url": "/a/7",
                    "title": "AT&T < 5",
                    "content_html": "<p>Near the <b>embassy</b></p>",
                    "date_published": "2020-09-15T13:00:00+03:00",
                    "author": {"name": "Desk"},
                },
                {"id": "8", "content_text": "plain <b>", "summary": "short"},
                "no object",
            ],
        },
        base=BASE,
        now=NOW,
    )
    first, second = document.entries
    assert (document.title, document.lang) == ("Desk", "fr")
    assert (first.guid, first.link, first.title) == ("7", "https://api.example/a/7", "AT&T < 5")
    assert (first.body, first.published, first.author) == ("Near the embassy", TEN, "Desk")
    assert (second.title, second.summary, second.body) == ("short", "short", "plain <b>")


def test_an_answer_like_gdelts_becomes_entries() -> None:
    """A compact date and a language by its English name."""
    article = {
        "url": "https://x.example/1",
        "title": "Rocket hits compound",
        "seendate": "20200915T100000Z",
        "domain": "x.example",
        "language": "Arabic",
    }
    (entry,) = mapped({"articles": [article]}, GDELT).entries
    assert (entry.title, entry.link) == ("Rocket hits compound", "https://x.example/1")
    assert (entry.published, entry.lang) == (TEN, "ar")


def test_an_answer_like_reliefwebs_becomes_entries() -> None:
    """Nested fields, and a list inside of them."""
    item = {
        "id": "12",
        "fields": {
            "title": "Statement",
            "url": "https://x.example/12",
            "body": "IED hits convoy",
            "date": {"created": "2020-09-15T10:00:00+00:00"},
            "language": [{"code": "en"}],
        },
    }
    (entry,) = mapped({"data": [item]}, RELIEFWEB).entries
    assert (entry.guid, entry.title, entry.body) == ("12", "Statement", "IED hits convoy")
    assert (entry.published, entry.lang) == (TEN, "en")


def test_the_answer_may_be_the_list_itself() -> None:
    """`[]` says so."""
    (entry,) = mapped([{"t": "x"}, 5], GDELT | {"entries": "[]", "title": "t"}).entries
    assert entry.title == "x"


@pytest.mark.parametrize("value", [{}, [], {"articles": {}}, {"articles": None}, 5, None])
def test_a_list_that_is_not_there_is_a_reason(value: Any) -> None:
    """An API that answers with an error object is failing, not empty."""
    with pytest.raises(FeedError, match="no list at `articles`"):
        mapped(value, GDELT)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"<rss/>"])
def test_what_is_not_json_is_a_reason(body: bytes) -> None:
    """Depth bombs too."""
    with pytest.raises(FeedError, match="not JSON"):
        read_json(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*RELIEFWEB, "items", "fields", "data", "url"]), inner)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_gives_entries_or_a_reason(value: Any) -> None:
    """Wherever the types are not what they should be."""
    for document in (value, {"items": [value]}):
        try:
            assert parse_json_feed(document, base=BASE, now=NOW).entries is not None
        except FeedError as error:
            assert str(error)
    for answer in (value, {"data": [{"fields": value}]}):
        try:
            assert mapped(answer, RELIEFWEB).entries is not None
        except FeedError as error:
            assert str(error)
