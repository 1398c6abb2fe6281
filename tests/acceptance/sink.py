"""A receiver with bad days: slow, failing, asking for patience, hanging up."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Arrival:
    """One message that the sink took. `life` is which run of the daemon sent it."""

    receiver: str
    key: str
    subject: str
    revision: int
    life: int
    at: float


class Sink:
    """Takes webhooks on loopback. `moods` are chances; what is left of 1 is taken with 200."""

    def __init__(self, *, seed: int = 1, moods: dict[str, float] | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.refused: dict[str, int] = {}
        self.moods = moods if moods is not None else {}
        self.slow = 0.03
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def mood(self) -> tuple[str, float]:
        """What the next request meets, and after how long."""
        with self._lock:
            draw, pause = self._random.random(), self._random.uniform(0, self.slow)
        for name, chance in self.moods.items():
            draw -= chance
            if draw < 0:
                with self._lock:
                    self.refused[name] = self.refused.get(name, 0) + 1
                return name, pause
        return "take", pause

    def take(self, path: str, body: dict[str, Any]) -> None:
        """Write down what arrived; the path is /LIFE/RECEIVER."""
        _, life, receiver = path.split("/")
        with self._lock:
            self.arrivals.append(
                Arrival(
                    receiver=receiver,
                    key=body["key"],
                    subject=body["incident"]["id"],
                    revision=body["incident"]["revision"],
                    life=int(life),
                    at=time.monotonic(),
                )
            )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed hangs up; that is the point of it."""


def _handler(sink: Sink) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Idempotency-Key"] == body["key"]
            mood, pause = sink.mood()
            time.sleep(pause)
            if mood == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
            elif mood == "take":
                sink.take(self.path, body)
                self._answer(204)
            else:
                self._answer(int(mood))

        def _answer(self, status: int) -> None:
            self.send_response_only(status)
            if status == 429:
                self.send_header("Retry-After", "1")
            if status != 204:
                self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
