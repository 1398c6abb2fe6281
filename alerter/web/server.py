"""The web edge in a thread of its own; the rest of the daemon stays synchronous."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import uvicorn

from alerter.config.settings import AlerterSettings
from alerter.domain.errors import AlerterError
from alerter.pipeline.progress import Progress
from alerter.store import Store
from alerter.web.app import make_app
from alerter.web.view import View

STOP_WITHIN_S: Final = 5.0


class WebServer:
    """Serves the console from `start` to `stop`. Listens at once, so a taken port is an error."""

    def __init__(
        self,
        settings: AlerterSettings,
        store: Store,
        progress: Progress,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._socket = _listen(settings.web.listen)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        view = View(
            store=store,
            settings=settings,
            progress=progress,
            clock=clock or (lambda: datetime.now(UTC)),
        )
        config = uvicorn.Config(
            make_app(view),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            limit_concurrency=64,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="web", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Let requests in hand end, then close."""
        self._server.should_exit = True
        self._thread.join(STOP_WITHIN_S)
        self._socket.close()


def _listen(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, int(port)))
        bound.listen(64)
    except (OSError, OverflowError) as error:
        bound.close()
        raise AlerterError(f"web.listen: cannot listen on {listen}: {error}") from error
    return bound
