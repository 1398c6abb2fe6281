"""Insist until somebody answers: escalation steps and reminders whose time has come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.ack import Escalation, Reminder
from alerter.domain.delivery import Decision, Delivery, Why, delivery_key
from alerter.domain.incident import Incident
from alerter.domain.scales import Phase, Reason, Severity
from alerter.notify.decide import Mutes, mute_holds
from alerter.notify.matter import matter_of_payload
from alerter.notify.payload import Json, body, incident_json
from alerter.notify.route import Way, find
from alerter.store import Store, Tx

log = structlog.get_logger()

OVER: Final = frozenset({Phase.CLOSED, Phase.MERGED})


def escalate(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Take the steps that are due because nobody has acknowledged. Gives how many were taken."""
    with store.read() as tx:
        if not tx.acks.due(now):
            return 0
    with store.begin() as tx:
        duty = _Duty(tx, settings, now)
        return sum(duty.escalate(step) for step in tx.acks.due(now))


def remind(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Tell again of incidents that stay open and that nobody has in hand."""
    with store.read() as tx:
        if not tx.acks.reminders_due(now):
            return 0
    with store.begin() as tx:
        duty = _Duty(tx, settings, now)
        return sum(duty.remind(each) for each in tx.acks.reminders_due(now))


class _Duty:
    """Whoever keeps asking until somebody answers."""

    def __init__(self, tx: Tx, settings: AlerterSettings, now: datetime) -> None:
        self._tx, self._settings, self._now = tx, settings, now
        self._missions = tuple(each.mission() for each in settings.missions)

    def escalate(self, step: Escalation) -> int:
        """Tell the receiver of this step, or settle why that is not needed."""
        heard = self._tx.deliveries.by_key(step.delivery_key)
        cancelled = self._why_not(step)
        if cancelled is not None or heard is None:
            self._tx.acks.settle(step.id or 0, cancelled or "the alert itself is gone")
            return 0
        minutes = int((self._now - heard.created_at).total_seconds() // 60)
        text = (
            f"nobody acknowledged within {minutes} minutes; "
            f"{step.origin} was told at {heard.created_at:%Y-%m-%d %H:%M} UTC"
        )
        why = Why(route=step.route, rule=f"escalation step {step.step + 1}", text=text)
        reason = heard.reason
        key = delivery_key(step.subject, heard.revision, step.receiver, reason)
        if self._tx.deliveries.by_key(key) is not None:  # it has heard it: then it is a reminder
            reason = Reason.REMINDER
            key = self._fresh_key(heard, step.receiver)
        again = replace(heard, key=key, receiver=step.receiver, reason=reason, why=why)
        added = self._enqueue(again)
        self._tx.acks.settle(step.id or 0, f"told {step.receiver}")
        log.info("alert_escalated", key=key, step=step.step + 1)
        return added

    def remind(self, reminder: Reminder) -> int:
        """Tell it again, put it off, or forget it."""
        tx, now = self._tx, self._now
        default = self._settings.receivers[0].name
        way = find(self._settings.routes, reminder.route, default=default)
        last = tx.deliveries.last_told(reminder.subject, reminder.receiver)
        incident = tx.incidents.exactly(reminder.subject)
        gone = incident is None or incident.phase in OVER or last is None
        if gone or incident is None or last is None or way is None or way.remind_every is None:
            tx.acks.forget_reminder(reminder.subject, reminder.receiver)
            return 0
        later = self._put_off(incident, way)
        if later is not None:
            tx.acks.remind(replace(reminder, due_at=later))
            return 0
        count = reminder.count + 1
        text = f"still open, not acknowledged; reminder {count}, every {way.remind_every}"
        why = Why(route=reminder.route, rule="reminder", text=text)
        key = self._fresh_key(last, reminder.receiver)
        added = self._enqueue(replace(last, key=key, reason=Reason.REMINDER, why=why))
        tx.acks.remind(replace(reminder, due_at=now + way.remind_every, count=count))
        log.info("alert_reminded", key=key, count=count)
        return added

    def _why_not(self, step: Escalation) -> str | None:
        ack = self._tx.acks.active(step.subject, now=self._now)
        if ack is not None:
            return f"acknowledged by {ack.who}"
        incident = self._tx.incidents.exactly(step.subject)
        if incident is not None and incident.phase in OVER:
            return f"the incident is {incident.phase.value}"
        if step.receiver not in {receiver.name for receiver in self._settings.receivers}:
            return f"{step.receiver} is no longer in the configuration"
        return None

    def _put_off(self, incident: Incident, way: Way) -> datetime | None:
        """A reminder is never piled up: what would hold it only moves it."""
        ack = self._tx.acks.active(incident.id, now=self._now)
        if ack is not None:
            return ack.until
        matter = matter_of_payload(incident_json(incident, missions=self._missions))
        mutes = Mutes(
            silences=self._tx.mutes.silences(now=self._now),
            rules=self._settings.inhibit,
            inhibitors=self._tx.mutes.inhibitors(now=self._now),
        )
        holds = mute_holds(matter, way, mutes, self._now)
        return max((hold.until for hold in holds), default=None)

    def _fresh_key(self, heard: Delivery, receiver: str) -> str:
        """Reminders of one revision need keys of their own: the second is `...:reminder.2`."""
        first = delivery_key(heard.subject, heard.revision, receiver, Reason.REMINDER)
        key, number = first, 1
        while self._tx.deliveries.by_key(key) is not None:
            number += 1
            key = f"{first}.{number}"
        return key

    def _enqueue(self, again: Delivery) -> int:
        """Put it into the outbox as news of now, with the incident as it is known now."""
        about, severity = self._latest(again)
        whole = body(key=again.key, reason=again.reason, about=about, why=again.why, more={})
        delivery = Delivery(
            key=again.key,
            subject=again.subject,
            revision=about["revision"],
            receiver=again.receiver,
            reason=again.reason,
            why=again.why,
            payload=json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
            created_at=self._now,
            next_try=self._now,
            fallback=again.fallback if again.fallback != again.receiver else None,
            severity=severity,
        )
        added = self._tx.deliveries.enqueue([delivery])
        self._tx.decisions.add([_decision(delivery, self._now)])
        return len(added)

    def _latest(self, heard: Delivery) -> tuple[Json, Severity]:
        """The incident as it is known now, else the notice as it was told."""
        incident = self._tx.incidents.exactly(heard.subject)
        if incident is None:
            about: Json = json.loads(heard.payload)["incident"]
            return about, heard.severity
        base = self._settings.web.url
        return incident_json(incident, missions=self._missions, base_url=base), incident.severity


def _decision(delivery: Delivery, now: datetime) -> Decision:
    return Decision(
        subject=delivery.subject,
        revision=delivery.revision,
        reason=delivery.reason,
        receiver=delivery.receiver,
        route=delivery.why.route,
        verdict="tell",
        text=delivery.why.text,
        at=now,
        delivery_key=delivery.key,
    )
