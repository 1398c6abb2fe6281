"""The lives of a daemon that is killed again and again: run as a process of its own.

Everything is imported once; each life is a fork of that, a whole process that opens the store,
says `awake`, decides and delivers until it is killed. Reads from standard input `live` (begin a life, answer
with its process number), `settle` (one life that decides nothing and ends when the outbox is
empty) and `end`.

    python -m tests.acceptance.crash_lives DATABASE URL SPEED EPOCH
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.incident import Change
from alerter.domain.scales import DeliveryState, Reason, Severity
from alerter.notify.sender import Sender
from alerter.pipeline.announce import announce
from alerter.pipeline.deliver import deliver
from alerter.store import Store
from tests.builders import an_incident

REVISIONS = (
    (Reason.FIRST_REPORT, Severity.MODERATE),
    (Reason.ESCALATED, Severity.SEVERE),
    (Reason.CORRECTED, Severity.SEVERE),
)
PACE = 0.01  # seconds between decisions
AT_ONCE = 3  # decisions between two rounds of delivering
TIGHT = 400  # alerts that may wait; then deciding pauses, so that the end is near at every time


@dataclass(frozen=True)
class World:
    """What every life knows."""

    database: str
    url: str
    speed: float
    epoch: float
    life: int = 0

    def now(self) -> datetime:
        """Time runs faster here, so that back-off does not make the test long."""
        passed = (time.time() - self.epoch) * self.speed
        return datetime(2020, 9, 15, 12, 0, tzinfo=UTC) + timedelta(seconds=passed)

    def settings(self) -> AlerterSettings:
        """Three receivers behind one sink; every alert goes to two, worse ones to the third too.

        The address says which life sends: a request may outlive its sender in the sink's buffers.
        """
        return AlerterSettings.model_validate(
            {
                "state": self.database,
                "poll": {"allow_networks": ["127.0.0.0/8"]},
                "receivers": [
                    {"name": name, "webhook": {"url": f"{self.url}/{self.life}/{name}"}}
                    for name in ("desk", "duty", "chief")
                ],
                "routes": [
                    {"receiver": "desk", "continue": True},
                    {"receiver": "duty", "continue": True, "fallback": "chief"},
                    {"match": {"severity": ["Severe", "Extreme"]}, "receiver": "chief"},
                ],
            }
        )


def live(world: World) -> None:
    """Decide and deliver until killed."""
    settings = world.settings()
    store = Store.open(world.database)
    sender = Sender(settings, monotonic=lambda: time.monotonic() * world.speed)
    print("awake", flush=True)
    while True:
        with store.read() as tx:
            busy = sum(tx.deliveries.waiting_counts().values()) > TIGHT
        for _ in range(0 if busy else AT_ONCE):
            decide_one(store, settings, world.now())
        deliver(store=store, settings=settings, sender=sender, now=world.now())
        time.sleep(PACE)


def decide_one(store: Store, settings: AlerterSettings, now: datetime) -> None:
    """The next revision of the next incident; the count commits with what was decided."""
    with store.begin() as tx:
        mark = tx.vitals.marked("decided")
        number = int(mark.value) + 1 if mark else 0
        incident, step = divmod(number, len(REVISIONS))
        reason, severity = REVISIONS[step]
        change = Change(
            incident=an_incident(
                f"inc-{incident}", number=incident + 1, revision=step + 1, severity=severity
            ),
            reason=reason,
            why="the harness says so",
            at=now,
        )
        announce(tx, [change], settings=settings, now=now)
        tx.vitals.mark("decided", now, str(number))


def settle(world: World) -> None:
    """Deliver until nothing waits."""
    settings = world.settings()
    store = Store.open(world.database)
    sender = Sender(settings, monotonic=lambda: time.monotonic() * world.speed)
    while True:
        deliver(store=store, settings=settings, sender=sender, now=world.now())
        with store.read() as tx:
            waiting = tx.deliveries.waiting_counts()
        if not any(state is DeliveryState.PENDING for _, state in waiting):
            os._exit(0)
        time.sleep(PACE)


def main() -> None:
    """Begin lives as told, one at a time, and say when each has ended."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    world = World(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
    Sender(world.settings()).close()  # what is read once from disk is read before the first life
    for life, line in enumerate(sys.stdin, start=1):
        order = line.strip()
        if order == "end":
            return
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            (settle if order == "settle" else live)(replace(world, life=life))
            os._exit(1)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)  # at once: a process that is not waited for seems alive
        print("ended", status, flush=True)


if __name__ == "__main__":
    main()
