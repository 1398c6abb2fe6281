"""Who has taken an incident in hand, and who is told when nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody has taken it in hand. It ends at `until`, or when the incident gets worse."""

    subject: str
    revision: int
    who: str
    via: str
    at: datetime
    until: datetime
    ended_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One step that is due unless somebody acknowledges before: tell `receiver` too.

    `origin` is the receiver that heard first, `delivery_key` what it heard.
    """

    id: int | None = None
    subject: str
    revision: int
    route: str
    step: int
    receiver: str
    origin: str
    delivery_key: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """When a receiver is told again of an incident that stays open; `count` were sent already."""

    subject: str
    receiver: str
    route: str
    due_at: datetime
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of the audit: who did what to what, when, and with which words."""

    at: datetime
    who: str
    action: str
    subject: str
    detail: str = ""
