"""Subscription lists: read and write OPML 2.0 (http://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

MAX_DEPTH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """One subscription: its URL, and what the list says of it."""

    url: str
    title: str | None = None
    lang: str | None = None
    site: str | None = None


def read_opml(content: bytes) -> list[OpmlFeed]:
    """The subscriptions in the order of the list, folders flattened, each URL once.

    Raises ValueError when it is not OPML. A document type is refused, because entities can make a
    small file enormous.
    """
    found: dict[str, OpmlFeed] = {}
    names: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        names.append(name.lower())
        if len(names) > MAX_DEPTH:
            raise ValueError("not OPML: nested too deeply")
        feed = _feed({key.lower(): value.strip() for key, value in attributes.items()})
        if names[-1] == "outline" and feed is not None:
            found.setdefault(feed.url, feed)

    def end(_name: str) -> None:
        names.pop()

    def refuse(*_anything: object) -> None:
        raise ValueError("not OPML: a document type is not allowed")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ValueError(f"not OPML: {error}") from error
    return list(found.values())


def _feed(attributes: dict[str, str]) -> OpmlFeed | None:
    url = attributes.get("xmlurl")
    if not url:
        return None
    return OpmlFeed(
        url=url,
        title=attributes.get("title") or attributes.get("text") or None,
        lang=attributes.get("language") or None,
        site=attributes.get("htmlurl") or None,
    )


def write_opml(feeds: Iterable[OpmlFeed], *, title: str) -> bytes:
    """A subscription list that any feed reader can import, as UTF-8 with an XML declaration."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = title
    body = ElementTree.SubElement(root, "body")
    for feed in feeds:
        name = feed.title or feed.url
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url}
        if feed.site:
            attributes["htmlUrl"] = feed.site
        if feed.lang:
            attributes["language"] = feed.lang
        ElementTree.SubElement(body, "outline", attributes)
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content
