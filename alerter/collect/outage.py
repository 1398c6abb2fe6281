"""Is it them or is it us? When most hosts are lost at once, our own link is to blame. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=3)
MIN_HOSTS: Final = 5  # with fewer there is no telling
LOST_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One attempt to reach a host. `lost`: no answer at all, not even an error."""

    host: str
    at: datetime
    lost: bool


def own_outage(contacts: Iterable[Contact], *, now: datetime) -> str | None:
    """The reason to believe that our own link is down, or None.

    `contacts` are the latest with each host; those of the last three minutes count.
    """
    recent = [contact for contact in contacts if now - contact.at <= WINDOW]
    lost = sum(contact.lost for contact in recent)
    if len(recent) < MIN_HOSTS or lost < LOST_SHARE * len(recent):
        return None
    return f"{lost} of {len(recent)} hosts cannot be reached: our own connection is probably down"


def is_over(contacts: Iterable[Contact], *, since: datetime) -> bool:
    """Whether an outage that was noted at `since` has ended: most hosts asked since then answer.

    Silence is no proof: until enough hosts were asked, the outage goes on.
    """
    later = [contact for contact in contacts if contact.at > since]
    lost = sum(contact.lost for contact in later)
    return len(later) >= MIN_HOSTS and lost < len(later) / 2
