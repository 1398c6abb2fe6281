"""The parse worker: a process that eats one document at a time and may be killed at any moment.

Started by `collect.parsing` as `python -m alerter.collect.worker FD MEMORY SECONDS`. It is told to
`open` a document, answers with the hashes of its items and how many of them are fresh, and parses
ranges of the fresh ones on demand, so that one item that cannot be parsed costs itself alone. The
first range comes with the answer to `open`.
"""

from __future__ import annotations

import resource
import signal
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from alerter.collect.bombs import refuse_bombs
from alerter.collect.charset import to_utf8
from alerter.collect.dropped import parse_dropped
from alerter.collect.fulltext import extract_text
from alerter.collect.jsonfeeds import parse_json_feed, parse_mapped, read_json
from alerter.collect.parse import Document, parse_xml
from alerter.collect.split import HASH_BYTES, Parts, item_hash, split
from alerter.collect.wire import pack_document, receive, send
from alerter.domain.errors import FeedError

MAX_FILES: Final = 64


class Opened:
    """One document in the hands of the worker."""

    def __init__(self, request: dict[str, Any], blob: bytes) -> None:
        self._request = request
        self._now = datetime.fromisoformat(request["now"])
        known_length = request["known"]
        self._body = blob[known_length:]
        self._parts: Parts | None = None
        self.hashes: tuple[bytes, ...] = ()
        self._fresh: tuple[bytes, ...] = ()
        if request["kind"] == "xml":
            self._cut(blob[:known_length])

    @property
    def fresh(self) -> int:
        """How many items must be parsed; a document that was not cut counts as one."""
        return len(self._fresh) if self._parts else 1

    def item(self, index: int) -> bytes:
        """One fresh item as it is written."""
        return self._fresh[index] if self._parts else self._body

    def parse(self, start: int, stop: int) -> tuple[Document, bool]:
        """Entries of fresh items, one for each; or of the whole document, and then True."""
        if self._parts is None:
            return self._parse_whole(), True
        wanted = self._fresh[start:stop]
        for piece in (self._parts.head, *wanted):
            refuse_bombs(piece)
        document = self._parse_xml(self._parts.document(wanted))
        if len(document.entries) == len(wanted):
            return document, False
        return self._parse_whole(), True

    def _cut(self, known: bytes) -> None:
        self._body = to_utf8(
            self._body, charset=self._request["charset"], lang=self._request["lang"]
        )
        if self._body.lstrip()[:1] in (b"{", b"["):
            self._request["kind"] = "json"
            return
        self._parts = split(self._body)
        if self._parts is None:
            return
        seen = {known[at : at + HASH_BYTES] for at in range(0, len(known), HASH_BYTES)}
        self.hashes = tuple(item_hash(item) for item in self._parts.items)
        self._fresh = tuple(
            item
            for item, digest in zip(self._parts.items, self.hashes, strict=True)
            if digest not in seen
        )

    def _parse_xml(self, body: bytes) -> Document:
        return parse_xml(body, base=self._request["base"], now=self._now)

    def _parse_whole(self) -> Document:
        kind, base = self._request["kind"], self._request["base"]
        if kind == "dropped":
            return parse_dropped(base, self._body, now=self._now)
        if kind == "mapped":
            mapping = self._request["mapping"]
            return parse_mapped(read_json(self._body), mapping, base=base, now=self._now)
        if kind == "json":
            return parse_json_feed(read_json(self._body), base=base, now=self._now)
        refuse_bombs(self._body)
        return self._parse_xml(self._body)


class Worker:
    """Answers requests until the other side closes."""

    def __init__(self, sock: socket.socket, *, seconds: int) -> None:
        self._sock = sock
        self._seconds = seconds
        self._opened: Opened | None = None

    def run(self) -> None:
        """One request after the other. An alarm ends a process whose owner died while it hung."""
        while True:
            try:
                request, blob = receive(self._sock)
            except EOFError:
                return
            signal.alarm(self._seconds)
            send(self._sock, self._answer(request, blob))
            signal.alarm(0)

    def _answer(self, request: dict[str, Any], blob: bytes) -> dict[str, Any]:
        try:
            return self._do(request, blob) | {"peak": _peak_bytes()}
        except FeedError as error:
            return {"error": str(error), "peak": _peak_bytes()}
        except MemoryError:
            self._opened = None
            return {"error": "parsing takes too much memory", "peak": sys.maxsize}
        except RecursionError:
            return {"error": "nested too deeply", "peak": _peak_bytes()}

    def _do(self, request: dict[str, Any], blob: bytes) -> dict[str, Any]:
        if request["do"] == "fulltext":
            return {"text": extract_text(blob, url=request["base"])}
        if request["do"] == "open":
            self._opened = Opened(request, blob)
            hashes = b"".join(self._opened.hashes).hex()
            return {"hashes": hashes, "fresh": self._opened.fresh} | self._ahead(request["ahead"])
        if self._opened is None:
            raise FeedError("no document is open")
        if request["do"] == "item":
            return {"item": self._opened.item(request["start"])[: request["stop"]].hex()}
        return _parsed(self._opened, request["start"], request["stop"])

    def _ahead(self, stop: int) -> dict[str, Any]:
        """The first items with the answer to `open`: one question for nearly all documents.

        What cannot be parsed is left out; asked for again, it gives its reason.
        """
        if self._opened is None or not min(stop, self._opened.fresh):
            return {}
        try:
            return {"first": _parsed(self._opened, 0, min(stop, self._opened.fresh))}
        except (FeedError, RecursionError):
            return {}


def _parsed(opened: Opened, start: int, stop: int) -> dict[str, Any]:
    document, whole = opened.parse(start, stop)
    return pack_document(document) | {"whole": whole}


def _peak_bytes() -> int:
    """The most memory this process has held. exec hands on `ru_maxrss`: it may be our parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)


def main() -> None:
    """Limit ourselves, then serve. Memory beyond the limit raises MemoryError here, or kills us."""
    descriptor, memory, seconds = (int(argument) for argument in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_FILES, MAX_FILES))
    Worker(socket.socket(fileno=descriptor), seconds=seconds).run()


if __name__ == "__main__":
    main()
