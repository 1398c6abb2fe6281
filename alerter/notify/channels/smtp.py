"""Handing a mail to an SMTP server, and what its replies mean (RFC 5321, 3463)."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Final

from pydantic import SecretStr

from alerter.config.receivers import SmtpSettings
from alerter.domain.errors import DeliveryError, ReceiverError
from alerter.notify.channels.base import may_secret, need_secret
from alerter.notify.text import clean

DEADLINE: Final = 60.0  # seconds for one mail, however slowly the server answers
Reply = tuple[int, bytes]


class SmtpSender:
    """Sends mails by one server, each over a connection of its own."""

    def __init__(self, settings: SmtpSettings, *, name: str) -> None:
        self._settings = settings
        self._who = f"email {name}"
        self._password = self._read_password(name)
        self._tls = _context(settings, name) if settings.tls != "none" else None

    def _read_password(self, name: str) -> SecretStr | None:
        settings = self._settings
        ask = may_secret if settings.username is None else need_secret
        return ask(name, "password", settings.password, settings.password_file, below="smtp")

    def send(
        self, mail: EmailMessage, *, sender: str, to: Sequence[str]
    ) -> dict[str, DeliveryError]:
        """Hand the mail over; the answer names the addresses that were refused, with the reason.

        Raises DeliveryError where the server took it for none.
        """
        try:
            with self._connection() as server:
                refused = server.send_message(mail, from_addr=sender, to_addrs=list(to))
        except smtplib.SMTPRecipientsRefused as error:
            problem = self._worst(error.recipients)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            problem = self._failed(error)
        else:
            return {address: self._replied(reply) for address, reply in refused.items()}
        raise problem  # outside of the handler, so that nothing of the session hangs on it

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        if settings.tls == "tls" and self._tls is not None:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout, context=self._tls
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        with _cut_after(DEADLINE, server):
            try:
                self._begin(server)
                yield server
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # the mail is taken; how we part changes nothing
            finally:
                server.close()

    def _begin(self, server: smtplib.SMTP) -> None:
        if self._settings.tls == "starttls":
            server.starttls(context=self._tls)
        if self._settings.username is not None and self._password is not None:
            server.login(self._settings.username, self._password.get_secret_value())

    def _worst(self, refused: Mapping[str, Reply]) -> DeliveryError:
        """All were refused: it is worth trying again when it is for one of them."""
        problems = [self._replied(reply) for reply in refused.values()]
        return next((problem for problem in problems if problem.retryable), problems[0])

    def _failed(self, error: Exception) -> DeliveryError:
        if isinstance(error, smtplib.SMTPResponseException):
            said = error.smtp_error
            reply = said if isinstance(said, bytes) else str(said).encode("utf-8", "replace")
            return self._replied((error.smtp_code, reply))
        reason, retryable = _why(error)
        return DeliveryError(f"{self._who}: {reason}", retryable=retryable)

    def _replied(self, reply: Reply) -> DeliveryError:
        code, said = reply
        text = clean(said.decode("utf-8", "replace"), limit=150)
        if self._password is not None:
            text = text.replace(self._password.get_secret_value(), "***")
        return DeliveryError(f"{self._who}: SMTP {code}: {text}", retryable=not 500 <= code < 600)


_FAILURES: Final[tuple[tuple[type[Exception], str, bool], ...]] = (
    (smtplib.SMTPNotSupportedError, "the server lacks STARTTLS, or a way to log in", False),
    (smtplib.SMTPServerDisconnected, "the server broke the connection", True),
    (socket.gaierror, "the server's name is not found (DNS)", True),
    (TimeoutError, "no answer in time", True),
    (ssl.SSLCertVerificationError, "the server's certificate is not trusted", True),
    (ssl.SSLError, "no secure connection (TLS)", True),
    (ConnectionRefusedError, "nothing listens at the server's address", True),
    (ValueError, "the mail cannot be written", False),
)


def _why(error: Exception) -> tuple[str, bool]:
    silent = isinstance(error.__context__, TimeoutError)  # smtplib calls that a broken connection
    for kind, reason, retryable in _FAILURES:
        if isinstance(TimeoutError() if silent else error, kind):
            return reason, retryable
    return "the connection broke", True


def _context(settings: SmtpSettings, name: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError):
        at = ("smtp", "ca_file")
        raise ReceiverError(name, at, "ca_file holds no certificates") from None


@contextmanager
def _cut_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """Break the connection when the time is up.

    The timeout of a socket bounds single reads only, and a server that says a letter every ten
    seconds would hold us for hours.
    """

    def cut() -> None:
        if server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
