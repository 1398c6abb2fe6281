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
from alerter.notify.route import Way, find, sheltered, ways
from alerter.pipeline.arm import arm
from alerter.store import Tx

log = structlog.get_logger()

HEARD: Final = frozenset(DeliveryState) - {DeliveryState.HELD, DeliveryState.DROPPED}
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
    desk = _Desk(tx, settings, now)
    return [delivery for telling in tellings for delivery in desk.announce(telling)]


class _Desk:
    """What one call of `announce` knows for all its tellings."""

    def __init__(self, tx: Tx, settings: AlerterSettings, now: datetime) -> None:
        self._tx, self._settings, self._now = tx, settings, now
        self._missions = tuple(each.mission() for each in settings.missions)
        self._mutes = self._load_mutes()
        self._keepers = {each.name for each in settings.receivers if each.keeps_state}
        self._readers = {each.name for each in settings.receivers if each.reads}

    def announce(self, telling: Telling) -> list[Delivery]:
        matter = matter_of(telling, self._missions)
        if isinstance(telling, Change) and not telling.tell:
            if matter.reason is not None:
                self._tx.decisions.add([_withhold(matter, self._now)])
            return []
        known = self._tx.deliveries.told_of(matter.subject)
        chosen = self._choose(telling, matter, known)
        self._tx.decisions.add([_decision(matter, each, self._now) for each in chosen])
        if known:
            self._settle_acks(matter)
        told = [each for each in chosen if each.verdict.outcome is not Outcome.SILENT]
        if not told:
            return []
        added = self._enqueue(telling, matter, told, known)
        self._note(matter, told)
        return added

    def _load_mutes(self) -> Mutes:
        return Mutes(
            silences=self._tx.mutes.silences(now=self._now),
            rules=self._settings.inhibit,
            inhibitors=self._tx.mutes.inhibitors(now=self._now) if self._settings.inhibit else (),
        )

    def _choose(self, telling: Telling, matter: Matter, known: Sequence[Delivery]) -> list[_Chosen]:
        """One verdict for each receiver: where two routes reach it, the one that tells soonest."""
        best: dict[str, _Chosen] = {}
        for found in self._ways(telling, matter, known):
            keeps = found.receiver in self._keepers or Reason.CLOSED in found.asked
            way = replace(found, closings=keeps)
            way = sheltered(way) if way.receiver in self._readers else way
            past = self._past(matter, way, known)
            verdict = decide(matter, way, past=past, mutes=self._mutes, now=self._now)
            other = best.get(way.receiver)
            if other is None or self._rank(verdict) < self._rank(other.verdict):
                best[way.receiver] = _Chosen(way=way, verdict=verdict)
        return list(best.values())

    def _rank(self, verdict: Verdict) -> tuple[int, datetime]:
        order = (Outcome.TELL, Outcome.HOLD, Outcome.SILENT)
        return order.index(verdict.outcome), verdict.until or self._now

    def _ways(self, telling: Telling, matter: Matter, known: Sequence[Delivery]) -> Iterator[Way]:
        routes, default = self._settings.routes, self._settings.receivers[0].name
        if isinstance(telling, Notice) and telling.receiver is not None:
            yield Way(route="direct", receiver=telling.receiver, text="sent to this receiver")
            return
        if matter.reason in FOLLOWS:
            for receiver, route in dict.fromkeys((d.receiver, d.why.route) for d in known):
                way = find(routes, route, default=default)
                if way is not None and way.receiver == receiver:
                    yield replace(way, text="it was told of this before")
        yield from ways(routes, matter, default=default)

    def _past(self, matter: Matter, way: Way, known: Sequence[Delivery]) -> Past:
        """What deciding needs to know of this receiver's past."""
        mine = [each for each in known if each.receiver == way.receiver]
        last = next((each for each in reversed(mine) if each.state in HEARD), None)
        held = next((each for each in reversed(mine) if each.state is DeliveryState.HELD), None)
        past = Past(
            last=None if last is None else _told(last),
            held=held.reason if held else None,
            acknowledged=bool(known) and self._acknowledged(matter.subject),
        )
        if way.storm is None or matter.reason in ALWAYS:
            return past
        group = group_of(matter, way)
        count = self._tx.deliveries.count_group(group, since=self._now - way.window)
        return replace(past, in_group=count, summary_at=self._tx.mutes.summary_at(group))

    def _acknowledged(self, subject: str) -> bool:
        return self._tx.acks.active(subject, now=self._now) is not None

    def _enqueue(
        self, telling: Telling, matter: Matter, told: Sequence[_Chosen], known: Sequence[Delivery]
    ) -> list[Delivery]:
        shown = about(telling, missions=self._missions, base_url=self._settings.web.url)
        added = self._tx.deliveries.enqueue(
            [_delivery(matter, each, shown, self._now) for each in told]
        )
        fresh = {delivery.receiver for delivery in added}
        replaced = [
            each.id
            for each in known
            if each.state is DeliveryState.HELD and each.receiver in fresh and each.id is not None
        ]
        if replaced:  # the newer one says all that they said
            text = f"replaced by revision {matter.revision}"
            self._tx.deliveries.settle(replaced, DeliveryState.DROPPED, text)
        for delivery in added:
            log.info(
                "alert_decided",
                key=delivery.key,
                state=delivery.state.value,
                route=delivery.why.route,
                held_by=delivery.held_by,
            )
        return added

    def _settle_acks(self, matter: Matter) -> None:
        """What got worse is asked about again; what is over needs no answer any more."""
        acks = self._tx.acks
        if matter.reason is Reason.ESCALATED and acks.end(matter.subject, now=self._now):
            log.info("acknowledgement_ended", subject=matter.subject, why="it got worse")
        if matter.reason is Reason.CLOSED:
            acks.disarm(matter.subject, "closed")

    def _note(self, matter: Matter, told: Sequence[_Chosen]) -> None:
        """Remember what follows from telling: inhibition, escalation, what silences hid."""
        tx, now = self._tx, self._now
        for each in told:
            if each.verdict.outcome is Outcome.TELL:
                arm(tx, matter, each.way, each.verdict.reason, now)
            for holder in each.verdict.holders:
                if holder.startswith("silence:"):
                    tx.mutes.count_hidden(int(holder.removeprefix("silence:")))
        loud = any(each.verdict.outcome is Outcome.TELL for each in told)
        begun = inhibitors_of(matter, self._settings.inhibit, now) if loud else ()
        if begun and matter.reason not in ALWAYS:
            tx.mutes.save_inhibitors(begun)
            self._mutes = self._load_mutes()


def _told(last: Delivery) -> Told:
    return Told(
        at=last.sent_at or last.created_at,
        revision=last.revision,
        reason=last.reason,
        severity=last.severity,
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
