"""Poll many feeds at once: a fixed number of threads, one client, a few parse processes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog

from alerter.collect.auth import Credentials, credentials
from alerter.collect.fetch import Answer, Asked, Fetched, Fetcher, FetchFailed, Trouble, Unchanged
from alerter.collect.folder import read_folder
from alerter.collect.outage import Contact
from alerter.collect.parsing import Parsed, ParsePool, Raw
from alerter.collect.turns import Turns
from alerter.config.feeds import FeedSettings, PollSettings
from alerter.domain.errors import FeedError
from alerter.domain.feed import FeedState
from alerter.net import Resolver, look_up

log = structlog.get_logger()

MAX_ASIDE: Final = 1000  # jobs that may wait for their host before no more are taken
WINDOW_SIZE: Final = 4  # jobs in hand for each thread: enough to do while answers are saved
KEPT_BYTES: Final = 64 * 1024  # of a document that is rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One feed to poll. `memory` is what was noted of its last document, which `recall` reads.

    `recall` answers the hashes of the items that need no parsing.
    """

    feed: FeedSettings
    state: FeedState
    now: datetime
    memory: bytes = field(repr=False)
    recall: Callable[[bytes], bytes] = field(repr=False)

    @property
    def known(self) -> bytes:
        """The hashes of the items that need no parsing."""
        return self.recall(self.memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A changed document, parsed."""

    fetched: Fetched
    parsed: Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a job."""

    job: Job
    result: News | Unchanged | FetchFailed
    took: timedelta


class Poller:
    """Long-lived: keeps connections, parse processes and what is in flight. Call `close`.

    One thread starts jobs and collects outcomes; the work is done in threads of its own.
    """

    def __init__(self, poll: PollSettings, *, resolver: Resolver = look_up) -> None:
        self._fetcher = Fetcher(poll, resolver=resolver)
        self._pool = ParsePool(timeout=poll.parse_timeout)
        self._max_bytes = poll.max_bytes
        self._concurrency = poll.concurrency
        self._turns: Turns[Job] = Turns(host_of=_host, per_host=poll.per_host)
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._in_flight: set[str] = set()
        self._contacts: dict[str, Contact] = {}
        self._threads: list[threading.Thread] = []

    def close(self) -> None:
        """Stop after the jobs at hand; what they find is dropped and comes again."""
        self._turns.close()
        for thread in self._threads:
            thread.join()
        self._pool.close()
        self._fetcher.close()

    @property
    def in_flight(self) -> int:
        """How many jobs were started and not collected."""
        return len(self._in_flight)

    @property
    def room(self) -> int:
        """How many more jobs can be started to good use."""
        if self._turns.waiting >= MAX_ASIDE:
            return 0
        return max(WINDOW_SIZE * self._concurrency - self._turns.active, 0)

    @property
    def contacts(self) -> Collection[Contact]:
        """The latest attempt to reach each host."""
        return self._contacts.values()

    def start(self, job: Job) -> None:
        """Queue a job, unless that feed is in flight already."""
        if job.state.name in self._in_flight:
            return
        self._in_flight.add(job.state.name)
        if len(self._threads) < self._concurrency:
            thread = threading.Thread(target=self._work, name="poller", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._turns.put(job)

    def collect(self, *, limit: int, wait: timedelta, gather: timedelta) -> list[Outcome]:
        """Up to `limit` outcomes: waits for the first, then gathers what comes soon after it."""
        found: list[Outcome] = []
        until = time.monotonic() + wait.total_seconds()
        while len(found) < min(limit, len(self._in_flight)):
            try:
                left = until - time.monotonic()
                found.append(self._outcomes.get(block=left > 0, timeout=max(left, 0)))
            except queue.Empty:
                break
            if len(found) == 1:
                until = min(until, time.monotonic() + gather.total_seconds())
        for outcome in found:
            self._in_flight.discard(outcome.job.state.name)
            self._note_contact(outcome)
        return found

    def page(self, url: str) -> Answer:
        """Any page of the web, under the same guard, caps and deadline as a feed."""
        return self._fetcher.fetch(Asked(url=url))

    def parse(self, raw: Raw) -> Parsed:
        """One document, in a parse worker. Raises FeedError."""
        return self._pool.parse(raw)

    def full_text(self, page: bytes, *, url: str) -> str:
        """The article in a page, or "". Raises FeedError."""
        return self._pool.full_text(page, url=url)

    def _note_contact(self, outcome: Outcome) -> None:
        job, result = outcome.job, outcome.result
        if is_folder(job.feed):
            return
        lost = isinstance(result, FetchFailed) and result.trouble is Trouble.NETWORK
        host = str(_host(job))
        self._contacts[host] = Contact(host=host, at=job.now, lost=lost)

    def _work(self) -> None:
        while (job := self._turns.take()) is not None:
            start = time.monotonic()
            try:
                result = self._poll(job)
            except Exception as error:  # a bug costs one feed, not this thread
                log.exception("poll_broke", feed=job.state.name)
                reason = f"internal error: {type(error).__name__}"
                result = FetchFailed(reason=reason, trouble=Trouble.CONTENT)
            took = timedelta(seconds=time.monotonic() - start)
            self._outcomes.put(Outcome(job=job, result=result, took=took))
            self._turns.done(job)

    def _poll(self, job: Job) -> News | Unchanged | FetchFailed:
        if is_folder(job.feed):
            return self._poll_folder(job)
        try:
            answer = self._fetcher.fetch(_question(job, credentials(job.feed.auth)))
        except FeedError as error:
            return FetchFailed(reason=str(error), trouble=Trouble.REFUSED)
        if not isinstance(answer, Fetched):
            return answer
        try:
            return News(fetched=answer, parsed=self._pool.parse(_raw(job, answer)))
        except FeedError as error:
            return FetchFailed(
                reason=str(error), trouble=Trouble.CONTENT, rejected=answer.body[:KEPT_BYTES]
            )

    def _poll_folder(self, job: Job) -> News | Unchanged | FetchFailed:
        try:
            parsed = read_folder(
                job.feed.url, job.known, self._pool, now=job.now, max_bytes=self._max_bytes
            )
        except OSError as error:
            reason = f"cannot read the folder: {error.strerror}"
            return FetchFailed(reason=reason, trouble=Trouble.CONTENT)
        if parsed is None:
            return Unchanged()
        return News(fetched=Fetched(url=job.feed.url, body=b"", body_hash=""), parsed=parsed)


def is_folder(feed: FeedSettings) -> bool:
    """Whether the feed is a watched folder on this machine."""
    return feed.kind == "folder" or feed.url.startswith("file:")


def host_of(url: str) -> str:
    """Host and port: what per-host limits and outages are counted by."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _host(job: Job) -> Hashable:
    return host_of(job.state.url)


def _question(job: Job, shown: Credentials) -> Asked:
    state = job.state
    return Asked(
        url=state.url,
        etag=state.etag,
        last_modified=state.last_modified,
        body_hash=state.body_hash,
        credentials=shown,
    )


def _raw(job: Job, fetched: Fetched) -> Raw:
    mapping = job.feed.json_mapping
    return Raw(
        body=fetched.body,
        base=fetched.url,
        now=job.now,
        kind="mapped" if mapping else "xml",
        charset=fetched.charset,
        lang=job.feed.lang or job.state.lang,
        mapping=mapping.model_dump() if mapping else None,
        known=b"" if mapping else job.known,
    )
