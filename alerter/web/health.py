"""`/healthz`: 200 only while polling, assessing and delivering make progress."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from alerter.web.view import View


def healthz(view: View, _request: Request) -> JSONResponse:
    """Steps that are stuck or failing, with their reasons; 503 when there is one."""
    now = view.clock()
    stuck = view.progress.stuck(now)
    failed = dict(view.progress.failed)
    body = {
        "ok": not stuck and not failed,
        "stuck": stuck,
        "failed": failed,
        "last_progress": {
            step: at.isoformat(timespec="seconds") for step, at in view.progress.ended.items()
        },
    }
    return JSONResponse(body, status_code=200 if body["ok"] else 503)
