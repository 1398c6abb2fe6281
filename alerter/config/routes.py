"""Settings of routes, quiet hours, escalation, inhibition, digests and the heartbeat."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from alerter.config.base import Duration, Kilometres, Settings
from alerter.domain.scales import Category, Certainty, Reason, Severity, Urgency


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("not a time zone; write a name such as Asia/Baghdad or UTC") from error


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    try:
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))
    except ValueError as error:
        raise ValueError('not a time of day; write "HH:MM" in quotes') from error


def _storm(value: Any) -> int | str:
    if value == "off" or (isinstance(value, int) and not isinstance(value, bool) and value >= 2):
        found: int | str = value
        return found
    raise ValueError("not a number of alerts; write 2 or more, or off")


Storm = Annotated[int | Literal["off"], BeforeValidator(_storm)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Clock = Annotated[time, BeforeValidator(_clock)]
UTC_ZONE = ZoneInfo("UTC")
GroupField = Literal["host", "city", "category", "mission", "sending", "severity", "reason"]


class Match(Settings):
    """What a route asks of an incident: every key given must hold; lists mean any of them."""

    mission: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    within: Kilometres | None = None
    category: tuple[Category, ...] = ()
    severity: tuple[Severity, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    certainty: tuple[Certainty, ...] = ()
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    reason: tuple[Reason, ...] = ()
    language: tuple[str, ...] = ()
    feed: tuple[str, ...] = ()
    not_: Match | None = Field(default=None, alias="not")


class QuietHours(Settings):
    """Hours in which alerts are held and told together afterwards."""

    from_: Clock = Field(alias="from")
    to: Clock
    zone: Zone = UTC_ZONE
    except_: tuple[Severity, ...] = Field(default=(Severity.EXTREME,), alias="except")

    @model_validator(mode="after")
    def _some_hours(self) -> QuietHours:
        if self.from_ == self.to:
            raise ValueError("from and to are the same time; leave quiet_hours out for none")
        return self


class EscalationStep(Settings):
    """Tell this receiver too when nobody has acknowledged by then."""

    after: Duration
    receiver: str


class RouteSettings(Settings):
    """One route of the tree. What is not given is inherited from the route above."""

    match: Match = Match()
    receiver: str | None = None
    continue_: bool = Field(default=False, alias="continue")
    repeat_every: Duration | None = None
    remind_every: Duration | None = None
    group_by: tuple[GroupField, ...] | None = None
    group_wait: Duration | None = None
    storm: Storm | None = None
    quiet_hours: QuietHours | None = None
    escalate: tuple[EscalationStep, ...] | None = None
    fallback: str | None = None
    routes: tuple[RouteSettings, ...] = ()


class InhibitSettings(Settings):
    """An alert that matches `source` holds back those that match `target` for a while."""

    source: Match
    target: Match
    equal: tuple[GroupField, ...] = ("city",)
    within: Kilometres | None = None
    for_: Duration = Field(default=timedelta(hours=2), alias="for")


class DigestSettings(Settings):
    """A daily report to one receiver."""

    receiver: str
    at: Clock
    zone: Zone = UTC_ZONE


class DrillSettings(Settings):
    """A scheduled drill through the whole path."""

    receiver: str | None = None
    every: Duration = timedelta(days=7)
    at: Clock = time(10, 0)
    zone: Zone = UTC_ZONE


class HeartbeatSettings(Settings):
    """A URL of an outside watcher, asked while everything makes progress."""

    url: SecretStr | None = None
    url_file: Path | None = None
    every: Duration = timedelta(minutes=1)
