"""The entries of any feed as feedparser reads it: every dialect, and the broken ones."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import feedparser

from alerter.collect.clean import one_line
from alerter.collect.dates import from_struct
from alerter.domain.errors import FeedError


def read_thoroughly(
    body: bytes, *, base: str, now: datetime
) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
    """Fields of each entry as `parse.make_entry` takes them, and what the feed says of itself.

    Raises FeedError when it is no feed. feedparser gets the bytes as a file: given bytes alone, it
    first tries to open a file of that name. Its own clean-up of HTML and links is off; `clean` and
    `urls` do that for less.
    """
    parsed = feedparser.parse(
        io.BytesIO(body),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": base,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.entries and not parsed.get("version"):
        raise FeedError(_why_no_feed(body, parsed))
    return [_fields(entry, now=now) for entry in parsed.entries], parsed.feed


def _fields(entry: Any, *, now: datetime) -> dict[str, Any]:
    contents = [str(part.get("value") or "") for part in entry.get("content", ())]
    body = max(contents, key=len, default="")
    summary = str(entry.get("summary") or "")
    return {
        "guid": entry.get("id"),
        "link": entry.get("link"),
        "title": entry.get("title"),
        "summary": "" if summary == body else summary,
        "body": body,
        "published": _when(entry, "published", now=now),
        "updated": _when(entry, "updated", now=now),
        "author": entry.get("author"),
        "lang": entry.get("language"),
    }


def _when(entry: Any, key: str, *, now: datetime) -> datetime | str | None:
    """The date as feedparser reads it, else the text for us; its own `get` invents `updated`."""
    read = dict.get(entry, f"{key}_parsed")
    return from_struct(read, now=now) if read else dict.get(entry, key)


def _why_no_feed(body: bytes, parsed: Any) -> str:
    start = body[:1000].lstrip().lower()
    if not start:
        return "not a feed: the body is empty"
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "not a feed: an HTML page"
    problem = parsed.get("bozo_exception")
    return f"not a feed: {one_line(str(problem), limit=200)}" if problem else "not a feed"
