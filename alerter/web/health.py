"""`/healthz`: 200 only while polling, assessing and delivering make progress."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from alerter.domain.errors import StoreError
from alerter.notify.breaker import nobody_reached
from alerter.web.view import View


def healthz(view: View, _request: Request) -> JSONResponse:
    """Steps that are stuck or failing, with their reasons; 503 when there is one.

    Delivering fails too while no receiver takes messages: only a monitor can still say so.
    """
    now = view.clock()
    stuck = view.progress.stuck(now)
    failed = dict(view.progress.failed)
    unheard = _unheard(view)
    if unheard is not None:
        failed.setdefault("deliver", unheard)
    body = {
        "ok": not stuck and not failed,
        "stuck": stuck,
        "failed": failed,
        "last_progress": {
            step: at.isoformat(timespec="seconds") for step, at in view.progress.ended.items()
        },
    }
    return JSONResponse(body, status_code=200 if body["ok"] else 503)


def _unheard(view: View) -> str | None:
    try:
        with view.store.read() as tx:
            targets = tx.decisions.targets()
    except StoreError as error:
        return str(error)
    return nobody_reached(targets, (each.name for each in view.settings.receivers), view.clock())
