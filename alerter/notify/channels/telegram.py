"""Telegram: a bot that writes to one chat, later messages as replies to the first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

from markupsafe import escape
from pydantic import SecretStr

from alerter.config.receivers import TelegramSettings
from alerter.notify.channels.base import need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.reach import Reach

MAX_UNITS: Final = 4_096  # of UTF-16, as the Bot API counts


class TelegramChannel:
    """Calls `sendMessage` of the Bot API. The external id is the `message_id`."""

    limits: ClassVar[Limits] = Limits(body=MAX_UNITS)
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 3
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        token = need_secret(name, "token", settings.token, settings.token_file)
        api = settings.api_url.rstrip("/")
        self._url = SecretStr(f"{api}/bot{token.get_secret_value()}/sendMessage")
        self._chat = settings.chat
        self._templates = Templates(templates)
        self._http = HttpSender(f"telegram {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """Send the message. Raises DeliveryError."""
        text = compose(
            message,
            templates=self._templates,
            name="telegram.j2",
            parts=("body",),
            build=lambda _, parts: parts["body"],
            plain=lambda _, text: str(escape(text)),
            fits=lambda text: 0 < _units(text) <= MAX_UNITS,
        )
        answer = self._http.post_json(self._url, self._told(text, message), now=message.now)
        result = answer.json().get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        return Sent(external_id=str(number) if isinstance(number, int) else None)

    def _told(self, text: str, message: Message) -> dict[str, Any]:
        told: dict[str, Any] = {
            "chat_id": self._chat,
            "text": text,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if message.thread is not None and message.thread.isdigit():
            told["reply_parameters"] = {
                "message_id": int(message.thread),
                "allow_sending_without_reply": True,
            }
        return told

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
