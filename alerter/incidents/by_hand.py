"""What a person decides against the matcher: these are two events, those are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerter.domain.errors import AlerterError
from alerter.domain.incident import Incident
from alerter.domain.mission import Mission
from alerter.incidents.absorb import absorbed
from alerter.incidents.identity import incident_id
from alerter.incidents.merge import joined, opened, regraded
from alerter.incidents.report import Report


class ByHandError(AlerterError):
    """What is asked for cannot be done; the message says why."""


def split(
    incident: Incident,
    kept: Sequence[Report],
    moved: Sequence[Report],
    missions: Sequence[Mission],
    *,
    now: datetime,
) -> tuple[Incident, Incident]:
    """The incident without the moved reports, and a new one made of them.

    Both are folded anew from their reports. The old one keeps its id and number; the new one
    counts as told where the old one was, because a person who splits knows of both. Raises
    ByHandError where one of them would be empty.
    """
    if not kept or not moved:
        raise ByHandError("a split leaves at least one report on each side")
    rest = replace(
        _refolded(kept, missions, now=now),
        id=incident.id,
        number=incident.number,
        revision=incident.revision + 1,
        phase=incident.phase,
    )
    first = moved[0]
    other = replace(
        _refolded(moved, missions, now=now),
        id=incident_id(first.when, first.article.id, salt=f"split:{incident.id}"),
    )
    return _told_like(rest, incident), _told_like(other, incident)


def merge(
    keeper: Incident, other: Incident, missions: Sequence[Mission], *, now: datetime
) -> tuple[Incident, Incident]:
    """The first incident with all of the second, and the second as an alias of it."""
    if keeper.id == other.id:
        raise ByHandError("an incident cannot be merged with itself")
    united, aliases = absorbed(keeper, [other])
    return regraded(united, missions, now=now), aliases[0]


def _refolded(reports: Sequence[Report], missions: Sequence[Mission], *, now: datetime) -> Incident:
    incident = opened(reports[0], missions, now=now)
    for report in reports[1:]:
        incident = joined(incident, report, missions, now=now)
    return incident


def _told_like(incident: Incident, old: Incident) -> Incident:
    return replace(
        incident,
        told_at=old.told_at,
        told_severity=old.told_severity,
        told_certainty=old.told_certainty,
    )
