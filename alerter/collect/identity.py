"""Which entries are new, which are new versions of known articles, and which we know already.

Nothing here looks at a date: publishers change them, leave them out and repeat them. An entry is
recognised by its GUID, its link and its text, in that order, and each of them is only believed as
far as it deserves: a GUID or link that stands at several entries of one document says nothing, and
one that comes back with a text that has nothing in common with the old one has been used again.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
class _Signs:
    """What an entry may be recognised by."""

    guid: int | None
    link: int | None
    text: int
    content_hash: str


def keys_of(entries: Iterable[Entry]) -> list[int]:
    """All keys of one feed that could lead to these entries."""
    found = [_signs(entry) for entry in entries]
    return [key for signs in found for key in (signs.guid, signs.link, signs.text) if key]


def identify(
    entries: Sequence[Entry], known: Mapping[int, Known], *, setting: Setting
) -> list[Verdict]:
    """One verdict for each entry, in their order. `known` are articles of this feed by key."""
    return _Identifying(entries, known, setting).verdicts()


class _Identifying:
    """The entries of one document, one after the other."""

    def __init__(
        self, entries: Sequence[Entry], known: Mapping[int, Known], setting: Setting
    ) -> None:
        self._entries = entries
        self._signs = [_signs(entry) for entry in entries]
        self._known = known
        self._here: dict[int, Known] = {}
        self._setting = setting
        self._repeated = _repeated(self._signs)
        unknown = sum(self._by_text_alone(signs) is not None for signs in self._signs)
        self._churns = unknown > 1 and unknown >= CHURN * max(setting.listed, 1)

    def verdicts(self) -> list[Verdict]:
        return [
            self._judge(entry, signs)
            for entry, signs in zip(self._entries, self._signs, strict=True)
        ]

    def _judge(self, entry: Entry, signs: _Signs) -> Verdict:
        text_twin = self._known.get(signs.text) or self._here.get(signs.text)
        by_guid, by_link = self._believed(signs.guid), self._believed(signs.link)
        for match, why in ((by_guid, "same GUID"), (by_link, "same link")):
            if match is None:
                continue
            if match.content_hash == signs.content_hash:
                return Verdict(kind="known", article_id=match.id, why=why)
            in_place = by_guid is not None and by_link is not None and by_guid.id == by_link.id
            if likeness(match, entry) >= (EDITED_IN_PLACE if in_place else EDITED):
                return self._revise(match, entry, signs, why=f"{why}, edited text")
        if text_twin is not None and self._is_same_text(entry, signs, text_twin):
            return Verdict(kind="known", article_id=text_twin.id, why="same title and text")
        return self._add(entry, signs, why="reused GUID or link" if by_guid or by_link else "new")

    def _believed(self, key: int | None) -> Known | None:
        if key is None or key in self._repeated:
            return None
        return self._known.get(key) or self._here.get(key)

    def _by_text_alone(self, signs: _Signs) -> Known | None:
        if any(key is not None and key in self._known for key in (signs.guid, signs.link)):
            return None
        return self._known.get(signs.text)

    def _is_same_text(self, entry: Entry, signs: _Signs, twin: Known) -> bool:
        """Whether equal title and text is proof enough."""
        if signs.guid is None and signs.link is None:
            return True
        if self._known.get(signs.text) is None:
            return self._shares_address(signs, twin)  # the twin stands in this very document
        return (
            self._churns
            or self._shares_address(signs, twin)
            or len(entry.title) + len(entry.summary) + len(entry.body) >= TELLING
        )

    def _shares_address(self, signs: _Signs, twin: Known) -> bool:
        """Whether a GUID or link leads to the twin, though it stands at other entries too."""
        leads = (
            self._known.get(key) or self._here.get(key) for key in (signs.guid, signs.link) if key
        )
        return any(found is not None and found.id == twin.id for found in leads) or (
            twin.url is not None and signs.link == _key("link", canonical(twin.url))
        )

    def _revise(self, match: Known, entry: Entry, signs: _Signs, *, why: str) -> Verdict:
        article = replace(self._article(entry, signs, id=match.id), revision=match.revision + 1)
        self._note(article, signs)
        return Verdict(kind="revised", article_id=match.id, article=article, why=why)

    def _add(self, entry: Entry, signs: _Signs, *, why: str) -> Verdict:
        article = self._article(entry, signs, id=_article_id(self._setting.feed, entry, signs))
        self._note(article, signs)
        keys = Keys(
            own=tuple(key for key in (signs.guid, signs.link, signs.text) if key),
            common=common_keys(article),
        )
        return Verdict(kind="new", article_id=article.id, article=article, keys=keys, why=why)

    def _article(self, entry: Entry, signs: _Signs, *, id: str) -> Article:
        setting = self._setting
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

    def _note(self, article: Article, signs: _Signs) -> None:
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
        for key in (signs.guid, signs.link, signs.text):
            if key is not None:
                self._here[key] = noted


def likeness(old: Known, new: Entry) -> float:
    """The share of words in common, measured at the shorter of the two texts; 0 to 1."""
    words = _words(f"{old.title} {old.summary} {old.body}")
    others = _words(f"{new.title} {new.summary} {new.body[:1000]}")
    fewer = min(len(words), len(others))
    return len(words & others) / fewer if fewer else 1.0


def common_keys(article: Article) -> tuple[int, ...]:
    """Keys by which the same article is recognised in other feeds: its page, and its text."""
    text = _plain(f"{article.title} {article.summary} {article.body}")
    keys = []
    if article.url and not is_front_page(article.url):
        keys.append(_key("page", f"{canonical(article.url)} {_plain(article.title)}"))
    if len(text) >= TELLING:
        keys.append(_key("copy", text))
    return tuple(keys)


def _signs(entry: Entry) -> _Signs:
    text = _plain(entry.summary or entry.body[:2000])
    whole = "\0".join((_plain(entry.title), _plain(entry.summary), _plain(entry.body)))
    return _Signs(
        guid=_key("guid", entry.guid) if entry.guid else None,
        link=_link_key(entry.link),
        text=_key("text", f"{_plain(entry.title)}\0{text}"),
        content_hash=hashlib.blake2b(whole.encode("utf-8", "replace"), digest_size=12).hexdigest(),
    )


def _link_key(link: str | None) -> int | None:
    return None if link is None or is_front_page(link) else _key("link", canonical(link))


def _repeated(all_signs: Sequence[_Signs]) -> frozenset[int]:
    """GUIDs and links that stand at entries with different texts in one document."""
    texts: dict[int, set[int]] = {}
    for signs in all_signs:
        for key in (signs.guid, signs.link):
            if key is not None:
                texts.setdefault(key, set()).add(signs.text)
    return frozenset(key for key, found in texts.items() if len(found) > 1)


def _article_id(feed: str, entry: Entry, signs: _Signs) -> str:
    """Stable: whoever sees this entry first in this feed gives it this id."""
    parts = (feed, entry.guid or "", entry.link or "", str(signs.text))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=10).hexdigest()


def _key(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _words(text: str) -> frozenset[str]:
    found: Counter[str] = Counter()
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.search(word):
            found.update(word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) > 3 or not word.isascii():
            found[word] += 1
    return frozenset(found)
