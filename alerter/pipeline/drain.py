"""Empty the outbox before a command ends: wait for receivers that take only so many a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from alerter.config.settings import AlerterSettings
from alerter.domain.scales import DeliveryState
from alerter.notify import breaker
from alerter.notify.sender import Sender
from alerter.pipeline.deliver import deliver
from alerter.store import Store

PAUSE: Final = 0.25  # seconds between two looks


def drain(
    *,
    store: Store,
    settings: AlerterSettings,
    sender: Sender,
    clock: Callable[[], datetime],
    within: timedelta,
) -> int:
    """Deliver until nothing is due that could go, at most so long; gives how many were sent.

    What a receiver refuses for now stays in the outbox for the next run.
    """
    sent, until = 0, time.monotonic() + within.total_seconds()
    while True:
        sent += deliver(store=store, settings=settings, sender=sender, now=clock())
        if time.monotonic() >= until or not _could_go(store, clock()):
            return sent
        time.sleep(PAUSE)


def _could_go(store: Store, now: datetime) -> bool:
    with store.read() as tx:
        due = tx.deliveries.waiting(now)
        targets = tx.decisions.targets()
    return any(name not in targets or not breaker.is_paused(targets[name], now) for name in due)


def waits(store: Store, subject: str) -> bool:
    """Whether something about a subject is still on its way."""
    with store.read() as tx:
        found = tx.deliveries.of_subject(subject)
    return any(each.state is DeliveryState.PENDING for each in found)
