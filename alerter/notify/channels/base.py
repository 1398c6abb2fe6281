"""What channels share: how they are made and where their secrets come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from alerter.config.base import resolve_secret
from alerter.domain.errors import ReceiverError
from alerter.notify.message import Channel
from alerter.reach import Reach


class MadeChannel(Channel, Protocol):
    """A channel as the table of channels makes it."""

    def __init__(self, settings: Any, *, name: str, templates: Path | None, reach: Reach) -> None:
        """Read the secrets and prepare to send. Raises ReceiverError where it cannot send."""


def need_secret(
    receiver: str, key: str, value: SecretStr | None, file: Path | None, *, below: str = ""
) -> SecretStr:
    """The secret under `key`. Raises ReceiverError: a receiver that cannot send stops the start.

    `below` names what holds the key, where that is not the channel itself.
    """
    secret = may_secret(receiver, key, value, file, below=below)
    if secret is None:
        at = _path(below, key)
        raise ReceiverError(receiver, at, f"{key} is missing; give {key} or {key}_file")
    return secret


def may_secret(
    receiver: str, key: str, value: SecretStr | None, file: Path | None, *, below: str = ""
) -> SecretStr | None:
    """The secret under `key`, or None where none is configured. Raises ReceiverError."""
    at = _path(below, key if value is not None else f"{key}_file")
    try:
        secret = resolve_secret(value, file)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ReceiverError(receiver, at, f"{key}_file cannot be read: {why}") from None
    if secret is not None and not secret.get_secret_value().strip():
        raise ReceiverError(receiver, at, f"{key} is empty")
    return secret


def _path(below: str, key: str) -> tuple[str, ...]:
    return (below, key) if below else (key,)
