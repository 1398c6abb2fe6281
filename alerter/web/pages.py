"""The pages of the console: incidents, one incident, feeds."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from alerter.domain.incident import Incident
from alerter.domain.scales import FeedHealth
from alerter.notify.geography import local_zone, zone_or_utc
from alerter.notify.moment import day_or_moment
from alerter.web.view import View

NEWEST: Final = 100
WELL: Final = (FeedHealth.OK, FeedHealth.NEW)


def overview(view: View, _request: Request) -> HTMLResponse:
    """Incidents, newest first, and how the watch is doing."""
    with view.store.read() as tx:
        incidents = tx.incidents.page(limit=NEWEST)
        feeds = tx.feeds.all()
        waiting = sum(tx.deliveries.waiting_counts().values())
    polled = [feed.last_polled for feed in feeds if feed.last_polled]
    return view.page(
        "overview.html",
        incidents=incidents,
        feeds_all=len(feeds),
        feeds_ok=sum(feed.health in WELL for feed in feeds),
        troubled=[feed for feed in feeds if feed.health not in WELL],
        last_poll=max(polled, default=None),
        waiting=waiting,
    )


def incident(view: View, request: Request) -> HTMLResponse:
    """One incident with its evidence, its sources and who was told."""
    with view.store.read() as tx:
        found = tx.incidents.get(request.path_params["id"])
        if found is None:
            return missing(view, request, None)
        deliveries = tx.deliveries.of_subject(found.id)
    zone = zone_or_utc(local_zone(found.host, _point(found)))
    posts = {mission.id: mission.name for mission in view.settings.missions}
    return view.page(
        "incident.html",
        it=found,
        deliveries=deliveries,
        posts=posts,
        when=day_or_moment(found.event_time, zone, view.clock()),
        ahead=day_or_moment(found.date_ahead, zone, view.clock()),
    )


def _point(incident: Incident) -> tuple[float, float] | None:
    place = incident.place
    if place is None or place.lat is None or place.lon is None:
        return None
    return place.lat, place.lon


def feeds(view: View, _request: Request) -> HTMLResponse:
    """Every feed, those that are not well first."""
    with view.store.read() as tx:
        found = sorted(tx.feeds.all(), key=lambda feed: (feed.health in WELL, feed.name))
    return view.page("feeds.html", feeds=found)


def missing(view: View, _request: Request, _error: Exception | None) -> HTMLResponse:
    """There is no such page."""
    return view.page("missing.html", status=404)
