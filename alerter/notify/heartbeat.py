"""A sign of life to an outside watcher, and the reasons for which it is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import httpx
from pydantic import SecretStr

from alerter.config.base import resolve_secret
from alerter.config.feeds import PollSettings
from alerter.config.routes import HeartbeatSettings
from alerter.net import within
from alerter.reach import Reach, guarded_client

STEPS: Final = ("poll", "assess", "fold", "deliver")
STALE_AFTER: Final = timedelta(minutes=3)  # no step takes longer; see pipeline.progress
WAITING_TOO_LONG: Final = timedelta(minutes=30)
TIMEOUT: Final = timedelta(seconds=10)


def why_silent(
    vitals: Mapping[str, datetime],
    *,
    waiting_since: datetime | None,
    now: datetime,
    unheard: str | None = None,
    steps: Sequence[str] = STEPS,
) -> str | None:
    """Why the watcher must not hear from us, or None when all is well.

    A step that has not come to its end for a while is stuck. An alert that has been due for long
    reaches nobody, and so does every alert while `unheard` says that no receiver takes any: then
    the watcher is the only one left who can raise the alarm.
    """
    for step in steps:
        last = vitals.get(step)
        if last is None:
            return f"{step} has not run yet"
        if now - last > STALE_AFTER:
            return f"{step} has made no progress since {last:%Y-%m-%d %H:%M} UTC"
    if unheard is not None:
        return unheard
    if waiting_since is not None and now - waiting_since > WAITING_TOO_LONG:
        return f"an alert has been waiting since {waiting_since:%Y-%m-%d %H:%M} UTC"
    return None


class Heartbeat:
    """Asks the watcher's URL (healthchecks.io and its kind take any GET as a sign of life).

    The URL is a secret: who knows it can pretend that we live.
    """

    def __init__(self, settings: HeartbeatSettings, poll: PollSettings) -> None:
        self._url: SecretStr | None = resolve_secret(settings.url, settings.url_file)
        self._client = guarded_client(Reach.of(poll), timeout=TIMEOUT)

    def send(self) -> str | None:
        """Give a sign of life; gives what went wrong, in words without the URL, or None."""
        if self._url is None:
            return "no URL is configured"
        try:
            with within(TIMEOUT):
                answer = self._client.get(self._url.get_secret_value())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return None if answer.is_success else f"HTTP {answer.status_code}"

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()
