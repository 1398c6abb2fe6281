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
from alerter.store.deliveries import Outcome

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
    for result, outcome in zip(results, outcomes, strict=True):
        receiver = result.delivery.receiver
        state = fresh.get(receiver, TargetState(receiver=receiver))
        fresh[receiver] = _answer(tx, result, outcome, state, settings, now)
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


def _answer(
    tx: Tx,
    result: Result,
    outcome: Outcome,
    state: TargetState,
    settings: AlerterSettings,
    now: datetime,
) -> TargetState:
    """What one result means for its target, its thread and those who should have heard."""
    delivery = result.delivery
    if isinstance(result.outcome, Sent):
        log.info("delivery_sent", key=delivery.key, attempts=delivery.attempts)
        if result.outcome.external_id is not None:
            _start_thread(tx, delivery, result.outcome.external_id, now)
        return breaker.after_success(state, now)
    dead = outcome.state is DeliveryState.DEAD
    log.warning(
        "delivery_dead" if dead else "delivery_failed",
        key=delivery.key,
        attempts=delivery.attempts,
        error=outcome.error,
    )
    if result.outcome.retryable:
        state = breaker.after_failure(state, outcome.error, now, wait=result.outcome.retry_after)
    else:
        state = replace(state, last_error=outcome.error)
    if dead or now - (delivery.first_try or now) >= FALLBACK_AFTER:
        _fall_back(tx, delivery, outcome.error, settings, now)
    if breaker.must_tell(state, dead=dead, now=now) and _tell(tx, delivery, state, settings, now):
        state = breaker.told(state, now)
    return state


def _start_thread(tx: Tx, delivery: Delivery, external_id: str, now: datetime) -> None:
    tx.deliveries.start_thread(
        delivery.subject, delivery.receiver, external_id=external_id, now=now
    )


def _fall_back(
    tx: Tx, delivery: Delivery, error: str, settings: AlerterSettings, now: datetime
) -> None:
    """The route's fallback hears what its receiver could not; once, because keys are."""
    names = {receiver.name for receiver in settings.receivers}
    wanted = delivery.fallback
    if wanted is None and delivery.receiver not in names:
        wanted = settings.receivers[0].name
    if wanted is None or wanted == delivery.receiver or wanted not in names:
        return
    last = tx.deliveries.last_told(delivery.subject, wanted)
    if last is not None and last.revision >= delivery.revision:
        return  # it has heard as much or more on its own way
    key = delivery_key(delivery.subject, delivery.revision, wanted, delivery.reason)
    why = Why(
        route=delivery.why.route,
        rule="fallback",
        text=f"{delivery.why.text} (instead of {delivery.receiver}: {error})",
    )
    payload = json.loads(delivery.payload)
    payload["key"] = key
    copy = replace(
        delivery,
        id=None,
        key=key,
        receiver=wanted,
        why=why,
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
    if tx.deliveries.enqueue([copy]):
        log.warning("delivery_fell_back", key=key, instead_of=delivery.receiver)


def _tell(
    tx: Tx, delivery: Delivery, state: TargetState, settings: AlerterSettings, now: datetime
) -> bool:
    """A failing receiver is an alert of its own, to somebody else. False when nobody is left."""
    other = _somebody_else(tx, delivery, settings)
    if other is None:
        log.error("receiver_failing", receiver=delivery.receiver, error=state.last_error)
        return False
    since = state.failing_since or now
    waiting = tx.deliveries.waiting_counts().get((delivery.receiver, DeliveryState.PENDING), 0)
    notice = Notice(
        subject=f"delivery:{delivery.receiver}",
        revision=state.told + 1,
        reason=Reason.COVERAGE,
        headline=f"Alerts do not reach {delivery.receiver}",
        text=(
            f"Sending to {delivery.receiver} fails since {since:%Y-%m-%d %H:%M} UTC: "
            f"{state.last_error}. {waiting} wait and will be tried again. "
            "See `alerter deliveries --state dead` for what was given up."
        ),
        at=now,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        receiver=other,
    )
    return bool(announce(tx, [notice], settings=settings, now=now))


def _somebody_else(tx: Tx, delivery: Delivery, settings: AlerterSettings) -> str | None:
    """The fallback if there is one, else the first other receiver that works, else any other."""
    targets = tx.decisions.targets()
    names = [each.name for each in settings.receivers if each.name != delivery.receiver]
    if delivery.fallback in names:
        return delivery.fallback
    working = [name for name in names if name not in targets or not targets[name].failures]
    return next(iter((*working, *names)), None)
