"""Slack: an incoming webhook, or a bot that keeps one live message per incident."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import SecretStr

from alerter.config.receivers import SlackSettings
from alerter.domain.errors import DeliveryError, ReceiverError
from alerter.domain.scales import Reason
from alerter.notify.channels.base import may_secret, need_secret
from alerter.notify.channels.http import Answer, HttpSender
from alerter.notify.escape import escape_slack
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import Parts, compose
from alerter.notify.templates import TEMPLATES, Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView
from alerter.reach import Reach

Json = dict[str, Any]
LIMITS: Final = Limits(title=150, body=30_000, block=3_000, blocks=50)
# What Slack's Web API says when trying again makes sense.
PASSING: Final = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
}
# The live message is gone or can no longer be edited: a new one is posted.
NO_LONGER_THERE: Final = {
    "message_not_found",
    "cant_update_message",
    "edit_window_closed",
    "thread_not_found",
}
# Changes that the whole channel must see, not only those who follow the thread.
SHOWN_TO_ALL: Final = {Reason.ESCALATED, Reason.CORRECTED, Reason.REMINDER}


class SlackChannel:
    """Posts by the webhook or, where there is a token, as a bot.

    The bot's first message about an incident is edited in place with each change, and the change
    is told in its thread. The external id is the message's `ts`, after the id of its channel and
    a colon.
    """

    limits: ClassVar[Limits] = LIMITS
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 1
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: SlackSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._templates = Templates(templates)
        http = HttpSender(f"slack {name}", reach=reach)
        self._http = http
        token = may_secret(name, "token", settings.token, settings.token_file)
        if token is None:
            self._webhook = need_secret(
                name, "webhook_url", settings.webhook_url, settings.webhook_url_file
            )
            self._bot = None
        elif settings.channel is None:
            raise ReceiverError(name, (), "a bot needs a channel to post in")
        else:
            self._bot = _Bot(http, name, settings.api_url, token, settings.channel)

    def send(self, message: Message) -> Sent:
        """Post the message, or bring the live one up to date. Raises DeliveryError."""
        body = slack_body(message, self._templates)
        if self._bot is None:
            self._http.post_json(self._webhook, body | UNFURL, now=message.now)
            return Sent()
        return self._bot.send(message, body, slack_update(message, self._templates))

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


UNFURL: Final = {"unfurl_links": False, "unfurl_media": False}


class _Bot:
    """The three calls of the Web API that a live message needs."""

    def __init__(
        self, http: HttpSender, name: str, api_url: str, token: SecretStr, channel: str
    ) -> None:
        self._http = http
        self._who = f"slack {name}"
        self._api = api_url.rstrip("/")
        self._token = token
        self._channel = channel

    def send(self, message: Message, body: Json, update: Json) -> Sent:
        """The first message about a subject is posted; later ones edit it and reply to it.

        The edit comes first: when the reply fails, both are done again, and editing twice shows
        nothing twice.
        """
        if message.thread is None:
            return self._post(message, body)
        channel, _, ts = message.thread.rpartition(":")
        channel = channel or self._channel
        try:
            self._call("chat.update", message, {"channel": channel, "ts": ts, **body})
            broadcast = message.reason in SHOWN_TO_ALL
            reply = {"thread_ts": ts, "reply_broadcast": broadcast, **update}
            return self._post(message, reply, channel=channel)
        except _GoneError:
            return self._post(message, body)

    def _post(self, message: Message, body: Json, *, channel: str | None = None) -> Sent:
        where = channel or self._channel
        mark = {"event_type": "alerter", "event_payload": {"idempotency_key": message.key}}
        told = {"channel": where, "metadata": mark, **UNFURL, **body}
        answer = self._call("chat.postMessage", message, told)
        posted_in, ts = answer.get("channel") or where, clean(answer.get("ts"), limit=64)
        if not ts:
            return Sent()
        return Sent(external_id=ts if posted_in == self._channel else f"{posted_in}:{ts}")

    def _call(self, method: str, message: Message, body: Json) -> Json:
        answer = self._http.post_json(
            SecretStr(f"{self._api}/{method}"),
            body,
            headers={"Authorization": f"Bearer {self._token.get_secret_value()}"},
            now=message.now,
        )
        return self._checked(method, answer)

    def _checked(self, method: str, answer: Answer) -> Json:
        said = answer.json()
        if said.get("ok") is True:
            return said
        error = clean(said.get("error"), limit=60) or "an answer that is not Slack's"
        if error in NO_LONGER_THERE:
            raise _GoneError(f"{self._who}: {error}", retryable=False)
        unknown = not said.get("error")
        raise DeliveryError(
            f"{self._who}: {method}: {error}", retryable=error in PASSING or unknown
        )


class _GoneError(DeliveryError):
    """The live message cannot be edited any more."""


def slack_body(message: Message, templates: Templates) -> Json:
    """The whole message: `text` for notifications, and blocks."""
    name = "digest.slack.j2" if message.reason is Reason.DIGEST else "slack.j2"
    return compose(
        message,
        templates=templates,
        name=name,
        parts=TEMPLATES[name].blocks,
        build=lambda _, parts: _blocks(parts, message.key),
        plain=_plain,
        fits=_fits,
    )


def slack_update(message: Message, templates: Templates) -> Json:
    """The reply in the thread: what changed."""
    return compose(
        message,
        templates=templates,
        name="slack.j2",
        parts=("text", "update"),
        build=lambda _, parts: {"text": parts["text"], "blocks": [_section(parts["update"])]},
        plain=_plain,
        fits=_fits,
    )


def _blocks(parts: Parts, key: str) -> Json:
    title = {
        "type": "header",
        "block_id": clean(f"alerter:{key}", limit=255),
        "text": {"type": "plain_text", "text": _heading(parts["title"]), "emoji": False},
    }
    middle = [
        _section(text)
        for name, text in parts.items()
        if name not in {"text", "title", "footer", "update"} and text
    ]
    footer = {"type": "context", "elements": [_mrkdwn(parts["footer"])]}
    return {
        "text": parts["text"],
        "blocks": [title, *middle, *([footer] if parts["footer"] else [])],
    }


def _heading(text: str) -> str:
    """The title as plain text, which has no escapes: what would be markup is replaced."""
    plain = html.unescape(text).replace("<", "\u2039").replace(">", "\u203a")
    return clip(clean(plain), LIMITS.title or 0)


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Json:
    # verbatim: Slack must not turn names and addresses in foreign text into links or mentions
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(view: AlertView, text: str) -> Json:
    shown = escape_slack(text)
    return {"text": escape_slack(view.headline), "blocks": [_section(shown)]}


def _fits(body: Mapping[str, Any]) -> bool:
    blocks: Sequence[Json] = body["blocks"]
    texts = [_text_of(block) for block in blocks]
    return (
        len(blocks) <= (LIMITS.blocks or 0)
        and all(0 < len(text) <= (LIMITS.block or 0) for text in texts)
        and len(body["text"]) + sum(map(len, texts)) <= (LIMITS.body or 0)
    )


def _text_of(block: Mapping[str, Any]) -> str:
    part = block.get("text") or block["elements"][0]
    text: str = part["text"]
    return text
