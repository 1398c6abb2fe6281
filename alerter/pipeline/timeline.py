"""News in the order of its publication: from a file of items, or from the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from alerter.collect.dates import parse_date
from alerter.domain.article import Article
from alerter.store import Store

NO_FEED: Final = "items"
MAX_LINE: Final = 2**22  # bytes; a longer line is no item
DAY_CHARS: Final = len("2020-09-15")
NOON: Final = time(12)  # of an item that is dated by its day alone
CHUNK: Final = 500


@dataclass(slots=True)
class ItemsFile:
    """A file of JSON Lines, read twice: for the order, then item by item.

    Only when and where each item stands is kept in memory. An item without a date stands where
    the one before it does; items of one time keep the order of the file. Of items with the same
    id the first counts. `problems` says which lines were left out and why; `numbers` are the ids
    that the file writes as numbers.
    """

    path: Path
    problems: list[str] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    _places: list[tuple[datetime, int]] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path, *, now: datetime) -> ItemsFile:
        """Read the order. Raises OSError. `now` is what an undated file is dated by."""
        found = cls(path)
        found._index(now)
        return found

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Article]:
        with self.path.open("rb") as file:
            for at, offset in self._places:
                file.seek(offset)
                yield _article(json.loads(file.readline()), at)

    def _index(self, now: datetime) -> None:
        seen: set[str] = set()
        places: list[tuple[datetime | None, int]] = []
        with self.path.open("rb") as file:
            offset = 0
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        places.append((self._date(line, seen, now), offset))
                    except (ValueError, TypeError, RecursionError) as error:
                        self.problems.append(f"line {number}: {error}")
                offset += len(line)
        self._places = sorted(_dated(places, now), key=lambda place: place[0])

    def _date(self, line: bytes, seen: set[str], now: datetime) -> datetime | None:
        item = _item(line)
        name = str(item["id"])
        if name in seen:
            raise ValueError("an item with this id came before")
        seen.add(name)
        if not isinstance(item["id"], str):
            self.numbers.add(name)
        return _published(item, now)


@dataclass(frozen=True, slots=True)
class StoredNews:
    """The articles of a store as they came in. What retention has dropped is not replayed."""

    store: Store
    ids: tuple[str, ...]

    @classmethod
    def open(
        cls, store: Store, *, since: datetime | None = None, until: datetime | None = None
    ) -> StoredNews:
        """Read the order."""
        with store.read() as tx:
            return cls(store, tuple(tx.agenda.timeline(since=since, until=until)))

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Article]:
        for start in range(0, len(self.ids), CHUNK):
            part = self.ids[start : start + CHUNK]
            with self.store.read() as tx:
                found = {article.id: article for article in tx.articles.get(part)}
            yield from (found[each] for each in part if each in found)


News = ItemsFile | StoredNews


def _item(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise ValueError("the line is too long")
    item = json.loads(line)
    if not isinstance(item, dict):
        raise TypeError("not a JSON object")
    if not isinstance(item.get("id"), str | int) or isinstance(item["id"], bool):
        raise TypeError("there is no id")
    if not any(_text(item, name).strip() for name in ("title", "summary", "body")):
        raise ValueError("there is no text in title, summary or body")
    return item


def _article(item: dict[str, Any], at: datetime) -> Article:
    published = _published(item, at + timedelta(days=1))
    return Article(
        id=str(item["id"]),
        feed=_text(item, "feed") or NO_FEED,
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        body=_text(item, "body"),
        url=_text(item, "url") or None,
        lang=_text(item, "lang") or None,
        published=published,
        first_seen=at,
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _published(item: dict[str, Any], now: datetime) -> datetime | None:
    value = item.get("published")
    found = parse_date(value, now=now)
    if found is not None and isinstance(value, str) and len(value.strip()) == DAY_CHARS:
        return datetime.combine(found.date(), NOON, UTC)
    return found


def _dated(
    places: list[tuple[datetime | None, int]], now: datetime
) -> Iterator[tuple[datetime, int]]:
    """Every place with a time: its own, or that of the item before it."""
    last = next((at for at, _ in places if at is not None), now)
    for at, offset in places:
        last = at or last
        yield last, offset
