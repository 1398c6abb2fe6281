"""Webhook, version 1 of the contract: the payload as JSON, signed, with an idempotency key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from alerter.config.receivers import WebhookSettings
from alerter.notify.channels.base import may_secret, need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.text import clip, safe_url
from alerter.reach import Reach

# Texts and lists are cut to these sizes, one after the other, until the body fits.
CUTS: Final = ((20_000, 200), (2_000, 50), (500, 20), (100, 5), (50, 1))


class WebhookChannel:
    """Sends the whole payload to a program."""

    limits: ClassVar[Limits] = Limits(bytes=1_000_000)
    rate_per_second: ClassVar[float | None] = None
    burst: ClassVar[int] = 1
    concurrency: ClassVar[int] = 8

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._url = need_secret(name, "url", settings.url, settings.url_file)
        self._secret = may_secret(name, "secret", settings.secret, settings.secret_file)
        self._http = HttpSender(f"webhook {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """POST the payload. Any 2xx is success. Raises DeliveryError."""
        body = contract_body(message.payload, self.limits.bytes or 0)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": header_key(message.key),
        }
        if self._secret is not None:
            headers["X-Alerter-Signature"] = sign(self._secret.get_secret_value(), body)
        self._http.post(self._url, content=body, headers=headers, now=message.now)
        return Sent()

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def sign(secret: str, body: bytes) -> str:
    """The value of `X-Alerter-Signature`: HMAC-SHA256 (RFC 2104) of the very bytes of the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def contract_body(payload: Mapping[str, Any], most: int) -> bytes:
    """The payload as JSON in at most `most` bytes.

    Lone surrogates, which are no text, are replaced, and addresses of sources that do not lead to
    the web are null. What is too long has its texts and lists cut and says so in `incident.cut`.
    """
    body = _dump(_sound(payload))
    for text, rows in CUTS:
        if len(body) <= most:
            break
        body = _dump(_shortened(_sound(payload), text, rows))
    return body


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _sound(value: Any, key: str = "") -> Any:
    match value:
        case str():
            text = value.encode("utf-8", "replace").decode("utf-8")
            return safe_url(text) if key == "url" else text
        case Mapping():
            return {str(name): _sound(part, str(name)) for name, part in value.items()}
        case list() | tuple():
            return [_sound(part) for part in value]
    return value


def _shortened(value: dict[str, Any], text: int, rows: int) -> dict[str, Any]:
    short: dict[str, Any] = {name: _short(part, text, rows) for name, part in value.items()}
    short["key"] = value.get("key")
    if isinstance(short.get("incident"), dict):
        short["incident"]["id"] = value["incident"].get("id")
        short["incident"]["cut"] = True
    return short


def _short(value: Any, text: int, rows: int) -> Any:
    match value:
        case str():
            return clip(value, text)
        case dict():
            return {name: _short(part, text, rows) for name, part in value.items()}
        case list():
            return [_short(part, text, rows) for part in value[:rows]]
    return value
