"""Drills: prove that the whole path works, with a message that nobody can take for an alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery
from alerter.domain.notice import Notice
from alerter.domain.scales import DeliveryState, Reason
from alerter.notify.plan import daily, every
from alerter.pipeline.announce import announce
from alerter.store import Store, Tx

log = structlog.get_logger()

MARK: Final = "drill"
PLANNED: Final = "planned"  # the mark's value until the first drill is held


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """The last drill; `arrived` is None while it is still on its way."""

    at: datetime
    subject: str
    arrived: bool | None


def drill(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Hold the scheduled drill when its time has come."""
    plan = settings.drill
    if plan is None:
        return 0
    with store.read() as tx:
        mark = tx.vitals.marked(MARK)
    if mark is None:
        with store.begin() as tx:
            tx.vitals.mark(MARK, now, PLANNED)
        return 0
    due = (
        daily(plan.at, plan.zone, last=mark.at)
        if mark.value == PLANNED
        else every(plan.every, plan.at, plan.zone, last=mark.at)
    )
    if now < due:
        return 0
    with store.begin() as tx:
        return len(hold_drill(tx, settings=settings, receiver=plan.receiver, now=now))


def hold_drill(
    tx: Tx, *, settings: AlerterSettings, receiver: str | None, now: datetime
) -> list[Delivery]:
    """Send a drill to a receiver, or to whoever the routes say. Gives what was put on its way."""
    notice = Notice(
        subject=f"drill:{now:%Y-%m-%dT%H:%M:%S}",
        revision=1,
        reason=Reason.DRILL,
        headline="DRILL: this is an exercise, nothing has happened",
        text=(
            "This message proves that alerts reach you. It went through the same path as an "
            "alert. There is no incident and nothing to do."
        ),
        at=now,
        receiver=receiver,
    )
    added = announce(tx, [notice], settings=settings, now=now)
    tx.vitals.mark(MARK, now, notice.subject)
    log.info("drill_held", subject=notice.subject, deliveries=len(added))
    return added


def last_drill(tx: Tx) -> Drill | None:
    """When the last drill was held, and whether it arrived everywhere."""
    mark = tx.vitals.marked(MARK)
    if mark is None or mark.value == PLANNED:
        return None
    states = {each.state for each in tx.deliveries.of_subject(mark.value)}
    arrived = None if DeliveryState.PENDING in states else states == {DeliveryState.SENT}
    return Drill(at=mark.at, subject=mark.value, arrived=arrived)
