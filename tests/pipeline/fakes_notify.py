"""A channel in memory that answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from alerter.config.settings import AlerterSettings
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.sender import Sender


class RecordingChannel:
    """Keeps every message; `answer` may raise what a real channel would."""

    limits = Limits()
    rate_per_second: float | None = None
    burst = 1
    concurrency = 4

    def __init__(self, answer: Callable[[Message], str | None] | None = None) -> None:
        self.messages: list[Message] = []
        self.closed = False
        self._answer = answer
        self._lock = threading.Lock()

    def send(self, message: Message) -> Sent:
        """Keep it, then answer."""
        with self._lock:
            self.messages.append(message)
        return Sent(external_id=self._answer(message) if self._answer else None)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def told(self) -> list[tuple[str, str]]:
        """(subject, reason) of every message."""
        return [(each.subject, each.reason.value) for each in self.messages]


class Desk:
    """A sender whose receivers are recording channels, on a clock that stands still in a step."""

    def __init__(self, settings: AlerterSettings, **channels: RecordingChannel) -> None:
        self.channels: dict[str, Any] = {
            each.name: channels.get(each.name, RecordingChannel()) for each in settings.receivers
        }
        self.sender = Sender(settings, channels=self.channels, monotonic=lambda: 0.0)

    def __getitem__(self, name: str) -> RecordingChannel:
        channel: RecordingChannel = self.channels[name]
        return channel
