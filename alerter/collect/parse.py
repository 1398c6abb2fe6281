"""Bytes of a feed to entries with clean text. Runs in the parse workers; imports nothing heavy.

Dialects: RSS 0.9x to 2.0, RDF and Atom through `quick` and `thorough`, JSON Feed 1.1 and mapped
JSON through `jsonfeeds`, dropped files through `dropped`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from alerter.collect.clean import MAX_BODY, MAX_SUMMARY, MAX_TITLE, one_line, plain_text, shorten
from alerter.collect.dates import parse_date
from alerter.collect.quick import read_quickly
from alerter.collect.urls import MAX_URL, absolute
from alerter.domain.article import Entry

TITLE_FROM_TEXT: Final = 120
MAX_TTL_MINUTES: Final = 7 * 24 * 60
_HOUR: Final = re.compile(rb"<hour>\s*(\d{1,2})\s*<")
_DAY: Final = re.compile(rb"<day>\s*([A-Za-z]{6,9})\s*<")
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a document says of its feed, and its entries in their order."""

    entries: tuple[Entry, ...] = ()
    title: str | None = None
    lang: str | None = None
    ttl: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


def parse_xml(body: bytes, *, base: str, now: datetime) -> Document:
    """A feed in UTF-8. Raises FeedError when it is none.

    Ordinary feeds are read by `quick`, all others by feedparser; both give the same.
    """
    quick = read_quickly(body)
    if quick is None:
        return parse_thoroughly(body, base=base, now=now)
    return _document(quick.items, quick.about, body, base=base, now=now)


def parse_thoroughly(body: bytes, *, base: str, now: datetime) -> Document:
    """A feed of any dialect, broken ones included, by feedparser. Raises FeedError."""
    # Most workers never need it, the daemon never: 10 MB and a fifth of a second.
    from alerter.collect.thorough import read_thoroughly  # noqa: PLC0415

    items, about = read_thoroughly(body, base=base, now=now)
    return _document(items, about, body, base=base, now=now)


def _document(
    items: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any],
    body: bytes,
    *,
    base: str,
    now: datetime,
) -> Document:
    return Document(
        entries=tuple(make_entry(item, base=base, now=now) for item in items),
        title=one_line(str(about.get("title", "")), limit=MAX_TITLE) or None,
        lang=language(about.get("language")),
        ttl=_ttl(about.get("ttl")),
        skip_hours=_skip_hours(body),
        skip_days=_skip_days(body),
    )


def make_entry(given: Mapping[str, Any], *, base: str, now: datetime) -> Entry:
    """An entry from plain fields: clean text, safe absolute link, dates that can be believed.

    Fields: guid, link, title, summary, body, published, updated, author, lang.
    """
    title = one_line(str(given.get("title") or ""), limit=MAX_TITLE)
    summary = plain_text(str(given.get("summary") or ""), limit=MAX_SUMMARY)
    body = plain_text(str(given.get("body") or ""), limit=MAX_BODY)
    guid = str(given.get("guid") or "").strip()[:MAX_URL]
    link = absolute(_text(given.get("link")), base) or _link_in(guid, base)
    return Entry(
        guid=guid or None,
        link=link,
        title=title
        or shorten((summary or body).replace("\n", " "), TITLE_FROM_TEXT)
        or shorten(link or "", TITLE_FROM_TEXT),
        summary=summary if summary != title else "",
        body=body if body not in (summary, title) else "",
        published=parse_date(given.get("published"), now=now),
        updated=parse_date(given.get("updated"), now=now),
        author=one_line(str(given.get("author") or ""), limit=200) or None,
        lang=language(given.get("lang")),
    )


def is_blank(entry: Entry) -> bool:
    """Whether an entry says nothing at all and leads nowhere."""
    return not entry.title


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def language(value: Any) -> str | None:
    """The primary subtag of a language tag (`en` of `en-GB`), if it looks like one."""
    tag = str(value or "").strip().lower().replace("_", "-").split("-")[0]
    return tag if tag.isascii() and tag.isalpha() and len(tag) in (2, 3) else None


def _link_in(guid: str, base: str) -> str | None:
    return absolute(guid, base) if guid.startswith(("http://", "https://")) else None


def _ttl(value: Any) -> timedelta | None:
    text = str(value or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return timedelta(minutes=min(int(text[:6]), MAX_TTL_MINUTES))


def _skip_hours(body: bytes) -> tuple[int, ...]:
    hours = {int(hour) % 24 for hour in _HOUR.findall(_block(body, b"skipHours"))}
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _skip_days(body: bytes) -> tuple[int, ...]:
    days = {day.decode("ascii").lower() for day in _DAY.findall(_block(body, b"skipDays"))}
    found = tuple(number for number, day in enumerate(_DAYS) if day in days)
    return found if len(found) < 7 else ()


def _block(body: bytes, name: bytes) -> bytes:
    """What stands in the first element of this name; feedparser does not keep it."""
    start = body.find(b"<" + name + b">")
    end = body.find(b"</" + name, start)
    return body[start : min(end, start + 4000)] if 0 <= start < end else b""
