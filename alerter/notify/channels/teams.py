"""Microsoft Teams: an adaptive card for a workflow webhook.

Foreign text stands in text runs only: unlike text blocks, they know no Markdown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from alerter.config.receivers import TeamsSettings
from alerter.notify.channels.base import need_secret
from alerter.notify.channels.http import HttpSender
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import Parts, compose
from alerter.notify.templates import TEMPLATES, Templates
from alerter.notify.view import AlertView
from alerter.reach import Reach

Json = dict[str, Any]
LIMITS: Final = Limits(bytes=25_000)  # Teams takes 28 KB, envelope included
STYLES: Final[Mapping[str, str]] = {
    "Extreme": "attention",
    "Severe": "attention",
    "Moderate": "warning",
    "Minor": "accent",
}
SHOWN_SOURCES: Final = 6


class TeamsChannel:
    """Posts a card to the workflow `Post to a channel when a webhook request is received`."""

    limits: ClassVar[Limits] = LIMITS
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 4
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: TeamsSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._url = need_secret(
            name, "webhook_url", settings.webhook_url, settings.webhook_url_file
        )
        self._templates = Templates(templates)
        self._http = HttpSender(f"teams {name}", reach=reach)

    def send(self, message: Message) -> Sent:
        """Post the card. Raises DeliveryError."""
        body = compose(
            message,
            templates=self._templates,
            name="teams.j2",
            parts=TEMPLATES["teams.j2"].blocks,
            build=lambda view, parts: _envelope(view, _elements(view, parts)),
            plain=lambda view, text: _envelope(view, [_lines(text)]),
            fits=lambda body: len(json.dumps(body)) <= (LIMITS.bytes or 0),
        )
        key = {"Idempotency-Key": header_key(message.key)}
        self._http.post_json(self._url, body, headers=key, now=message.now)
        return Sent()

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def _envelope(view: AlertView, elements: list[Json]) -> Json:
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": elements,
        "actions": [
            {"type": "Action.OpenUrl", "title": title, "url": url}
            for title, url in (("I have it", view.ack_url), ("Open the incident", view.url))
            if url
        ],
    }
    content = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [content]}


def _elements(view: AlertView, parts: Parts) -> list[Json]:
    head = {
        "type": "Container",
        "style": "emphasis" if view.mark else STYLES.get(view.severity, "default"),
        "bleed": True,
        "items": [
            _rich([_run(parts["title"], weight="Bolder", size="Large")]),
            _lines(parts["lead"]),
        ],
    }
    rest = (
        _details(parts["details"]),
        _lines(parts["body"]),
        _sources(view),
        _lines(parts["footer"], size="Small", isSubtle=True),
    )
    return [head, *(element for element in rest if element["inlines"])]


def _details(text: str) -> Json:
    """Lines of `Label: value`, the label bold."""
    runs: list[Json] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        runs += [_run(name + colon, weight="Bolder"), _run(f"{value}\n")]
    return _rich(runs)


def _lines(text: str, **style: Any) -> Json:
    lines = "\n".join(filter(None, map(str.strip, text.splitlines())))
    return _rich([_run(lines, **style)] if lines else [])


def _sources(view: AlertView) -> Json:
    if not view.sources:
        return _rich([])
    counted = f"Sources ({view.independent_sources} independent of {view.source_count})\n"
    runs = [_run(counted, weight="Bolder")]
    for source in view.sources[:SHOWN_SOURCES]:
        run = _run(source.title)
        if source.url:
            run["selectAction"] = {"type": "Action.OpenUrl", "url": source.url}
        copy = "" if source.independent else " (copy)"
        runs += [_run(f"[{source.trust}] {source.feed}: "), run, _run(f"{copy}\n")]
    more = view.source_count - len(view.sources[:SHOWN_SOURCES])
    return _rich([*runs, _run(f"and {more} more")] if more > 0 else runs)


def _rich(runs: list[Json]) -> Json:
    return {"type": "RichTextBlock", "inlines": runs, "spacing": "Medium"}


def _run(text: str, **style: Any) -> Json:
    return {"type": "TextRun", "text": text, **style}
