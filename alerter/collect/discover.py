"""Find the feeds that a web page announces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser

from alerter.collect.clean import MAX_TITLE, one_line
from alerter.collect.urls import absolute

MAX_PAGE: Final = 500_000
FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_FEEDLIKE: Final = re.compile(
    r"(?:^|[/._-])(?:rss|atom|feed|rdf)(?:[/._?-]|$)|\.(?:rss|atom|rdf)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page points to."""

    url: str
    title: str


def discover(page: bytes, *, base: str) -> list[FoundFeed]:
    """Feeds in the order of the page: announced in its head, else links that look like one."""
    tree = LexborHTMLParser(page[:MAX_PAGE].decode("utf-8", "replace"))
    announced = dict(_announced(tree, base))
    found = announced or dict(_linked(tree, base))
    return [FoundFeed(url=url, title=title) for url, title in found.items()]


def _announced(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, str]]:
    for link in tree.css("link[rel~=alternate][href]"):
        attributes = link.attributes
        kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
        url = absolute(attributes.get("href"), base)
        if url and kind in FEED_TYPES:
            yield url, one_line(attributes.get("title") or "", limit=MAX_TITLE)


def _linked(tree: LexborHTMLParser, base: str) -> Iterator[tuple[str, str]]:
    for link in tree.css("a[href]"):
        url = absolute(link.attributes.get("href"), base)
        if url and _FEEDLIKE.search(url.partition("//")[2].lower()):
            yield url, one_line(link.text(), limit=MAX_TITLE)
