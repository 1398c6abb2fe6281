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
from alerter.domain.scales import DeliveryState, Phase, Reason, Severity
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
        return sum(_step(tx, step, settings, now) for step in tx.acks.due(now))


def remind(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Tell again of incidents that stay open and that nobody has in hand."""
    with store.read() as tx:
        if not tx.acks.reminders_due(now):
            return 0
    with store.begin() as tx:
        return sum(_remind(tx, each, settings, now) for each in tx.acks.reminders_due(now))


def _step(tx: Tx, step: Escalation, settings: AlerterSettings, now: datetime) -> int:
    cancelled = _why_not(tx, step.subject, now)
    names = {receiver.name for receiver in settings.receivers}
    if cancelled is None and step.receiver not in names:
        cancelled = f"{step.receiver} is no longer in the configuration"
    heard = tx.deliveries.by_key(step.delivery_key)
    if cancelled is not None or heard is None:
        tx.acks.settle(step.id or 0, cancelled or "the alert itself is gone")
        return 0
    text = (
        f"nobody acknowledged within {_minutes(heard, now)} minutes; "
        f"{step.origin} was told at {heard.created_at:%Y-%m-%d %H:%M} UTC"
    )
    reason = heard.reason
    key = delivery_key(step.subject, heard.revision, step.receiver, reason)
    if tx.deliveries.by_key(key) is not None:  # this receiver has heard it: then it is a reminder
        reason = Reason.REMINDER
        key = _fresh_key(tx, step.subject, heard.revision, step.receiver)
    why = Why(route=step.route, rule=f"escalation step {step.step + 1}", text=text)
    about, severity = _latest(tx, heard, settings)
    delivery = _again(heard, key, step.receiver, reason, why, about, severity, now)
    added = tx.deliveries.enqueue([delivery])
    tx.acks.settle(step.id or 0, f"told {step.receiver}")
    tx.decisions.add([_decision(delivery, now)])
    log.info("alert_escalated", key=key, step=step.step + 1)
    return len(added)


def _remind(tx: Tx, reminder: Reminder, settings: AlerterSettings, now: datetime) -> int:
    way = find(settings.routes, reminder.route, default=settings.receivers[0].name)
    last = tx.deliveries.last_told(reminder.subject, reminder.receiver)
    incident = tx.incidents.exactly(reminder.subject)
    over = incident is None or incident.phase in OVER
    if over or last is None or way is None or way.remind_every is None:
        tx.acks.forget_reminder(reminder.subject, reminder.receiver)
        return 0
    held = _put_off(tx, reminder, incident, way, settings, now)
    if held is not None:
        tx.acks.remind(replace(reminder, due_at=held))
        return 0
    count = reminder.count + 1
    text = f"still open, not acknowledged; reminder {count}, every {way.remind_every}"
    why = Why(route=reminder.route, rule="reminder", text=text)
    key = _fresh_key(tx, reminder.subject, last.revision, reminder.receiver)
    about, severity = _latest(tx, last, settings)
    delivery = _again(last, key, reminder.receiver, Reason.REMINDER, why, about, severity, now)
    added = tx.deliveries.enqueue([delivery])
    tx.decisions.add([_decision(delivery, now)])
    tx.acks.remind(replace(reminder, due_at=now + way.remind_every, count=count))
    log.info("alert_reminded", key=key, count=count)
    return len(added)


def _put_off(
    tx: Tx,
    reminder: Reminder,
    incident: Incident | None,
    way: Way,
    settings: AlerterSettings,
    now: datetime,
) -> datetime | None:
    """A reminder is never piled up: what would hold it only moves it."""
    ack = tx.acks.active(reminder.subject, now=now)
    if ack is not None:
        return ack.until
    if incident is None:
        return None
    missions = tuple(each.mission() for each in settings.missions)
    matter = matter_of_payload(incident_json(incident, missions=missions))
    mutes = Mutes(
        silences=tx.mutes.silences(now=now),
        rules=settings.inhibit,
        inhibitors=tx.mutes.inhibitors(now=now),
    )
    holds = mute_holds(matter, way, mutes, now)
    return max((hold.until for hold in holds), default=None)


def _why_not(tx: Tx, subject: str, now: datetime) -> str | None:
    ack = tx.acks.active(subject, now=now)
    if ack is not None:
        return f"acknowledged by {ack.who}"
    incident = tx.incidents.exactly(subject)
    if incident is not None and incident.phase in OVER:
        return f"the incident is {incident.phase.value}"
    return None


def _latest(tx: Tx, heard: Delivery, settings: AlerterSettings) -> tuple[Json, Severity]:
    """The incident as it is known now, else the notice as it was told."""
    incident = tx.incidents.exactly(heard.subject)
    if incident is None:
        about: Json = json.loads(heard.payload)["incident"]
        return about, heard.severity
    missions = tuple(each.mission() for each in settings.missions)
    shown = incident_json(incident, missions=missions, base_url=settings.web.url)
    return shown, incident.severity


def _again(
    heard: Delivery,
    key: str,
    receiver: str,
    reason: Reason,
    why: Why,
    about: Json,
    severity: Severity,
    now: datetime,
) -> Delivery:
    whole = body(key=key, reason=reason, about=about, why=why, more={})
    return Delivery(
        key=key,
        subject=heard.subject,
        revision=about["revision"],
        receiver=receiver,
        reason=reason,
        why=why,
        payload=json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_try=now,
        state=DeliveryState.PENDING,
        fallback=heard.fallback if heard.fallback != receiver else None,
        severity=severity,
    )


def _fresh_key(tx: Tx, subject: str, revision: int, receiver: str) -> str:
    """Reminders of one revision need keys of their own: the second is `...:reminder.2`."""
    first = delivery_key(subject, revision, receiver, Reason.REMINDER)
    key, number = first, 1
    while tx.deliveries.by_key(key) is not None:
        number += 1
        key = f"{first}.{number}"
    return key


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


def _minutes(heard: Delivery, now: datetime) -> int:
    return int((now - heard.created_at).total_seconds() // 60)
