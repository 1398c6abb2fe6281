"""Parse in processes that are killed when they hang or eat memory. One document costs one feed."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import alerter
from alerter.collect.parse import Document, is_blank
from alerter.collect.split import HASH_BYTES
from alerter.collect.wire import receive, send, unpack_document
from alerter.domain.article import Entry
from alerter.domain.errors import FeedError

PROCESSES: Final = 2
MEMORY: Final = 1536 * 2**20  # address space of a worker, of which a feed needs some 100 MB
TIRED: Final = 200 * 2**20  # a worker that has been larger than this is replaced after its document
CHUNK: Final = 200  # items a request: bounds memory and makes the deadline one per 200 items
MAX_CASUALTIES: Final = 12  # workers that one document may kill while we look for the bad item
KEPT_BYTES: Final = 64 * 1024  # of what is rejected
START_SECONDS: Final = 15.0

Kind = Literal["xml", "mapped", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A document to parse. `known` are the hashes of items that need no parsing."""

    body: bytes = field(repr=False)
    base: str
    now: datetime
    kind: Kind = "xml"
    charset: str | None = None
    lang: str | None = None
    mapping: dict[str, str | None] | None = None
    known: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What could not be parsed, shortened, and why."""

    content: bytes = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The new entries of a document.

    `hashes` are those of all its items in their order, known or not, and () when the document was
    not cut; `fresh` says which of them each entry belongs to. `about` is what the document says of
    the feed.
    """

    entries: tuple[Entry, ...]
    about: Document
    hashes: tuple[bytes, ...] = ()
    fresh: tuple[bytes, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @property
    def listed(self) -> int:
        """How many entries the document lists."""
        return len(self.hashes) or len(self.entries)


class WorkerDied(FeedError):
    """The worker hung, crashed or ran out of memory over this request."""


class ParsePool:
    """A few parse workers, started when first needed. Safe to share between threads."""

    def __init__(self, *, timeout: timedelta, processes: int = PROCESSES) -> None:
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        self._all = [_Process(timeout) for _ in range(processes)]
        for process in self._all:
            self._idle.put(process)

    def close(self) -> None:
        """End all workers."""
        for process in self._all:
            process.kill()

    def parse(self, raw: Raw) -> Parsed:
        """All new entries of a document. Raises FeedError when it gives none at all."""
        with self._borrow() as process:
            return _Session(process, raw).parse()

    def full_text(self, page: bytes, *, url: str) -> str:
        """The article in an HTML page, or "". Raises FeedError."""
        with self._borrow() as process:
            answer = process.ask({"do": "fulltext", "base": url}, page)
            return str(answer["text"])

    @contextmanager
    def _borrow(self) -> Iterator[_Process]:
        process = self._idle.get()
        try:
            yield process
        finally:
            process.rest()
            self._idle.put(process)


class _Session:
    """One document in one worker, reopened in a new one when it kills it."""

    def __init__(self, process: _Process, raw: Raw) -> None:
        self._process = process
        self._raw = raw
        self._casualties = 0
        self._rejected: list[Rejected] = []
        self._about: Document | None = None
        self._first: dict[str, Any] | None = None  # the first range, parsed by `open`

    def parse(self) -> Parsed:
        """Open, then parse what is fresh in chunks."""
        opened = self._open_ahead()
        self._first = opened.get("first")
        hashes = _pieces(bytes.fromhex(opened["hashes"]))
        if hashes and not opened["fresh"]:
            return Parsed(entries=(), about=Document(), hashes=hashes)
        known = set(_pieces(self._raw.known))
        fresh = [digest for digest in hashes if digest not in known]
        entries: list[Entry] = []
        kept: list[bytes] = []
        for start, stop in _ranges(opened["fresh"]):
            for index, found, whole in self._range(start, stop):
                if whole:
                    seen = [entry for entry in found if not is_blank(entry)]
                    return self._parsed(seen, hashes=hashes, fresh=())
                told = [at for at, entry in enumerate(found) if not is_blank(entry)]
                entries += [found[at] for at in told]
                kept += [fresh[index + at] for at in told if fresh]
        return self._parsed(entries, hashes=hashes, fresh=tuple(kept))

    def _parsed(
        self, entries: list[Entry], *, hashes: tuple[bytes, ...], fresh: tuple[bytes, ...]
    ) -> Parsed:
        if not entries and self._rejected:
            raise FeedError(self._rejected[0].reason)
        return Parsed(
            entries=tuple(entries),
            about=self._about or Document(),
            hashes=hashes,
            fresh=fresh,
            rejected=tuple(self._rejected),
        )

    def _open_ahead(self) -> dict[str, Any]:
        """Open and parse the first items; where that kills the worker, open alone."""
        try:
            return self._open(ahead=CHUNK)
        except FeedError:
            self._casualties += 1
            return self._open()

    def _open(self, *, ahead: int = 0) -> dict[str, Any]:
        raw = self._raw
        request = {
            "do": "open",
            "kind": raw.kind,
            "base": raw.base,
            "now": raw.now.isoformat(),
            "charset": raw.charset,
            "lang": raw.lang,
            "mapping": raw.mapping,
            "known": len(raw.known),
            "ahead": ahead,
        }
        return self._process.ask(request, raw.known + raw.body)

    def _range(self, start: int, stop: int) -> Iterator[tuple[int, list[Entry], bool]]:
        """Parse a range; when that fails, its halves, down to the item that is to blame."""
        answer, self._first = self._first, None
        try:
            answer = answer or self._ask("parse", start, stop)
        except FeedError as error:
            if stop - start <= 1 or self._casualties > MAX_CASUALTIES:
                self._reject(start, stop, str(error))
                return
            middle = (start + stop) // 2
            yield from self._range(start, middle)
            yield from self._range(middle, stop)
            return
        document = unpack_document(answer)
        self._about = self._about or document
        yield start, list(document.entries), answer["whole"]

    def _reject(self, start: int, stop: int, reason: str) -> None:
        for index in range(start, stop):
            content = b""
            with contextlib.suppress(FeedError):
                content = bytes.fromhex(self._ask("item", index, KEPT_BYTES)["item"])
            self._rejected.append(Rejected(content=content, reason=reason))

    def _ask(self, do: str, start: int, stop: int) -> dict[str, Any]:
        try:
            return self._process.ask({"do": do, "start": start, "stop": stop})
        except WorkerDied:
            self._casualties += 1
            self._open()
            raise


class _Process:
    """One worker process, started on demand."""

    def __init__(self, timeout: timedelta) -> None:
        self._timeout = timeout.total_seconds()
        self._popen: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._peak = 0

    def ask(self, request: dict[str, Any], blob: bytes = b"") -> dict[str, Any]:
        """The answer within the deadline, else WorkerDied and the worker is gone."""
        patience = self._timeout if self._popen else self._timeout + START_SECONDS
        sock = self._sock or self._start()
        until = time.monotonic() + patience
        try:
            sock.settimeout(patience)
            send(sock, request, blob)
            answer, _ = receive(sock, until=until)
        except TimeoutError as error:
            self.kill()
            raise WorkerDied(f"parsing took longer than {self._timeout:g}s") from error
        except (EOFError, OSError, ValueError) as error:
            self.kill()
            raise WorkerDied("the parser crashed on this document") from error
        self._peak = max(self._peak, answer.get("peak", 0))
        if "error" in answer:
            raise FeedError(str(answer["error"]))
        return answer

    def rest(self) -> None:
        """Called between documents: one that has grown is replaced."""
        if self._peak > TIRED:
            self.kill()

    def kill(self) -> None:
        """End the process now, whatever it does."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()
        if self._sock is not None:
            self._sock.close()
        self._popen, self._sock, self._peak = None, None, 0

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                [
                    sys.executable,
                    "-m",
                    "alerter.collect.worker",
                    *(str(theirs.fileno()), str(MEMORY), str(int(self._timeout * 2) + 30)),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us; the worker ends when we close
            )
        self._sock = ours
        return ours


def _environment() -> dict[str, str]:
    """Nothing of ours but where Python is: a worker needs no secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    package = str(Path(alerter.__file__).parents[1])
    return kept | {"PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1"}


def _ranges(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, CHUNK):
        yield start, min(start + CHUNK, count)


def _pieces(blob: bytes) -> tuple[bytes, ...]:
    return tuple(blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES))
