"""The contract of channels: every entry of CHANNELS against real servers that misbehave."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import pytest

from alerter.config.receivers import CHANNEL_KEYS, ReceiverSettings
from alerter.domain.errors import AlerterError, DeliveryError
from alerter.domain.scales import Reason
from alerter.notify.channels import CHANNELS, http, make_channel
from alerter.notify.message import Channel, Message, Sent
from alerter.notify.samples import NOW, sample_messages
from alerter.reach import Reach
from tests.contract.sinks import Answer, HttpSink, MailSink, Request

LOOPBACK: Final = (ip_network("127.0.0.0/8"),)
SECRET: Final = "s3cr3tT0ken"  # stands in every address and credential of these tests
HOSTILE: Final = (
    "<!channel> <!here|x> <@U0123> <https://evil.example|click> `code` *bold* @channel @all "
    "<script>alert(1)</script> <b onclick=x>\"'&amp; [link](javascript:alert(1)) "
    "Subject: x\r\nBcc: victim@example.org\r\n\r\n "
    "\u202egnp.exe\u202c \u2066x\u2069 zero\u200bwidth\u2060\ufeff null\x00 esc\x1b[31m "
    "\ud800 \U000e0041 :skull: {{ 7*7 }} {% raw %} ${x} %s \\u0000"
)
UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def ok_answer(request: Request) -> Answer:
    """What every one of the services takes for success."""
    body = {"ok": True, "ts": "1600000000.000100", "channel": "C01", "result": {"message_id": 7}}
    return Answer(body=json.dumps(body).encode())


@dataclass(frozen=True)
class Case:
    """A receiver that posts to the sink."""

    name: str
    settings: Callable[[str], dict[str, Any]]


HTTP_CASES: Final = (
    Case("webhook", lambda url: {"webhook": {"url": f"{url}/in/{SECRET}", "secret": SECRET}}),
    Case("slack", lambda url: {"slack": {"webhook_url": f"{url}/services/{SECRET}"}}),
    Case(
        "slack-bot",
        lambda url: {"slack": {"token": SECRET, "channel": "#security", "api_url": f"{url}/api"}},
    ),
    Case("teams", lambda url: {"teams": {"webhook_url": f"{url}/workflows/{SECRET}"}}),
    Case("mattermost", lambda url: {"mattermost": {"webhook_url": f"{url}/hooks/{SECRET}"}}),
    Case("telegram", lambda url: {"telegram": {"token": SECRET, "chat": "-100", "api_url": url}}),
    Case("ntfy", lambda url: {"ntfy": {"url": url, "topic": SECRET, "token": SECRET}}),
    Case("pagerduty", lambda url: {"pagerduty": {"routing_key": SECRET, "api_url": url}}),
)
OTHERS: Final = {"console", "email", "apprise"}  # no HTTP of ours; tested further down


def test_every_channel_of_the_table_is_held_to_this_contract() -> None:
    """A channel that is added without being tested here fails this test."""
    tested = {case.name.removesuffix("-bot") for case in HTTP_CASES} | OTHERS
    assert set(CHANNELS) == set(CHANNEL_KEYS) == tested


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    """A service that takes everything."""
    with HttpSink() as opened:
        opened.script = ok_answer
        yield opened


@pytest.fixture(params=HTTP_CASES, ids=lambda case: case.name)
def channel(request: pytest.FixtureRequest, sink: HttpSink) -> Channel:
    """Each channel that speaks HTTP, aimed at the sink."""
    return a_channel(request.param.settings(sink.url))


OPENED: Final[list[Channel]] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Connections of one test do not live on in the next."""
    yield
    while OPENED:
        OPENED.pop().close()


def a_channel(settings: Mapping[str, Any], **given: Any) -> Channel:
    receiver = ReceiverSettings.model_validate({"name": "desk", **settings})
    made = make_channel(
        receiver, given.pop("templates", None), Reach(allow=tuple(given.pop("allow", LOOPBACK)))
    )
    OPENED.append(made)
    return made


def a_message(name: str = "alert", **given: Any) -> Message:
    return replace(sample_messages()[name], **given)


def hostile(value: Any, text: str = HOSTILE) -> Any:
    """The payload with `text` in every string of the incident that a feed could have written."""
    kept = {"severity", "urgency", "certainty", "category", "status", "phase", "kind", "target"}
    kept |= {"id", "trust", "first_seen", "last_seen", "event_time", "published", "said_at"}
    if isinstance(value, dict):
        return {k: v if k in kept else hostile(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(item, text) for item in value]
    return text if isinstance(value, str) else value


def a_hostile_message(text: str = HOSTILE, name: str = "alert") -> Message:
    message = a_message(name)
    incident = hostile(message.payload["incident"], text[:5_000])
    incident |= {"headline": text, "summary": text}
    return replace(message, payload={**message.payload, "incident": incident})


def refused(channel: Channel, message: Message | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(message or a_message())
    return caught.value


# What every service may answer.


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_is_success(channel: Channel, sink: HttpSink, status: int) -> None:
    """Only Slack's Web API wants more: it says `ok` in the body."""
    sink.script = lambda request: replace(ok_answer(request), status=status)
    assert isinstance(channel.send(a_message()), Sent)
    assert len(sink.requests) == 1


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (301, False),
        (302, False),
        (303, False),
        (307, False),
        (308, False),
        (400, False),
        (401, False),
        (403, False),
        (404, False),
        (405, False),
        (408, True),
        (409, False),
        (410, False),
        (413, False),
        (422, False),
        (425, True),
        (429, True),
        (500, True),
        (502, True),
        (503, True),
        (504, True),
    ],
)
def test_each_status_is_retryable_or_not(
    channel: Channel, sink: HttpSink, status: int, *, retryable: bool
) -> None:
    """The table of the webhook contract holds for every service; redirects are not followed."""
    sink.script = lambda _: Answer(status=status, headers={"Location": sink.url + "/elsewhere"})
    error = refused(channel)
    assert error.retryable is retryable
    assert str(status) in str(error)
    assert error.retry_after is None
    assert len(sink.requests) == 1


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("17", timedelta(seconds=17)),
        ("1.5", timedelta(seconds=1.5)),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), timedelta(minutes=2)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta()),
        ("999999999", timedelta(hours=24)),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e400", None),
    ],
)
def test_retry_after_is_obeyed_in_seconds_and_as_a_date(
    channel: Channel, sink: HttpSink, value: str, wanted: timedelta | None
) -> None:
    """At most a day, never into the past; what cannot be read is as if it were not there."""
    sink.script = lambda _: Answer(status=429, headers={"Retry-After": value}, body=b"")
    error = refused(channel)
    assert error.retryable
    assert error.retry_after == wanted


def test_a_service_that_hangs_is_left_within_the_deadline(
    sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dead service holds a thread for the deadline and no longer."""
    monkeypatch.setattr(http, "DEADLINE", timedelta(seconds=0.2))
    sink.script = lambda _: Answer(hang=True)
    for case in HTTP_CASES:
        error = refused(a_channel(case.settings(sink.url)))
        assert error.retryable
        assert "in time" in str(error)


def test_a_broken_connection_is_retryable(channel: Channel, sink: HttpSink) -> None:
    """The message may have arrived or not: the key tells, when it comes again."""
    sink.script = lambda _: Answer(reset=True)
    assert refused(channel).retryable


def test_nothing_listens(sink: HttpSink) -> None:
    """A closed port is a service that restarts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for case in HTTP_CASES:
        error = refused(a_channel(case.settings(url)))
        assert error.retryable
        assert "nothing listens" in str(error)


def test_a_name_that_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS fails for a while more often than for good."""

    def no_dns(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"no {SECRET}")

    monkeypatch.setattr(socket, "getaddrinfo", no_dns)
    for case in HTTP_CASES:
        error = refused(a_channel(case.settings("http://hooks.invalid")))
        assert error.retryable
        assert "DNS" in str(error)
        assert SECRET not in str(error)


def test_private_networks_are_refused_unless_allowed(sink: HttpSink) -> None:
    """A webhook may not be a way into the machines around us."""
    for case in HTTP_CASES:
        error = refused(a_channel(case.settings(sink.url), allow=()))
        assert not error.retryable
        assert "allow_networks" in str(error)
    assert sink.requests == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "127.0.0.1", "http://", "http://[::1", "::"])
def test_an_address_that_is_none_is_told_without_retrying(url: str) -> None:
    """Coming again would not make it better."""
    error = refused(a_channel({"webhook": {"url": url}}))
    assert not error.retryable
    assert url not in str(error).removeprefix("webhook desk")


def test_an_endless_answer_is_not_read_to_its_end(channel: Channel, sink: HttpSink) -> None:
    """64 kB of an answer are enough for anybody."""
    sink.script = lambda _: Answer(status=500, body=b"x" * 3_000_000)
    assert refused(channel).retryable


# Secrets.


@pytest.mark.parametrize("answer", [Answer(status=403), Answer(status=500), Answer(reset=True)])
def test_no_secret_in_any_log_error_or_repr(
    channel: Channel,
    sink: HttpSink,
    answer: Answer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not even where the service sends our address and our credentials back to us."""
    caplog.set_level(logging.DEBUG)

    def echo(request: Request) -> Answer:
        told = f"{request.path} {request.headers} {SECRET}".encode()
        return replace(answer, body=told, headers={"X-Echo": SECRET, "Retry-After": SECRET})

    sink.script = echo
    error = refused(channel)
    written = capfd.readouterr()
    shown = [
        str(error),
        repr(error),
        repr(vars(error)),
        "".join(traceback.format_exception(error)),
        repr(channel),
        str(channel),
        caplog.text,
        written.out,
        written.err,
    ]
    assert not [text for text in shown if SECRET in text or "127.0.0.1" in text]
    assert error.__context__ is None


def test_a_missing_or_empty_secret_stops_the_start(tmp_path: Path) -> None:
    """Better no start than a daemon that cannot tell anybody."""
    empty = tmp_path / "empty"
    empty.write_text("\n")
    cases: tuple[dict[str, Any], ...] = (
        {"webhook": {}},
        {"webhook": {"url_file": tmp_path / "none"}},
        {"webhook": {"url_file": empty}},
        {"slack": {}},
        {"slack": {"token": SECRET}},
        {"telegram": {"chat": "1"}},
        {"apprise": {}},
    )
    for settings in cases:
        with pytest.raises(AlerterError) as caught:
            a_channel(settings)
        assert "desk" in str(caught.value)
        assert SECRET not in str(caught.value)


def test_secrets_come_from_files_too(sink: HttpSink, tmp_path: Path) -> None:
    """The trailing newline of an editor is not part of them."""
    (tmp_path / "url").write_text(f"{sink.url}/from-file\n")
    a_channel({"webhook": {"url_file": tmp_path / "url"}}).send(a_message())
    assert sink.last.path == "/from-file"


# What is sent.


@pytest.mark.parametrize("name", sorted(sample_messages()))
def test_every_kind_of_message_is_sent(channel: Channel, sink: HttpSink, name: str) -> None:
    """Alerts, notices, summaries, drills and digests, by every way."""
    message = a_message(name, thread=None)
    channel.send(message)
    assert len(sink.requests) == 1
    text = json.dumps(sink.last.json, ensure_ascii=False)
    if message.drill:
        assert "DRILL" in text or '"reason": "drill"' in text


# What may not come through, by the markup of each service. ntfy and PagerDuty show plain text.
ACTIVE: Final = {
    "slack": r"<[!@#]|<https://evil|[`*]bold|`code|:skull:",
    "slack-bot": r"<[!@#]|<https://evil|[`*]bold|`code|:skull:",
    "mattermost": r"@(channel|all)|\]\(javascript|<https://evil|[`*]bold|`code|:skull:",
    "telegram": r"<(?!/?(b|i|blockquote)>|/a>|a href=\"https?://[^\"]*\">)",
    "teams": r"(?!)",
    "ntfy": r"(?!)",
    "pagerduty": r"(?!)",
}


@pytest.mark.parametrize("case", HTTP_CASES[1:], ids=lambda case: case.name)
def test_hostile_text_arrives_harmless(case: Case, sink: HttpSink) -> None:
    """No unseen or direction characters, no mention, no foreign link, no markup of theirs."""
    a_channel(case.settings(sink.url)).send(a_hostile_message())
    for text in _strings(sink.last.json):
        assert not UNSEEN.search(text)
        assert not re.search(ACTIVE[case.name], text)
        assert not re.search(r"\b49\b", text)
    assert '"TextBlock"' not in sink.last.body.decode()  # the part of a Teams card with Markdown


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def test_a_megabyte_of_title_is_cut_and_sent(channel: Channel, sink: HttpSink) -> None:
    """Oversize is cut in one place and never a failure."""
    channel.send(a_hostile_message("word " * 200_000))
    limit = channel.limits.bytes or 120_000
    assert len(sink.last.body) < limit + 5_000


def test_a_megabyte_without_a_space_is_cut_too(channel: Channel, sink: HttpSink) -> None:
    """Cutting between words must not look for one for ever."""
    channel.send(a_hostile_message("\u0430" * 1_000_000))
    assert len(sink.requests) == 1


def test_hundreds_of_sources_and_facts_fit(channel: Channel, sink: HttpSink) -> None:
    """The event that everybody reports is the one that must arrive."""
    message = a_message()
    about = dict(message.payload["incident"])
    about |= {name: about[name] * 200 for name in ("sources", "facts", "evidence", "rules")}
    channel.send(replace(message, payload={**message.payload, "incident": about}))
    assert len(sink.last.body) <= (channel.limits.bytes or 120_000) + 5_000


def test_a_payload_with_nothing_in_it_still_tells(channel: Channel, sink: HttpSink) -> None:
    """A row that an older version wrote is no reason to be silent."""
    channel.send(a_message(payload={"incident": {"headline": "Something"}, "version": 1}))
    assert "Something" in sink.last.body.decode()


def test_links_that_are_no_links_are_not_shown(channel: Channel, sink: HttpSink) -> None:
    """Only http and https lead anywhere."""
    message = a_message()
    source = {"feed": "f", "title": "t", "trust": "C"}
    evil = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://a@evil.test/"]
    about = {**message.payload["incident"], "sources": [{**source, "url": url} for url in evil]}
    channel.send(replace(message, payload={**message.payload, "incident": about}))
    body = sink.last.body.decode()
    assert not [url for url in evil if url in body]


def test_a_broken_template_costs_no_alert(sink: HttpSink, tmp_path: Path) -> None:
    """A built-in text goes out, and says which template is broken and where."""
    for name in ("slack", "teams", "mattermost", "telegram", "ntfy", "pagerduty"):
        (tmp_path / f"{name}.j2").write_text("{% block title %}{% endblock %}\n{{ no_such_thing }}")
    for case in HTTP_CASES:
        if case.name == "webhook":
            continue
        a_channel(case.settings(sink.url), templates=tmp_path).send(a_message())
        body = sink.last.body.decode()
        assert "Roadside bomb" in body
        assert ".j2:2" in body
        assert "no_such_thing" in body.replace("\\u02cd", "_").replace("\u02cd", "_")


# The webhook contract, version 1.


def test_webhook_follows_version_1(sink: HttpSink) -> None:
    """The body is the payload; headers carry its type, the key and the signature."""
    message = a_message()
    a_channel({"webhook": {"url": f"{sink.url}/in?x=1", "secret": SECRET}}).send(message)
    request = sink.last
    assert request.path == "/in?x=1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Idempotency-Key"] == message.key
    signature = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Alerter-Signature"] == f"sha256={signature}"
    assert request.json == json.loads(json.dumps(message.payload))


def test_webhook_without_a_secret_is_not_signed(sink: HttpSink) -> None:
    """No signature is better than one with a known key."""
    a_channel({"webhook": {"url": sink.url}}).send(a_message())
    assert "X-Alerter-Signature" not in sink.last.headers


def test_webhook_says_where_it_was_cut(sink: HttpSink) -> None:
    """The signature is that of the body that was sent, and the ids are whole."""
    a_channel({"webhook": {"url": sink.url, "secret": SECRET}}).send(a_hostile_message("w " * 9**6))
    assert sink.last.json["incident"]["cut"] is True
    assert sink.last.json["incident"]["id"] == a_message().subject
    assert len(sink.last.body) <= 1_000_000


def test_a_key_with_foreign_letters_fits_into_a_header(sink: HttpSink) -> None:
    """Receivers have names in every script; a header has ASCII."""
    key = "coverage:feed:д\r\nX-Evil: 1 %:1:desk:coverage"
    a_channel({"webhook": {"url": sink.url}}).send(a_message(key=key))
    assert sink.last.headers["Idempotency-Key"] == (
        "coverage:feed:%D0%B4%0D%0AX-Evil:%201%20%25:1:desk:coverage"
    )
    assert "X-Evil" not in sink.last.headers


# Slack's bot.


@pytest.fixture
def bot(sink: HttpSink) -> Channel:
    """The bot, aimed at the sink."""
    return a_channel(dict(HTTP_CASES[2].settings(sink.url)))


def test_the_bot_keeps_one_live_message_per_incident(bot: Channel, sink: HttpSink) -> None:
    """Posted once, then edited in place with the change told in its thread."""
    first = bot.send(a_message())
    assert first.external_id == "C01:1600000000.000100"
    later = a_message("escalated", thread=first.external_id)
    bot.send(later)
    assert [request.path for request in sink.requests] == [
        "/api/chat.postMessage",
        "/api/chat.update",
        "/api/chat.postMessage",
    ]
    posted, updated, replied = (request.json for request in sink.requests)
    assert posted["channel"] == "#security"
    assert "thread_ts" not in posted
    assert posted["metadata"]["event_payload"]["idempotency_key"] == a_message().key
    assert (updated["channel"], updated["ts"]) == ("C01", "1600000000.000100")
    assert "ESCALATED" in json.dumps(updated).upper()
    assert replied["thread_ts"] == "1600000000.000100"
    assert replied["reply_broadcast"] is True
    assert "Severity rose" in json.dumps(replied)
    assert sink.last.headers["Authorization"] == f"Bearer {SECRET}"


def test_a_live_message_that_was_deleted_is_posted_anew(bot: Channel, sink: HttpSink) -> None:
    """Somebody tidied up the channel: the news must be seen all the same."""

    def script(request: Request) -> Answer:
        if request.path.endswith("update"):
            return Answer(body=b'{"ok": false, "error": "message_not_found"}')
        return ok_answer(request)

    sink.script = script
    bot.send(a_message("escalated", thread="C01:1.0"))
    assert "thread_ts" not in sink.last.json
    assert sink.last.json["channel"] == "#security"


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        ("ratelimited", True),
        ("internal_error", True),
        ("fatal_error", True),
        ("invalid_auth", False),
        ("channel_not_found", False),
        ("not_in_channel", False),
        ("is_archived", False),
        ("msg_too_long", False),
    ],
)
def test_the_bots_errors_come_with_status_200(
    bot: Channel, sink: HttpSink, error: str, *, retryable: bool
) -> None:
    """Slack's word for it is told, and whether to come again."""
    sink.script = lambda _: Answer(body=json.dumps({"ok": False, "error": error}).encode())
    caught = refused(bot)
    assert error in str(caught)
    assert caught.retryable is retryable


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[]", b"null", b'{"ok": "yes"}'])
def test_an_answer_that_is_not_slacks_is_retried(bot: Channel, sink: HttpSink, body: bytes) -> None:
    """A hotel's login page is no success."""
    sink.script = lambda _: Answer(body=body)
    assert refused(bot).retryable


# PagerDuty, Telegram, ntfy.


def test_pagerduty_resolves_what_is_closed(sink: HttpSink) -> None:
    """One PagerDuty incident per incident, by its id."""
    channel = a_channel({"pagerduty": {"routing_key": SECRET, "api_url": sink.url}})
    channel.send(a_message())
    channel.send(a_message("closed"))
    opened, closed = (request.json for request in sink.requests)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] == a_message().subject
    assert opened["payload"]["severity"] == "error"
    assert channel.send(a_message("drill"))
    assert sink.last.json["payload"]["severity"] == "info"


def test_telegram_replies_to_the_first_and_says_how_long_to_wait(sink: HttpSink) -> None:
    """The wait stands in the body there."""
    channel = a_channel({"telegram": {"token": SECRET, "chat": "-100", "api_url": sink.url}})
    sent = channel.send(a_message())
    assert sent.external_id == "7"
    assert sink.last.path == f"/bot{SECRET}/sendMessage"
    channel.send(a_message("escalated", thread=sent.external_id))
    assert sink.last.json["reply_parameters"]["message_id"] == 7
    wait = b'{"ok": false, "error_code": 429, "parameters": {"retry_after": 11}}'
    sink.script = lambda _: Answer(status=429, body=wait)
    assert refused(channel).retry_after == timedelta(seconds=11)


def test_ntfy_rings_by_severity(sink: HttpSink) -> None:
    """A drill does not ring like an attack."""
    channel = a_channel({"ntfy": {"url": sink.url, "topic": SECRET}})
    channel.send(a_message())
    assert sink.last.path == "/"
    assert (sink.last.json["topic"], sink.last.json["priority"]) == (SECRET, 4)
    assert sink.last.json["actions"][0]["url"] == a_message().ack_url
    channel.send(a_message("drill"))
    assert sink.last.json["priority"] == 3


# E-mail.


@pytest.fixture
def mailbox() -> Iterator[MailSink]:
    """A mail server that takes everything."""
    with MailSink() as opened:
        yield opened


def a_mailer(mailbox: MailSink, *to: str, **smtp: Any) -> Channel:
    server = {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "timeout": 5, **smtp}
    sender = "Alerter <alerter@example.org>"
    return a_channel({"email": {"to": to or ("duty@example.org",), "from": sender, "smtp": server}})


def test_a_mail_has_text_html_and_pictures(mailbox: MailSink) -> None:
    """Plain text first, HTML that refers to the pictures which travel with it."""
    a_mailer(mailbox).send(a_message())
    mail = mailbox.mails[0]
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Roadside bomb" in text.get_content()
    cids = re.findall(r'src="cid:([^"]+)"', html.get_content())
    attached = [
        part["Content-ID"] for part in mail.walk() if part.get_content_type() == "image/png"
    ]
    assert attached == [f"<{cid}>" for cid in cids] != []


def test_mails_about_one_incident_are_one_thread(mailbox: MailSink) -> None:
    """Same subject, References to the first, ids that come from the delivery key alone."""
    mailer = a_mailer(mailbox)
    sent = mailer.send(a_message())
    mailer.send(a_message("escalated", thread=sent.external_id))
    mailer.send(a_message())
    first, second, again = mailbox.mails
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in second["References"]
    assert second["References"].split()[0] == first["References"]
    assert first["Subject"] == second["Subject"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Id"]
    assert first["Idempotency-Key"] == a_message().key


def test_a_changed_headline_does_not_split_the_thread(mailbox: MailSink) -> None:
    """Mail programs thread by subject; the first one stays."""
    mailer = a_mailer(mailbox)
    sent = mailer.send(a_message())
    about = {**a_message().payload["incident"], "headline": "Two hurt by bomb"}
    payload = {**a_message().payload, "incident": about}
    mailer.send(a_message("escalated", payload=payload, thread=sent.external_id))
    assert mailbox.mails[0]["Subject"] == mailbox.mails[1]["Subject"]
    assert "Two hurt by bomb" in str(mailbox.mails[1])


def test_hostile_text_makes_no_header_and_no_script(mailbox: MailSink) -> None:
    """CR LF does not end a header, and HTML stays text."""
    a_mailer(mailbox).send(a_hostile_message())
    mail = mailbox.mails[0]
    assert mail["Bcc"] is None
    assert mailbox.envelopes[0].rcpt_tos == ["duty@example.org"]
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    page = html.get_content()
    assert "<script" not in page
    assert "onclick=x>" not in page
    assert "javascript:" not in " ".join(re.findall(r'href="[^"]*"', page))
    for shown in (str(mail["Subject"]), text.get_content(), page):
        assert not UNSEEN.search(shown.replace("\r", ""))


@pytest.mark.parametrize("text", ["word " * 200_000, "x" * 1_000_000])
def test_a_megabyte_of_title_is_cut_in_mails(mailbox: MailSink, text: str) -> None:
    """A subject stays a subject."""
    a_mailer(mailbox).send(a_hostile_message(text))
    assert len(mailbox.mails[0]["Subject"]) <= 150
    assert len(bytes(mailbox.mails[0])) < 500_000


@pytest.mark.parametrize("name", sorted(sample_messages()))
def test_every_kind_of_message_is_mailed(mailbox: MailSink, name: str) -> None:
    """Drills and tests say so in the subject and at the top."""
    message = a_message(name, thread=None)
    a_mailer(mailbox).send(message)
    mail = mailbox.mails[0]
    mark = {Reason.DRILL: "DRILL", Reason.TEST: "TEST"}.get(message.reason)
    if mark:
        assert f"[{mark}]" in mail["Subject"]
        assert str(mail.get_body(("plain",))).count(mark) >= 3
        assert mail["X-Priority"] is None


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        ("421 4.3.2 shutting down", True),
        ("450 4.2.1 greylisted", True),
        ("451 4.3.0 try later", True),
        ("452 4.3.1 no space", True),
        ("550 5.1.1 no such user", False),
        ("552 5.3.4 too large", False),
        ("554 5.7.1 rejected", False),
    ],
)
def test_smtp_replies_are_retryable_or_not(
    mailbox: MailSink, command: str, reply: str, *, retryable: bool
) -> None:
    """4xx may succeed later, 5xx will not (RFC 5321, 4.2.1)."""
    mailbox.replies[command] = reply
    error = refused(a_mailer(mailbox))
    assert error.retryable is retryable
    assert reply[:3] in str(error)


def test_addresses_refused_for_now_get_the_next_attempt_alone(mailbox: MailSink) -> None:
    """Who has the mail does not get it twice."""
    mailer = a_mailer(mailbox, "one@example.org", "two@example.org")
    mailbox.replies["two@example.org"] = "450 4.2.1 greylisted"
    error = refused(mailer)
    assert error.retryable
    assert "1 of 2" in str(error)
    mailbox.replies.clear()
    mailer.send(a_message())
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [
        ["one@example.org"],
        ["two@example.org"],
    ]


def test_an_address_refused_for_good_does_not_stop_the_others(
    mailbox: MailSink, capfd: pytest.CaptureFixture[str]
) -> None:
    """The others have it; the log says who has not."""
    mailbox.replies["gone@example.org"] = "550 5.1.1 no such user"
    sent = a_mailer(mailbox, "one@example.org", "gone@example.org").send(a_message())
    assert sent.external_id
    written = capfd.readouterr()
    assert "mail_refused_in_part" in written.out + written.err


def test_a_wrong_password_is_not_retried_nor_told(caplog: pytest.LogCaptureFixture) -> None:
    """Neither ours nor the server's."""
    with MailSink(password="right") as mailbox:
        error = refused(a_mailer(mailbox, username="alerter", password=SECRET))
        assert not error.retryable
        assert SECRET not in str(error) + caplog.text + "".join(traceback.format_exception(error))
        a_mailer(mailbox, username="alerter", password="right").send(a_message())
        assert len(mailbox.mails) == 1


def test_a_server_without_starttls_gets_no_mail(mailbox: MailSink) -> None:
    """Nothing goes in the clear where TLS was asked for."""
    error = refused(a_mailer(mailbox, tls="starttls"))
    assert not error.retryable
    assert "STARTTLS" in str(error)
    assert mailbox.mails == []


def test_a_mail_server_that_is_not_there() -> None:
    """It restarts; we come again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = {"host": "127.0.0.1", "port": port, "tls": "none"}
    mailer = a_channel(
        {"email": {"to": ["d@example.org"], "from": "a@example.org", "smtp": server}}
    )
    assert refused(mailer).retryable


def test_a_mail_server_that_says_nothing() -> None:
    """A timeout is retryable."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        server = {"host": "127.0.0.1", "port": deaf.getsockname()[1], "tls": "none", "timeout": 0.2}
        settings = {"to": ["d@example.org"], "from": "a@example.org", "smtp": server}
        error = refused(a_channel({"email": settings}))
    assert error.retryable
    assert "in time" in str(error)


def test_a_broken_mail_template_costs_no_mail(mailbox: MailSink, tmp_path: Path) -> None:
    """Text and HTML fall back each for itself, and say so."""
    (tmp_path / "email.txt.j2").write_text("{% block body %}{{ 1 / 0 }}{% endblock %}")
    (tmp_path / "email.html.j2").write_text("{% block page %}{% if %}{% endblock %}")
    server = {"host": "127.0.0.1", "port": mailbox.port, "tls": "none"}
    settings = {"to": ["d@example.org"], "from": "a@example.org", "smtp": server}
    a_channel({"email": settings}, templates=tmp_path).send(a_message())
    shown = str(mailbox.mails[0].get_body(("plain",))), str(mailbox.mails[0].get_body(("html",)))
    for part, name in zip(shown, ("email.txt.j2:1", "email.html.j2:1"), strict=True):
        assert "Roadside bomb" in part
        assert name in part


# Console and Apprise.


def test_the_console_prints_what_cannot_steer_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No escape sequence of a stranger gets through."""
    a_channel({"console": {}}).send(a_hostile_message())
    printed = capsys.readouterr().out
    assert "SEVERE #214" in printed
    assert not UNSEEN.search(printed)


def test_a_closed_standard_output_is_retryable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alert waits in the outbox until somebody looks again."""

    class Gone:
        encoding = "ascii"

        def write(self, text: str) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("sys.stdout", Gone())
    assert refused(a_channel({"console": {}})).retryable


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise imports what Python drops
def test_apprise_sends_one_target_and_says_nothing_of_its_address(
    sink: HttpSink, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its own log would show the address at every level."""
    pytest.importorskip("apprise")
    caplog.set_level(logging.DEBUG)
    target = sink.url.replace("http://", "json://") + f"/hook/{SECRET}?+X-Token={SECRET}"
    channel = a_channel({"apprise": {"url": target}})
    channel.send(a_hostile_message())
    assert "SEVERE #214" in sink.last.json["title"]
    assert not UNSEEN.search(sink.last.json["message"])
    sink.script = lambda _: Answer(status=503)
    error = refused(channel)
    assert error.retryable
    written = capfd.readouterr()
    told = [str(error), repr(channel), caplog.text, written.out, written.err]
    assert not [text for text in told if SECRET in text]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise imports what Python drops
def test_apprise_refuses_targets_on_this_machine() -> None:
    """A daemon has no desktop."""
    pytest.importorskip("apprise")
    for url in ("syslog://", "gnome://", "dbus://", "nonsense", "nothing://x"):
        with pytest.raises(AlerterError):
            a_channel({"apprise": {"url": url}})
