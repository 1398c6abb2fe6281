"""Many alerts in one message: what was held, or a storm. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from alerter.domain.delivery import Delivery
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason, Severity

WEIGHT: Final = (
    Reason.FIRST_REPORT,
    Reason.ESCALATED,
    Reason.TEMPO,
    Reason.POSTURE,
    Reason.CORRECTED,
    Reason.CORROBORATED,
    Reason.COVERAGE,
    Reason.REMINDER,
    Reason.CLOSED,
)
"""A summary is told for the weightiest reason of its members."""
MAX_LINES: Final = 200
MAX_MEMBERS: Final = 50
_SHOWN: Final = (
    "id",
    "number",
    "revision",
    "phase",
    "headline",
    "summary",
    "category",
    "severity",
    "urgency",
    "certainty",
    "probability",
    "host",
    "place",
    "first_seen",
    "last_seen",
    "event_time",
    "source_count",
    "independent_sources",
    "url",
)

Member = tuple[Delivery, Mapping[str, Any]]


def in_order(members: Sequence[Member]) -> list[Member]:
    """The worst first, then as they came: an officer reads from the top."""
    return sorted(members, key=lambda each: (-each[0].severity.rank, each[0].id or 0))


def summary(
    members: Sequence[Member], *, subject: str, revision: int, headline: str, now: datetime
) -> Notice:
    """A notice that tells of all of them. `members` hold the `incident` part of each payload."""
    ordered = in_order(members)
    about = [part for _, part in ordered]
    hosts = {part["host"] for part in about}
    lines = [_line(part) for part in about[:MAX_LINES]]
    if len(ordered) > MAX_LINES:
        lines.append(f"and {len(ordered) - MAX_LINES} more")
    worst = max((delivery.severity for delivery, _ in ordered), default=Severity.UNKNOWN)
    return Notice(
        subject=subject,
        revision=revision,
        reason=min((delivery.reason for delivery, _ in ordered), key=_weight),
        headline=headline,
        text=_counted(ordered),
        at=now,
        severity=worst,
        host=hosts.pop() if len(hosts) == 1 else None,
        incident_ids=tuple(dict.fromkeys(delivery.subject for delivery, _ in ordered)),
        receiver=ordered[0][0].receiver,
        lines=tuple(lines),
    )


def members_json(members: Sequence[Member]) -> list[dict[str, Any]]:
    """The `incidents` of a summary's payload: each with the key and reason it would have had."""
    return [
        {
            **{name: part[name] for name in _SHOWN},
            "key": delivery.key,
            "reason": delivery.reason.value,
        }
        for delivery, part in in_order(members)[:MAX_MEMBERS]
    ]


def _weight(reason: Reason) -> int:
    return WEIGHT.index(reason) if reason in WEIGHT else len(WEIGHT)


def _line(part: Mapping[str, Any]) -> str:
    number = f"#{part['number']} " if part["number"] is not None else ""
    closed = " (closed since)" if part["phase"] == "closed" else ""
    return f"{number}{part['severity']}: {part['headline']}{closed}"


def _counted(members: Sequence[Member]) -> str:
    """How many of each severity, worst first."""
    counts: dict[Severity, int] = {}
    for delivery, _ in members:
        counts[delivery.severity] = counts.get(delivery.severity, 0) + 1
    return ", ".join(f"{count} {severity}" for severity, count in counts.items())
