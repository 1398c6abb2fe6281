"""Console: alerts as text on standard output."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import ClassVar

from alerter.config.receivers import ConsoleSettings
from alerter.domain.errors import DeliveryError
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.reach import Reach


class ConsoleChannel:
    """Prints. What comes from feeds cannot steer the terminal: it has no control characters."""

    limits: ClassVar[Limits] = Limits(body=10_000)
    rate_per_second: ClassVar[float | None] = None
    burst: ClassVar[int] = 1
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: ConsoleSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._templates = Templates(templates)
        self._lock = threading.Lock()
        self._name = name

    def send(self, message: Message) -> Sent:
        """Print the message with an empty line after it. Raises DeliveryError."""
        text = compose(
            message,
            templates=self._templates,
            name="console.j2",
            parts=("body",),
            build=lambda _, parts: parts["body"],
            plain=lambda _, text: text,
            fits=lambda text: len(text) <= (self.limits.body or 0),
        )
        try:
            encoding = sys.stdout.encoding or "utf-8"
            shown = text.encode(encoding, "replace").decode(encoding)
            with self._lock:
                sys.stdout.write(f"{shown}\n\n")
                sys.stdout.flush()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is closed"
            raise DeliveryError(
                f"console {self._name}: standard output: {reason}", retryable=True
            ) from error
        return Sent()

    def close(self) -> None:
        """Nothing to give back: standard output is not ours."""
