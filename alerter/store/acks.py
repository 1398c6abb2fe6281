"""Acknowledgements, escalation steps that are due, and the audit of what people did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.engine import Connection

from alerter.domain.ack import Acknowledgement, Act, Escalation, Reminder
from alerter.store.engine import METADATA, UtcTime, insert

_ID: Final = BigInteger().with_variant(Integer, "sqlite")

ACKS: Final = Table(
    "acks",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("who", String, nullable=False),
    Column("via", String, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("note", Text, nullable=False),
    Column("token", String, unique=True),
)
ESCALATIONS: Final = Table(
    "escalations",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("subject", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("route", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("receiver", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("delivery_key", String, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("outcome", String, nullable=False, default=""),
    UniqueConstraint("delivery_key", "step"),
)
_OPEN: Final = ESCALATIONS.c.outcome == ""
Index("ix_escalations_due", ESCALATIONS.c.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_escalations_of", ESCALATIONS.c.subject, sqlite_where=_OPEN, postgresql_where=_OPEN)

REMINDERS: Final = Table(
    "reminders",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("receiver", String, primary_key=True),
    Column("route", String, nullable=False),
    Column("due_at", UtcTime, nullable=False, index=True),
    Column("count", Integer, nullable=False),
)

ACTS: Final = Table(
    "acts",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("detail", Text, nullable=False),
)
KEYS: Final = Table(
    "keys",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)


class Acks:
    """Statements about acknowledging, escalating and who did what."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, ack: Acknowledgement, *, token: str | None = None) -> None:
        """Somebody has taken a subject in hand. A token can be used once: check `token_used`."""
        names = [c.name for c in ACKS.c if c.name not in {"id", "token"}]
        values = {name: getattr(ack, name) for name in names}
        self._connection.execute(ACKS.insert().values(**values, token=token))

    def token_used(self, token: str) -> Acknowledgement | None:
        """What a token was used for, if it was."""
        return self._one(select(ACKS).where(ACKS.c.token == token))

    def active(self, subject: str, *, now: datetime) -> Acknowledgement | None:
        """Who has it in hand now."""
        query = select(ACKS).where(
            ACKS.c.subject == subject, ACKS.c.until > now, ACKS.c.ended_at.is_(None)
        )
        return self._one(query.order_by(ACKS.c.id.desc()).limit(1))

    def latest(self, subjects: Sequence[str]) -> dict[str, Acknowledgement]:
        """The last acknowledgement of each subject that has one, ended or not."""
        query = select(ACKS).where(ACKS.c.subject.in_(subjects)).order_by(ACKS.c.id)
        return {row.subject: _ack(row) for row in self._connection.execute(query)}

    def end(self, subject: str, *, now: datetime) -> int:
        """It got worse, or is over: whoever had it in hand is asked again."""
        statement = update(ACKS).where(ACKS.c.subject == subject, ACKS.c.ended_at.is_(None))
        return self._connection.execute(statement.values(ended_at=now)).rowcount

    def arm(self, escalations: Sequence[Escalation]) -> None:
        """Plan escalation steps; planning the same step of the same alert twice changes nothing."""
        statement = insert(self._connection, ESCALATIONS).on_conflict_do_nothing()
        for each in escalations:
            names = [c.name for c in ESCALATIONS.c if c.name not in {"id", "outcome"}]
            values = {name: getattr(each, name) for name in names}
            self._connection.execute(statement, {**values, "outcome": ""})

    def due(self, now: datetime) -> list[Escalation]:
        """Steps whose time has come."""
        query = select(ESCALATIONS).where(_OPEN, ESCALATIONS.c.due_at <= now)
        rows = self._connection.execute(query.order_by(ESCALATIONS.c.due_at, ESCALATIONS.c.id))
        return [_escalation(row) for row in rows]

    def planned(self, subject: str) -> list[Escalation]:
        """Steps that will come unless somebody acknowledges."""
        query = select(ESCALATIONS).where(_OPEN, ESCALATIONS.c.subject == subject)
        rows = self._connection.execute(query.order_by(ESCALATIONS.c.due_at))
        return [_escalation(row) for row in rows]

    def settle(self, number: int, outcome: str) -> None:
        """A step was taken, or was not needed; says which."""
        self._connection.execute(
            update(ESCALATIONS).where(ESCALATIONS.c.id == number).values(outcome=outcome)
        )

    def disarm(self, subject: str, outcome: str) -> int:
        """Cancel all steps of a subject that are still to come."""
        statement = update(ESCALATIONS).where(_OPEN, ESCALATIONS.c.subject == subject)
        return self._connection.execute(statement.values(outcome=outcome)).rowcount

    def remind(self, reminder: Reminder) -> None:
        """Plan the next reminder of a subject to a receiver; one at a time."""
        values = {column.name: getattr(reminder, column.name) for column in REMINDERS.c}
        changed = {k: v for k, v in values.items() if k not in {"subject", "receiver"}}
        statement = insert(self._connection, REMINDERS).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["subject", "receiver"], set_=changed)
        )

    def reminders_due(self, now: datetime) -> list[Reminder]:
        """Reminders whose time has come."""
        query = select(REMINDERS).where(REMINDERS.c.due_at <= now)
        rows = self._connection.execute(query.order_by(REMINDERS.c.due_at))
        return [Reminder(**row._mapping) for row in rows]

    def reminder(self, subject: str, receiver: str) -> Reminder | None:
        """The reminder that is planned, if one is."""
        row = self._connection.execute(
            select(REMINDERS).where(
                REMINDERS.c.subject == subject, REMINDERS.c.receiver == receiver
            )
        ).first()
        return None if row is None else Reminder(**row._mapping)

    def forget_reminder(self, subject: str, receiver: str) -> None:
        """It need not be said again."""
        self._connection.execute(
            REMINDERS.delete().where(
                REMINDERS.c.subject == subject, REMINDERS.c.receiver == receiver
            )
        )

    def audit(self, act: Act) -> None:
        """Write down who did what."""
        values = {name: getattr(act, name) for name in ("at", "who", "action", "subject", "detail")}
        self._connection.execute(ACTS.insert().values(**values))

    def acts(self, *, subject: str | None = None, limit: int = 200) -> list[Act]:
        """What people did, the newest first."""
        query = select(ACTS).order_by(ACTS.c.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(ACTS.c.subject == subject)
        return [_act(row) for row in self._connection.execute(query)]

    def known_key(self, name: str) -> bytes | None:
        """The secret key of that name, if there is one."""
        found = self._connection.scalar(select(KEYS.c.value).where(KEYS.c.name == name))
        return None if found is None else bytes(found)

    def key(self, name: str, *, fresh: bytes) -> bytes:
        """The secret key of that name; `fresh` becomes it when there is none yet."""
        statement = insert(self._connection, KEYS).on_conflict_do_nothing()
        self._connection.execute(statement, {"name": name, "value": fresh})
        return self.known_key(name) or fresh

    def _one(self, query: Any) -> Acknowledgement | None:
        row = self._connection.execute(query).first()
        return None if row is None else _ack(row)


def _ack(row: Row[Any]) -> Acknowledgement:
    values = dict(row._mapping)
    del values["id"], values["token"]
    return Acknowledgement(**values)


def _escalation(row: Row[Any]) -> Escalation:
    values = dict(row._mapping)
    del values["outcome"]
    return Escalation(**values)


def _act(row: Row[Any]) -> Act:
    values = dict(row._mapping)
    del values["id"]
    return Act(**values)
