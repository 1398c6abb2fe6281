"""When something is due next: for callers that turn the clock themselves, as a replay does."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from alerter.store.acks import ESCALATIONS, REMINDERS
from alerter.store.articles import ARTICLES
from alerter.store.engine import UtcTime
from alerter.store.incidents import INCIDENTS
from alerter.store.outbox import DELIVERIES, HELD, PENDING

_DUES: Final = {
    "deliver": (DELIVERIES.c.next_try, PENDING),
    "release": (DELIVERIES.c.held_until, HELD),
    "escalate": (ESCALATIONS.c.due_at, ESCALATIONS.c.outcome == ""),
    "remind": (REMINDERS.c.due_at, REMINDERS.c.due_at.is_not(None)),
    "age": (INCIDENTS.c.next_turn, INCIDENTS.c.next_turn.is_not(None)),
}
_EARLIEST: Final = select(
    *(
        select(func.min(column, type_=UtcTime)).where(condition).scalar_subquery().label(name)
        for name, (column, condition) in _DUES.items()
    )
)


class Agenda:
    """Statements about what comes next."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dues(self) -> dict[str, datetime]:
        """For each part of the flow that has something ahead of it, when that is due."""
        row = self._connection.execute(_EARLIEST).mappings().one()
        return {str(name): at for name, at in row.items() if at is not None}

    def timeline(self, *, since: datetime | None, until: datetime | None) -> list[str]:
        """Ids of the stored articles in the order in which they were seen."""
        query = select(ARTICLES.c.id).order_by(ARTICLES.c.first_seen, ARTICLES.c.id)
        if since is not None:
            query = query.where(ARTICLES.c.first_seen >= since)
        if until is not None:
            query = query.where(ARTICLES.c.first_seen < until)
        return list(self._connection.execute(query).scalars())
