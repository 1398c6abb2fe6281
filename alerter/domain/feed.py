"""A feed as configured is in `config`; here is what we know of it from polling."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.scales import FeedHealth

OWN_LINK: Final = "(own link)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What polling one feed has taught us. All times are aware and in UTC.

    `url` is the URL that is asked now: the configured one, or where permanent redirects led.
    `next_poll` is None for a feed that is to be polled at once. `skip_hours` (UTC) and `skip_days`
    (Monday is 0) are when the publisher asks not to be polled. `told` is the health that somebody
    was last told of. `number` is its row in the store.
    """

    name: str
    url: str
    configured_url: str
    health: FeedHealth = FeedHealth.NEW
    health_reason: str = ""
    health_since: datetime | None = None
    next_poll: datetime | None = None
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    last_changed: datetime | None = None
    last_entry: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: int = 0
    polls: int = 0
    entries_last: int = 0
    entries_usual: float = 0.0
    rhythm: timedelta | None = None
    moved_to: str | None = None
    moved_first_seen: datetime | None = None
    moved_polls: int = 0
    lang: str | None = None
    title: str | None = None
    ttl: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    took_ms: int = 0
    told: FeedHealth = FeedHealth.OK
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """A change in what we see that somebody must hear of: a feed lost, or back.

    `feed` is the name of a feed, or `OWN_LINK` when it is our own connection that failed.
    """

    feed: str
    at: datetime
    old: FeedHealth
    new: FeedHealth
    reason: str
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document or an entry that could not be parsed: its first bytes, and why."""

    feed: str
    at: datetime
    reason: str
    content: bytes = field(default=b"", repr=False)
