"""Articles, the keys by which they are recognised, and which of them wait to be assessed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Insert,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from alerter.domain.article import Article, Keys, Known
from alerter.store.engine import METADATA, UtcTime, insert_into, insert_many, stored_time

ALL_FEEDS: Final = 0  # the feed number of keys that are recognised in every feed
_CHUNK: Final = 500  # parameters in one statement
_SKETCH: Final = 1000  # characters of a body that are compared

ARTICLES: Final = Table(
    "articles",
    METADATA,
    Column("id", String(20), primary_key=True),
    Column("feed", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("url", Text),
    Column("lang", String),
    Column("published", UtcTime),
    Column("first_seen", UtcTime, nullable=False),
    Column("backlog", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("same_as", String(20)),
    Column("linked_by", LargeBinary, nullable=False),  # its rows of ARTICLE_KEYS, for retention
    Column("listed_at", UtcTime, nullable=False),  # when the feed last listed it, roughly
    Column("assessed_by", String, nullable=False),  # version of the model, or ""
    Column("fulltext", String, nullable=False),  # "", "wanted" or "done"
)
# Only rows that wait are in these two: their size does not grow with history. The values are
# literals, as SQLite does not use a partial index for a value that it is given as a parameter.
_UNREAD: Final = ARTICLES.c.assessed_by == literal_column("''")
Index(
    "ix_articles_unassessed",
    ARTICLES.c.backlog,
    ARTICLES.c.first_seen,
    ARTICLES.c.published,
    sqlite_where=_UNREAD,
    postgresql_where=_UNREAD,
)
_WANTED: Final = ARTICLES.c.fulltext == literal_column("'wanted'")
Index("ix_articles_fulltext", ARTICLES.c.first_seen, sqlite_where=_WANTED, postgresql_where=_WANTED)
Index("ix_articles_listed", ARTICLES.c.listed_at)
Index("ix_articles_feed", ARTICLES.c.feed, ARTICLES.c.first_seen)

# Feed number and eight bytes of hash -> article. The number comes first, so that the keys of one
# feed lie together on disk and a poll touches few pages, however many articles there are.
ARTICLE_KEYS: Final = Table(
    "article_keys",
    METADATA,
    Column("feed", Integer, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", String(20), nullable=False),
    sqlite_with_rowid=False,
)

_LINK: Final = struct.Struct("<iq")  # feed number and key, as kept in `linked_by`
_UNLINK: Final = delete(ARTICLE_KEYS).where(
    ARTICLE_KEYS.c.feed == bindparam("b_feed"),
    ARTICLE_KEYS.c.key == bindparam("b_key"),
    ARTICLE_KEYS.c.article_id == bindparam("b_id"),
)
_FIELDS: Final = tuple(field.name for field in fields(Article))
_COLUMNS: Final = tuple(ARTICLES.c[name] for name in _FIELDS)
_KNOWN: Final = {
    "id": ARTICLES.c.id,
    "content_hash": ARTICLES.c.content_hash,
    "title": ARTICLES.c.title,
    "summary": ARTICLES.c.summary,
    "body": func.substr(ARTICLES.c.body, 1, _SKETCH),
    "url": ARTICLES.c.url,
    "revision": ARTICLES.c.revision,
    "same_as": ARTICLES.c.same_as,
}
# Built once: putting a statement together costs SQLAlchemy more than running it costs SQLite.
_BY_KEY: Final = (
    select(ARTICLE_KEYS.c.key, *_KNOWN.values())
    .join(ARTICLES, ARTICLES.c.id == ARTICLE_KEYS.c.article_id)
    .where(
        ARTICLE_KEYS.c.feed.in_((bindparam("b_feed"), literal_column(str(ALL_FEEDS)))),
        ARTICLE_KEYS.c.key.in_(bindparam("b_keys", expanding=True)),
    )
)
_REVISE: Final = (
    update(ARTICLES)
    .where(ARTICLES.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(f"b_{name}")
            for name in ("title", "summary", "body", "url", "revision", "content_hash")
        }
        | {"assessed_by": "", "fulltext": ""}
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inserts:
    """Statements that differ between databases."""

    article: Insert
    latest_key: Insert
    first_key: Insert


@cache
def _inserts(dialect: str) -> _Inserts:
    key = insert_into(dialect, ARTICLE_KEYS)
    latest = {"article_id": key.excluded.article_id}
    return _Inserts(
        article=insert_into(dialect, ARTICLES).on_conflict_do_nothing(),
        latest_key=key.on_conflict_do_update(index_elements=["feed", "key"], set_=latest),
        first_key=key.on_conflict_do_nothing(),
    )


class Articles:
    """Statements about articles."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, feed: int, keys: Iterable[int]) -> dict[int, Known]:
        """What the store knows by these keys, of one feed or of all; they are hashes of a kind."""
        found: dict[int, Known] = {}
        for part in _chunks(sorted(set(keys))):
            rows = self._connection.execute(_BY_KEY, {"b_feed": feed, "b_keys": part})
            for row in rows:
                key, *values = row
                found[key] = Known(**dict(zip(_KNOWN, values, strict=True)))
        return found

    def add_many(
        self,
        articles: Sequence[Article],
        keys: Mapping[str, Keys] | None = None,
        *,
        feed: int = ALL_FEEDS,
    ) -> int:
        """Insert those that are not there yet; answers how many were new.

        `keys` are those of each id, by which `known` finds it: in feed number `feed`, where the
        latest article with a key wins, and in all feeds, where the first does.
        """
        if not articles:
            return 0
        keys = keys or {}
        rows = [_row(article, keys.get(article.id, Keys()), feed) for article in articles]
        new = insert_many(self._connection, _inserts(self._connection.dialect.name).article, rows)
        self._link(articles, keys, feed)
        return new

    def _link(self, articles: Sequence[Article], keys: Mapping[str, Keys], feed: int) -> None:
        given = [(each.id, keys[each.id]) for each in articles if each.id in keys]
        own = {key: id_ for id_, of_it in given for key in of_it.own}
        common = {key: id_ for id_, of_it in reversed(given) for key in of_it.common}
        inserts = _inserts(self._connection.dialect.name)
        if own:
            insert_many(self._connection, inserts.latest_key, _links(feed, own))
        if common:
            insert_many(self._connection, inserts.first_key, _links(ALL_FEEDS, common))

    def revise(
        self,
        articles: Sequence[Article],
        keys: Mapping[str, Keys] | None = None,
        *,
        feed: int = ALL_FEEDS,
    ) -> None:
        """New text for known articles, which then wait to be assessed again; and keys to it."""
        names = ("id", "title", "summary", "body", "url", "revision", "content_hash")
        rows = [{f"b_{name}": getattr(each, name) for name in names} for each in articles]
        if rows:
            self._connection.execute(_REVISE, rows)
            self._link(articles, keys or {}, feed)

    def get(self, ids: Iterable[str]) -> list[Article]:
        """Articles with these ids, in no order; unknown ids are missing."""
        found: list[Article] = []
        for part in _chunks(list(ids)):
            rows = self._connection.execute(select(*_COLUMNS).where(ARTICLES.c.id.in_(part)))
            found += [Article(**row._mapping) for row in rows]
        return found

    def unassessed(self, model: str, limit: int, *, since: datetime | None = None) -> list[Article]:
        """Articles that wait to be assessed: new ones and those whose text changed.

        The newest come first, and all of them before any backlog of a feed's first poll: a new
        report never waits behind old news. With `since`, also those seen since then that another
        model assessed: what a new model reads again is a decision of whoever puts it in place,
        never a side effect.
        """
        wanted = _UNREAD
        if since is not None:
            other = and_(ARTICLES.c.first_seen >= since, ARTICLES.c.assessed_by != model)
            wanted = or_(_UNREAD, other)
        found: list[Article] = []
        for backlog in (False, True):  # two questions, as one would have to sort what it finds
            if len(found) < limit:
                rows = self._connection.execute(
                    select(*_COLUMNS)
                    .where(wanted, ARTICLES.c.backlog.is_(backlog))
                    .order_by(ARTICLES.c.first_seen.desc(), ARTICLES.c.published.desc())
                    .limit(limit - len(found))
                )
                found += [Article(**row._mapping) for row in rows]
        return found

    def mark_assessed(self, ids: Iterable[str], model: str) -> None:
        """These were read by `model`; they do not come again until their text changes."""
        for part in _chunks(list(ids)):
            self._connection.execute(
                update(ARTICLES).where(ARTICLES.c.id.in_(part)).values(assessed_by=model)
            )

    def want_fulltext(self, ids: Iterable[str]) -> None:
        """Ask for the whole text of these articles, once."""
        for part in _chunks(list(ids)):
            self._connection.execute(
                update(ARTICLES)
                .where(ARTICLES.c.id.in_(part), ARTICLES.c.fulltext == "")
                .values(fulltext="wanted")
            )

    def fulltext_wanted(self, limit: int) -> list[Article]:
        """Articles whose whole text is asked for, newest first."""
        rows = self._connection.execute(
            select(*_COLUMNS).where(_WANTED).order_by(ARTICLES.c.first_seen.desc()).limit(limit)
        )
        return [Article(**row._mapping) for row in rows]

    def set_fulltext(self, id: str, body: str) -> None:
        """The whole text was read: assess the article again with it. "" leaves it as it was."""
        values = {"fulltext": "done"} | ({"body": body, "assessed_by": ""} if body else {})
        self._connection.execute(update(ARTICLES).where(ARTICLES.c.id == id).values(values))

    def count(self) -> int:
        """How many articles there are."""
        return int(
            self._connection.execute(select(func.count()).select_from(ARTICLES)).scalar_one()
        )

    def latest(self, feed: str, limit: int) -> list[Article]:
        """The newest articles of one feed."""
        rows = self._connection.execute(
            select(*_COLUMNS)
            .where(ARTICLES.c.feed == feed)
            .order_by(ARTICLES.c.first_seen.desc())
            .limit(limit)
        )
        return [Article(**row._mapping) for row in rows]

    def unlisted_since(self, before: datetime, limit: int) -> list[tuple[str, str]]:
        """(id, feed) of articles that were last known to be listed before then, oldest first."""
        rows = self._connection.execute(
            select(ARTICLES.c.id, ARTICLES.c.feed)
            .where(ARTICLES.c.listed_at < before)
            .order_by(ARTICLES.c.listed_at)
            .limit(limit)
        )
        return [(row.id, row.feed) for row in rows]

    def still_wanted(self, ids: Iterable[str], now: datetime) -> None:
        """These stand in their feeds still or are cited: retention looks at them again later."""
        for part in _chunks(list(ids)):
            self._connection.execute(
                update(ARTICLES).where(ARTICLES.c.id.in_(part)).values(listed_at=now)
            )

    def forget(self, ids: Iterable[str]) -> None:
        """Retention: drop these articles and the keys that lead to them."""
        for part in _chunks(list(ids)):
            rows = self._connection.execute(
                select(ARTICLES.c.id, ARTICLES.c.linked_by).where(ARTICLES.c.id.in_(part))
            ).all()
            links = [
                {"b_feed": feed, "b_key": key, "b_id": row.id}
                for row in rows
                for feed, key in _LINK.iter_unpack(row.linked_by)
            ]
            if links:
                self._connection.execute(_UNLINK, links)
            self._connection.execute(delete(ARTICLES).where(ARTICLES.c.id.in_(part)))


def _row(article: Article, keys: Keys, feed: int) -> dict[str, Any]:
    linked = [(feed, key) for key in keys.own] + [(ALL_FEEDS, key) for key in keys.common]
    return {name: getattr(article, name) for name in _FIELDS} | {
        "published": stored_time(article.published),
        "first_seen": stored_time(article.first_seen),
        "linked_by": b"".join(_LINK.pack(*link) for link in linked),
        "listed_at": stored_time(article.first_seen),
        "assessed_by": "",
        "fulltext": "",
    }


def _links(feed: int, keys: Mapping[int, str]) -> list[dict[str, Any]]:
    # In the order of the index: a batch then writes each page once.
    return [{"feed": feed, "key": key, "article_id": keys[key]} for key in sorted(keys)]


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
