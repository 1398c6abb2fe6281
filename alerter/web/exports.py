"""Incidents for other systems: CAP 1.2, Atom (RFC 4287) and GeoJSON (RFC 7946)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from alerter.config.settings import AlerterSettings
from alerter.domain.incident import Incident
from alerter.logs import safe_text
from alerter.web.view import View, safe_link

CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM: Final = "http://www.w3.org/2005/Atom"
EXPIRES_AFTER: Final = timedelta(hours=24)
NEWEST: Final = 100


def cap(view: View, request: Request) -> Response:
    """One incident as a CAP alert."""
    with view.store.read() as tx:
        found = tx.incidents.get(request.path_params["id"])
    if found is None:
        return Response("there is no such incident\n", status_code=404, media_type="text/plain")
    return _xml(cap_alert(found, view.settings), "application/cap+xml")


def atom(view: View, request: Request) -> Response:
    """The newest incidents as an Atom feed."""
    with view.store.read() as tx:
        found = tx.incidents.page(limit=NEWEST)
    base = (view.settings.web.url or str(request.base_url)).rstrip("/")
    return _xml(atom_feed(found, base, view.clock()), "application/atom+xml")


def geojson(view: View, _request: Request) -> JSONResponse:
    """The newest incidents that have coordinates, as a FeatureCollection."""
    with view.store.read() as tx:
        found = tx.incidents.page(limit=NEWEST)
    features = [feature(incident) for incident in found if has_point(incident)]
    return JSONResponse(
        {"type": "FeatureCollection", "features": features}, media_type="application/geo+json"
    )


def cap_alert(incident: Incident, settings: AlerterSettings) -> ElementTree.Element:
    """A CAP 1.2 `alert` element; the order of its parts is that of the schema."""
    alert = ElementTree.Element("alert", xmlns=CAP)
    _add(alert, "identifier", f"{incident.id}.{incident.revision}")
    _add(alert, "sender", _sender(settings))
    _add(alert, "sent", _cap_time(incident.last_seen))
    _add(alert, "status", "Actual")
    _add(alert, "msgType", "Alert" if incident.revision == 1 else "Update")
    _add(alert, "scope", "Restricted")
    _add(alert, "restriction", "For those responsible for the security of missions")
    if incident.revision > 1:
        before = f"{incident.id}.{incident.revision - 1}"
        reference = f"{_sender(settings)},{before},{_cap_time(incident.first_seen)}"
        _add(alert, "references", reference)
    info = ElementTree.SubElement(alert, "info")
    _add(info, "language", "en")
    _add(info, "category", "Security")
    _add(info, "event", incident.category.value.replace("_", " "))
    _add(info, "urgency", incident.urgency.value)
    _add(info, "severity", incident.severity.value)
    _add(info, "certainty", incident.certainty.value)
    _add(info, "effective", _cap_time(incident.event_time or incident.first_seen))
    _add(info, "expires", _cap_time(incident.last_seen + EXPIRES_AFTER))
    _add(info, "headline", safe_text(incident.headline)[:160])
    _add(info, "description", safe_text(incident.summary or incident.headline))
    _area(info, incident)
    return alert


def _area(info: ElementTree.Element, incident: Incident) -> None:
    place, point = incident.place, _point(incident)
    if place is None:
        return
    area = ElementTree.SubElement(info, "area")
    _add(
        area,
        "areaDesc",
        safe_text(", ".join(filter(None, (place.city, place.country))) or place.text),
    )
    if point is not None:
        _add(area, "circle", f"{point[0]:.4f},{point[1]:.4f} {place.radius_km or 5.0:g}")


def atom_feed(incidents: list[Incident], base: str, now: datetime) -> ElementTree.Element:
    """An Atom feed with one entry for each incident, newest first."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "id", f"{base}/incidents.atom")
    _add(feed, "title", "Alerter: incidents")
    _add(feed, "updated", max((it.last_seen for it in incidents), default=now).isoformat())
    ElementTree.SubElement(_add(feed, "author", ""), "name").text = "Alerter"
    ElementTree.SubElement(feed, "link", rel="self", href=f"{base}/incidents.atom")
    for incident in incidents:
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", f"urn:alerter:incident:{incident.id}")
        _add(entry, "title", f"[{incident.severity}] {safe_text(incident.headline)}")
        _add(entry, "updated", incident.last_seen.isoformat())
        _add(entry, "published", incident.first_seen.isoformat())
        _add(entry, "summary", safe_text(incident.summary or incident.headline))
        ElementTree.SubElement(entry, "link", href=f"{base}/incidents/{incident.id}")
    return feed


def feature(incident: Incident) -> dict[str, Any]:
    """An incident with coordinates as a GeoJSON feature; longitude stands first."""
    lat, lon = _point(incident) or (0.0, 0.0)
    return {
        "type": "Feature",
        "id": incident.id,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "number": incident.number,
            "headline": incident.headline,
            "category": incident.category.value,
            "severity": incident.severity.value,
            "urgency": incident.urgency.value,
            "certainty": incident.certainty.value,
            "phase": incident.phase.value,
            "last_seen": incident.last_seen.isoformat(),
            "url": safe_link(next((source.url for source in incident.sources), None)),
        },
    }


def has_point(incident: Incident) -> bool:
    """Whether it can be put on a map."""
    return _point(incident) is not None


def _point(incident: Incident) -> tuple[float, float] | None:
    place = incident.place
    if place is None or place.lat is None or place.lon is None:
        return None
    return place.lat, place.lon


def _sender(settings: AlerterSettings) -> str:
    return (settings.web.url or "alerter").replace(" ", "").replace(",", "")


def _cap_time(moment: datetime) -> str:
    """The schema wants a numeric offset: `Z` is refused."""
    return moment.isoformat(timespec="seconds")


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text or None
    return element


def _xml(root: ElementTree.Element, media_type: str) -> Response:
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(content, media_type=media_type)
