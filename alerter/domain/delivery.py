"""The promise to tell somebody, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerter.domain.scales import DeliveryState, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why this receiver, why now: the route, the rule that made the alert, and a sentence."""

    route: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox: one alert for one receiver.

    `key` is (incident, revision, receiver, reason) in one string; it travels with the message and
    makes a second arrival recognisable. `subject` is the incident id, or the id of what else is
    told (a feed for coverage, a drill). `payload` is the JSON that was decided, so that a message
    says what was known when it was decided and survives every later change.
    `sequence` orders deliveries of one subject to one receiver.
    """

    id: int | None = None
    key: str
    subject: str
    revision: int
    receiver: str
    reason: Reason
    why: Why
    payload: str
    created_at: datetime
    next_try: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None
    lease_until: datetime | None = None
    held_until: datetime | None = None
    fallback: str | None = None
    external_id: str | None = None


def delivery_key(subject: str, revision: int, receiver: str, reason: Reason) -> str:
    """The idempotency key of a delivery (design, section 4)."""
    return f"{subject}:{revision}:{receiver}:{reason.value}"
