"""The error tree. A message says what to do next and never quotes a secret.

* AlerterError
    * ConfigError          the configuration is wrong; carries every problem with its position
    * StoreError           the database refused: locked, full, newer schema, unreachable
    * FeedError            one feed could not be fetched or parsed; costs nothing else
    * ModelError           a model file is damaged, altered or of another format version
    * ReceiverError        a receiver cannot send as it is configured; says which key is wrong
    * DeliveryError        one delivery failed; says whether trying again makes sense
    * TemplateError        a template does not render
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


class AlerterError(Exception):
    """Base of all errors that a user can do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a file: where it is, what is wrong and what is allowed there."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.file}:{self.line}:{self.column}:{key} {self.message}"


class ConfigError(AlerterError):
    """The configuration is wrong. `problems` holds every mistake found, in order of position."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class StoreError(AlerterError):
    """The database refused the work; nothing of the transaction was kept."""


class FeedError(AlerterError):
    """One feed could not be fetched or parsed."""


class ModelError(AlerterError):
    """A model file is damaged, altered, too large or of another format version."""


class TemplateError(AlerterError):
    """A template does not render against the values it gets.

    The message says where and what; `file` and `line` are the place, `what` the mistake alone.
    """

    def __init__(self, file: str, line: int | None, what: str) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {what}")
        self.file = file
        self.line = line
        self.what = what


class ReceiverError(AlerterError):
    """A receiver cannot send as it is configured.

    `key` is where the mistake is, below the receiver's channel; `what` is the mistake alone.
    """

    def __init__(self, receiver: str, key: tuple[str, ...], what: str) -> None:
        super().__init__(f"receiver {receiver}: {what}")
        self.key = key
        self.what = what


class DeliveryError(AlerterError):
    """One attempt to deliver failed.

    `retryable` says whether the same message may succeed later; `retry_after` is what the
    receiver asked for, if it did.
    """

    def __init__(
        self, message: str, *, retryable: bool, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after
