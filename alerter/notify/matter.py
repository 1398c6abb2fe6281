"""What a telling is about, in the words that routes, silences and inhibitions ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerter.domain.geo import distance_km
from alerter.domain.incident import Change, Incident
from alerter.domain.mission import Mission, Place
from alerter.domain.notice import Notice
from alerter.domain.scales import Category, Certainty, Phase, Reason, Severity, Urgency

Telling = Change | Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A change or a notice, flattened for matching.

    `reason` is None where the change is not worth telling by itself. `distances` holds the
    kilometres to each of the user's posts, as far as both coordinates are known; a post that is
    named without any place counts as 0 km away: it is what the report is about.
    """

    subject: str
    revision: int
    label: str
    reason: Reason | None
    why: str
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    category: Category | None = None
    probability: float | None = None
    host: str | None = None
    sending: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    point: tuple[float, float] | None = None
    mission_ids: tuple[str, ...] = ()
    distances: Mapping[str, float] = field(default_factory=dict)
    langs: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    phase: Phase | None = None


def matter_of(telling: Telling, missions: Sequence[Mission]) -> Matter:
    """What this telling is about. `missions` are the user's posts."""
    if isinstance(telling, Change):
        return _of_change(telling, missions)
    return _of_notice(telling, missions)


def matter_of_payload(about: Mapping[str, Any]) -> Matter:
    """The same from the `incident` part of a payload, for what was decided earlier."""
    place = about["place"] or {}
    lat, lon = place.get("lat"), place.get("lon")
    number, phase, category = about["number"], about["phase"], about["category"]
    return Matter(
        subject=about["id"],
        revision=about["revision"],
        label=about["id"] if number is None else f"#{number}",
        reason=None,
        why="",
        severity=Severity(about["severity"]),
        urgency=Urgency(about["urgency"]),
        certainty=Certainty(about["certainty"]),
        category=Category(category) if category else None,
        probability=about["probability"],
        host=about["host"],
        sending=tuple(about["sending"]),
        cities=(place["city"],) if place.get("city") else (),
        point=(lat, lon) if lat is not None and lon is not None else None,
        mission_ids=tuple(about["mission_ids"]),
        distances={row["mission"]: row["km"] for row in about["distances"]},
        langs=tuple(about["langs"]),
        feeds=tuple(source["feed"] for source in about["sources"]),
        phase=Phase(phase) if phase else None,
    )


def _of_change(change: Change, missions: Sequence[Mission]) -> Matter:
    incident = change.incident
    point = _point(incident.place)
    mission_ids = _named(incident)
    return Matter(
        subject=incident.id,
        revision=incident.revision,
        label=f"#{incident.number}",
        reason=change.reason,
        why=change.why,
        severity=incident.severity,
        urgency=incident.urgency,
        certainty=incident.certainty,
        category=incident.category,
        probability=incident.probability,
        host=incident.host,
        sending=incident.sending,
        cities=_cities(incident),
        point=point,
        mission_ids=mission_ids,
        distances=_distances(dict(incident.distances_km), mission_ids, point, missions),
        langs=incident.langs,
        feeds=tuple(sorted({source.feed for source in incident.sources})),
        phase=incident.phase,
    )


def _of_notice(notice: Notice, missions: Sequence[Mission]) -> Matter:
    lat, lon = notice.lat, notice.lon
    point = (lat, lon) if lat is not None and lon is not None else None
    return Matter(
        subject=notice.subject,
        revision=notice.revision,
        label=notice.subject,
        reason=notice.reason,
        why=notice.text,
        severity=notice.severity,
        urgency=notice.urgency,
        certainty=notice.certainty,
        host=notice.host,
        sending=notice.sending,
        cities=(notice.city,) if notice.city else (),
        point=point,
        mission_ids=notice.mission_ids,
        distances=_distances({}, notice.mission_ids, point, missions),
    )


def _named(incident: Incident) -> tuple[str, ...]:
    """Posts of the user that the incident names or lies near, in order."""
    mentioned = (mention.mission for mention in incident.missions if mention.mission)
    return tuple(dict.fromkeys((*incident.mission_ids, *mentioned)))


def _cities(incident: Incident) -> tuple[str, ...]:
    """The city of the event; without a place, the cities of the missions that are named."""
    if incident.place is not None and incident.place.city:
        return (incident.place.city,)
    return tuple(dict.fromkeys(each.city for each in incident.missions if each.city))


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.lat is None or place.lon is None:
        return None
    return place.lat, place.lon


def _distances(
    known: Mapping[str, float],
    mission_ids: Sequence[str],
    point: tuple[float, float] | None,
    missions: Sequence[Mission],
) -> dict[str, float]:
    measured = {
        mission.id: distance_km(point, (mission.lat, mission.lon))
        for mission in missions
        if point is not None and mission.lat is not None and mission.lon is not None
    }
    return {**dict.fromkeys(mission_ids, 0.0), **measured, **known}
