"""The whole text of an article page, with the `fulltext` extra (trafilatura)."""

from __future__ import annotations

from importlib.util import find_spec

from alerter.collect.clean import MAX_BODY, plain_text
from alerter.domain.errors import FeedError


def is_available() -> bool:
    """Whether the `fulltext` extra is installed."""
    return find_spec("trafilatura") is not None


def extract_text(page: bytes, *, url: str) -> str:
    """The article in an HTML page, without menus and banners; "" when none is found.

    Runs in the parse worker. Raises FeedError without the `fulltext` extra.
    """
    try:
        import trafilatura  # noqa: PLC0415  the extra, and half a second to import: only workers that need it
    except ImportError as error:
        raise FeedError("full text needs the `fulltext` extra") from error
    found = trafilatura.extract(page, url=url, include_comments=False, include_tables=False)
    return plain_text((found or "").replace("&", "&amp;").replace("<", "&lt;"), limit=MAX_BODY)
