"""Mail over TLS and STARTTLS, against a real server on loopback that may be the wrong one."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerter.config.settings import AlerterSettings
from alerter.domain.errors import DeliveryError
from alerter.domain.scales import DeliveryState
from alerter.notify.channels import make_channel
from alerter.notify.message import Channel
from alerter.notify.samples import sample_messages
from alerter.notify.sender import Sender
from alerter.pipeline.announce import announce
from alerter.pipeline.deliver import deliver
from alerter.store import Store
from tests.builders import NOON
from tests.certificates import a_certificate
from tests.contract.sinks import MailSink
from tests.pipeline.fakes_notify import a_change

PASSWORD = "correct horse"
Pair = tuple[Path, Path]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The certificate of the mail server `localhost`, and its key."""
    return a_certificate(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The certificate of some other host."""
    return a_certificate(tmp_path_factory.mktemp("another"), "mail.example.org")


def speaking(pair: Pair) -> ssl.SSLContext:
    """What a server with this certificate speaks."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pair)
    return context


@pytest.fixture(params=["tls", "starttls"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways to a safe connection."""
    return str(request.param)


@pytest.fixture
def serve(mode: str) -> Iterator[Callable[..., MailSink]]:
    """A mail server that speaks TLS in this mode, with that certificate."""
    opened: list[MailSink] = []

    def start(pair: Pair, **given: Any) -> MailSink:
        spoken: dict[str, Any] = {mode: speaking(pair)}
        opened.append(MailSink(**spoken, **given))
        return opened[-1].__enter__()

    yield start
    for each in opened:
        each.__exit__()


def email(port: int, mode: str, trusted: Path | None, **smtp: Any) -> dict[str, Any]:
    """Settings of a receiver of mail on this machine."""
    server = {"host": "localhost", "port": port, "tls": mode, "ca_file": trusted, "timeout": 5}
    return {
        "to": ["duty@example.org"],
        "from": "Alerter <alerter@example.org>",
        "smtp": {**server, **smtp},
    }


def a_mailer(settings: dict[str, Any]) -> Channel:
    """The channel of such a receiver."""
    whole = AlerterSettings.model_validate({"receivers": [{"name": "mail", "email": settings}]})
    return make_channel(whole.receivers[0])


def refused(settings: dict[str, Any]) -> DeliveryError:
    """Why the mail was not taken."""
    with pytest.raises(DeliveryError) as caught:
        a_mailer(settings).send(sample_messages()["alert"])
    return caught.value


def test_a_mail_goes_over_a_safe_connection_with_a_password(
    serve: Callable[..., MailSink], ours: Pair, mode: str
) -> None:
    """The certificate is checked against the operator's own authority."""
    server = serve(ours, password=PASSWORD)
    settings = email(server.port, mode, ours[0], username="alerter", password=PASSWORD)
    a_mailer(settings).send(sample_messages()["alert"])
    (mail,) = server.mails
    assert "Roadside bomb" in mail["Subject"]


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    serve: Callable[..., MailSink], ours: Pair, mode: str
) -> None:
    """Not even the password. It is tried again, for certificates are renewed."""
    server = serve(ours)
    error = refused(email(server.port, mode, None))
    assert str(error) == "email mail: the server's certificate is not trusted"
    assert error.retryable
    assert server.mails == []


def test_the_certificate_of_another_host_gets_no_mail(
    serve: Callable[..., MailSink], another: Pair, mode: str
) -> None:
    """Although an authority that is trusted made it."""
    server = serve(another)
    error = refused(email(server.port, mode, another[0]))
    assert "certificate is not trusted" in str(error)
    assert server.mails == []


def test_a_wrong_password_is_refused_for_good(
    serve: Callable[..., MailSink], ours: Pair, mode: str
) -> None:
    """With the server's reason and neither password."""
    server = serve(ours, password=PASSWORD)
    error = refused(email(server.port, mode, ours[0], username="alerter", password="wrong pony"))
    assert "SMTP 535" in str(error)
    assert not error.retryable
    told = "".join(traceback.format_exception(error))
    assert "wrong pony" not in told
    assert PASSWORD not in told


def test_a_server_that_wants_starttls_says_so(ours: Pair) -> None:
    """Where the configuration says `none`."""
    with MailSink(starttls=speaking(ours)) as server:
        error = refused(email(server.port, "none", None))
    assert "STARTTLS" in str(error)
    assert not error.retryable


def test_a_server_without_tls_is_found_out() -> None:
    """Where the configuration says `tls`, and where it says `starttls`."""
    with MailSink() as server:
        error = refused(email(server.port, "tls", None))
        assert (str(error), error.retryable) == ("email mail: no secure connection (TLS)", True)
        error = refused(email(server.port, "starttls", None))
        assert "lacks STARTTLS" in str(error)
        assert not error.retryable
        assert server.mails == []


def test_whom_a_wrong_password_keeps_from_hearing_is_told_by_the_fallback(
    serve: Callable[..., MailSink],
    ours: Pair,
    mode: str,
    store: Store,
    make_settings: Callable[..., AlerterSettings],
) -> None:
    """At once: a dead letter with its reason, the alert to the fallback, and a word on why."""
    server = serve(ours, password=PASSWORD)
    wrong = email(server.port, mode, ours[0], username="alerter", password="wrong pony")
    right = email(server.port, mode, ours[0], username="alerter", password=PASSWORD)
    settings = make_settings(
        receivers=[{"name": "mail", "email": wrong}, {"name": "deputy", "email": right}],
        routes=[{"receiver": "mail", "fallback": "deputy"}],
    )
    with store.begin() as tx:
        announce(tx, [a_change()], settings=settings, now=NOON)
    sender = Sender(settings, monotonic=lambda: 0.0)
    while deliver(store=store, settings=settings, sender=sender, now=NOON):
        pass
    deliver(store=store, settings=settings, sender=sender, now=NOON)
    sender.close()
    with store.read() as tx:
        (dead,) = tx.deliveries.newest(state=DeliveryState.DEAD)
    assert (dead.receiver, dead.attempts) == ("mail", 1)
    assert "SMTP 535" in dead.last_error
    told = {str(mail["X-Alerter-Reason"]): str(mail["Subject"]) for mail in server.mails}
    assert sorted(told) == ["coverage", "first_report"]
    assert "Alerts do not reach mail" in told["coverage"]
