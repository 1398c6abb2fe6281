"""A delivery on its way out: from the row of the outbox to what a channel is given. Pure."""

from __future__ import annotations

import json
from datetime import datetime

from alerter.domain.delivery import Delivery
from alerter.domain.scales import Reason
from alerter.notify.ack import ASKS, ack_url, make_token
from alerter.notify.geography import zone_or_utc
from alerter.notify.message import Message
from alerter.notify.payload import rfc3339


def message_of(
    delivery: Delivery,
    *,
    thread: str | None,
    base_url: str | None,
    ack_key: bytes | None,
    now: datetime,
) -> Message:
    """The message of a delivery. `why` is what the outbox says now: a hold may have been added."""
    payload = json.loads(delivery.payload)
    payload["sent_at"] = rfc3339(now)
    payload["why"] = {
        "route": delivery.why.route,
        "rule": delivery.why.rule,
        "text": delivery.why.text,
    }
    return Message(
        key=delivery.key,
        subject=delivery.subject,
        revision=delivery.revision,
        reason=delivery.reason,
        payload=payload,
        why=delivery.why,
        now=now,
        zone=zone_or_utc(payload["incident"].get("time_zone")),
        ack_url=_link(delivery, base_url, ack_key, now),
        thread=thread,
        drill=delivery.reason is Reason.DRILL,
    )


def _link(
    delivery: Delivery, base_url: str | None, ack_key: bytes | None, now: datetime
) -> str | None:
    if base_url is None or ack_key is None or delivery.reason not in ASKS:
        return None
    token = make_token(
        ack_key,
        subject=delivery.subject,
        receiver=delivery.receiver,
        delivery=delivery.key,
        now=now,
    )
    return ack_url(base_url, token)
