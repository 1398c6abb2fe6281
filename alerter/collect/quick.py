"""The entries of an ordinary feed, read by expat alone: what feedparser would say, for a tenth.

feedparser takes 20 ms for 30 entries, most of it for dialects that few feeds speak. Here RSS (0.9x
and 2.0) and Atom 1.0 are read as far as they are ordinary: elements that are known by name, once
each, without markup inside, with dates and links in their standard form. The first thing that is
not ordinary gives None, and the caller asks feedparser. So this never guesses: for what it reads
it gives the same fields; tests/collect/test_quick.py holds it to that on real and generated feeds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from xml.parsers import expat

_ATOM: Final = "http://www.w3.org/2005/Atom "
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/ "
_DC: Final = "http://purl.org/dc/elements/1.1/ "
_MEDIA: Final = "http://search.yahoo.com/mrss/ "
_SLASH: Final = "http://purl.org/rss/1.0/modules/slash/ "
_WFW: Final = "http://wellformedweb.org/CommentAPI/ "
_FEEDBURNER: Final = "http://rssnamespace.org/feedburner/ext/1.0 "
_WORDPRESS: Final = "com-wordpress:feed-additions:1 "
_XML: Final = "http://www.w3.org/XML/1998/namespace "
_RDF_ABOUT: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns# about"

# What an element of an item is to us. Missing ones are not ordinary; "" is of no interest.
_RSS_ITEM: Final = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "pubDate": "published",
    "description": "summary",
    "author": "author",
    _DC + "creator": "author",
    _CONTENT + "encoded": "content",
    "category": "",
    "comments": "",
    "enclosure": "",
    "source": "",
    _ATOM + "link": "rel",
    _MEDIA + "content": "",
    _MEDIA + "thumbnail": "",
    _MEDIA + "credit": "",
    _MEDIA + "keywords": "",
    _SLASH + "comments": "",
    _WFW + "commentRss": "",
    _FEEDBURNER + "origLink": "",
    _WORDPRESS + "post-id": "",
}
_ATOM_ITEM: Final = {
    _ATOM + "title": "title",
    _ATOM + "link": "href",
    _ATOM + "id": "guid",
    _ATOM + "published": "published",
    _ATOM + "updated": "updated",
    _ATOM + "summary": "summary",
    _ATOM + "content": "content",
    _ATOM + "author": "person",
    _ATOM + "category": "",
    _ATOM + "rights": "",
    _MEDIA + "thumbnail": "",
}
_PERSON: Final = frozenset({_ATOM + "name", _ATOM + "email", _ATOM + "uri"})
_TEXTUAL: Final = frozenset({"title", "summary", "content"})
_TEXT_TYPES: Final = frozenset({"text", "html", "text/html", "text/plain"})
_PAGE_TYPES: Final = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_ABOUT: Final = frozenset({"title", "language", "ttl"})
_ASIDE: Final = frozenset({"image", "textInput", "textinput"})  # have a title and link of their own
_STRANGE: Final = ("base", _XML + "base", "mode", "href", "lastmod", _RDF_ABOUT)
_PLAIN_URL: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[^\s;?#\\]*)?(?:\?[^\s;#]+)?(?:#[^\s]+)?"
)
_NAME_LIKE: Final = re.compile(r"(?:tag|urn):\S+")
_REFERENCE: Final = re.compile("&([A-Za-z0-9_]+);")
_C1: Final = re.compile("[\x80-\x9f]")
_MONTHS: Final = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6,
    "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
_RFC_822: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) ([A-Z][a-z]{2}) ((?:19|20)\d\d)"
    r" (\d\d):(\d\d):(\d\d) (?:GMT|UTC|Z|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_W3C: Final = re.compile(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


class _NotOrdinary(Exception):
    """Something for feedparser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quick:
    """Fields of each entry as `parse.make_entry` takes them, and what the feed says of itself."""

    items: list[dict[str, Any]]
    about: dict[str, str]


def read_quickly(body: bytes) -> Quick | None:
    """All entries of an ordinary feed in UTF-8, or None where feedparser must look."""
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(body, True)
        items = [_fields(item, is_rss=reader.is_rss) for item in reader.items]
        about = {name: _said(text) for name, text in reader.about.items()}
    except (expat.ExpatError, _NotOrdinary, ValueError):
        return None
    return Quick(items=items, about=about)


@dataclass
class _Item:
    """What was read of one entry. `links` are those of Atom that lead to a page."""

    said: dict[str, str] = field(default_factory=dict)
    contents: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    is_link: bool = True  # the GUID


class _Reader:
    """The handlers of expat. Levels: root, channel (RSS only), children, items' children."""

    def __init__(self) -> None:
        self.is_rss = False
        self.items: list[_Item] = []
        self.about: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._depth = 0
        self._top = 0  # depth at which items and what is said of the feed lie
        self._item: _Item | None = None
        self._name = ""  # what the text that is being read is to us
        self._pieces: list[str] | None = None
        self._aside = 0  # depth of an element of the feed that is of no interest
        self._in_picture = False
        self._person: dict[str, str] | None = None

    def doctype(self, *_given: Any) -> None:
        raise _NotOrdinary

    def start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self._depth
        self._depth += 1
        if attributes and _XML + "base" in attributes:
            raise _NotOrdinary
        if self._item is not None:
            self._start_in_item(name, attributes, depth)
        elif depth == 0:
            self._start_root(name, attributes)
        elif depth < self._top:
            if name != "channel" or any(strange in attributes for strange in _STRANGE):
                raise _NotOrdinary
        else:
            self._start_in_feed(name, attributes, depth)

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        self.is_rss = name == "rss"
        if not self.is_rss and name != _ATOM + "feed":
            raise _NotOrdinary
        self._top = 2 if self.is_rss else 1
        self._known = _RSS_ITEM if self.is_rss else _ATOM_ITEM
        language = attributes.get(_XML + "lang", attributes.get("lang"))
        if language:
            self.about["language"] = language

    def _start_in_feed(self, name: str, attributes: dict[str, str], depth: int) -> None:
        if self._aside:
            if name.rpartition(" ")[2] in _ABOUT and not self._in_picture:
                raise _NotOrdinary
            return
        if name == ("item" if self.is_rss else _ATOM + "entry"):
            if any(strange in attributes for strange in _STRANGE):
                raise _NotOrdinary
            self._item = _Item()
            self.items.append(self._item)
            return
        local = name.rpartition(" ")[2]
        if local in _ABOUT:
            self._start_about(name, local, attributes)
            return
        self._aside = depth
        self._in_picture = local in _ASIDE

    def _start_about(self, name: str, local: str, attributes: dict[str, str]) -> None:
        own = local if self.is_rss else _ATOM + local
        if name != own or (local in self.about and local != "language"):
            raise _NotOrdinary
        self._capture(local, attributes)

    def _start_in_item(self, name: str, attributes: dict[str, str], depth: int) -> None:
        if self._person is not None and self._pieces is None and name in _PERSON and not attributes:
            self._name, self._pieces = name, []
            return
        meaning = self._known.get(name)
        if meaning is None or depth != self._top + 1 or self._pieces is not None:
            raise _NotOrdinary
        if meaning in ("href", "rel"):
            self._start_link(attributes)
            meaning = ""
        elif meaning == "guid":
            self._start_guid(attributes)
        elif meaning == "person":
            self._person = {}
            return
        elif meaning == "link" and attributes:
            raise _NotOrdinary
        self._capture(meaning, attributes)

    def _start_link(self, attributes: dict[str, str]) -> None:
        assert self._item is not None
        rel = attributes.get("rel", "alternate").lower()
        if "href" not in attributes or "url" in attributes or "uri" in attributes:
            raise _NotOrdinary
        if self.is_rss and rel == "alternate":
            raise _NotOrdinary
        if rel == "alternate" and attributes.get("type", "text/html").lower() in _PAGE_TYPES:
            self._item.links.append(attributes["href"])

    def _start_guid(self, attributes: dict[str, str]) -> None:
        assert self._item is not None
        given = {name.lower(): value for name, value in attributes.items()}
        self._item.is_link = given.get("ispermalink", "true") == "true"

    def _capture(self, meaning: str, attributes: dict[str, str]) -> None:
        if meaning in _TEXTUAL and attributes:
            kind = attributes.get("type", "text").lower()
            if kind not in _TEXT_TYPES or "mode" in attributes or "src" in attributes:
                raise _NotOrdinary
        self._name, self._pieces = meaning, []

    def text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)
        elif self._person is not None and not text.isspace():
            raise _NotOrdinary

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._pieces is not None:
            text, self._pieces = "".join(self._pieces).strip(), None
            if self._name:
                self._keep(text)
        elif self._item is not None:
            if self._person is not None:
                self._end_person()
            else:
                self._item = None
        elif self._aside == self._depth:
            self._aside = 0

    def _keep(self, text: str) -> None:
        if self._person is not None:
            self._person[self._name] = text
        elif self._item is None:
            self.about[self._name] = text
        elif self._name == "content":
            self._item.contents.append(text)
        elif self._name in self._item.said:
            raise _NotOrdinary
        else:
            self._item.said[self._name] = text

    def _end_person(self) -> None:
        assert self._item is not None
        assert self._person is not None
        if "author" in self._item.said:
            raise _NotOrdinary
        name, email = (self._person.get(_ATOM + key, "") for key in ("name", "email"))
        self._item.said["author"] = f"{name} ({email})" if name and email else name or email
        self._person = None


def _fields(item: _Item, *, is_rss: bool) -> dict[str, Any]:
    """The fields as feedparser would give them, after its rules of which element wins."""
    said = {name: _said(text) for name, text in item.said.items()}
    contents = [_said(text) for text in item.contents]
    body = max(contents, key=len, default="")
    summary = said.get("summary", contents[0] if contents else "")
    guid = said.get("guid", "")
    guid = _plain(guid) if guid and item.is_link else guid
    return {
        "guid": guid,
        "link": _link(item, said, guid) if is_rss else _page(item, guid),
        "title": said.get("title"),
        "summary": "" if summary == body else summary,
        "body": body,
        "published": _date(said.get("published", "")),
        "updated": _date(said.get("updated", "")),
        "author": said.get("author"),
    }


def _link(item: _Item, said: dict[str, str], guid: str) -> str:
    if "link" not in said:
        return guid if item.is_link else ""
    link = said["link"]
    if not link:
        return ""
    return _REFERENCE.sub(r"&\g<1>", _plain(link).replace("&amp;", "&"))


def _page(item: _Item, guid: str) -> str:
    return _plain(item.links[-1]) if item.links else guid


def _plain(address: str) -> str:
    """An address that is the same after it was resolved against any base."""
    if _PLAIN_URL.fullmatch(address) or _NAME_LIKE.fullmatch(address):
        return address
    raise _NotOrdinary


def _said(text: str) -> str:
    """The text, unless feedparser would mend its encoding."""
    if text.isascii():
        return text
    if _C1.search(text) or _is_mojibake(text):
        raise _NotOrdinary
    return text


def _is_mojibake(text: str) -> bool:
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _date(text: str) -> datetime | None:
    """A date in the form that its standard asks for; feedparser reads many others."""
    if not text:
        return None
    if match := _RFC_822.fullmatch(text):
        day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
        if month not in _MONTHS:
            raise _NotOrdinary
        number = _MONTHS[month]
    elif match := _W3C.fullmatch(text):
        year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
        number = int(month)
    else:
        raise _NotOrdinary
    local = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if not sign:
        return local
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return local - ahead if sign == "+" else local + ahead
