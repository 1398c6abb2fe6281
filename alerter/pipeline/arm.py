"""Plan what time will bring once somebody has been told: escalation steps and reminders."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from alerter.domain.ack import Escalation, Reminder
from alerter.domain.delivery import delivery_key
from alerter.domain.scales import Phase, Reason
from alerter.notify.matter import Matter
from alerter.notify.route import Way
from alerter.store import Tx

ARMS: Final = frozenset({Reason.FIRST_REPORT, Reason.ESCALATED, Reason.TEMPO, Reason.POSTURE})
"""What somebody must acknowledge where the route has escalation steps."""


def arm(tx: Tx, matter: Matter, way: Way, reason: Reason | None, now: datetime) -> None:
    """Count escalation steps and the next reminder from now: this receiver is told now."""
    if reason in ARMS:
        tx.acks.arm(
            [
                Escalation(
                    subject=matter.subject,
                    revision=matter.revision,
                    route=way.route,
                    step=index,
                    receiver=step.receiver,
                    origin=way.receiver,
                    delivery_key=delivery_key(
                        matter.subject, matter.revision, way.receiver, reason
                    ),
                    due_at=now + step.after,
                )
                for index, step in enumerate(way.escalate)
            ]
        )
    if way.remind_every is not None and matter.phase not in {None, Phase.CLOSED, Phase.MERGED}:
        planned = tx.acks.reminder(matter.subject, way.receiver)
        tx.acks.remind(
            Reminder(
                subject=matter.subject,
                receiver=way.receiver,
                route=way.route,
                due_at=now + way.remind_every,
                count=planned.count if planned else 0,
            )
        )
