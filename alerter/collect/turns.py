"""Whose turn it is: a queue of jobs that never lets one host have more than its share."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

J = TypeVar("J")


class Turns(Generic[J]):
    """Jobs for a fixed number of workers, at most `per_host` at once for each host.

    A job whose host is busy waits aside and takes no worker's time.
    """

    def __init__(self, *, host_of: Callable[[J], Hashable], per_host: int) -> None:
        self._host_of = host_of
        self._per_host = per_host
        self._changed = threading.Condition()
        self._ready: deque[J] = deque()
        self._aside: defaultdict[Hashable, deque[J]] = defaultdict(deque)
        self._active: dict[Hashable, int] = {}
        self._closed = False

    @property
    def active(self) -> int:
        """How many jobs are being done or could be."""
        with self._changed:
            return sum(self._active.values())

    @property
    def waiting(self) -> int:
        """How many jobs wait for their host."""
        with self._changed:
            return sum(len(jobs) for jobs in self._aside.values())

    def put(self, job: J) -> None:
        """Queue a job."""
        host = self._host_of(job)
        with self._changed:
            if self._active.get(host, 0) < self._per_host:
                self._active[host] = self._active.get(host, 0) + 1
                self._ready.append(job)
                self._changed.notify()
            else:
                self._aside[host].append(job)

    def take(self) -> J | None:
        """The next job, waiting for one; None when closed."""
        with self._changed:
            while not self._ready and not self._closed:
                self._changed.wait()
            return None if self._closed else self._ready.popleft()

    def done(self, job: J) -> None:
        """Its host may have the next one."""
        host = self._host_of(job)
        with self._changed:
            if self._aside.get(host):
                self._ready.append(self._aside[host].popleft())
                self._changed.notify()
                return
            self._aside.pop(host, None)
            self._active[host] -= 1
            if not self._active[host]:
                del self._active[host]

    def close(self) -> None:
        """Let all workers go; jobs that wait are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
