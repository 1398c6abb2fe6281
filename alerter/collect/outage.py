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

    Counts hosts, each by its latest attempt within three minutes.
    """
    latest = {contact.host: contact for contact in contacts if now - contact.at <= WINDOW}
    lost = sum(contact.lost for contact in latest.values())
    if len(latest) < MIN_HOSTS or lost < LOST_SHARE * len(latest):
        return None
    return f"{lost} of {len(latest)} hosts cannot be reached: our own connection is probably down"
