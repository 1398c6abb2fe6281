"""An incident's life: open, developing, quiet, closed, and open again when there is news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.incident import Change, Incident
from alerter.domain.scales import Phase, Reason
from alerter.incidents.report import Report

QUIET_AFTER: Final = timedelta(hours=24)
CLOSED_AFTER: Final = timedelta(days=7)
LIVE: Final = frozenset({Phase.OPEN, Phase.DEVELOPING, Phase.QUIET})


def phase_after(before: Incident, after: Incident, report: Report) -> Phase:
    """The phase once a report has joined.

    Only news reopens: an independent report of the event itself. A copy, a recall, a statement
    or a summary leaves a quiet or closed incident as it is.
    """
    newest = after.sources[-1]
    is_news = newest.independent and not report.statement and not report.roundup
    if before.phase in (Phase.QUIET, Phase.CLOSED) and not is_news:
        return before.phase
    return Phase.DEVELOPING


def age(incidents: Iterable[Incident], now: datetime) -> tuple[Change, ...]:
    """What time alone does to incidents: those without news turn quiet, then close.

    The close of an incident that somebody was told of is told; a date that is announced keeps
    its incident open until a day after it.
    """
    changes = (_aged(incident, now) for incident in incidents if incident.phase in LIVE)
    return tuple(change for change in changes if change is not None)


def next_turn(incident: Incident) -> datetime | None:
    """When time alone will next change the incident; None when it never will."""
    if incident.phase not in LIVE:
        return None
    wait = CLOSED_AFTER if incident.phase is Phase.QUIET else QUIET_AFTER
    return _last_news(incident) + wait


def _aged(incident: Incident, now: datetime) -> Change | None:
    silence = now - _last_news(incident)
    if silence >= CLOSED_AFTER:
        return _closed(incident, now)
    if silence >= QUIET_AFTER and incident.phase is not Phase.QUIET:
        quiet = replace(incident, phase=Phase.QUIET, revision=incident.revision + 1)
        return Change(incident=quiet, reason=None, why="no news for a day", at=now, tell=False)
    return None


def _closed(incident: Incident, now: datetime) -> Change:
    closed = replace(incident, phase=Phase.CLOSED, revision=incident.revision + 1)
    was_told = incident.told_at is not None
    return Change(
        incident=closed,
        reason=Reason.CLOSED if was_told else None,
        why="no news for a week",
        at=now,
        tell=was_told,
    )


def _last_news(incident: Incident) -> datetime:
    return max(incident.last_seen, incident.date_ahead or incident.last_seen)
