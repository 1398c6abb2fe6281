"""Empty the outbox: claim what is due, send it, write down what became of it.

At least once: a delivery is recorded as sent only after its channel took it, so that a crash in
between sends that one again, with the same key. Each receiver has its own lane, its own pace and
its own breaker, so that a dead one delays nobody else. Nothing is dropped: what cannot go now
stays in the outbox.
"""

from __future__ import annotations

import queue
import secrets
import traceback
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery
from alerter.domain.errors import DeliveryError
from alerter.notify import breaker
from alerter.notify.ack import KEY_BYTES, KEY_NAME
from alerter.notify.envelope import message_of
from alerter.notify.message import Channel, Message, Sent
from alerter.notify.sender import Sender, is_gone
from alerter.pipeline.settle import Result, Settled, settle
from alerter.store import Store

log = structlog.get_logger()

AHEAD: Final = 4  # batches that a lane claims at once: fewer transactions under load
BUDGET: Final = 30.0  # seconds; then the step ends, so that its caller can look up
LOOK_EVERY: Final = 0.25  # seconds between looks for new work while old work is on its way
MOST_AT_ONCE: Final = 32  # results in one transaction
LINGER: Final = 0.005  # seconds that a result may wait for the next one before both are recorded
GONE: Final = "this receiver is no longer in the configuration"


@dataclass(slots=True, kw_only=True)
class _Lane:
    """One receiver: what was claimed for it and waits here, and how much is on its way.

    `full` is True while the last claim gave all that was asked for: there is likely more.
    """

    channel: Channel | None
    waiting: deque[tuple[Delivery, Message]] = field(default_factory=deque)
    flying: int = 0
    full: bool = False

    @property
    def width(self) -> int:
        return 1 if self.channel is None else max(1, self.channel.concurrency)

    @property
    def low(self) -> bool:
        return len(self.waiting) < self.width


def deliver(*, store: Store, settings: AlerterSettings, sender: Sender, now: datetime) -> int:
    """Send all that is due at `now` and may go; gives how many were sent. Raises StoreError.

    Time inside the step is `now` plus what the step has taken so far. It never sleeps: what has
    to wait (back-off, pace, a tripped breaker) waits in the outbox for the next call.
    """
    return _Round(store, settings, sender, now).run().sent


class _Round:
    """One call of `deliver`: this thread claims and records, the sender's threads send."""

    def __init__(
        self, store: Store, settings: AlerterSettings, sender: Sender, now: datetime
    ) -> None:
        self._store, self._settings, self._sender = store, settings, sender
        self._began, self._started = now, sender.monotonic()
        self._looked: float | None = None
        self._lanes = {name: _Lane(channel=each) for name, each in sender.channels.items()}
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._ack_key: bytes | None = None

    def run(self) -> Settled:
        self._prepare()
        done = Settled()
        try:
            while self._work():
                done += self._record(self._finished())
        finally:
            self._give_back(self._lanes)
        return done

    def _elapsed(self) -> float:
        return self._sender.monotonic() - self._started

    def _now(self) -> datetime:
        return self._began + timedelta(seconds=self._elapsed())

    def _prepare(self) -> None:
        """Free what processes that died had taken; fetch the key of the acknowledge links."""
        with self._store.read() as tx:
            gone = [holder for holder in tx.deliveries.leaseholders() if is_gone(holder)]
            self._ack_key = tx.acks.known_key(KEY_NAME)
        for holder in gone:
            with self._store.begin() as tx:
                freed = tx.deliveries.end_leases(holder)
            log.info("leases_freed", deliveries=freed)
        if self._ack_key is None and self._settings.web.url is not None:
            with self._store.begin() as tx:
                self._ack_key = tx.acks.key(KEY_NAME, fresh=secrets.token_bytes(KEY_BYTES))

    def _work(self) -> bool:
        """Claim and begin what may go; False when nothing is on its way and nothing waits."""
        if not self._sender.stopping and self._elapsed() < BUDGET and self._time_to_look():
            self._claim()
        if not self._sender.stopping:
            for name, lane in self._lanes.items():
                self._begin(name, lane)
        return any(lane.flying for lane in self._lanes.values())

    def _time_to_look(self) -> bool:
        if self._looked is None or self._elapsed() - self._looked >= LOOK_EVERY:
            return True
        idle = not any(lane.flying or lane.waiting for lane in self._lanes.values())
        return idle or any(lane.full and lane.low for lane in self._lanes.values())

    def _claim(self) -> None:
        self._looked = self._elapsed()
        now = self._now()
        with self._store.read() as tx:
            due = tx.deliveries.waiting(now)
            targets = tx.decisions.targets()
        for receiver in due:
            lane = self._lanes.setdefault(receiver, _Lane(channel=None))
            bucket = self._sender.buckets.get(receiver)
            wanted = lane.width * AHEAD - len(lane.waiting) if lane.low else 0
            wanted = bucket.available(wanted, now) if bucket else wanted
            wanted = breaker.allowed(targets.get(receiver), wanted, lane.flying, now)
            claimed = self._claim_for(receiver, wanted, now) if wanted > 0 else []
            lane.full = bool(claimed) and len(claimed) == wanted
            lane.waiting.extend(claimed)
            if bucket:
                bucket.take(len(claimed))

    def _claim_for(
        self, receiver: str, limit: int, now: datetime
    ) -> list[tuple[Delivery, Message]]:
        with self._store.begin() as tx:
            claimed = tx.deliveries.claim(
                receiver,
                limit=limit,
                now=now,
                lease_until=now + self._sender.lease,
                owner=self._sender.owner,
            )
            threads = tx.deliveries.threads([each.subject for each in claimed], receiver)
        return [
            (
                delivery,
                message_of(
                    delivery,
                    thread=threads.get(delivery.subject),
                    base_url=self._settings.web.url,
                    ack_key=self._ack_key,
                    now=now,
                ),
            )
            for delivery in claimed
        ]

    def _begin(self, name: str, lane: _Lane) -> None:
        while lane.waiting and lane.flying < lane.width:
            delivery, message = lane.waiting.popleft()
            lane.flying += 1
            self._sender.pool.submit(self._send, lane.channel, delivery, message)

    def _send(self, channel: Channel | None, delivery: Delivery, message: Message) -> None:
        """Runs in a thread of the sender; always leaves exactly one result."""
        self._results.put(Result(delivery=delivery, outcome=_attempt(channel, message)))

    def _finished(self) -> list[Result]:
        """Wait for one result and take those that follow close behind: one transaction for all."""
        found = [self._landed(self._results.get())]
        while len(found) < MOST_AT_ONCE and any(lane.flying for lane in self._lanes.values()):
            try:
                found.append(self._landed(self._results.get(timeout=LINGER)))
            except queue.Empty:
                break
        return found

    def _landed(self, result: Result) -> Result:
        """A receiver that takes messages gets its next one while this one is written down."""
        name = result.delivery.receiver
        lane = self._lanes[name]
        lane.flying -= 1
        if isinstance(result.outcome, Sent) and not self._sender.stopping:
            self._begin(name, lane)
        return result

    def _record(self, results: Sequence[Result]) -> Settled:
        now = self._now()
        with self._store.begin() as tx:
            settled = settle(tx, results, settings=self._settings, draw=self._sender.draw, now=now)
        self._give_back([name for name in settled.paused if name in self._lanes])
        return settled

    def _give_back(self, receivers: Iterable[str]) -> None:
        """What was claimed and not begun goes back, uncounted."""
        lanes = [self._lanes[name] for name in receivers]
        ids = [delivery.id for lane in lanes for delivery, _ in lane.waiting if delivery.id]
        for lane in lanes:
            lane.waiting.clear()
        if ids:
            with self._store.begin() as tx:
                tx.deliveries.release_leases(ids)


def _attempt(channel: Channel | None, message: Message) -> Sent | DeliveryError:
    if channel is None:
        return DeliveryError(GONE, retryable=False)
    try:
        return channel.send(message)
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001  a bug in one channel must not cost an alert
        where = traceback.extract_tb(error.__traceback__)[-1]  # no message: it may quote a secret
        name, place = type(error).__name__, f"{Path(where.filename).name}:{where.lineno}"
        log.error("channel_failed", key=message.key, error=name, at=place)
        return DeliveryError(f"the channel itself failed: {name} at {place}", retryable=True)
