"""The outbox: what was decided, what of it is due, who has it in hand, what became of it.

Cost does not grow with history: everything that the flow asks for is answered by an index that
holds only rows which still wait, or by a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from alerter.domain.delivery import Delivery, Why
from alerter.domain.scales import DeliveryState, Reason, Severity
from alerter.store.engine import METADATA, UtcTime, insert

_ID: Final = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False, unique=True),
    Column("subject", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("receiver", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("route", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("next_try", UtcTime, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("first_try", UtcTime),
    Column("sent_at", UtcTime),
    Column("lease_until", UtcTime),
    Column("leased_by", String),
    Column("held_until", UtcTime),
    Column("held_by", String, nullable=False, default=""),
    Column("group", String),
    Column("fallback", String),
    Column("external_id", String),
)
_C: Final = DELIVERIES.c
PENDING: Final = _C.state == DeliveryState.PENDING.value
HELD: Final = _C.state == DeliveryState.HELD.value
_DEAD: Final = _C.state == DeliveryState.DEAD.value


def _partial(name: str, condition: ColumnElement[bool], *columns: Column[Any]) -> Index:
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


_partial("ix_deliveries_due", PENDING, _C.receiver, _C.next_try, _C.id)
_partial("ix_deliveries_line", PENDING, _C.subject, _C.receiver, _C.id)
_partial("ix_deliveries_leased", and_(PENDING, _C.lease_until.is_not(None)), _C.leased_by)
_partial("ix_deliveries_held", HELD, _C.held_until)
_partial("ix_deliveries_dead", _DEAD, _C.id)
_partial("ix_deliveries_group", _C.group.is_not(None), _C.group, _C.created_at)
Index("ix_deliveries_told", _C.subject, _C.receiver, _C.id)
Index("ix_deliveries_created", _C.created_at)

THREADS: Final = Table(
    "threads",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("receiver", String, primary_key=True),
    Column("external_id", String, nullable=False),
    Column("at", UtcTime, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt. `state` pending means: try again at `next_try`."""

    id: int
    state: DeliveryState
    at: datetime
    next_try: datetime | None = None
    error: str = ""
    external_id: str | None = None


# Built once: they are asked at every look into the outbox.
_NEXT_RECEIVER: Final = select(func.min(_C.receiver)).where(
    PENDING, _C.receiver > bindparam("last", type_=String)
)
_SOMETHING_DUE: Final = (
    select(literal(1))
    .where(
        PENDING,
        _C.receiver == bindparam("name", type_=String),
        _C.next_try <= bindparam("now", type_=UtcTime),
    )
    .limit(1)
)


class Outbox:
    """Statements by which deliveries are added, claimed and recorded."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enqueue(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Add those whose key is new; gives those, with their ids. A known key changes nothing."""
        if not deliveries:
            return []
        statement = (
            insert(self._connection, DELIVERIES)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(_C.id, _C.key)
        )
        added: list[Delivery] = []
        for delivery in deliveries:
            row = self._connection.execute(statement, values_of(delivery)).first()
            if row is not None:
                added.append(replace(delivery, id=row.id))
        return added

    def waiting(self, now: datetime) -> list[str]:
        """The receivers for which something is due, in alphabetical order.

        Goes from one receiver to the next through the index: a DISTINCT reads every row that waits.
        """
        found, last = [], ""
        while (name := self._connection.scalar(_NEXT_RECEIVER, {"last": last})) is not None:
            if self._connection.scalar(_SOMETHING_DUE, {"name": name, "now": now}) is not None:
                found.append(name)
            last = name
        return found

    def claim(
        self, receiver: str, *, limit: int, now: datetime, lease_until: datetime, owner: str
    ) -> list[Delivery]:
        """Take up to `limit` due deliveries of one receiver, oldest first, until the lease ends.

        Of one subject only the oldest that waits can be taken, so that order holds. The attempt is
        counted now: a message that kills its sender is counted too.
        """
        older = DELIVERIES.alias("older")
        free = and_(
            PENDING,
            _C.receiver == receiver,
            _C.next_try <= now,
            or_(_C.lease_until.is_(None), _C.lease_until <= now),
        )
        blocked = exists().where(
            older.c.state == DeliveryState.PENDING.value,
            older.c.subject == _C.subject,
            older.c.receiver == _C.receiver,
            older.c.id < _C.id,
        )
        chosen = (
            select(_C.id)
            .where(free, ~blocked)
            .order_by(_C.next_try, _C.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
        )
        statement = (
            update(DELIVERIES)
            .where(_C.id.in_(chosen.scalar_subquery()), free)
            .values(
                lease_until=lease_until,
                leased_by=owner,
                attempts=_C.attempts + 1,
                first_try=func.coalesce(_C.first_try, literal(now, UtcTime)),
            )
            .returning(DELIVERIES)
        )
        return sorted(map(_delivery, self._connection.execute(statement)), key=_order)

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of attempts, and give their leases back."""
        if not outcomes:
            return
        statement = (
            update(DELIVERIES)
            .where(_C.id == bindparam("row"), PENDING)
            .values(
                state=bindparam("now_state"),
                next_try=func.coalesce(bindparam("later", type_=UtcTime), _C.next_try),
                last_error=bindparam("error"),
                sent_at=bindparam("done_at", type_=UtcTime),
                external_id=bindparam("found"),
                lease_until=None,
            )
        )
        self._connection.execute(
            statement,
            [
                {
                    "row": each.id,
                    "now_state": each.state.value,
                    "later": each.next_try,
                    "error": each.error,
                    "done_at": each.at if each.state is DeliveryState.SENT else None,
                    "found": each.external_id,
                }
                for each in outcomes
            ],
        )

    def leaseholders(self) -> list[str]:
        """Who holds leases now."""
        query = select(_C.leased_by).distinct().where(PENDING, _C.lease_until.is_not(None))
        return [holder for holder in self._connection.scalars(query) if holder]

    def end_leases(self, holder: str) -> int:
        """Free what a dead process had taken. Gives how many that were."""
        statement = update(DELIVERIES).where(
            PENDING, _C.lease_until.is_not(None), _C.leased_by == holder
        )
        return self._connection.execute(statement.values(lease_until=None)).rowcount

    def release_leases(self, ids: Iterable[int]) -> None:
        """Give back what was claimed and not begun; the attempt is not counted."""
        statement = (
            update(DELIVERIES)
            .where(_C.id.in_(list(ids)), PENDING)
            .values(lease_until=None, attempts=_C.attempts - 1)
        )
        self._connection.execute(statement)

    def start_thread(self, subject: str, receiver: str, *, external_id: str, now: datetime) -> None:
        """Remember the first message about a subject at a receiver; later ones join it."""
        statement = insert(self._connection, THREADS).on_conflict_do_nothing()
        values = {"subject": subject, "receiver": receiver, "external_id": external_id, "at": now}
        self._connection.execute(statement, values)

    def threads(self, subjects: Sequence[str], receiver: str) -> dict[str, str]:
        """The external id of the first message of each of these subjects, where there is one."""
        rows = self._connection.execute(
            select(THREADS.c.subject, THREADS.c.external_id).where(
                THREADS.c.subject.in_(subjects), THREADS.c.receiver == receiver
            )
        )
        return {row.subject: row.external_id for row in rows}

    def replay(self, ids: Sequence[int] | None, *, now: datetime) -> list[int]:
        """Try dead letters again with their old key; all of them when `ids` is None."""
        statement = update(DELIVERIES).where(_DEAD)
        if ids is not None:
            statement = statement.where(_C.id.in_(ids))
        rows = self._connection.scalars(
            statement.values(
                state=DeliveryState.PENDING.value, next_try=now, attempts=0, first_try=None
            ).returning(_C.id)
        )
        return sorted(rows)

    def oldest_waiting(self, now: datetime) -> datetime | None:
        """Since when the longest waiting of what is due has been due, or tried in vain."""
        query = select(func.min(func.coalesce(_C.first_try, _C.next_try)))
        return self._connection.scalar(query.where(PENDING, _C.next_try <= now))

    def prune(self, *, before: datetime) -> int:
        """Forget what was settled and decided before then."""
        statement = DELIVERIES.delete().where(_C.created_at < before, ~PENDING, ~HELD)
        self._connection.execute(THREADS.delete().where(THREADS.c.at < before))
        return self._connection.execute(statement).rowcount

    def _one(self, query: Any) -> Delivery | None:
        row = self._connection.execute(query).first()
        return None if row is None else _delivery(row)

    def _many(self, query: Any) -> list[Delivery]:
        return [_delivery(row) for row in self._connection.execute(query)]

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(DELIVERIES).where(*conditions)
        return int(self._connection.scalar(query) or 0)


def _order(delivery: Delivery) -> tuple[datetime, int]:
    return delivery.next_try, delivery.id or 0


def values_of(delivery: Delivery) -> dict[str, Any]:
    """A delivery as a row."""
    return {
        "key": delivery.key,
        "subject": delivery.subject,
        "revision": delivery.revision,
        "receiver": delivery.receiver,
        "reason": delivery.reason.value,
        "severity": delivery.severity.value,
        "route": delivery.why.route,
        "rule": delivery.why.rule,
        "text": delivery.why.text,
        "payload": delivery.payload,
        "created_at": delivery.created_at,
        "next_try": delivery.next_try,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "last_error": delivery.last_error,
        "first_try": delivery.first_try,
        "sent_at": delivery.sent_at,
        "lease_until": delivery.lease_until,
        "held_until": delivery.held_until,
        "held_by": delivery.held_by,
        "group": delivery.group,
        "fallback": delivery.fallback,
        "external_id": delivery.external_id,
    }


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    del values["leased_by"]
    why = Why(route=values.pop("route"), rule=values.pop("rule"), text=values.pop("text"))
    values["reason"] = Reason(values["reason"])
    values["state"] = DeliveryState(values["state"])
    values["severity"] = Severity(values["severity"])
    return Delivery(**values, why=why)
