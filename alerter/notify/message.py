"""What a channel is given and what it must answer: the wall between deciding and sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from alerter.domain.delivery import Why
from alerter.domain.scales import Reason

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One delivery on its way out.

    `payload` is the whole body of the webhook contract, version 1 (design, 5.5), `sent_at`
    included; what else it holds is described in `notify.payload`. `key` makes a second arrival
    recognisable and must travel with the message. `thread` is the external id of the first message
    that this receiver got about the same subject, or None when this is the first. `ack_url` shows
    a page on which the incident can be acknowledged, or is None. `zone` is the local time of the
    place that the message is about. `drill` messages must be marked beyond doubt.
    """

    key: str
    subject: str
    revision: int
    reason: Reason
    payload: Mapping[str, Any]
    why: Why
    now: datetime
    zone: ZoneInfo = UTC_ZONE
    ack_url: str | None = None
    thread: str | None = None
    drill: bool = False

    @property
    def incident(self) -> Mapping[str, Any]:
        """The `incident` part of the payload."""
        part: Mapping[str, Any] = self.payload["incident"]
        return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The receiver has taken the message. `external_id` is how it can be found again there."""

    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a channel can carry, in characters unless said otherwise; None is no limit known."""

    title: int | None = None
    body: int | None = None
    block: int | None = None
    blocks: int | None = None
    bytes: int | None = None


class Channel(Protocol):
    """A way to reach somebody. Built once, used by several threads at the same time.

    `rate_per_second` is how fast one target may be sent to (None: as fast as it answers) and
    `burst` how many may go at once after a rest; `concurrency` is how many sends may run at once.
    """

    limits: ClassVar[Limits]
    rate_per_second: ClassVar[float | None]
    burst: ClassVar[int]
    concurrency: ClassVar[int]

    def send(self, message: Message) -> Sent:
        """Send once, within a deadline of the channel's own. Raises DeliveryError."""

    def close(self) -> None:
        """Give back connections."""
