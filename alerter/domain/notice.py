"""Something to tell that is not one incident: a rising tempo, lost coverage, a drill, a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerter.domain.scales import Certainty, Reason, Severity, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message with a subject of its own; routed and delivered like an alert.

    `subject` names what it is about (`tempo:city:IQ/Baghdad`, `coverage:feed:daily-post`,
    `drill:2026-11-23`); with `revision` and `reason` it makes the delivery key. `incident_ids`
    are the incidents it counts. `receiver` is set where the receiver is decided already
    (a test, a delivery failure), else routes decide. `series` holds (day, count) for a chart.
    """

    subject: str
    revision: int
    reason: Reason
    headline: str
    text: str
    at: datetime
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.OBSERVED
    host: str | None = None
    city: str | None = None
    lat: float | None = None
    lon: float | None = None
    sending: tuple[str, ...] = ()
    mission_ids: tuple[str, ...] = ()
    incident_ids: tuple[str, ...] = ()
    receiver: str | None = None
    lines: tuple[str, ...] = ()
    series: tuple[tuple[str, int], ...] = ()
