"""What time itself brings: each part looks into the store whether it is due, and does it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.errors import StoreError
from alerter.notify.breaker import nobody_reached
from alerter.notify.heartbeat import why_silent
from alerter.notify.sender import Sender
from alerter.pipeline.cover import cover
from alerter.pipeline.digests import digest
from alerter.pipeline.drills import drill
from alerter.pipeline.fold import age
from alerter.pipeline.insist import escalate, remind
from alerter.pipeline.release import release
from alerter.pipeline.retain import forget_articles
from alerter.pipeline.tempo import watch_tempo
from alerter.store import Store

log = structlog.get_logger()

HEARTBEAT: Final = "heartbeat"
FORGET: Final = "forget"
FORGET_EVERY: Final = timedelta(hours=1)
FORGET_BATCHES: Final = 40  # a batch is one short transaction; the rest waits an hour

Part = Callable[..., int]


def tend(*, store: Store, settings: AlerterSettings, sender: Sender, now: datetime) -> int:
    """Do all that is due by the clock at `now`; gives how much that was. Raises StoreError.

    A part that fails is logged and costs no other part; it is due again at the next call.
    """
    parts: tuple[Part, ...] = (
        escalate,
        release,
        remind,
        age,
        watch_tempo,
        cover,
        drill,
        digest,
        forget,
    )
    done = sum(_guarded(part, store, settings, now) for part in parts)
    heartbeat(store=store, settings=settings, sender=sender, now=now)
    return done


def _guarded(part: Part, store: Store, settings: AlerterSettings, now: datetime) -> int:
    try:
        return part(store=store, settings=settings, now=now)
    except StoreError:
        raise
    except Exception:
        log.exception("tend_failed", part=part.__name__)
        return 0


def heartbeat(
    *, store: Store, settings: AlerterSettings, sender: Sender, now: datetime
) -> str | None:
    """Tell the outside watcher that all is well, if it is; gives why it was not told."""
    if settings.heartbeat is None or sender.heartbeat is None:
        return "no heartbeat is configured"
    with store.read() as tx:
        last = tx.vitals.marked(HEARTBEAT)
        vitals = tx.vitals.all()
        waiting_since = tx.deliveries.oldest_waiting(now)
        targets = tx.decisions.targets()
    if last is not None and now - last.at < settings.heartbeat.every:
        return "not due yet"
    unheard = nobody_reached(targets, (each.name for each in settings.receivers), now)
    silent = why_silent(vitals, waiting_since=waiting_since, unheard=unheard, now=now)
    failed = sender.heartbeat.send() if silent is None else None
    with store.begin() as tx:
        tx.vitals.mark(HEARTBEAT, now, silent or failed or "")
    if silent:
        log.warning("heartbeat_withheld", why=silent)
    elif failed:
        log.warning("heartbeat_failed", error=failed)
    return silent or failed


def forget(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Retention of articles, and of incidents with who was told: both as long as each other."""
    with store.read() as tx:
        last = tx.vitals.marked(FORGET)
    if last is not None and now - last.at < FORGET_EVERY:
        return 0
    for _ in range(FORGET_BATCHES):
        if not forget_articles(store=store, settings=settings, now=now):
            break
    before = now - settings.retention.incidents
    with store.begin() as tx:
        tx.vitals.mark(FORGET, now)
        tx.mutes.forget_inhibitors(now=now)
        dropped = tx.incidents.drop_older(before)
        return dropped + tx.deliveries.prune(before=before) + tx.decisions.prune(before=before)
