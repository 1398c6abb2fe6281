"""The whole program on a virtual clock: real feeds, a real mail server, a real webhook sink."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as email_policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any, Self

from aiosmtpd.controller import Controller

from alerter.config.load import load
from alerter.pipeline.flow import Flow
from alerter.store import Store
from tests.fakes import FeedServer, Item

TICK = timedelta(minutes=1)


@dataclass
class Hook:
    """One message that the webhook sink took."""

    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


class HookSink:
    """A webhook receiver on loopback. `statuses` are given out first, then 200."""

    def __init__(self) -> None:
        self.taken: list[Hook] = []
        self.arrived = threading.Event()
        self.refused: list[Hook] = []
        self.statuses: list[int] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = sink.statuses.pop(0) if sink.statuses else 200
                hook = Hook(body=body, headers=dict(self.headers.items()))
                (sink.taken if status < 300 else sink.refused).append(hook)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if status < 300:
                    sink.arrived.set()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Mailbox:
    """Takes every mail; aiosmtpd calls it."""

    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        """Keep the mail."""
        mail = BytesParser(policy=email_policy).parsebytes(envelope.original_content)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        return "250 taken"


def free_port() -> int:
    """A port that was free a moment ago: this mail server cannot choose one by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class World:
    """A configured Alerter and the servers around it, at a time that the test moves."""

    def __init__(self, folder: Path, start: datetime, *, config: str) -> None:
        self._stack = ExitStack()
        self.now = start
        self.feeds = self._stack.enter_context(FeedServer())
        self.hooks = self._stack.enter_context(HookSink())
        self.mails = Mailbox()
        port = free_port()
        smtp = Controller(self.mails, hostname="127.0.0.1", port=port)
        smtp.start()
        self._stack.callback(smtp.stop)
        text = Template(config).substitute(
            feeds=self.feeds.url(""),
            hook=self.hooks.url,
            smtp_port=port,
            state=folder / "alerter.db",
        )
        self.config = folder / "alerter.yaml"
        self.config.write_text(text, encoding="utf-8")
        self.settings = load(self.config)
        self.store = Store.open(self.settings.state)
        self._stack.callback(self.store.close)
        self.flow = Flow.open(self.settings, self.store)
        self._stack.callback(self.flow.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def publish(self, path: str, title: str, summary: str = "") -> None:
        """Put an item on a feed, published now."""
        script = self.feeds.scripts.get(path) or self.feeds.feed(path)
        number = len(script.items) + 1
        script.items.insert(
            0,
            Item(
                guid=f"{path}-{number}",
                link=f"https://example.org{path}/{number}",
                title=title,
                summary=summary,
                published=self.now,
            ),
        )

    def run(self, **span: float) -> None:
        """Let time pass, minute by minute, with every step at each."""
        until = self.now + timedelta(**span)
        while self.now < until:
            self.now += TICK
            self.flow.once(self.now)
