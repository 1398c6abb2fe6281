"""Anything else, by the `apprise` extra, with the precautions that its address being a secret asks.

One receiver is one Apprise object with one target, because of several it says only that one
failed. Its log shows addresses, so it is silenced. It answers yes or no: every no may be retried.
It has connections of its own, which `poll.allow_networks` does not govern.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from alerter.config.receivers import AppriseSettings
from alerter.domain.errors import DeliveryError, ReceiverError
from alerter.notify.channels.base import need_secret
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.render import compose
from alerter.notify.sms import sms
from alerter.notify.templates import Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView
from alerter.reach import Reach

# Targets on this machine: a daemon has no desktop, and its own log needs no detour.
LOCAL: Final = {"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}
SHORT: Final = 320  # a service that takes no more gets a text message
MAX_BODY: Final = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    title: str
    body: str


class AppriseChannel:
    """Notifies one target of Apprise with a title and plain text."""

    limits: ClassVar[Limits] = Limits(title=250, body=MAX_BODY)
    rate_per_second: ClassVar[float | None] = 1.0
    burst: ClassVar[int] = 3
    concurrency: ClassVar[int] = 1

    def __init__(
        self,
        settings: AppriseSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._who = f"apprise {name}"
        url = need_secret(name, "url", settings.url, settings.url_file).get_secret_value()
        self._templates = Templates(templates)
        self._apprise, target = _target(name, url)
        self._most = min(int(getattr(target, "body_maxlen", MAX_BODY)), MAX_BODY)
        self._title = min(int(getattr(target, "title_maxlen", 250)), 250)

    def send(self, message: Message) -> Sent:
        """Hand the message to Apprise. Raises DeliveryError."""
        text = self._text(message)
        if not self._apprise.notify(title=text.title, body=text.body, body_format="text"):
            raise DeliveryError(f"{self._who}: the service did not take it", retryable=True)
        return Sent()

    def _text(self, message: Message) -> _Text:
        if self._most <= SHORT:
            return _Text(title="", body=sms(message, self._templates))
        return compose(
            message,
            templates=self._templates,
            name="apprise.j2",
            parts=("title", "body"),
            build=lambda _, parts: self._titled(parts["title"], parts["body"]),
            plain=lambda view, text: self._titled(_plain_title(view), text),
            fits=lambda text: len(text.title) + len(text.body) + 2 <= self._most,
        )

    def _titled(self, title: str, body: str) -> _Text:
        """Services without titles get the title as the first line."""
        if self._title <= 0:
            return _Text(title="", body=f"{title}\n{body}")
        return _Text(title=clip(clean(title), self._title), body=body)

    def close(self) -> None:
        """Nothing to give back: Apprise keeps no connections."""


def _plain_title(view: AlertView) -> str:
    return " ".join(filter(None, (view.mark, view.severity.upper(), view.number)))


def _target(name: str, url: str) -> tuple[Any, Any]:
    """An Apprise object with one target, and that target. Raises ReceiverError."""
    try:
        import apprise  # noqa: PLC0415  an optional extra of 16 MB
    except ImportError:
        what = "needs the extra apprise: pip install mission-alerter[apprise]"
        raise ReceiverError(name, (), what) from None
    _silence()
    if url.partition(":")[0].strip().lower() in LOCAL:
        what = "apprise targets on this machine are not supported"
        raise ReceiverError(name, ("url",), what)
    asset = apprise.AppriseAsset(app_id="Alerter", async_mode=False, secure_logging=True)
    target = apprise.Apprise.instantiate(url, asset=asset)
    if target is None:
        raise ReceiverError(name, ("url",), "url is not one that apprise knows")
    box = apprise.Apprise(asset=asset)
    box.add(target)
    return box, target


def _silence() -> None:
    """Its messages hold parts of addresses at every level; what matters is told by our own."""
    for name in ("apprise", "urllib3"):
        log = logging.getLogger(name)
        log.setLevel(logging.CRITICAL + 1)
        log.propagate = False
