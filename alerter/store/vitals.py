"""Signs of life: when each step last made progress, and when what is due by the clock was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, String, Table, Text, func, select
from sqlalchemy.engine import Connection

from alerter.store.articles import ARTICLES
from alerter.store.engine import METADATA, UtcTime, insert

VITALS: Final = Table(
    "vitals",
    METADATA,
    Column("step", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
)
MARKS: Final = Table(
    "marks",
    METADATA,
    Column("name", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("value", Text, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """When something that the clock asks for was done last, and a word on how."""

    at: datetime
    value: str


class Vitals:
    """Statements about vitals."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, step: str, now: datetime) -> None:
        """A step has done all that it had to do at `now`: work, or nothing to do."""
        statement = insert(self._connection, VITALS).values(step=step, at=now)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["step"], set_={"at": now})
        )

    def all(self) -> dict[str, datetime]:
        """When each step last made progress."""
        return {row.step: row.at for row in self._connection.execute(select(VITALS))}

    def mark(self, name: str, now: datetime, value: str = "") -> None:
        """Remember that something was done."""
        statement = insert(self._connection, MARKS).values(name=name, at=now, value=value)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"], set_={"at": now, "value": value}
            )
        )

    def marked(self, name: str) -> Mark | None:
        """When it was last done; None when never."""
        row = self._connection.execute(select(MARKS).where(MARKS.c.name == name)).first()
        return None if row is None else Mark(at=row.at, value=row.value)

    def unmark(self, name: str) -> None:
        """Forget that it was done."""
        self._connection.execute(MARKS.delete().where(MARKS.c.name == name))

    def articles_by_feed(self, *, start: datetime, end: datetime) -> dict[str, int]:
        """How many articles each feed brought in a period."""
        seen = ARTICLES.c.first_seen
        counted = select(ARTICLES.c.feed, func.count().label("articles"))
        query = counted.where(seen >= start, seen < end).group_by(ARTICLES.c.feed)
        rows = self._connection.execute(query)
        return {row.feed: row.articles for row in rows}

    def marks(self, prefix: str) -> dict[str, Mark]:
        """All marks whose name begins so."""
        query = select(MARKS).where(MARKS.c.name.startswith(prefix, autoescape=True))
        rows = self._connection.execute(query)
        return {row.name: Mark(at=row.at, value=row.value) for row in rows}
