"""An incident in brief, for counting."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from alerter.domain.incident import Incident
from alerter.domain.risk import IncidentPoint
from alerter.domain.scales import Category, Status
from alerter.incidents.words import has_word

MAX_HEADLINE: Final = 160


def point_of(incident: Incident, *, threshold: float, noise: bool) -> IncidentPoint:
    """The incident as counting sees it. `noise` is what a person said of it."""
    place = incident.place
    cities = [mention.city for mention in incident.missions if mention.city]
    city = place.city if place is not None and place.city else next(iter(cities), None)
    return IncidentPoint(
        id=incident.id,
        number=incident.number,
        at=_when(incident),
        headline=incident.headline[:MAX_HEADLINE],
        host=incident.host,
        city=city,
        mission_ids=incident.mission_ids,
        sending=incident.sending,
        lat=None if place is None else place.lat,
        lon=None if place is None else place.lon,
        category=incident.category,
        target=incident.target,
        status=incident.status,
        severity=incident.severity,
        counts=incident.probability >= threshold and not noise and is_act(incident),
    )


def _when(incident: Incident) -> datetime:
    happened = incident.event_time
    return incident.first_news if happened is None else min(happened, incident.first_news)


def is_act(incident: Incident) -> bool:
    """Acts and threats count; measures, words and summaries of many events do not."""
    said = any(note.startswith("statement:") for note in incident.notes)
    old = incident.status in (Status.RETROSPECTIVE, Status.NONE)
    measure = incident.category is Category.SECURITY_MEASURE
    return not (said or old or measure or has_word("roundup", incident.headline))
