"""Questions about deliveries, and holding them back; the outbox itself is in `outbox`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import func, literal, or_, select, update

from alerter.domain.delivery import Delivery
from alerter.domain.scales import DeliveryState
from alerter.store.outbox import DELIVERIES, HELD, PENDING, Outbox

__all__ = ["DELIVERIES", "Deliveries"]

_C: Final = DELIVERIES.c
_BRIEF: Final = tuple(
    literal("").label("payload") if column.name == "payload" else column for column in _C
)
_HEARD: Final = (
    DeliveryState.PENDING.value,
    DeliveryState.SENT.value,
    DeliveryState.SUMMARISED.value,
    DeliveryState.DEAD.value,
)


class Deliveries(Outbox):
    """Statements about deliveries."""

    def last_told(self, subject: str, receiver: str) -> Delivery | None:
        """The last alert about a subject that was let through to a receiver."""
        return self._one(
            select(DELIVERIES)
            .where(_C.subject == subject, _C.receiver == receiver, _C.state.in_(_HEARD))
            .order_by(_C.id.desc())
            .limit(1)
        )

    def told_of(self, subject: str) -> list[Delivery]:
        """What was decided about a subject and not replaced, in order, without the messages."""
        dropped = DeliveryState.DROPPED.value
        query = select(*_BRIEF).where(_C.subject == subject, _C.state != dropped)
        return self._many(query.order_by(_C.id))

    def count_group(self, group: str, *, since: datetime) -> int:
        """How many alerts of a group were let through one by one since then."""
        return self._count(
            _C.group == group,
            _C.created_at > since,
            _C.state.in_((DeliveryState.PENDING.value, DeliveryState.SENT.value)),
        )

    def held_due(self, now: datetime) -> list[Delivery]:
        """Held alerts whose time has ended."""
        return self._many(select(DELIVERIES).where(HELD, _C.held_until <= now).order_by(_C.id))

    def held(self) -> list[Delivery]:
        """All that is held now."""
        return self._many(select(DELIVERIES).where(HELD).order_by(_C.id))

    def hold(self, number: int, *, until: datetime, by: str, text: str) -> None:
        """Hold a held alert for longer, for a reason that is shown."""
        self._update(number, held_until=until, held_by=by, text=text)

    def release(self, number: int, *, now: datetime, text: str) -> None:
        """Let a held alert go out by itself."""
        self._update(number, state=DeliveryState.PENDING.value, next_try=now, held_by="", text=text)

    def settle(self, ids: Iterable[int], state: DeliveryState, text: str) -> None:
        """End held alerts: replaced by a newer one (dropped), or told in a summary."""
        statement = (
            update(DELIVERIES)
            .where(_C.id.in_(list(ids)), HELD)
            .values(state=state.value, last_error=text)
        )
        self._connection.execute(statement)

    def release_held_by(self, by: str, *, now: datetime) -> int:
        """End a hold early, for instance when its silence is ended. Gives how many it held."""
        statement = update(DELIVERIES).where(HELD, _C.held_by == by, _C.held_until > now)
        return self._connection.execute(statement.values(held_until=now)).rowcount

    def get(self, number: int) -> Delivery | None:
        """One delivery by its number."""
        return self._one(select(DELIVERIES).where(_C.id == number))

    def by_key(self, key: str) -> Delivery | None:
        """One delivery by its idempotency key."""
        return self._one(select(DELIVERIES).where(_C.key == key))

    def of_subject(self, subject: str) -> list[Delivery]:
        """Everything decided about one incident or notice, in order."""
        return self._many(select(DELIVERIES).where(_C.subject == subject).order_by(_C.id))

    def newest(
        self,
        *,
        state: DeliveryState | None = None,
        receiver: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[Delivery]:
        """The newest deliveries, newest first."""
        query = select(DELIVERIES).order_by(_C.id.desc()).limit(limit)
        if state is not None:
            query = query.where(_C.state == state.value)
        if receiver is not None:
            query = query.where(_C.receiver == receiver)
        if since is not None:
            query = query.where(_C.created_at >= since)
        return self._many(query)

    def waiting_counts(self) -> dict[tuple[str, DeliveryState], int]:
        """How many wait or are held, by receiver and state."""
        rows = self._connection.execute(
            select(_C.receiver, _C.state, func.count())
            .where(or_(PENDING, HELD))
            .group_by(_C.receiver, _C.state)
        )
        return {(receiver, DeliveryState(state)): count for receiver, state, count in rows}

    def count(self) -> int:
        """How many alerts were ever decided and are still remembered."""
        return self._count()

    def counts(self, *, start: datetime, end: datetime) -> dict[DeliveryState, int]:
        """How many deliveries that were decided in a period are in each state now."""
        rows = self._connection.execute(
            select(_C.state, func.count())
            .where(_C.created_at >= start, _C.created_at < end)
            .group_by(_C.state)
        )
        return {DeliveryState(state): count for state, count in rows}

    def _update(self, number: int, **values: object) -> None:
        self._connection.execute(update(DELIVERIES).where(_C.id == number, HELD).values(**values))
