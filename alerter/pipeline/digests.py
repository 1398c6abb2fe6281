"""Put the daily report into the outbox when its hour has come."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog

from alerter.config.routes import DigestSettings
from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery, Why, delivery_key
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason
from alerter.notify.payload import about, body
from alerter.notify.plan import daily
from alerter.notify.report import DigestReport
from alerter.pipeline.report import Period, gather
from alerter.store import Store, Tx

log = structlog.get_logger()


def digest(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Enqueue every digest that is due. One that was missed comes late, and covers all since."""
    return sum(_one(store, settings, each, now) for each in settings.digest)


def digest_delivery(
    plan: DigestSettings, report: DigestReport, *, now: datetime, extra: str = ""
) -> Delivery:
    """A report as a delivery to its receiver; `extra` tells one asked for by hand from the plan."""
    notice = Notice(
        subject=f"digest:{report.day}T{plan.at:%H:%M}{extra}",
        revision=1,
        reason=Reason.DIGEST,
        headline=report.headline,
        text=report.headline,
        at=now,
    )
    key = delivery_key(notice.subject, 1, plan.receiver, Reason.DIGEST)
    why = Why(route="digest", rule="digest", text=f"daily at {plan.at:%H:%M}, {plan.zone.key}")
    shown = about(notice) | {"time_zone": plan.zone.key}
    whole = body(
        key=key, reason=Reason.DIGEST, about=shown, why=why, more={"digest": report.as_json()}
    )
    return Delivery(
        key=key,
        subject=notice.subject,
        revision=1,
        receiver=plan.receiver,
        reason=Reason.DIGEST,
        why=why,
        payload=json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_try=now,
    )


def _one(store: Store, settings: AlerterSettings, plan: DigestSettings, now: datetime) -> int:
    name = f"digest:{plan.receiver}:{plan.at:%H:%M}:{plan.zone.key}"
    with store.read() as tx:
        mark = tx.vitals.marked(name)
    if mark is None:  # asked for since now: the first one comes at its next hour
        with store.begin() as tx:
            tx.vitals.mark(name, now)
        return 0
    due = daily(plan.at, plan.zone, last=mark.at)
    if now < due:
        return 0
    with store.begin() as tx:
        added = _enqueue(tx, settings, plan, min(mark.at, due - timedelta(days=1)), now)
        tx.vitals.mark(name, now)
    log.info("digest_decided", receiver=plan.receiver, added=len(added))
    return len(added)


def _enqueue(
    tx: Tx, settings: AlerterSettings, plan: DigestSettings, start: datetime, now: datetime
) -> list[Delivery]:
    report = gather(tx, settings, Period(start=start, end=now, zone=plan.zone))
    return tx.deliveries.enqueue([digest_delivery(plan, report, now=now)])
