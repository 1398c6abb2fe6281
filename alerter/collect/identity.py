"""Which entries are new, which are new versions of known articles, and which we know already.

Nothing here looks at a date: publishers change them, leave them out and repeat them. An entry is
recognised by its GUID, its link and its text, in that order, and each of them is only believed as
far as it deserves: a GUID or link that stands at several entries of one document says nothing, and
one that comes back with a text that has nothing in common with the old one has been used again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from alerter.collect.urls import canonical, is_front_page
from alerter.domain.article import Article, Entry, Keys, Known

EDITED: Final = 0.3  # share of words in common from which a text is a new version of the other
EDITED_IN_PLACE: Final = 0.15  # the same where both GUID and link agree
CHURN: Final = 0.5  # share of entries recognised by text alone from which the feed is to blame
TELLING: Final = 80  # characters of text that two different entries do not share by chance
_WORD: Final = re.compile(r"\w+")
# Scripts that write no spaces between words: compared by pairs of characters.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an entry is, and why. `article` is what to store, or the id of what is stored."""

    kind: Literal["new", "revised", "known"]
    article_id: str
    article: Article | None = None
    keys: Keys = field(default_factory=Keys)
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The poll that brought the entries. `listed` is how many the whole document lists."""

    feed: str
    lang: str | None
    now: datetime
    first_poll: bool
    backlog: timedelta
    listed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What an entry may be recognised by: in its feed, and (`common`) in any."""

    entry: Entry
    guid: int | None
    link: int | None
    text: int
    common: tuple[int, ...]
    content_hash: str

    @property
    def keys(self) -> tuple[int, ...]:
        """The keys of its feed that may lead to it."""
        return tuple(key for key in (self.guid, self.link, self.text) if key is not None)


def identify(
    signs: Sequence[Signs],
    known: Mapping[int, Known],
    *,
    setting: Setting,
    repeated: frozenset[int],
) -> list[Verdict]:
    """One verdict for each entry, in their order.

    `known` are articles of this feed by key, `repeated` the keys that say nothing in this document.
    """
    return _Identifying(signs, known, setting, repeated).verdicts()


class _Identifying:
    """The entries of one document, one after the other."""

    def __init__(
        self,
        signs: Sequence[Signs],
        known: Mapping[int, Known],
        setting: Setting,
        repeated: frozenset[int],
    ) -> None:
        self._signs = signs
        self._known = known
        self._here: dict[int, Known] = {}
        self._setting = setting
        self._repeated = repeated
        unknown = sum(self._by_text_alone(signs) is not None for signs in self._signs)
        self._churns = unknown > 1 and unknown >= CHURN * max(setting.listed, 1)

    def verdicts(self) -> list[Verdict]:
        return [self._judge(signs) for signs in self._signs]

    def _judge(self, signs: Signs) -> Verdict:
        text_twin = self._known.get(signs.text) or self._here.get(signs.text)
        by_guid, by_link = self._believed(signs.guid), self._believed(signs.link)
        for match, why in ((by_guid, "same GUID"), (by_link, "same link")):
            if match is None:
                continue
            if match.content_hash == signs.content_hash:
                return Verdict(kind="known", article_id=match.id, why=why)
            if text_twin is not None and text_twin.id != match.id:
                # A GUID that goes to and fro between two texts: both are known.
                return Verdict(kind="known", article_id=text_twin.id, why="same text as before")
            in_place = by_guid is not None and by_link is not None and by_guid.id == by_link.id
            if likeness(match, signs.entry) >= (EDITED_IN_PLACE if in_place else EDITED):
                return self._revise(match, signs, why=f"{why}, edited text")
        if text_twin is not None and self._is_same_text(signs):
            return Verdict(kind="known", article_id=text_twin.id, why="same title and text")
        return self._add(signs, why="reused GUID or link" if by_guid or by_link else "new")

    def _believed(self, key: int | None) -> Known | None:
        if key is None or key in self._repeated:
            return None
        return self._known.get(key) or self._here.get(key)

    def _by_text_alone(self, signs: Signs) -> Known | None:
        """The article that only the text leads to, though the entry has other signs."""
        addresses = [key for key in (signs.guid, signs.link) if key is not None]
        if not addresses or any(key in self._known for key in addresses):
            return None
        return self._known.get(signs.text)

    def _is_same_text(self, signs: Signs) -> bool:
        """Whether equal title and text is proof enough that an entry is known."""
        addresses = (key for key in (signs.guid, signs.link) if key is not None)
        if all(key in self._repeated for key in addresses):
            return True
        if signs.text not in self._known:
            return False  # its twin stands in this very document, at another address
        entry = signs.entry
        length = len(entry.title) + len(entry.summary) + len(entry.body)
        return self._churns or length >= TELLING

    def _revise(self, match: Known, signs: Signs, *, why: str) -> Verdict:
        article = replace(self._article(signs, id=match.id), revision=match.revision + 1)
        self._note(article, signs)
        keys = Keys(own=(signs.text,))
        return Verdict(kind="revised", article_id=match.id, article=article, keys=keys, why=why)

    def _add(self, signs: Signs, *, why: str) -> Verdict:
        article = self._article(signs, id=_article_id(self._setting.feed, signs))
        self._note(article, signs)
        keys = Keys(own=signs.keys, common=signs.common)
        return Verdict(kind="new", article_id=article.id, article=article, keys=keys, why=why)

    def _article(self, signs: Signs, *, id: str) -> Article:
        setting, entry = self._setting, signs.entry
        published = entry.published or entry.updated
        old = published is not None and published < setting.now - setting.backlog
        return Article(
            id=id,
            feed=setting.feed,
            title=entry.title,
            summary=entry.summary,
            body=entry.body,
            url=entry.link,
            lang=setting.lang or entry.lang,
            published=published,
            first_seen=setting.now,
            backlog=setting.first_poll and old,
            content_hash=signs.content_hash,
        )

    def _note(self, article: Article, signs: Signs) -> None:
        """Entries further down may be the same."""
        noted = Known(
            id=article.id,
            content_hash=article.content_hash,
            title=article.title,
            summary=article.summary,
            body=article.body,
            url=article.url,
            revision=article.revision,
        )
        self._here.update(dict.fromkeys(signs.keys, noted))


def likeness(old: Known, new: Entry) -> float:
    """The share of words in common, measured at the shorter of the two texts; 0 to 1."""
    words = _words(f"{old.title} {old.summary} {old.body}")
    others = _words(f"{new.title} {new.summary} {new.body[:1000]}")
    fewer = min(len(words), len(others))
    return len(words & others) / fewer if fewer else 0.0


def signs_of(entry: Entry) -> Signs:
    """Work out what an entry may be recognised by."""
    title, summary, body = _plain(entry.title), _plain(entry.summary), _plain(entry.body)
    page = None if entry.link is None or is_front_page(entry.link) else canonical(entry.link)
    content_hash = _digest(f"{title}\0{summary}\0{body}", size=12).hex()
    return Signs(
        entry=entry,
        guid=_key("guid", entry.guid) if entry.guid else None,
        link=_key("link", page) if page else None,
        text=_key("text", f"{title}\0{summary or body[:2000]}"),
        common=_common_keys(entry, page, content_hash),
        content_hash=content_hash,
    )


def _common_keys(entry: Entry, page: str | None, content_hash: str) -> tuple[int, ...]:
    """Keys by which the same article is recognised in other feeds: its page, and its text."""
    keys = []
    if page:
        keys.append(_key("page", f"{page} {_plain(entry.title)}"))
    if len(entry.title) + len(entry.summary) + len(entry.body) >= TELLING:
        keys.append(_key("copy", content_hash))
    return tuple(keys)


def repeated_keys(all_signs: Sequence[Signs]) -> frozenset[int]:
    """GUIDs and links that stand at entries with different texts in one document."""
    texts: dict[int, set[int]] = {}
    for signs in all_signs:
        for key in (signs.guid, signs.link):
            if key is not None:
                texts.setdefault(key, set()).add(signs.text)
    return frozenset(key for key, found in texts.items() if len(found) > 1)


def _article_id(feed: str, signs: Signs) -> str:
    """Stable: whoever sees this entry first in this feed gives it this id."""
    parts = (feed, signs.entry.guid or "", signs.entry.link or "", str(signs.text))
    return _digest("\0".join(parts), size=10).hex()


def _key(kind: str, value: str) -> int:
    return int.from_bytes(_digest(f"{kind}\0{value}", size=8), "big", signed=True)


def _digest(value: str, *, size: int) -> bytes:
    return hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=size).digest()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> frozenset[str]:
    found: set[str] = set()
    short: set[str] = set()  # mostly articles and prepositions, unless there is nothing else
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) > 3 or not word.isascii():
            found.add(word)
        else:
            short.add(word)
    return frozenset(found or short)
