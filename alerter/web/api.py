"""`/api/v1`: what the console shows, as JSON for other programs. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from alerter import __version__
from alerter.notify.payload import incident_json, rfc3339
from alerter.web.view import View

MAX_ROWS: Final = 500
HIDDEN: Final = frozenset({"payload", "etag", "last_modified", "body_hash", "lease_until"})


def incidents(view: View, request: Request) -> JSONResponse:
    """Newest first, in the shape of the webhook contract."""
    with view.store.read() as tx:
        found = tx.incidents.page(limit=_limit(request))
    missions = [mission.mission() for mission in view.settings.missions]
    base = view.settings.web.url
    return JSONResponse(
        [incident_json(incident, missions=missions, base_url=base) for incident in found]
    )


def incident(view: View, request: Request) -> JSONResponse:
    """One incident by id or number, with its deliveries."""
    with view.store.read() as tx:
        found = tx.incidents.get(request.path_params["id"])
        if found is None:
            return JSONResponse({"error": "there is no such incident"}, status_code=404)
        told = tx.deliveries.of_subject(found.id)
    missions = [mission.mission() for mission in view.settings.missions]
    shown = incident_json(found, missions=missions, base_url=view.settings.web.url)
    return JSONResponse({**shown, "deliveries": [plain(row) for row in told]})


def feeds(view: View, _request: Request) -> JSONResponse:
    """All feeds with their health; URLs of feeds may hold keys, so only their host is shown."""
    with view.store.read() as tx:
        found = tx.feeds.all()
    rows = [plain(feed) for feed in found]
    for row in rows:
        for key in ("url", "configured_url", "moved_to"):
            row.pop(key, None)
        row["reason"] = row.pop("health_reason")
    return JSONResponse(rows)


def deliveries(view: View, request: Request) -> JSONResponse:
    """Newest first; without the messages themselves."""
    with view.store.read() as tx:
        found = tx.deliveries.newest(limit=_limit(request))
    return JSONResponse([plain(row) for row in found])


def missions(view: View, _request: Request) -> JSONResponse:
    """The configured posts."""
    return JSONResponse([plain(mission.mission()) for mission in view.settings.missions])


def risk(view: View, _request: Request) -> JSONResponse:
    """The latest risk level of each mission and host state."""
    with view.store.read() as tx:
        found = tx.risk.latest().values()
    return JSONResponse([plain(row) for row in found])


def plain(value: Any) -> Any:
    """A frozen value as JSON: enums by their words, times in RFC 3339, spans in seconds."""
    rows: dict[str, Any] = {
        key: _json(inner) for key, inner in asdict(value).items() if key not in HIDDEN
    }
    return rows


def _json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime():
            return rfc3339(value)
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _json(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_json(inner) for inner in value]
    return value


def _limit(request: Request) -> int:
    try:
        asked = int(request.query_params.get("limit", "100"))
    except ValueError:
        asked = 100
    return max(1, min(MAX_ROWS, asked))


PATHS: Final = {
    "/api/v1/incidents": "Incidents, newest first",
    "/api/v1/incidents/{id}": "One incident, by id or number",
    "/api/v1/feeds": "Feeds and their health",
    "/api/v1/deliveries": "Deliveries, newest first",
    "/api/v1/missions": "The configured posts",
    "/api/v1/risk": "Risk levels of missions and host states",
}


def openapi(_view: View, _request: Request) -> JSONResponse:
    """What there is, as OpenAPI 3.1."""
    return JSONResponse(
        {
            "openapi": "3.1.0",
            "info": {"title": "Alerter", "version": __version__},
            "paths": {path: {"get": _operation(path, text)} for path, text in PATHS.items()},
        }
    )


def _operation(path: str, summary: str) -> dict[str, Any]:
    found = {"200": {"description": "JSON", "content": {"application/json": {"schema": {}}}}}
    named = "{id}" in path
    where = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": MAX_ROWS}}
    missing = {"404": {"description": "There is no such incident"}} if named else {}
    return {
        "summary": summary,
        "parameters": [where] if named else [limit],
        "responses": {**found, **missing},
    }
