"""The local web of feeds that the benchmarks poll: `python -m benchmarks.serve`.

One process of its own, so that what it costs is not counted as ours. Answers come from asyncio
protocols on raw sockets: about 0.1 ms a request. It listens on many loopback addresses with one
port, so that feeds live on many hosts as they do in the world and limits per host mean something.

    /f/N.xml        a healthy feed            /h/KIND/N.xml   a hostile one, see `benchmarks.hostile`
    /control?k=v    change how it behaves     /log            who asked what, when; forgets it
    /report?feed=N&number=M                   put report M at the top of feed N

`Web` starts it, speaks with it and stops it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

from benchmarks.hostile import KINDS, misbehave
from benchmarks.texts import ENTRY_CHARS, SPACING, document, item, plain_item, report

HOSTS: Final = 50  # healthy feeds share the addresses 127.1.0.x
HOSTILE_HOSTS: Final = 50  # hostile ones have 127.1.1.x
WINDOW: Final = 31  # entries that a feed shows at most when it grows


@dataclass
class Manner:
    """How the server behaves. Everything may be changed while it runs."""

    entries: int = 30
    chars: int = ENTRY_CHARS
    grown: int = 0  # new entries in each feed
    validators: int = 1
    latency_ms: int = 0
    turn_s: int = 0  # each feed gets a new entry once in so many seconds; 0: never


@dataclass
class Farm:
    """All feeds and what was asked of them."""

    port: int
    manner: Manner = field(default_factory=Manner)
    reports: defaultdict[int, list[tuple[int, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    log: list[tuple[float, str, int]] = field(default_factory=list)
    started: float = field(default_factory=time.time)

    def version(self, feed: int) -> int:
        """How many entries this feed has had beyond its first ones."""
        turn = self.manner.turn_s
        turned = int((time.time() - self.started + feed * 7919 % turn) // turn) if turn else 0
        return self.manner.grown + turned

    def body(self, feed: int, version: int) -> bytes:
        """What the feed says now, newest first."""
        manner = self.manner
        newest = manner.entries + version
        shown = range(newest - 1, max(-1, newest - 1 - max(WINDOW, manner.entries)), -1)
        first = self.started - manner.entries * SPACING
        top = [
            item(report(number), link=f"http://news-{feed}.example/report/{number}", stamp=at)
            for number, at in reversed(self.reports[feed])
        ]
        return document(feed, top + [plain_item(feed, n, manner.chars, first) for n in shown])

    def answer(self, feed: int, asked: bytes) -> bytes:
        """The whole response to a conditional GET."""
        version = self.version(feed)
        tag = f'"{feed}-{version}-{len(self.reports[feed])}"'
        if self.manner.validators:
            if tag.encode() in asked:
                return _response(304, b"", f"ETag: {tag}\r\n")
            modified = formatdate(self.started + version, usegmt=True)
            validators = f"ETag: {tag}\r\nLast-Modified: {modified}\r\n"
            return _response(200, self.body(feed, version), validators)
        return _response(200, self.body(feed, version))

    def command(self, target: str) -> Any:
        """`/control`, `/log` and `/report`."""
        parts = urlsplit(target)
        given = {key: int(values[0]) for key, values in parse_qs(parts.query).items()}
        if parts.path == "/log":
            taken, self.log = self.log, []
            return taken
        if parts.path == "/report":
            at = time.time()
            self.reports[given["feed"]].append((given["number"], at))
            return {"at": at}
        for key, value in given.items():
            if not hasattr(self.manner, key):
                return {"error": key}
            setattr(self.manner, key, value)
        return asdict(self.manner)


def _response(status: int, body: bytes, headers: str = "") -> bytes:
    kind = "application/json" if not headers and body[:1] in b"[{" else "application/rss+xml"
    head = (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Modified'}\r\n"
        f"Content-Type: {kind}; charset=utf-8\r\n{headers}"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One request, one answer, closed: clients that poll thousands of hosts find none open."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._read = b""
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.lost = asyncio.Event()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of whoever waits."""
        self.lost.set()
        self.may_write.set()

    def pause_writing(self) -> None:
        """The client reads more slowly than we write."""
        self.may_write.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self.may_write.set()

    def data_received(self, data: bytes) -> None:
        """Answer as soon as the head of the request is complete."""
        self._read += data
        if b"\r\n\r\n" not in self._read:
            return
        request, self._read = self._read, b""
        target = request[4 : request.index(b" ", 4)].decode("latin-1")
        if target.startswith("/f/"):
            delay = self._farm.manner.latency_ms / 1000
            if delay:
                asyncio.get_running_loop().call_later(delay, self._feed, target, request)
            else:
                self._feed(target, request)
        elif target.startswith("/h/"):
            self._farm.log.append((time.time(), target, 0))
            task = asyncio.get_running_loop().create_task(misbehave(self, target))
            task.add_done_callback(lambda done: done.exception())
        else:
            self._send(_response(200, json.dumps(self._farm.command(target)).encode()))

    def _feed(self, target: str, request: bytes) -> None:
        answer = self._farm.answer(int(target[3 : target.index(".")]), request)
        self._farm.log.append((time.time(), target, int(answer[9:12])))
        self._send(answer)

    def _send(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


async def serve(port: int) -> None:
    """Serve until killed, or until standard input ends: the parent is gone."""
    farm = Farm(port=port)
    addresses = [f"127.1.0.{n + 1}" for n in range(HOSTS)]
    addresses += [f"127.1.1.{n + 1}" for n in range(HOSTILE_HOSTS)]
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Connection(farm), addresses, port, backlog=1024)
    print(json.dumps({"port": port}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


class Web:
    """The server as a context manager, and what to say to it."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.1.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serve", "--port", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the feed server did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def feeds(self, count: int, *, first: int = 0) -> list[str]:
        """The URLs of healthy feeds."""
        return [
            f"http://127.1.0.{n % HOSTS + 1}:{self.port}/f/{n}.xml"
            for n in range(first, first + count)
        ]

    def hostile(self, count: int, kinds: Sequence[str] = tuple(KINDS)) -> list[str]:
        """The URLs of hostile feeds, of each kind in turn."""
        return [
            f"http://127.1.1.{n % HOSTILE_HOSTS + 1}:{self.port}/h/{kinds[n % len(kinds)]}/{n}.xml"
            for n in range(count)
        ]

    def control(self, **manner: int) -> None:
        """Change how the server behaves, see `Manner`."""
        answer = self._ask("/control", manner)
        if "error" in answer:
            raise KeyError(answer["error"])

    def report(self, feed: int, number: int) -> float:
        """Put a report at the top of a feed; the time from which it could be read."""
        return float(self._ask("/report", {"feed": feed, "number": number})["at"])

    def log(self) -> list[tuple[float, str, int]]:
        """What was asked since the last call: time, path, status."""
        return [(at, path, status) for at, path, status in self._ask("/log", {})]

    def _ask(self, path: str, given: dict[str, int]) -> Any:
        with urlopen(f"http://127.1.0.1:{self.port}{path}?{urlencode(given)}") as answer:
            return json.load(answer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))
