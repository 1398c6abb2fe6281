"""E-mail by SMTP."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import ClassVar, Final

import structlog

from alerter.config.receivers import EmailSettings
from alerter.domain.errors import DeliveryError
from alerter.notify.channels.smtp import SmtpSender
from alerter.notify.mail import LIMITS, addresses_of, compose_mail, external_id
from alerter.notify.message import Limits, Message, Sent
from alerter.notify.templates import Templates
from alerter.reach import Reach

log = structlog.get_logger()
REMEMBERED: Final = 500  # messages that some addresses took and others may take later


class EmailChannel:
    """Mails text and HTML to all addresses of the receiver, in one thread per incident."""

    limits: ClassVar[Limits] = LIMITS
    rate_per_second: ClassVar[float | None] = 5.0
    burst: ClassVar[int] = 10
    concurrency: ClassVar[int] = 2

    def __init__(
        self,
        settings: EmailSettings,
        *,
        name: str,
        templates: Path | None,
        reach: Reach,
    ) -> None:
        self._settings = settings
        self._name = name
        self._templates = Templates(templates)
        self._smtp = SmtpSender(settings.smtp, name=name)
        self._to = addresses_of(settings.to)
        self._sender = addresses_of([settings.from_])[0]
        self._taken: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._lock = Lock()

    def send(self, message: Message) -> Sent:
        """Hand the mail to the server. Raises DeliveryError.

        Where the server refuses some addresses for now, that is a failure to try again, and the
        next attempt with the same key goes to those alone. Where it refuses some for good, the
        others have it: that is told by a log line `mail_refused_in_part`.
        """
        mail = compose_mail(message, self._settings, name=self._name, templates=self._templates)
        before = self._taken.get(message.key, frozenset())
        to = [address for address in self._to if address not in before]
        refused = self._smtp.send(mail, sender=self._sender, to=to)
        for address, problem in refused.items():
            log.warning("mail_refused_in_part", to=address, reason=str(problem), key=message.key)
        later = [address for address, problem in refused.items() if problem.retryable]
        if later:
            self._remember(message.key, (before | set(to)) - set(later))
            problem = refused[later[0]]
            raise DeliveryError(f"{problem} (for {len(later)} of {len(to)})", retryable=True)
        return Sent(external_id=external_id(mail))

    def _remember(self, key: str, taken: Iterable[str]) -> None:
        with self._lock:
            self._taken[key] = frozenset(taken)
            while len(self._taken) > REMEMBERED:
                self._taken.popitem(last=False)

    def close(self) -> None:
        """Nothing to give back: each mail has a connection of its own."""
