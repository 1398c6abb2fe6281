"""Write down what became of attempts, and what follows from it: fallback, and a word to others."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery, TargetState, Why, delivery_key
from alerter.domain.errors import DeliveryError
from alerter.domain.notice import Notice
from alerter.domain.scales import DeliveryState, Reason, Severity, Urgency
from alerter.notify import breaker
from alerter.notify.message import Sent
from alerter.notify.retry import FALLBACK_AFTER, next_try
from alerter.pipeline.announce import announce
from alerter.store import Tx
from alerter.store.outbox import Outcome

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One attempt and its end."""

    delivery: Delivery
    outcome: Sent | DeliveryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many attempts ended how; `paused` are receivers that take nothing for a while."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    paused: tuple[str, ...] = ()

    def __add__(self, other: Settled) -> Settled:
        """Both counts together."""
        return Settled(
            sent=self.sent + other.sent,
            retried=self.retried + other.retried,
            dead=self.dead + other.dead,
        )


def settle(
    tx: Tx,
    results: Sequence[Result],
    *,
    settings: AlerterSettings,
    draw: random.Random,
    now: datetime,
) -> Settled:
    """Record results in the caller's transaction, in the order in which they came."""
    outcomes = [_outcome(result, draw, now) for result in results]
    tx.deliveries.record(outcomes)
    targets = tx.decisions.targets()
    fresh = dict(targets)
    clerk = _Clerk(tx, settings, now)
    for result, outcome in zip(results, outcomes, strict=True):
        receiver = result.delivery.receiver
        state = fresh.get(receiver, TargetState(receiver=receiver))
        fresh[receiver] = clerk.answer(result, outcome, state)
    for receiver, state in fresh.items():
        if state != targets.get(receiver):
            tx.decisions.save_target(state)
    states = [outcome.state for outcome in outcomes]
    return Settled(
        sent=states.count(DeliveryState.SENT),
        retried=states.count(DeliveryState.PENDING),
        dead=states.count(DeliveryState.DEAD),
        paused=tuple(name for name, state in fresh.items() if breaker.is_paused(state, now)),
    )


def _outcome(result: Result, draw: random.Random, now: datetime) -> Outcome:
    delivery, end = result.delivery, result.outcome
    row = delivery.id or 0
    if isinstance(end, Sent):
        return Outcome(id=row, state=DeliveryState.SENT, at=now, external_id=end.external_id)
    later = next_try(
        end,
        attempts=delivery.attempts,
        first_try=delivery.first_try or now,
        now=now,
        draw=draw,
    )
    state = DeliveryState.DEAD if later is None else DeliveryState.PENDING
    return Outcome(id=row, state=state, at=now, next_try=later, error=str(end))


class _Clerk:
    """Knows what follows from the end of an attempt."""

    def __init__(self, tx: Tx, settings: AlerterSettings, now: datetime) -> None:
        self._tx, self._settings, self._now = tx, settings, now
        self._names = [receiver.name for receiver in settings.receivers]

    def answer(self, result: Result, outcome: Outcome, state: TargetState) -> TargetState:
        """What one result means for its target, its thread and those who should have heard."""
        if isinstance(result.outcome, Sent):
            return self._sent(result.delivery, result.outcome, state)
        delivery, now = result.delivery, self._now
        dead = outcome.state is DeliveryState.DEAD
        log.warning(
            "delivery_dead" if dead else "delivery_failed",
            key=delivery.key,
            attempts=delivery.attempts,
            error=outcome.error,
        )
        if result.outcome.retryable:
            wait = result.outcome.retry_after
            state = breaker.after_failure(state, outcome.error, now, wait=wait)
        else:
            state = replace(state, last_error=outcome.error)
        if dead or now - (delivery.first_try or now) >= FALLBACK_AFTER:
            self._fall_back(delivery, outcome.error)
        if breaker.must_tell(state, dead=dead, now=now) and self._tell(delivery, state):
            state = breaker.told(state, now)
        return state

    def _sent(self, delivery: Delivery, sent: Sent, state: TargetState) -> TargetState:
        log.info("delivery_sent", key=delivery.key, attempts=delivery.attempts)
        if sent.external_id is not None:
            self._tx.deliveries.start_thread(
                delivery.subject,
                delivery.receiver,
                external_id=sent.external_id,
                now=self._now,
            )
        return breaker.after_success(state, self._now)

    def _fall_back(self, delivery: Delivery, error: str) -> None:
        """The route's fallback hears what its receiver could not; once, because keys are."""
        wanted = delivery.fallback
        if wanted is None and delivery.receiver not in self._names:
            wanted = self._names[0]
        if wanted is None or wanted == delivery.receiver or wanted not in self._names:
            return
        last = self._tx.deliveries.last_told(delivery.subject, wanted)
        if last is not None and last.revision >= delivery.revision:
            return  # it has heard as much or more on its own way
        copy = _copy(delivery, wanted, error, self._now)
        if self._tx.deliveries.enqueue([copy]):
            log.warning("delivery_fell_back", key=copy.key, instead_of=delivery.receiver)

    def _tell(self, delivery: Delivery, state: TargetState) -> bool:
        """A failing receiver is an alert of its own, to somebody else. False without one."""
        other = self._somebody_else(delivery)
        if other is None:
            log.error("receiver_failing", receiver=delivery.receiver, error=state.last_error)
            return False
        counts = self._tx.deliveries.waiting_counts()
        waiting = counts.get((delivery.receiver, DeliveryState.PENDING), 0)
        notice = _failure(delivery.receiver, state, waiting, self._now)
        notice = replace(notice, receiver=other)
        return bool(announce(self._tx, [notice], settings=self._settings, now=self._now))

    def _somebody_else(self, delivery: Delivery) -> str | None:
        """The fallback if there is one, else the first other receiver that works, else any."""
        targets = self._tx.decisions.targets()
        names = [name for name in self._names if name != delivery.receiver]
        if delivery.fallback in names:
            return delivery.fallback
        working = [name for name in names if name not in targets or not targets[name].failures]
        return next(iter((*working, *names)), None)


def _copy(delivery: Delivery, receiver: str, error: str, now: datetime) -> Delivery:
    """The same alert for another receiver, as if it had been decided now."""
    key = delivery_key(delivery.subject, delivery.revision, receiver, delivery.reason)
    text = f"{delivery.why.text} (instead of {delivery.receiver}: {error})"
    payload = json.loads(delivery.payload)
    payload["key"] = key
    return replace(
        delivery,
        id=None,
        key=key,
        receiver=receiver,
        why=Why(route=delivery.why.route, rule="fallback", text=text),
        payload=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_try=now,
        state=DeliveryState.PENDING,
        attempts=0,
        first_try=None,
        lease_until=None,
        fallback=None,
        last_error="",
    )


def _failure(receiver: str, state: TargetState, waiting: int, now: datetime) -> Notice:
    since = state.failing_since or now
    return Notice(
        subject=f"delivery:{receiver}",
        revision=state.told + 1,
        reason=Reason.COVERAGE,
        headline=f"Alerts do not reach {receiver}",
        text=(
            f"Sending to {receiver} fails since {since:%Y-%m-%d %H:%M} UTC: {state.last_error}. "
            f"{waiting} wait and will be tried again. "
            "See `alerter deliveries --state dead` for what was given up."
        ),
        at=now,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
    )
