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
from alerter.pipeline.acknowledge import Acknowledged, acknowledge, look
from alerter.web.view import View, utc

MAX_BODY: Final = 4_096


async def show(view: View, request: Request) -> HTMLResponse:
    """What would be acknowledged, with a button."""
    token = request.path_params["token"]
    try:
        done = await run_in_threadpool(_look, view, token)
    except AckError as error:
        return _say(view, "This link cannot be used", str(error), status=410)
    heading, before = done
    if before is not None:
        return _say(view, heading, _sentence(before))
    return _say(view, heading, "Nobody has taken this in hand by this link yet.", form=True)


async def act(view: View, request: Request) -> HTMLResponse:
    """Acknowledge in the name that was typed."""
    who = await _who(request)
    if not who:
        return _say(view, "Who are you?", "Go back and type your name.", status=400)
    token = request.path_params["token"]
    try:
        done = await run_in_threadpool(
            acknowledge, view.store, token=token, who=who, now=view.clock()
        )
    except AckError as error:
        return _say(view, "This link cannot be used", str(error), status=410)
    return _say(view, "Acknowledged" if done.fresh else "Already acknowledged", _sentence(done))


def _look(view: View, token: str) -> tuple[str, Acknowledged | None]:
    claim, before = look(view.store, token=token, now=view.clock())
    with view.store.read() as tx:
        incident = tx.incidents.get(claim.subject)
    heading = f"#{incident.number} {incident.headline}" if incident else claim.subject
    return heading, before


def _sentence(done: Acknowledged) -> str:
    return f"{done.ack.who} has it in hand since {utc(done.ack.at)}, until {utc(done.ack.until)}."


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
