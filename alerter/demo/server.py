"""A loopback server whose feeds grow as a given clock advances."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from alerter.demo.scenario import Scenario


@contextmanager
def serve(scenario: Scenario, clock: Callable[[], datetime]) -> Iterator[str]:
    """Serve `/NAME.xml` for each outlet, with ETags; gives the base URL."""
    names = {f"/{outlet.name}.xml": outlet.name for outlet in scenario.outlets}

    class Feeds(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = names.get(self.path)
            if name is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = scenario.feed(name, clock())
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            unchanged = self.headers.get("If-None-Match") == etag
            self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else HTTPStatus.OK)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", "0" if unchanged else str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing: the demo's terminal is for alerts."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Feeds)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
