"""Why somebody was told or not, and how receivers have been answering."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, Row, String, Table, Text, select
from sqlalchemy.engine import Connection

from alerter.domain.delivery import Decision, TargetState
from alerter.domain.scales import Reason
from alerter.store.engine import METADATA, UtcTime, insert

DECISIONS: Final = Table(
    "decisions",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("subject", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reason", String),
    Column("receiver", String, nullable=False),
    Column("route", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("delivery_key", String, nullable=False),
)
Index("ix_decisions_subject_id", DECISIONS.c.subject, DECISIONS.c.id)

TARGETS: Final = Table(
    "targets",
    METADATA,
    Column("receiver", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcTime),
    Column("paused_until", UtcTime),
    Column("last_error", Text, nullable=False),
    Column("last_ok", UtcTime),
    Column("told", Integer, nullable=False),
    Column("told_at", UtcTime),
)


class Decisions:
    """Statements about decisions and targets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, decisions: Sequence[Decision]) -> None:
        """Write decisions down, in the caller's transaction."""
        if decisions:
            rows = [_values(decision) for decision in decisions]
            self._connection.execute(DECISIONS.insert(), rows)

    def of_subject(self, subject: str) -> list[Decision]:
        """Everything decided about one incident or notice, in order."""
        query = select(DECISIONS).where(DECISIONS.c.subject == subject).order_by(DECISIONS.c.id)
        return [_decision(row) for row in self._connection.execute(query)]

    def recent(self, *, since: datetime, limit: int = 1000) -> list[Decision]:
        """The newest decisions, newest first."""
        query = select(DECISIONS).where(DECISIONS.c.at >= since)
        newest = query.order_by(DECISIONS.c.at.desc(), DECISIONS.c.id.desc()).limit(limit)
        return [_decision(row) for row in self._connection.execute(newest)]

    def prune(self, *, before: datetime) -> int:
        """Forget decisions made before then."""
        return self._connection.execute(DECISIONS.delete().where(DECISIONS.c.at < before)).rowcount

    def targets(self) -> dict[str, TargetState]:
        """How every receiver has been answering, by name."""
        rows = self._connection.execute(select(TARGETS))
        return {row.receiver: TargetState(**row._mapping) for row in rows}

    def save_target(self, state: TargetState) -> None:
        """Remember how a receiver answers."""
        values = {column.name: getattr(state, column.name) for column in TARGETS.c}
        statement = insert(self._connection, TARGETS).values(**values)
        changed = {key: value for key, value in values.items() if key != "receiver"}
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["receiver"], set_=changed)
        )


def _values(decision: Decision) -> dict[str, Any]:
    values = {
        column.name: getattr(decision, column.name) for column in DECISIONS.c if column.name != "id"
    }
    return {**values, "reason": decision.reason.value if decision.reason else None}


def _decision(row: Row[Any]) -> Decision:
    values = dict(row._mapping)
    del values["id"]
    values["reason"] = Reason(values["reason"]) if values["reason"] else None
    return Decision(**values)
