"""ntfy: published as JSON, so that no value has to be squeezed into a header."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from alerter.config.receivers import NtfySettings
from alerter.notify.channels.base import may_secret, need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView
from alerter.reach import Reach

# ntfy's scale is 1 to 5; 5 rings through `do not disturb` where the reader allows it.
PRIORITIES: Final[Mapping[str, int]] = {"Extreme": 5, "Severe": 4, "Minor": 2}
USUAL: Final = 3
LIMITS: Final = Limits(title=250, bytes=4_000)  # a longer message becomes an attachment
Json = dict[str, Any]


class NtfyChannel:
    """Publishes to one topic. The external id is that of ntfy."""

    limits: ClassVar[Limits] = LIMITS
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 5
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: NtfySettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._url = SecretStr(settings.url.rstrip("/") + "/")
        self._topic = need_secret(name, "topic", settings.topic, settings.topic_file)
        self._token = may_secret(name, "token", settings.token, settings.token_file)
        self._templates = Templates(templates)
        self._http = HttpSender(f"ntfy {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """Publish the message. Raises DeliveryError."""
        told = compose(
            message,
            templates=self._templates,
            name="ntfy.j2",
            parts=("title", "body"),
            build=lambda view, parts: _told(view, parts["title"], parts["body"]),
            plain=lambda view, text: _told(view, view.headline, text),
            fits=lambda told: len(told["message"].encode()) <= (LIMITS.bytes or 0),
        )
        headers = {"Idempotency-Key": header_key(message.key)}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        told["topic"] = self._topic.get_secret_value()
        answer = self._http.post_json(self._url, told, headers=headers, now=message.now)
        return Sent(external_id=clean(answer.json().get("id"), limit=64) or None)

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def _told(view: AlertView, title: str, text: str) -> Json:
    told: Json = {
        "title": clip(clean(title), LIMITS.title or 0),
        "message": text,
        "priority": USUAL if view.mark else PRIORITIES.get(view.severity, USUAL),
        "tags": [view.mark.lower() or view.reason],
    }
    if view.url:
        told["click"] = view.url
    if view.ack_url:
        told["actions"] = [{"action": "view", "label": "I have it", "url": view.ack_url}]
    return told
