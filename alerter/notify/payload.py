"""A telling as JSON, version 1 of the webhook contract (design, 5.5). Pure.

Every payload has the same keys, whatever it tells of, so that a receiver needs one reader. Beyond
the contract `incident` holds: `number` (the short form for people), `phase`, `target`, `host`,
`sending`, `mission_ids`, `distances` (my posts: mission, name, km, bearing, lat, lon), `time_zone`,
`date_ahead`, `langs`, `rules`, `source_count`, `independent_sources`, `lines` (more sentences of a
notice), `incident_ids` (what a notice counts) and `series` (day and count, for a chart). Beside
`incident` there may be `incidents` (the members of a summary) and `digest` (see `notify.report`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from alerter.domain.delivery import Why
from alerter.domain.incident import Change, Incident, Source
from alerter.domain.mission import Mission, Place
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason
from alerter.notify.geography import bearing, local_zone

VERSION: Final = 1
MAX_SOURCES: Final = 25  # a much reported event must not make a message that no channel takes
MAX_EVIDENCE: Final = 10
MAX_FACTS: Final = 50

Json = dict[str, Any]
Telling = Change | Notice


def body(*, key: str, reason: Reason, about: Json, why: Why, more: Mapping[str, Any]) -> Json:
    """The whole body but for `sent_at`, which is known only when it is sent."""
    told = {"route": why.route, "rule": why.rule, "text": why.text}
    return {
        "version": VERSION,
        "key": key,
        "reason": reason.value,
        "sent_at": None,
        "incident": about,
        "why": told,
        **more,
    }


def about(
    telling: Telling, *, missions: Sequence[Mission] = (), base_url: str | None = None
) -> Json:
    """The `incident` part for a change of an incident, or for a notice in the same shape."""
    if isinstance(telling, Change):
        return incident_json(telling.incident, missions=missions, base_url=base_url)
    return _notice_json(telling, missions=missions)


def incident_json(
    incident: Incident, *, missions: Sequence[Mission] = (), base_url: str | None = None
) -> Json:
    """An incident as the contract shows it."""
    point = _point(incident.place)
    return {
        "id": incident.id,
        "number": incident.number,
        "revision": incident.revision,
        "phase": incident.phase.value,
        "headline": incident.headline,
        "summary": incident.summary,
        "category": incident.category.value,
        "status": incident.status.value,
        "target": incident.target.value if incident.target else None,
        "severity": incident.severity.value,
        "urgency": incident.urgency.value,
        "certainty": incident.certainty.value,
        "probability": incident.probability,
        "host": incident.host,
        "sending": list(incident.sending),
        "missions": [
            {
                "text": mention.text,
                "kind": mention.kind,
                "sending": mention.sending,
                "host": mention.host,
                "city": mention.city,
                "mission": mention.mission,
            }
            for mention in incident.missions
        ],
        "mission_ids": list(incident.mission_ids),
        "distances": _distances(dict(incident.distances_km), point, missions),
        "place": _place_json(incident.place),
        "time_zone": local_zone(incident.host, point),
        "first_seen": rfc3339(incident.first_seen),
        "last_seen": rfc3339(incident.last_seen),
        "event_time": rfc3339(incident.event_time),
        "date_ahead": rfc3339(incident.date_ahead),
        "sources": [_source_json(source) for source in _shown(incident.sources)],
        "source_count": len(incident.sources),
        "independent_sources": incident.independent_sources,
        "evidence": [
            {"text": proof.text, "weight": proof.weight}
            for proof in incident.evidence[:MAX_EVIDENCE]
        ],
        "facts": [
            {
                "kind": fact.kind,
                "value": fact.value,
                "source": fact.source,
                "said_at": rfc3339(fact.said_at),
                "denied": fact.denied,
            }
            for fact in incident.facts[:MAX_FACTS]
        ],
        "rules": [{"name": rule.name, "text": rule.text} for rule in incident.rules],
        "langs": list(incident.langs),
        "lines": list(incident.notes),
        "incident_ids": [],
        "series": [],
        "url": incident_url(base_url, incident.id),
    }


def _notice_json(notice: Notice, *, missions: Sequence[Mission]) -> Json:
    point = (notice.lat, notice.lon) if notice.lat is not None and notice.lon is not None else None
    near = dict.fromkeys(notice.mission_ids, 0.0) if point is None else {}
    return {
        "id": notice.subject,
        "number": None,
        "revision": notice.revision,
        "phase": None,
        "headline": notice.headline,
        "summary": notice.text,
        "category": None,
        "status": None,
        "target": None,
        "severity": notice.severity.value,
        "urgency": notice.urgency.value,
        "certainty": notice.certainty.value,
        "probability": None,
        "host": notice.host,
        "sending": list(notice.sending),
        "missions": [],
        "mission_ids": list(notice.mission_ids),
        "distances": [] if near else _distances({}, point, missions),
        "place": None
        if notice.host is None and notice.city is None
        else {
            "country": notice.host,
            "city": notice.city,
            "lat": notice.lat,
            "lon": notice.lon,
            "radius_km": None,
        },
        "time_zone": local_zone(notice.host, point),
        "first_seen": rfc3339(notice.at),
        "last_seen": rfc3339(notice.at),
        "event_time": None,
        "date_ahead": None,
        "sources": [],
        "source_count": 0,
        "independent_sources": 0,
        "evidence": [],
        "facts": [],
        "rules": [],
        "langs": [],
        "lines": list(notice.lines),
        "incident_ids": list(notice.incident_ids),
        "series": [[day, count] for day, count in notice.series],
        "url": None,
    }


def incident_url(base_url: str | None, incident_id: str) -> str | None:
    """The page of an incident in the console, where people can reach the console."""
    return f"{base_url.rstrip('/')}/incidents/{incident_id}" if base_url else None


def rfc3339(moment: datetime | None) -> str | None:
    """A time in UTC as RFC 3339 writes it, to the second."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(sources: Sequence[Source]) -> list[Source]:
    """The sources worth a line: those that stand alone first, each group in order of arrival."""
    return sorted(sources, key=lambda source: not source.independent)[:MAX_SOURCES]


def _source_json(source: Source) -> Json:
    return {
        "feed": source.feed,
        "title": source.title,
        "url": source.url,
        "published": rfc3339(source.published),
        "trust": source.trust.value,
        "independent": source.independent,
        "lang": source.lang,
    }


def _place_json(place: Place | None) -> Json | None:
    if place is None:
        return None
    return {
        "text": place.text,
        "country": place.country,
        "city": place.city,
        "lat": place.lat,
        "lon": place.lon,
        "radius_km": place.radius_km,
    }


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.lat is None or place.lon is None:
        return None
    return place.lat, place.lon


def _distances(
    known: Mapping[str, float], point: tuple[float, float] | None, missions: Sequence[Mission]
) -> list[Json]:
    """My posts with a known distance to the place, nearest first."""
    by_id = {mission.id: mission for mission in missions}
    found = [
        {
            "mission": mission_id,
            "name": by_id[mission_id].name if mission_id in by_id else mission_id,
            "km": round(km, 1),
            "bearing": _seen_from(by_id.get(mission_id), point),
            "lat": by_id[mission_id].lat if mission_id in by_id else None,
            "lon": by_id[mission_id].lon if mission_id in by_id else None,
        }
        for mission_id, km in known.items()
    ]
    return sorted(found, key=lambda row: float(row["km"] or 0))


def _seen_from(mission: Mission | None, point: tuple[float, float] | None) -> str | None:
    if mission is None or mission.lat is None or mission.lon is None or point is None:
        return None
    return bearing((mission.lat, mission.lon), point)
