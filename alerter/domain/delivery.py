"""The promise to tell somebody, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerter.domain.scales import DeliveryState, Reason, Severity


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
    Deliveries of one subject to one receiver go out in the order of their `id`. `first_try` is
    when the first attempt began; `held_by` names what holds it (`quiet`, `silence:3`,
    `inhibit:12`, `repeat`, `storm`); `group` is what it is counted with in a storm. The
    `severity` is that of the alert.
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
    first_try: datetime | None = None
    held_by: str = ""
    group: str | None = None
    severity: Severity = Severity.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why somebody was told something, later or not at all. One row for each receiver thought of.

    `verdict` is `tell`, `hold`, `silent` (nothing to tell this receiver) or `withhold` (nobody is
    told: backlog). `delivery_key` is empty unless a delivery
    came of it.
    """

    subject: str
    revision: int
    reason: Reason | None
    receiver: str
    route: str
    verdict: str
    text: str
    at: datetime
    delivery_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """How a receiver has been answering: the memory of its circuit breaker.

    `failures` counts attempts that failed in a row; nothing is sent before `paused_until`
    except one probe. `told_at` is when somebody else was last told of the failure.
    """

    receiver: str
    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_error: str = ""
    last_ok: datetime | None = None
    told: int = 0
    told_at: datetime | None = None


def delivery_key(subject: str, revision: int, receiver: str, reason: Reason) -> str:
    """The idempotency key of a delivery (design, section 4)."""
    return f"{subject}:{revision}:{receiver}:{reason.value}"
