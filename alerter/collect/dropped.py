"""Files that somebody drops into a watched folder: mails, notes and JSON items."""

from __future__ import annotations

import html
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import PurePath
from typing import Any, Final

from alerter.collect.charset import to_utf8
from alerter.collect.jsonfeeds import parse_json_feed, read_json
from alerter.collect.parse import Document, make_entry
from alerter.domain.article import Entry
from alerter.domain.errors import FeedError

SUFFIXES: Final = (".eml", ".txt", ".json")


def parse_dropped(name: str, content: bytes, *, now: datetime) -> Document:
    """The entries in one dropped file. Raises FeedError when there is none.

    `.txt`: the first line is the title, the rest the text. `.eml`: subject, date and text.
    `.json`: a JSON Feed, a list of items or one item with `title`, `summary`, `body`, `published`,
    `lang`, `url` and `id`.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix == ".eml":
        return Document(entries=(_mail(name, content, now=now),))
    if suffix == ".json":
        return _items(name, read_json(to_utf8(content)), now=now)
    return Document(entries=(_note(name, content, now=now),))


def _note(name: str, content: bytes, *, now: datetime) -> Entry:
    text = html.escape(to_utf8(content).decode("utf-8", "replace"), quote=False)
    title, _, body = text.strip().partition("\n")
    if not title.strip():
        raise FeedError("the file is empty")
    return make_entry({"guid": name, "title": title, "body": body}, base="", now=now)


def _mail(name: str, content: bytes, *, now: datetime) -> Entry:
    message = message_from_bytes(content, policy=default)
    try:
        text = _mail_text(message)
        given = {
            "guid": str(message["message-id"] or name),
            "title": html.escape(str(message["subject"] or ""), quote=False),
            "body": text,
            "published": str(message["date"] or ""),
            "author": str(message["from"] or ""),
        }
    except (ValueError, LookupError, AttributeError, TypeError, IndexError) as error:
        # The email package raises many things for mails that break its own grammar.
        raise FeedError(f"not a mail: {error}") from error
    if not given["title"] and not text:
        raise FeedError("a mail without subject and text")
    return make_entry(given, base="", now=now)


def _mail_text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = str(part.get_content())
    return html.escape(text, quote=False) if part.get_content_type() == "text/plain" else text


def _items(name: str, value: Any, *, now: datetime) -> Document:
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        return parse_json_feed(value, base="", now=now)
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise FeedError("not a JSON object with a title")
    entries = tuple(
        make_entry(
            item | {"guid": item.get("id") or f"{name}#{number}", "link": item.get("url")},
            base="",
            now=now,
        )
        for number, item in enumerate(items)
    )
    if not any(entry.title for entry in entries):
        raise FeedError("no item with a title or text")
    return Document(entries=entries)
