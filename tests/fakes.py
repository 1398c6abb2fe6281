"""Fakes that are real servers: what goes over the wire is not simulated."""

from __future__ import annotations

import gzip
import select
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

DRIP_SECONDS = 0.05


@dataclass
class Item:
    """One item of a scripted feed."""

    title: str
    guid: str | None = None
    link: str | None = None
    summary: str = ""
    published: datetime | str | None = None

    def rss(self) -> str:
        """The item as RSS 2.0."""
        when = self.published
        pub = format_datetime(when) if isinstance(when, datetime) else when
        parts = [f"<title>{escape(self.title)}</title>"]
        parts += [f'<guid isPermaLink="false">{escape(self.guid)}</guid>'] if self.guid else []
        parts += [f"<link>{escape(self.link)}</link>"] if self.link else []
        parts += [f"<description>{escape(self.summary)}</description>"] if self.summary else []
        parts += [f"<pubDate>{escape(pub)}</pubDate>"] if pub else []
        return f"<item>{''.join(parts)}</item>\n"


def rss(items: Sequence[Item], *, title: str = "Daily Post", channel: str = "") -> bytes:
    """A whole RSS 2.0 document. `channel` is put into it as it is (ttl, skipHours, language)."""
    body = "".join(item.rss() for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://news.example/</link>"
        f"<description>News</description>{channel}\n{body}</channel></rss>\n"
    ).encode()


class FakeProxy:
    """A proxy that looks nothing up: whatever is asked of it, it asks of one local port.

    `seen` holds the method, the target and the Proxy-Authorization of each request. With `refuse`
    it answers everything with that status.
    """

    def __init__(self, port: int, *, refuse: int = 0) -> None:
        self.seen: list[tuple[str, str, str | None]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _ask(self) -> socket.socket | None:
                seen = (self.command, self.path, self.headers.get("Proxy-Authorization"))
                proxy.seen.append(seen)
                if refuse:
                    self.send_error(refuse)
                    return None
                return socket.create_connection(("127.0.0.1", port), 5)

            def do_CONNECT(self) -> None:
                if behind := self._ask():
                    self.send_response(200)
                    self.end_headers()
                    _relay(self.connection, behind)
                self.close_connection = True

            def do_GET(self) -> None:
                if behind := self._ask():
                    path = urlsplit(self.path).path
                    behind.sendall(f"GET {path} HTTP/1.0\r\nHost: proxied\r\n\r\n".encode())
                    _relay(self.connection, behind)
                self.close_connection = True

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until either side has ended."""
    with other:
        while True:
            ready, _, _ = select.select((one, other), (), (), 5)
            for each in ready:
                data = each.recv(65536)
                if not data:
                    return
                (other if each is one else one).sendall(data)
            if not ready:
                return


@dataclass
class Script:
    """What the server answers on one path. Everything may be changed while it runs.

    `items` makes the body unless `body` is given. `etag` and `last_modified` switch on
    conditional answers; `etag=True` makes a tag of the body. `gzipped` compresses the body.
    Misbehaviour: `hang` seconds before the status line, `drip_headers` and `drip_body` send a
    byte each `DRIP_SECONDS`, `endless` repeats the body for ever, `reset_after` breaks the
    connection after so many bytes of the body, `location` redirects.
    """

    items: list[Item] = field(default_factory=list)
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/rss+xml; charset=utf-8"
    etag: str | bool | None = None
    last_modified: str | None = None
    location: str | None = None
    title: str = "Daily Post"
    channel: str = ""
    gzipped: bool = False
    hang: float = 0.0
    drip_headers: bool = False
    drip_body: bool = False
    endless: bool = False
    reset_after: int | None = None

    def content(self) -> bytes:
        """The body as it is now."""
        if self.body is not None:
            return self.body
        return rss(self.items, title=self.title, channel=self.channel)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    at: float
    status: int


class FeedServer:
    """A real HTTP server on 127.0.0.1 with scripted paths. Use as a context manager.

    `server.feed("/a.xml", Item("Title"))` adds a path and answers its Script; `server.url("/a.xml")`
    is where it is. `server.requests("/a.xml")` is what has been asked so far. With `tls` it speaks
    HTTPS. A path that was never scripted answers 404.
    """

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.scripts: dict[str, Script] = {}
        self.stopping = threading.Event()
        self._seen: defaultdict[str, list[Seen]] = defaultdict(list)
        self._lock = threading.Lock()
        self._server = _Server((host, 0), _Handler)
        self._server.owner = self
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The free port that was taken."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        """The address of one path."""
        return f"{self._scheme}://{self._server.server_address[0]!s}:{self.port}{path}"

    def feed(self, path: str, *items: Item, **script: Any) -> Script:
        """Script one path; a second call replaces the first."""
        made = Script(items=list(items), **script)
        self.scripts[path] = made
        return made

    def requests(self, path: str | None = None) -> list[Seen]:
        """What arrived, in order; of one path, or of all."""
        with self._lock:
            if path is not None:
                return list(self._seen[path])
            return sorted((seen for all_ in self._seen.values() for seen in all_), key=_at)

    def record(self, seen: Seen) -> None:
        """Called by the handler."""
        with self._lock:
            self._seen[seen.path].append(seen)


def _at(seen: Seen) -> float:
    return seen.at


class _Server(ThreadingHTTPServer):
    owner: FeedServer
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        owner = self.server.owner
        script = owner.scripts.get(self.path) or Script(status=404, body=b"no such feed")
        if script.hang:
            owner.stopping.wait(script.hang)
        status, headers, body = _answer(script, self.headers)
        owner.record(Seen(self.path, dict(self.headers.items()), time.monotonic(), status))
        self._send_head(script, status, headers)
        self._send_body(script, body)

    def _send_head(self, script: Script, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('Odd', ''))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), drip=script.drip_headers)

    def _send_body(self, script: Script, body: bytes) -> None:
        if script.reset_after is not None:
            self._write(body[: script.reset_after])
            self.close_connection = True
            return
        self._write(body, drip=script.drip_body)
        while script.endless and not self.server.owner.stopping.is_set():
            self._write(body or b"\n" * 1024)
        self.close_connection = self.close_connection or script.endless

    def _write(self, content: bytes, *, drip: bool = False) -> None:
        if not drip:
            self.wfile.write(content)
            return
        for byte in content:
            if self.server.owner.stopping.wait(DRIP_SECONDS):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _answer(script: Script, asked: Any) -> tuple[int, dict[str, str], bytes]:
    body = script.content()
    headers = {"Date": format_datetime(datetime.now().astimezone())} | script.headers
    etag = f'"{hash(body) & 0xFFFFFFFF:x}"' if script.etag is True else script.etag
    if etag:
        headers["ETag"] = etag
    if script.last_modified:
        headers["Last-Modified"] = script.last_modified
    if script.location:
        headers["Location"] = script.location
    if script.status == 200 and _unchanged(script, etag or None, asked):
        return 304, headers, b""
    if script.gzipped:
        body = gzip.compress(body)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Type"] = script.content_type
    if not script.endless:
        headers["Content-Length"] = str(len(body))
    return script.status, headers, body


def _unchanged(script: Script, etag: str | None, asked: Any) -> bool:
    if etag is not None:
        return bool(asked.get("If-None-Match") == etag)
    given = script.last_modified
    return given is not None and bool(asked.get("If-Modified-Since") == given)
