"""What a feed published (`Entry`), and the same with clean text and an identity (`Article`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as published, HTML and all. Dates that cannot be trusted are None, never now."""

    guid: str | None = None
    link: str | None = None
    title: str = ""
    summary: str = ""
    body: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    author: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry with plain text, an identity and the feed it came from.

    `id` is stable across polls, edited dates and edited titles. `first_seen` is ours, `published`
    is the publisher's and may be None. `backlog` is True when the entry was already old at the
    feed's first poll: it is assessed but alerts nobody. `revision` grows when the text changes.
    `same_as` is the id of the earlier article that this one repeats: the same page through another
    feed, or the same text at another outlet. It is a source all the same, not an independent one.
    """

    id: str
    feed: str
    title: str
    summary: str = ""
    body: str = ""
    url: str | None = None
    lang: str | None = None
    published: datetime | None = None
    first_seen: datetime
    backlog: bool = False
    revision: int = 1
    content_hash: str = ""
    same_as: str | None = None

    @property
    def when(self) -> datetime:
        """Best known time of publication: the publisher's if given and not after we saw it."""
        if self.published is not None and self.published <= self.first_seen:
            return self.published
        return self.first_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Eight-byte hashes by which an article is recognised: in its own feed, and in any feed."""

    own: tuple[int, ...] = ()
    common: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What must be known of a stored article to recognise it. `body` is its beginning."""

    id: str
    content_hash: str
    title: str
    summary: str
    body: str
    url: str | None
    revision: int
    same_as: str | None = None
