"""Mattermost and Rocket.Chat: an incoming webhook that takes Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from alerter.config.receivers import MattermostSettings
from alerter.notify.channels.base import need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.escape import escape_chat
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.reach import Reach


class MattermostChannel:
    """Posts one text. The limit is Rocket.Chat's, the lower of the two."""

    limits: ClassVar[Limits] = Limits(body=5_000)
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 3
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: MattermostSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._url = need_secret(
            name, "webhook_url", settings.webhook_url, settings.webhook_url_file
        )
        self._templates = Templates(templates)
        self._http = HttpSender(f"mattermost {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """Post the message. Raises DeliveryError."""
        text = compose(
            message,
            templates=self._templates,
            name="mattermost.j2",
            parts=("body",),
            build=lambda _, parts: parts["body"],
            plain=lambda _, text: escape_chat(text),
            fits=lambda text: 0 < len(text) <= (self.limits.body or 0),
        )
        key = {"Idempotency-Key": header_key(message.key)}
        self._http.post_json(self._url, {"text": text}, headers=key, now=message.now)
        return Sent()

    def close(self) -> None:
        """Give back connections."""
        self._http.close()
