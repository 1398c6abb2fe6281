"""PagerDuty Events API v2: one PagerDuty incident per incident, resolved when ours is closed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from alerter.config.receivers import PagerdutySettings
from alerter.domain.scales import Reason
from alerter.notify.channels.base import need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView
from alerter.reach import Reach

Json = dict[str, Any]
LIMITS: Final = Limits(title=1_024, body=20_000, bytes=512_000)
SEVERITIES: Final[Mapping[str, str]] = {
    "Extreme": "critical",
    "Severe": "error",
    "Moderate": "warning",
}
MAX_DEDUP_KEY: Final = 255


class PagerdutyChannel:
    """Sends events: `trigger` for whatever is told, `resolve` when the incident is closed."""

    limits: ClassVar[Limits] = LIMITS
    rate_per_second: ClassVar[float | None] = 2.0
    burst: ClassVar[int] = 10
    concurrency: ClassVar[int] = 2

    def __init__(
        self,
        settings: PagerdutySettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._routing_key = need_secret(
            name, "routing_key", settings.routing_key, settings.routing_key_file
        )
        self._url = SecretStr(settings.api_url)
        self._templates = Templates(templates)
        self._http = HttpSender(f"pagerduty {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """Send the event. Raises DeliveryError."""
        event = compose(
            message,
            templates=self._templates,
            name="pagerduty.j2",
            parts=("summary", "details"),
            build=lambda view, parts: _event(view, message, parts["summary"], parts["details"]),
            plain=lambda view, text: _event(view, message, view.headline, text),
            fits=lambda event: len(_details(event)) <= (LIMITS.body or 0),
        )
        event["routing_key"] = self._routing_key.get_secret_value()
        headers = {"Idempotency-Key": header_key(message.key)}
        self._http.post_json(self._url, event, headers=headers, now=message.now)
        return Sent(external_id=event["dedup_key"])

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def _event(view: AlertView, message: Message, summary: str, details: str) -> Json:
    links = [(view.url, "Incident page"), (view.ack_url, "I have it")]
    links += [(source.url, f"{source.feed}: {source.title}") for source in view.sources[:5]]
    severity = "info" if view.mark else SEVERITIES.get(view.severity, "info")
    event: Json = {
        "event_action": "resolve" if message.reason is Reason.CLOSED else "trigger",
        "dedup_key": _dedup_key(message.subject),
        "client": "Alerter",
        "payload": {
            "summary": clip(clean(summary), LIMITS.title or 0),
            "source": view.place or "Alerter",
            "severity": severity,
            "timestamp": view.sent_at.iso,
            "class": view.category or view.reason,
            "group": view.host or "none",
            "custom_details": {"text": details, "reason": view.reason, "key": view.key},
        },
        "links": [{"href": url, "text": clip(text, 100)} for url, text in links if url],
    }
    if view.url:
        event["client_url"] = view.url
    return event


def _details(event: Json) -> str:
    text: str = event["payload"]["custom_details"]["text"]
    return text


def _dedup_key(subject: str) -> str:
    """The subject, or where it is too long for PagerDuty, a digest of it."""
    if len(subject) <= MAX_DEDUP_KEY:
        return subject
    return hashlib.sha256(subject.encode("utf-8", "replace")).hexdigest()
