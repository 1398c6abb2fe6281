"""A desk for tests: receivers in memory that answer as a test says, on a clock that it moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery
from alerter.domain.errors import DeliveryError
from alerter.domain.incident import Change
from alerter.domain.notice import Notice
from alerter.domain.scales import Reason
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.sender import Sender
from alerter.pipeline.announce import announce
from alerter.pipeline.deliver import deliver
from alerter.pipeline.tend import tend
from alerter.store import Store
from tests.builders import NOON, an_incident
from tests.conftest import Clock

Answer = Callable[[Message], str | None]


def a_change(reason: Reason | None = Reason.FIRST_REPORT, **given: Any) -> Change:
    """A change of an incident; what is given is about the incident."""
    return Change(incident=an_incident(**given), reason=reason, why="a new incident", at=NOON)


def fails(*, retryable: bool = True, text: str = "HTTP 500") -> Answer:
    """An answer that is always the same failure."""

    def answer(_: Message) -> str | None:
        raise DeliveryError(text, retryable=retryable)

    return answer


class RecordingChannel:
    """Keeps every message it takes; `answer` may raise what a real channel would."""

    limits = Limits()
    burst = 1
    concurrency = 4

    def __init__(
        self, answer: Answer | None = None, *, rate_per_second: float | None = None
    ) -> None:
        self.messages: list[Message] = []
        self.attempts: list[str] = []
        self.answer = answer
        self.rate_per_second = rate_per_second
        self._lock = threading.Lock()

    def send(self, message: Message) -> Sent:
        """Answer, then keep it."""
        with self._lock:
            self.attempts.append(message.key)
        external_id = self.answer(message) if self.answer else None
        with self._lock:
            self.messages.append(message)
        return Sent(external_id=external_id)

    def close(self) -> None:
        """Nothing to give back."""

    def told(self) -> list[tuple[str, str]]:
        """(subject, reason) of every message, in order."""
        return [(each.subject, each.reason.value) for each in self.messages]


class Desk:
    """A store, settings and receivers in memory; time stands still within a step."""

    def __init__(self, store: Store, settings: AlerterSettings, clock: Clock) -> None:
        self.store, self.settings, self.clock = store, settings, clock
        self.channels = {each.name: RecordingChannel() for each in settings.receivers}
        self.sender = self._sender()

    def _sender(self) -> Sender:
        channels: dict[str, Any] = dict(self.channels)
        return Sender(self.settings, channels=channels, monotonic=lambda: 0.0)

    def __getitem__(self, receiver: str) -> RecordingChannel:
        return self.channels[receiver]

    def receiver(self, name: str, channel: RecordingChannel) -> RecordingChannel:
        """Put another channel in its place."""
        self.channels[name] = channel
        self.sender.close()
        self.sender = self._sender()
        return channel

    def announce(self, *tellings: Change | Notice) -> list[Delivery]:
        """Decide, now."""
        with self.store.begin() as tx:
            return announce(tx, tellings, settings=self.settings, now=self.clock.now)

    def deliver(self) -> int:
        """Empty the outbox as far as it goes now."""
        return deliver(
            store=self.store, settings=self.settings, sender=self.sender, now=self.clock.now
        )

    def tend(self) -> int:
        """Do what time brings, then deliver."""
        done = tend(
            store=self.store, settings=self.settings, sender=self.sender, now=self.clock.now
        )
        self.deliver()
        return done

    def forward(self, **span: float) -> datetime:
        """Let time pass, then tend and deliver."""
        now = self.clock.forward(**span)
        self.tend()
        return now

    def outbox(self) -> Sequence[Delivery]:
        """Everything decided, oldest first."""
        with self.store.read() as tx:
            return tx.deliveries.newest(limit=10_000)[::-1]

    def decided(self, subject: str = "inc-1") -> list[tuple[str, str, str]]:
        """(verdict, receiver, text) of every decision about a subject."""
        with self.store.read() as tx:
            found = tx.decisions.of_subject(subject)
        return [(each.verdict, each.receiver, each.text) for each in found]

    def save(self, *changes: Change) -> None:
        """Keep incidents, as folding would."""
        with self.store.begin() as tx:
            for change in changes:
                tx.incidents.save(change)

    def close(self) -> None:
        """Give back threads."""
        self.sender.close()
