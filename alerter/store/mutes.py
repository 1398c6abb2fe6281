"""Silences, inhibitors and the summaries of storms: what holds alerts back, on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Float, Integer, Row, String, Table, Text, select, update
from sqlalchemy.engine import Connection

from alerter.domain.mute import Inhibitor, Silence
from alerter.domain.scales import Severity
from alerter.store.engine import METADATA, JsonText, UtcTime, insert

_ID: Final = BigInteger().with_variant(Integer, "sqlite")

SILENCES: Final = Table(
    "silences",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("matcher", JsonText, nullable=False),
    Column("author", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
    Column("hidden", Integer, nullable=False, default=0),
    Column("ended_by", String),
)
INHIBITORS: Final = Table(
    "inhibitors",
    METADATA,
    Column("rule", Integer, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("values", JsonText, nullable=False),
    Column("until", UtcTime, nullable=False, index=True),
    Column("lat", Float),
    Column("lon", Float),
)
STORMS: Final = Table(
    "storms",
    METADATA,
    Column("group", String, primary_key=True),
    Column("summary_at", UtcTime, nullable=False),
    Column("summaries", Integer, nullable=False),
)


class Mutes:
    """Statements about mutes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_silence(
        self,
        matcher: Mapping[str, Any],
        *,
        author: str,
        reason: str,
        starts_at: datetime,
        until: datetime,
    ) -> Silence:
        """Begin a silence. It must end."""
        row = self._connection.execute(
            SILENCES.insert()
            .values(
                matcher=dict(matcher),
                author=author,
                reason=reason,
                starts_at=starts_at,
                until=until,
                hidden=0,
            )
            .returning(SILENCES)
        ).one()
        return _silence(row)

    def silences(self, *, now: datetime) -> list[Silence]:
        """Silences that hide something now or will, in order."""
        return self._silences(select(SILENCES).where(SILENCES.c.until > now))

    def all_silences(self, *, limit: int = 200) -> list[Silence]:
        """Every silence, the newest first, ended ones included."""
        return self._silences(select(SILENCES).limit(limit), newest_first=True)

    def silences_between(self, start: datetime, end: datetime) -> list[Silence]:
        """Silences that were in force at some time of a period."""
        query = select(SILENCES).where(SILENCES.c.until > start, SILENCES.c.starts_at < end)
        return self._silences(query)

    def end_silence(self, number: int, *, who: str, now: datetime) -> Silence | None:
        """End a silence now; None when there is none of that number in force."""
        row = self._connection.execute(
            update(SILENCES)
            .where(SILENCES.c.id == number, SILENCES.c.until > now)
            .values(until=now, ended_by=who)
            .returning(SILENCES)
        ).first()
        return None if row is None else _silence(row)

    def count_hidden(self, number: int) -> None:
        """One more alert was held by this silence."""
        hidden = SILENCES.c.hidden + 1
        self._connection.execute(
            update(SILENCES).where(SILENCES.c.id == number).values(hidden=hidden)
        )

    def inhibitors(self, *, now: datetime) -> list[Inhibitor]:
        """What holds lesser alerts back now."""
        rows = self._connection.execute(select(INHIBITORS).where(INHIBITORS.c.until > now))
        return [_inhibitor(row) for row in rows]

    def save_inhibitors(self, inhibitors: Sequence[Inhibitor]) -> None:
        """Begin or prolong inhibitions."""
        for each in inhibitors:
            values = {column.name: getattr(each, column.name) for column in INHIBITORS.c}
            values |= {"severity": each.severity.value, "values": list(each.values)}
            changed = {k: v for k, v in values.items() if k not in {"rule", "subject"}}
            statement = insert(self._connection, INHIBITORS).values(values)
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["rule", "subject"], set_=changed)
            )

    def forget_inhibitors(self, *, now: datetime) -> int:
        """Drop those whose time has ended."""
        ended = INHIBITORS.delete().where(INHIBITORS.c.until <= now)
        return self._connection.execute(ended).rowcount

    def summary_at(self, group: str) -> datetime | None:
        """When the last summary of a storm was made."""
        query = select(STORMS.c.summary_at).where(STORMS.c.group == group)
        return self._connection.scalar(query)

    def save_summary(self, group: str, *, now: datetime) -> int:
        """A summary of this group is made now; gives its number."""
        statement = insert(self._connection, STORMS).values(
            group=group, summary_at=now, summaries=1
        )
        row = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["group"],
                set_={"summary_at": now, "summaries": STORMS.c.summaries + 1},
            ).returning(STORMS.c.summaries)
        ).one()
        return int(row.summaries)

    def _silences(self, query: Any, *, newest_first: bool = False) -> list[Silence]:
        order = SILENCES.c.id.desc() if newest_first else SILENCES.c.id
        return [_silence(row) for row in self._connection.execute(query.order_by(order))]


def _silence(row: Row[Any]) -> Silence:
    return Silence(**row._mapping)


def _inhibitor(row: Row[Any]) -> Inhibitor:
    values = dict(row._mapping)
    values["severity"] = Severity(values["severity"])
    values["values"] = tuple(values["values"])
    return Inhibitor(**values)
