"""Turn tellings into deliveries, in the transaction of whatever caused them.

What deciding needs is loaded here, `notify.decide` decides, and every decision is written down
with its reason, whoever it was about: told, held or not told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Decision, Delivery, Why, delivery_key
from alerter.domain.incident import Change
from alerter.domain.mission import Mission
from alerter.domain.notice import Notice
from alerter.domain.scales import DeliveryState, Reason
from alerter.notify.decide import (
    ALWAYS,
    Mutes,
    Outcome,
    Past,
    Told,
    Verdict,
    decide,
    group_of,
)
from alerter.notify.matter import Matter, Telling, matter_of
from alerter.notify.mute import inhibitors_of
from alerter.notify.payload import Json, about, body
from alerter.notify.route import Way, find, ways
from alerter.pipeline.arm import arm
from alerter.store import Tx

log = structlog.get_logger()

FOLLOWS: Final = frozenset({Reason.CORRECTED, Reason.CLOSED})
"""Whoever heard of the incident hears this too, even where their route no longer matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    way: Way
    verdict: Verdict


def announce(
    tx: Tx, tellings: Sequence[Change | Notice], *, settings: AlerterSettings, now: datetime
) -> list[Delivery]:
    """Decide who is told of each, and put it into the outbox. Gives what was added.

    Idempotent: the same telling again adds nothing, because the key of a delivery is (incident,
    revision, receiver, reason).
    """
    if not tellings:
        return []
    missions = tuple(each.mission() for each in settings.missions)
    added: list[Delivery] = []
    for telling in tellings:
        added += _announce_one(tx, telling, missions, settings, now)
    return added


def _announce_one(
    tx: Tx,
    telling: Telling,
    missions: Sequence[Mission],
    settings: AlerterSettings,
    now: datetime,
) -> list[Delivery]:
    matter = matter_of(telling, missions)
    if isinstance(telling, Change) and not telling.tell:
        if matter.reason is not None:
            tx.decisions.add([_withhold(matter, now)])
        return []
    chosen = _choose(tx, telling, matter, settings, now)
    tx.decisions.add([_decision(matter, each, now) for each in chosen])
    told = [each for each in chosen if each.verdict.outcome is not Outcome.SILENT]
    if not told:
        return []
    shown = about(telling, missions=missions, base_url=settings.web.url)
    deliveries = [_delivery(matter, each, shown, now) for each in told]
    _supersede(tx, deliveries)
    added = tx.deliveries.enqueue(deliveries)
    _note(tx, matter, told, settings, now)
    for delivery in added:
        log.info(
            "alert_decided",
            key=delivery.key,
            state=delivery.state.value,
            route=delivery.why.route,
            held_by=delivery.held_by,
        )
    return added


def _choose(
    tx: Tx, telling: Telling, matter: Matter, settings: AlerterSettings, now: datetime
) -> list[_Chosen]:
    """One verdict for each receiver: where two routes reach it, the one that tells soonest."""
    mutes = Mutes(
        silences=tx.mutes.silences(now=now),
        rules=settings.inhibit,
        inhibitors=tx.mutes.inhibitors(now=now),
    )
    best: dict[str, _Chosen] = {}
    for way in _ways(tx, telling, matter, settings):
        past = past_of(tx, matter, way, now)
        chosen = _Chosen(way=way, verdict=decide(matter, way, past=past, mutes=mutes, now=now))
        other = best.get(way.receiver)
        if other is None or _rank(chosen.verdict, now) < _rank(other.verdict, now):
            best[way.receiver] = chosen
    return list(best.values())


def _rank(verdict: Verdict, now: datetime) -> tuple[int, datetime]:
    order = (Outcome.TELL, Outcome.HOLD, Outcome.SILENT)
    return order.index(verdict.outcome), verdict.until or now


def _ways(tx: Tx, telling: Telling, matter: Matter, settings: AlerterSettings) -> Iterator[Way]:
    default = settings.receivers[0].name
    if isinstance(telling, Notice) and telling.receiver is not None:
        yield Way(route="direct", receiver=telling.receiver, text="sent to this receiver itself")
        return
    if matter.reason in FOLLOWS:
        for receiver, route in tx.deliveries.heard_by(matter.subject):
            way = find(settings.routes, route, default=default)
            if way is not None and way.receiver == receiver:
                yield replace(way, text="it was told of this before")
    yield from ways(settings.routes, matter, default=default)


def past_of(tx: Tx, matter: Matter, way: Way, now: datetime) -> Past:
    """What deciding needs to know of this receiver's past."""
    last = tx.deliveries.last_told(matter.subject, way.receiver)
    held = tx.deliveries.held_for(matter.subject, way.receiver)
    storm = way.storm is not None and matter.reason not in ALWAYS
    group = group_of(matter, way)
    return Past(
        last=None
        if last is None
        else Told(
            at=last.sent_at or last.created_at,
            revision=last.revision,
            reason=last.reason,
            severity=last.severity,
        ),
        held=held.reason if held else None,
        acknowledged=tx.acks.active(matter.subject, now=now) is not None,
        in_group=tx.deliveries.count_group(group, since=now - way.window) if storm else 0,
        summary_at=tx.mutes.summary_at(group) if storm else None,
    )


def _delivery(matter: Matter, chosen: _Chosen, shown: Json, now: datetime) -> Delivery:
    way, verdict = chosen.way, chosen.verdict
    reason = verdict.reason or Reason.REMINDER
    why = Why(route=way.route, rule=verdict.rule, text=verdict.text)
    key = delivery_key(matter.subject, matter.revision, way.receiver, reason)
    whole = body(key=key, reason=reason, about=shown, why=why, more={})
    held = verdict.outcome is Outcome.HOLD
    return Delivery(
        key=key,
        subject=matter.subject,
        revision=matter.revision,
        receiver=way.receiver,
        reason=reason,
        why=why,
        payload=json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_try=now,
        state=DeliveryState.HELD if held else DeliveryState.PENDING,
        held_until=verdict.until if held else None,
        held_by=verdict.by,
        group=None if way.storm is None or reason in ALWAYS else group_of(matter, way),
        fallback=way.fallback,
        severity=matter.severity,
    )


def _supersede(tx: Tx, deliveries: Sequence[Delivery]) -> None:
    """What waits about the same subject is replaced: the newer one says all that it said."""
    for delivery in deliveries:
        older = tx.deliveries.held_for(delivery.subject, delivery.receiver)
        if older is not None and older.id is not None and older.key != delivery.key:
            text = f"replaced by revision {delivery.revision}"
            tx.deliveries.settle([older.id], DeliveryState.DROPPED, text)


def _note(
    tx: Tx,
    matter: Matter,
    told: Sequence[_Chosen],
    settings: AlerterSettings,
    now: datetime,
) -> None:
    """Remember what follows from telling: inhibition, escalation, what silences hid."""
    if matter.reason is Reason.ESCALATED and tx.acks.end(matter.subject, now=now):
        log.info("acknowledgement_ended", subject=matter.subject, why="it got worse")
    if matter.reason is Reason.CLOSED:
        tx.acks.disarm(matter.subject, "closed")
    for each in told:
        if each.verdict.outcome is Outcome.TELL:
            arm(tx, matter, each.way, each.verdict.reason, now)
        for holder in each.verdict.holders:
            if holder.startswith("silence:"):
                tx.mutes.count_hidden(int(holder.removeprefix("silence:")))
    if any(each.verdict.outcome is Outcome.TELL for each in told) and matter.reason not in ALWAYS:
        tx.mutes.save_inhibitors(inhibitors_of(matter, settings.inhibit, now))


def _decision(matter: Matter, chosen: _Chosen, now: datetime) -> Decision:
    verdict, way = chosen.verdict, chosen.way
    reason = verdict.reason
    told = verdict.outcome is not Outcome.SILENT and reason is not None
    return Decision(
        subject=matter.subject,
        revision=matter.revision,
        reason=reason,
        receiver=way.receiver,
        route=way.route,
        verdict=verdict.outcome.value,
        text=verdict.text,
        at=now,
        delivery_key=delivery_key(matter.subject, matter.revision, way.receiver, reason)
        if told and reason is not None
        else "",
    )


def _withhold(matter: Matter, now: datetime) -> Decision:
    return Decision(
        subject=matter.subject,
        revision=matter.revision,
        reason=matter.reason,
        receiver="",
        route="",
        verdict="withhold",
        text=f"{matter.why}; nobody is told: it was old when its feed was first polled",
        at=now,
    )
