"""Let out what was held: by itself when it is alone, else in one summary for each receiver.

Whatever held an alert is asked again first: when one hold ends into another, it goes on waiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Decision, Delivery, Why, delivery_key
from alerter.domain.scales import DeliveryState
from alerter.notify.decide import Mutes, mute_holds
from alerter.notify.matter import Matter, matter_of_payload
from alerter.notify.payload import about, body
from alerter.notify.route import Way, find
from alerter.notify.summary import members_json, summary
from alerter.pipeline.arm import arm
from alerter.store import Store, Tx

log = structlog.get_logger()

ALONE: Final = "repeat"  # an update whose interval has passed goes into its own thread


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    delivery: Delivery
    part: dict[str, Any]
    matter: Matter
    way: Way


def release(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Let out every held alert whose time has ended. Gives how many messages came of it."""
    with store.read() as tx:
        if not tx.deliveries.held_due(now):
            return 0
    with store.begin() as tx:
        due = [_opened(each, settings) for each in tx.deliveries.held_due(now)]
        free = _still_free(tx, due, settings, now)
        return sum(_let_out(tx, group, members, now) for group, members in _groups(free))


def _opened(delivery: Delivery, settings: AlerterSettings) -> _Held:
    part = json.loads(delivery.payload)["incident"]
    matter = replace(
        matter_of_payload(part),
        subject=delivery.subject,
        revision=delivery.revision,
        reason=delivery.reason,
    )
    default = settings.receivers[0].name
    way = find(settings.routes, delivery.why.route, default=default)
    if way is None or way.receiver != delivery.receiver:
        way = Way(route=delivery.why.route, receiver=delivery.receiver, text="")
    return _Held(delivery=delivery, part=part, matter=matter, way=way)


def _still_free(
    tx: Tx, due: Sequence[_Held], settings: AlerterSettings, now: datetime
) -> list[_Held]:
    mutes = Mutes(
        silences=tx.mutes.silences(now=now),
        rules=settings.inhibit,
        inhibitors=tx.mutes.inhibitors(now=now),
    )
    free = []
    for each in due:
        holds = mute_holds(each.matter, each.way, mutes, now)
        if not holds:
            free.append(each)
            continue
        last = max(holds, key=lambda hold: hold.until)
        text = f"{each.delivery.why.text}; {last.text}"
        tx.deliveries.hold(each.delivery.id or 0, until=last.until, by=last.by, text=text)
        _decide(tx, each, ("hold", last.text, each.delivery.key), now)
    return free


def _groups(held: Iterable[_Held]) -> list[tuple[str, list[_Held]]]:
    """What goes out together: a storm's group, or all else that one receiver was spared."""
    found: dict[str, list[_Held]] = {}
    for each in held:
        by = each.delivery.held_by
        name = f"catchup:{each.delivery.receiver}"
        if by == ALONE:
            name = f"alone:{each.delivery.id}"
        elif by.startswith("storm:"):
            name = by
        found.setdefault(name, []).append(each)
    return list(found.items())


def _let_out(tx: Tx, group: str, members: Sequence[_Held], now: datetime) -> int:
    for each in members:
        arm(tx, each.matter, each.way, each.delivery.reason, now)
    if len(members) == 1:
        delivery = members[0].delivery
        if group.startswith("storm:"):
            tx.mutes.save_summary(group.removeprefix("storm:"), now=now)
        text = f"{delivery.why.text}; told now"
        tx.deliveries.release(delivery.id or 0, now=now, text=text)
        _decide(tx, members[0], ("tell", "held until now", delivery.key), now)
        log.info("alert_released", key=delivery.key, held_by=delivery.held_by)
        return 1
    whole = _summary(tx, group, members, now)
    added = tx.deliveries.enqueue([whole])
    ids = [each.delivery.id for each in members if each.delivery.id is not None]
    tx.deliveries.settle(ids, DeliveryState.SUMMARISED, f"told in {whole.key}")
    for each in members:
        _decide(tx, each, ("tell", f"told in a summary of {len(members)}", whole.key), now)
    log.info("summary_decided", key=whole.key, alerts=len(members))
    return len(added)


def _summary(tx: Tx, group: str, members: Sequence[_Held], now: datetime) -> Delivery:
    receiver, count = members[0].delivery.receiver, len(members)
    if group.startswith("storm:"):
        where = group.removeprefix("storm:").partition("|")[2].replace("=", " ")
        subject, revision = group, tx.mutes.save_summary(group.removeprefix("storm:"), now=now)
        headline = f"{count} more alerts for {where}" if where else f"{count} more alerts"
        rule = "storm"
    else:
        subject, revision = f"{group}:{now:%Y%m%dT%H%M%S}", 1
        headline, rule = f"{count} alerts were held and are told now", "catch-up"
    pairs = [(each.delivery, each.part) for each in members]
    notice = summary(pairs, subject=subject, revision=revision, headline=headline, now=now)
    key = delivery_key(subject, revision, receiver, notice.reason)
    holds = sorted({each.delivery.held_by.partition(":")[0] for each in members})
    why = Why(
        route=members[0].way.route,
        rule=rule,
        text=f"{count} alerts in one message; held by: {', '.join(holds)}",
    )
    whole = body(
        key=key,
        reason=notice.reason,
        about=about(notice),
        why=why,
        more={"incidents": members_json(pairs)},
    )
    return Delivery(
        key=key,
        subject=subject,
        revision=revision,
        receiver=receiver,
        reason=notice.reason,
        why=why,
        payload=json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_try=now,
        fallback=members[0].delivery.fallback,
        severity=notice.severity,
    )


def _decide(tx: Tx, each: _Held, decided: tuple[str, str, str], now: datetime) -> None:
    """`decided` is (verdict, text, key of the delivery that tells it)."""
    delivery, (verdict, text, key) = each.delivery, decided
    tx.decisions.add(
        [
            Decision(
                subject=delivery.subject,
                revision=delivery.revision,
                reason=delivery.reason,
                receiver=delivery.receiver,
                route=delivery.why.route,
                verdict=verdict,
                text=text,
                at=now,
                delivery_key=key,
            )
        ]
    )
