"""Routes and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from alerter.web import acknowledge, api, exports, health, metrics, pages
from alerter.web.view import View

HEADERS: Final = {
    # The console needs no script and loads nothing from elsewhere; text from feeds cannot either.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def make_app(view: View) -> Starlette:
    """The ASGI application over `view`. Handlers are synchronous and run in threads."""
    routes = [
        Route("/", partial(pages.overview, view)),
        Route("/incidents/{id}", partial(pages.incident, view)),
        Route("/feeds", partial(pages.feeds, view)),
        Route("/ack/{token}", partial(acknowledge.show, view), methods=["GET"]),
        Route("/ack/{token}", partial(acknowledge.act, view), methods=["POST"]),
        Route("/healthz", partial(health.healthz, view)),
        Route("/metrics", partial(metrics.metrics, view)),
        Route("/api/openapi.json", partial(api.openapi, view)),
        Route("/api/v1/incidents", partial(api.incidents, view)),
        Route("/api/v1/incidents/{id}", partial(api.incident, view)),
        Route("/api/v1/feeds", partial(api.feeds, view)),
        Route("/api/v1/deliveries", partial(api.deliveries, view)),
        Route("/api/v1/missions", partial(api.missions, view)),
        Route("/api/v1/risk", partial(api.risk, view)),
        Route("/cap/{id}.xml", partial(exports.cap, view)),
        Route("/incidents.atom", partial(exports.atom, view)),
        Route("/incidents.geojson", partial(exports.geojson, view)),
        Mount("/static", StaticFiles(directory=str(files("alerter.web") / "static"))),
    ]
    middleware = [
        Middleware(BaseHTTPMiddleware, dispatch=_with_headers),
        Middleware(TrustedHostMiddleware, allowed_hosts=view.hosts()),
    ]
    return Starlette(
        routes=routes, middleware=middleware, exception_handlers={404: partial(pages.missing, view)}
    )


async def _with_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response
