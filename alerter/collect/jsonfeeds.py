"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) and JSON APIs by a mapping of paths."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from alerter.collect.clean import MAX_TITLE, one_line
from alerter.collect.parse import Document, language, make_entry
from alerter.domain.errors import FeedError

# Some APIs (GDELT) name languages in English.
_LANGUAGES: Final = {
    "english": "en", "arabic": "ar", "french": "fr", "spanish": "es", "russian": "ru",
    "turkish": "tr", "persian": "fa", "portuguese": "pt", "urdu": "ur", "indonesian": "id",
    "german": "de", "italian": "it", "chinese": "zh", "japanese": "ja", "hebrew": "he",
    "ukrainian": "uk", "hindi": "hi", "bengali": "bn", "korean": "ko", "vietnamese": "vi",
}  # fmt: skip


def read_json(body: bytes) -> Any:
    """The JSON value in `body`. Raises FeedError."""
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not JSON: {error}") from error


def parse_json_feed(value: Any, *, base: str, now: datetime) -> Document:
    """A JSON Feed. Raises FeedError when it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise FeedError("not a JSON Feed: no list of items")
    items = [item for item in value["items"] if isinstance(item, dict)]
    lang = language(value.get("language"))
    return Document(
        entries=tuple(make_entry(_json_item(item), base=base, now=now) for item in items),
        title=one_line(_text(value.get("title")), limit=MAX_TITLE) or None,
        lang=lang,
    )


def parse_mapped(
    value: Any, mapping: Mapping[str, str | None], *, base: str, now: datetime
) -> Document:
    """The answer of a JSON API as a feed. Raises FeedError when the list is not where it should be.

    `mapping` names dotted paths (a number picks from a list): `entries` against the whole answer,
    `[]` when the answer is the list itself; all others against one entry.
    """
    path = mapping["entries"] or "[]"
    entries = value if path == "[]" else _at(value, path)
    if not isinstance(entries, list):
        raise FeedError(f"no list at `{path}` in the answer")
    return Document(
        entries=tuple(
            make_entry(_mapped(entry, mapping), base=base, now=now)
            for entry in entries
            if isinstance(entry, dict)
        )
    )


def _json_item(item: Mapping[str, Any]) -> dict[str, Any]:
    html = _text(item.get("content_html")) or _escaped(item.get("content_text"))
    summary = _escaped(item.get("summary"))
    return {
        "guid": _text(item.get("id")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "title": _escaped(item.get("title")),
        "summary": summary,
        "body": html,
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
        "author": _author(item),
        "lang": item.get("language"),
    }


def _mapped(entry: Mapping[str, Any], mapping: Mapping[str, str | None]) -> dict[str, Any]:
    found = {
        "guid" if name == "id" else name: _at(entry, path)
        for name, path in mapping.items()
        if path and name != "entries"
    }
    texts = {name: _text(value) for name, value in found.items() if name != "published"}
    spoken = texts.get("lang", "").lower()
    return texts | {"published": found.get("published"), "lang": _LANGUAGES.get(spoken, spoken)}


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return _text(first.get("name")) if isinstance(first, dict) else ""


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _escaped(value: Any) -> str:
    """Plain text by the specification; a `<` in it is no markup."""
    return _text(value).replace("&", "&amp;").replace("<", "&lt;")
