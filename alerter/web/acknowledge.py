"""The page behind the link in an alert: GET shows, only POST acknowledges.

Mail scanners open every link; they must not acknowledge anything.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from alerter.notify.ack import AckError
from alerter.pipeline.acknowledge import acknowledge_by_link, look_at_link
from alerter.web.view import View

MAX_BODY: Final = 4_096


async def show(view: View, request: Request) -> HTMLResponse:
    """What would be acknowledged, with a button."""
    token = request.path_params["token"]
    try:
        shown = await run_in_threadpool(look_at_link, view.store, token, now=view.clock())
    except AckError as error:
        return _say(view, "This link cannot be used", str(error), status=410)
    return _say(view, shown.headline, shown.text, form=shown.open)


async def act(view: View, request: Request) -> HTMLResponse:
    """Acknowledge in the name that was typed."""
    who = await _who(request)
    if not who:
        return _say(view, "Who are you?", "Go back and type your name.", status=400)
    token = request.path_params["token"]
    try:
        done = await run_in_threadpool(
            acknowledge_by_link, view.store, token, who=who, now=view.clock()
        )
    except AckError as error:
        return _say(view, "This link cannot be used", str(error), status=410)
    return _say(view, "Acknowledged" if done.fresh else "Already acknowledged", done.text)


async def _who(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return ""
    fields = parse_qs(body.decode("utf-8", "replace"))
    return " ".join(fields.get("who", [""])[0].split())[:80]


def _say(
    view: View, heading: str, text: str, *, form: bool = False, status: int = 200
) -> HTMLResponse:
    return view.page("ack.html", status=status, heading=heading, text=text, form=form)
