"""The long-lived side of delivering: channels, their pace, and threads to wait in."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final

from alerter.config.settings import AlerterSettings
from alerter.notify.bucket import Bucket
from alerter.notify.channels import make_channel
from alerter.notify.heartbeat import Heartbeat
from alerter.notify.message import Channel
from alerter.reach import Reach

LEASE: Final = timedelta(seconds=90)  # longer than any channel may take for one message
MAX_THREADS: Final = 64


class Sender:
    """Channels of all receivers, ready to send. Build once, `close()` at the end.

    `channels` replaces what the settings describe, and `monotonic` what measures the length of a
    step; both are for callers that have their own.
    """

    def __init__(
        self,
        settings: AlerterSettings,
        *,
        channels: Mapping[str, Channel] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        lease: timedelta = LEASE,
    ) -> None:
        self.channels = dict(build_channels(settings) if channels is None else channels)
        self.monotonic = monotonic
        self.lease = lease
        self.owner = owner()
        self.draw = random.Random()  # noqa: S311  jitter is no secret
        self.buckets = {
            name: Bucket(per_second=channel.rate_per_second, burst=channel.burst)
            for name, channel in self.channels.items()
        }
        threads = sum(channel.concurrency for channel in self.channels.values())
        self.pool = ThreadPoolExecutor(
            max_workers=max(1, min(MAX_THREADS, threads)), thread_name_prefix="deliver"
        )
        self.heartbeat = (
            None if settings.heartbeat is None else Heartbeat(settings.heartbeat, settings.poll)
        )
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether nothing new may be begun."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Begin nothing new; what is in hand is finished."""
        self._stop.set()

    def close(self) -> None:
        """Finish what is in hand, then give back threads and connections."""
        self.stop()
        self.pool.shutdown(wait=True, cancel_futures=True)
        for channel in self.channels.values():
            channel.close()
        if self.heartbeat is not None:
            self.heartbeat.close()


def build_channels(settings: AlerterSettings) -> dict[str, Channel]:
    """A channel for each receiver, by the receiver's name.

    Raises AlerterError where one cannot send: that must stop the start, not show in the first
    alert.
    """
    reach = Reach.of(settings.poll)
    return {
        receiver.name: make_channel(receiver, settings.templates, reach)
        for receiver in settings.receivers
    }


def owner() -> str:
    """The name under which this very run of the program takes leases."""
    return f"{_neighbourhood()}/{os.getpid()}:{_started(os.getpid())}"


def is_gone(leaseholder: str) -> bool:
    """Whether a holder of leases is known to be dead: a process of this host that is no more.

    Of other hosts, and of other namespaces of processes on this one, nothing is known: their
    leases end by time.
    """
    place, _, run = leaseholder.rpartition("/")
    number, _, started = run.partition(":")
    if place != _neighbourhood() or not number.isdigit():
        return False
    return _started(int(number)) != started


def _neighbourhood() -> str:
    """Where process numbers mean the same: this host and its namespace of processes (Linux)."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = "unknown"
    return f"{socket.gethostname()}/{namespace}"


def _started(number: int) -> str:
    """When a process began, in ticks since boot (proc(5), field 22); empty when there is none.

    A zombie has ended too: it sends nothing any more.
    """
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()  # the name before may hold anything
    return "" if fields[0] == "Z" else fields[19]
