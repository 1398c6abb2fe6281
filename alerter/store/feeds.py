"""What polling taught us of each feed, when it is due next, and what changed in its health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Enum,
    Float,
    Index,
    Insert,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.engine import Connection

from alerter.config.feeds import FeedSettings
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange, Rejection
from alerter.domain.scales import FeedHealth
from alerter.store.engine import METADATA, JsonText, Span, UtcTime, insert, insert_into

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)

_HEALTH: Final = Enum(
    FeedHealth, native_enum=False, length=10, values_callable=lambda kinds: [k.value for k in kinds]
)

FEEDS: Final = Table(
    "feeds",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", String, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("configured_url", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("next_poll", UtcTime, nullable=False),
    Column("health", _HEALTH, nullable=False),
    Column("health_reason", Text, nullable=False),
    Column("health_since", UtcTime),
    Column("last_polled", UtcTime),
    Column("last_ok", UtcTime),
    Column("last_changed", UtcTime),
    Column("last_entry", UtcTime),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String),
    Column("failures", Integer, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("entries_last", Integer, nullable=False),
    Column("entries_usual", Float, nullable=False),
    Column("rhythm", Span),
    Column("moved_to", Text),
    Column("moved_first_seen", UtcTime),
    Column("moved_polls", Integer, nullable=False),
    Column("lang", String),
    Column("title", Text),
    Column("ttl", Span),
    Column("skip_hours", JsonText, nullable=False),
    Column("skip_days", JsonText, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("told", _HEALTH, nullable=False),
    Index("ix_feeds_due", "active", "next_poll"),
)

MEMORY: Final = Table(
    "feed_memory",
    METADATA,
    Column("feed", Integer, primary_key=True, autoincrement=False),
    Column("listed", LargeBinary, nullable=False),
)

HEALTH_CHANGES: Final = Table(
    "health_changes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("feed", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("old", _HEALTH, nullable=False),
    Column("new", _HEALTH, nullable=False),
    Column("reason", Text, nullable=False),
    Column("told_at", UtcTime),
)
Index("ix_health_changes_feed", HEALTH_CHANGES.c.feed, HEALTH_CHANGES.c.id)
Index("ix_health_changes_untold", HEALTH_CHANGES.c.told_at, HEALTH_CHANGES.c.id)

REJECTIONS: Final = Table(
    "rejections",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("feed", String, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_rejections_feed_at", "feed", "at"),
)

_CHUNK: Final = 500  # rows made at a time: ten thousand dictionaries are 30 MB

# What an unchanged poll changes. Everything else stays, and is not written.
_BRIEF: Final = (
    "next_poll", "health", "health_reason", "health_since", "last_polled", "last_ok",
    "failures", "polls", "took_ms", "told",
)  # fmt: skip
_FULL: Final = tuple(column.name for column in FEEDS.c if column.name not in ("number", "active"))
_SAVE_BRIEF: Final = (
    update(FEEDS)
    .where(FEEDS.c.number == bindparam("b_number"))
    .values({name: bindparam(f"b_{name}") for name in _BRIEF})
)
_SAVE_FULL: Final = (
    update(FEEDS)
    .where(FEEDS.c.number == bindparam("b_number"))
    .values({name: bindparam(f"b_{name}") for name in _FULL})
)
_LISTED: Final = select(MEMORY.c.feed, MEMORY.c.listed).where(
    MEMORY.c.feed.in_(bindparam("b_feeds", expanding=True))
)


@cache
def _remember(dialect: str) -> Insert:
    statement = insert_into(dialect, MEMORY)
    listed = {"listed": statement.excluded.listed}
    return statement.on_conflict_do_update(index_elements=["feed"], set_=listed)


class Feeds:
    """Statements about feeds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sync(self, feeds: Sequence[FeedSettings]) -> None:
        """Know exactly these feeds: new ones are due at once, missing ones are no longer polled.

        What was learned of a feed is kept while it is away. A feed whose configured URL changed
        starts anew.
        """
        known = {
            row.name: row
            for row in self._connection.execute(
                select(FEEDS.c.number, FEEDS.c.name, FEEDS.c.configured_url, FEEDS.c.active)
            )
        }
        wanted = {feed.name: feed for feed in feeds}
        fresh = [feed for name, feed in wanted.items() if name not in known]
        statement = insert(self._connection, FEEDS).on_conflict_do_nothing()
        for start in range(0, len(fresh), _CHUNK):
            rows = [_new_row(feed) for feed in fresh[start : start + _CHUNK]]
            self._connection.execute(statement, rows)
        for name, row in known.items():
            self._sync_one(row, wanted.get(name))

    def _sync_one(self, row: Any, feed: FeedSettings | None) -> None:
        if feed is None:
            if row.active:
                self._set(row.number, active=False)
        elif row.configured_url != feed.url:
            self._set(row.number, **_new_row(feed))
            self._connection.execute(delete(MEMORY).where(MEMORY.c.feed == row.number))
        elif not row.active:
            self._set(row.number, active=True, next_poll=AT_ONCE)

    def _set(self, number: int, **values: Any) -> None:
        self._connection.execute(update(FEEDS).where(FEEDS.c.number == number).values(**values))

    def claim_due(self, now: datetime, limit: int, lease: timedelta) -> list[FeedState]:
        """Up to `limit` feeds that are due, the longest due first, and nobody else's for `lease`.

        Claiming moves `next_poll` to the end of the lease, so that a feed whose poller dies comes
        due again by itself. Cost does not depend on how many feeds are not due.
        """
        due = (
            select(FEEDS.c.number)
            .where(FEEDS.c.active.is_(True), FEEDS.c.next_poll <= now)
            .order_by(FEEDS.c.next_poll)
            .limit(limit)
            .with_for_update(skip_locked=True)  # left out by SQLite, which has one writer
        )
        claimed = self._connection.execute(
            update(FEEDS)
            .where(FEEDS.c.number.in_(due))
            .values(next_poll=now + lease)
            .returning(*FEEDS.c)
        )
        return [_state(row) for row in claimed]

    def make_due(self, name: str, _now: datetime) -> None:
        """Let the next poll ask this feed before all others, whatever its rhythm."""
        self._connection.execute(
            update(FEEDS).where(FEEDS.c.name == name).values(next_poll=AT_ONCE)
        )

    def all(self) -> list[FeedState]:
        """Every configured feed, by name."""
        rows = self._connection.execute(
            select(FEEDS).where(FEEDS.c.active.is_(True)).order_by(FEEDS.c.name)
        )
        return [_state(row) for row in rows]

    def get(self, name: str) -> FeedState | None:
        """One feed, configured or not."""
        row = self._connection.execute(select(FEEDS).where(FEEDS.c.name == name)).one_or_none()
        return _state(row) if row else None

    def save_unchanged(self, states: Iterable[FeedState]) -> None:
        """Save what a poll without news changes; many feeds in one statement."""
        self._save(_SAVE_BRIEF, _BRIEF, states)

    def save(self, states: Iterable[FeedState]) -> None:
        """Save everything we know of these feeds."""
        self._save(_SAVE_FULL, _FULL, states)

    def _save(self, statement: Any, names: tuple[str, ...], states: Iterable[FeedState]) -> None:
        rows = [
            {"b_number": state.number}
            | {f"b_{name}": value for name, value in _values(state, names)}
            for state in states
        ]
        if rows:
            self._connection.execute(statement, rows)

    def memory(self, number: int) -> bytes:
        """What was listed by the last document of a feed; b"" when nothing is known."""
        return self.memories([number]).get(number, b"")

    def memories(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """The same of many feeds in one statement; feeds of which nothing is known are missing."""
        if not numbers:
            return {}
        rows = self._connection.execute(_LISTED, {"b_feeds": list(numbers)})
        return {feed: bytes(listed) for feed, listed in rows}

    def remember(self, memories: Mapping[int, bytes]) -> None:
        """Replace the memories of these feeds, by number."""
        if memories:
            statement = _remember(self._connection.dialect.name)
            rows = [{"feed": number, "listed": listed} for number, listed in memories.items()]
            self._connection.execute(statement, rows)

    def add_health_changes(self, changes: Sequence[HealthChange]) -> None:
        """Keep changes of health that somebody must hear of."""
        if changes:
            rows = [
                {name: value for name, value in asdict(change).items() if name != "id"}
                for change in changes
            ]
            self._connection.execute(HEALTH_CHANGES.insert(), rows)

    def untold_health_changes(self, limit: int = 100) -> list[HealthChange]:
        """Changes of health that nobody has been told yet, oldest first."""
        rows = self._connection.execute(
            select(HEALTH_CHANGES)
            .where(HEALTH_CHANGES.c.told_at.is_(None))
            .order_by(HEALTH_CHANGES.c.id)
            .limit(limit)
        )
        return [_change(row) for row in rows]

    def mark_told(self, ids: Iterable[int], now: datetime) -> None:
        """These changes have been announced; call it in the transaction that announces them."""
        self._connection.execute(
            update(HEALTH_CHANGES).where(HEALTH_CHANGES.c.id.in_(list(ids))).values(told_at=now)
        )

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Keep what could not be parsed."""
        if rejections:
            self._connection.execute(REJECTIONS.insert(), [asdict(each) for each in rejections])

    def rejections(self, feed: str, limit: int = 20) -> list[Rejection]:
        """The latest of what could not be parsed of a feed."""
        rows = self._connection.execute(
            select(REJECTIONS)
            .where(REJECTIONS.c.feed == feed)
            .order_by(REJECTIONS.c.at.desc())
            .limit(limit)
        )
        names = ("feed", "at", "reason", "content")
        return [Rejection(**{name: getattr(row, name) for name in names}) for row in rows]

    def forget(self, before: datetime, limit: int = 1000) -> int:
        """Retention: drop rejected documents and told changes from before. Answers how many."""
        dropped = 0
        for table, old in (
            (REJECTIONS, REJECTIONS.c.at < before),
            (HEALTH_CHANGES, HEALTH_CHANGES.c.told_at < before),
        ):
            some = select(table.c.id).where(old).limit(limit)
            dropped += self._connection.execute(delete(table).where(table.c.id.in_(some))).rowcount
        return dropped

    def is_any_due(self, now: datetime) -> bool:
        """Whether there is anything to claim, without claiming it."""
        due = select(FEEDS.c.number).where(FEEDS.c.active.is_(True), FEEDS.c.next_poll <= now)
        return self._connection.execute(due.limit(1)).first() is not None

    def own_link(self) -> HealthChange | None:
        """What was noted last of our own connection; None when it never failed."""
        row = self._connection.execute(
            select(HEALTH_CHANGES)
            .where(HEALTH_CHANGES.c.feed == OWN_LINK)
            .order_by(HEALTH_CHANGES.c.id.desc())
            .limit(1)
        ).one_or_none()
        return _change(row) if row else None


def _new_row(feed: FeedSettings) -> dict[str, Any]:
    state = FeedState(name=feed.name, url=feed.url, configured_url=feed.url, lang=feed.lang)
    return {"active": True} | dict(_values(state, _FULL))


def _values(state: FeedState, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = getattr(state, name)
        yield name, AT_ONCE if name == "next_poll" and value is None else value


def _change(row: Any) -> HealthChange:
    names = ("id", "feed", "at", "old", "new", "reason")
    return HealthChange(**{name: getattr(row, name) for name in names})


def _state(row: Any) -> FeedState:
    values = dict(row._mapping)
    del values["active"]
    values["skip_hours"] = tuple(values["skip_hours"])
    values["skip_days"] = tuple(values["skip_days"])
    if values["next_poll"] == AT_ONCE:
        values["next_poll"] = None
    return FeedState(**values)
