"""What `alerter check` finds in receivers and templates before the night in which it matters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.fit import why_locked_out
from alerter.config.feeds import FeedAuth
from alerter.config.settings import AlerterSettings
from alerter.net import Guard
from alerter.notify.fit import check_templates, unfit, why_unusable
from alerter.resources import bundled
from tests.certificates import a_certificate

SECRET = "s3cr3t-hush"


def found(channel: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """The mistakes of one receiver: dotted path below it, and message."""
    settings = AlerterSettings.model_validate({"receivers": [{"name": "r", **channel}], **more})
    return [(".".join(map(str, each.path)), each.message) for each in unfit(settings)]


def mail(**given: Any) -> dict[str, Any]:
    """A receiver of mail."""
    return {"email": {"to": ["duty@example.org"], "from": "Alerter <a@example.org>", **given}}


@pytest.mark.parametrize(
    ("channel", "path", "message"),
    [
        ({"webhook": {"url": "htps://soc.example.org"}}, "webhook.url", "http or https"),
        ({"webhook": {"url": f"https:///{SECRET}"}}, "webhook.url", "names no host"),
        ({"webhook": {"url": f"https://[::1/{SECRET}"}}, "webhook.url", "not a URL"),
        ({"webhook": {"url": f"https://h/{SECRET} x"}}, "webhook.url", "a space"),
        ({"webhook": {"url": "http://10.1.2.3/in"}}, "webhook.url", "poll.allow_networks"),
        ({"webhook": {"url": "http://localhost:9/in"}}, "webhook.url", "poll.allow_networks"),
        ({"webhook": {"url": " "}}, "webhook.url", "url is empty"),
        ({"slack": {"token": SECRET}}, "slack", "a bot needs a channel"),
        ({"teams": {"webhook_url": "teams"}}, "teams.webhook_url", "http or https"),
        (
            {"telegram": {"token": SECRET, "chat": "1", "api_url": "x"}},
            "telegram.api_url",
            "http or https",
        ),
        ({"ntfy": {"url": "ntfy.sh", "topic": SECRET}}, "ntfy.url", "http or https"),
        (mail(to=["duty"]), "email.to.0", "not one e-mail address"),
        (mail(to=["a@example.org, b@example.org"]), "email.to.0", "not one e-mail address"),
        (mail(reply_to="@example.org"), "email.reply_to", "not one e-mail address"),
        (mail(smtp={"username": "u"}), "email.smtp.password", "password is missing"),
        (mail(smtp={"host": " "}), "email.smtp.host", "is empty"),
    ],
)
def test_a_receiver_that_cannot_send_is_found(
    channel: dict[str, Any], path: str, message: str
) -> None:
    """With the place of the key, and without a word of what is secret."""
    ((at, said),) = found(channel)
    assert at == f"receivers.0.{path}"
    assert message in said
    assert SECRET not in said


def test_a_password_of_the_proxy_that_cannot_be_read_is_told_once_and_the_rest_is_still_checked(
    tmp_path: Path,
) -> None:
    proxy = {"url": "http://proxy:3128", "username": "a", "password_file": tmp_path / "none"}
    wrong = found({"webhook": {"url": "htps://soc.example.org"}}, poll={"proxy": proxy})
    assert [path for path, _ in wrong] == ["poll.proxy.password_file", "receivers.0.webhook.url"]


def test_files_of_secrets_are_read_as_the_daemon_would(tmp_path: Path) -> None:
    """One that is not text, one that is empty, one that holds no certificate, one with no URL."""
    broken, empty, words = tmp_path / "broken", tmp_path / "empty", tmp_path / "words"
    broken.write_bytes(b"\xff\xfe\x00")
    empty.write_text("\n")
    words.write_text(f"{SECRET}\n")
    assert found({"webhook": {"url_file": broken}})[0][1].endswith("it is not text")
    assert found({"slack": {"webhook_url_file": empty}}) == [
        ("receivers.0.slack.webhook_url_file", "webhook_url is empty")
    ]
    assert found(mail(smtp={"ca_file": words}))[0][0] == "receivers.0.email.smtp.ca_file"
    ((path, said),) = found({"mattermost": {"webhook_url_file": words}})
    assert path.endswith("webhook_url_file")
    assert SECRET not in said


def test_what_works_is_left_in_peace(tmp_path: Path) -> None:
    """Also a private network that is allowed, and a console for people on the same machine."""
    url = tmp_path / "url"
    url.write_text("https://hooks.example.org/services/x\n")
    allowed = {"poll": {"allow_networks": ["127.0.0.0/8"]}}
    assert found({"webhook": {"url": "http://127.0.0.1:9/in"}}, **allowed) == []
    assert found({"slack": {"webhook_url_file": url}}, web={"url": "http://10.0.0.9:8480"}) == []
    assert found(mail(to=['"Duty, RSO" <d@example.org>'])) == []


def test_the_heartbeat_and_the_address_of_the_console_are_looked_at() -> None:
    """A heartbeat that goes nowhere is an alarm for nothing, or no alarm at all."""
    settings = {"heartbeat": {"url": "hc.example.org"}, "web": {"url": "alerter"}}
    assert [path for path, _ in found({"console": {}}, **settings)] == ["heartbeat.url", "web.url"]


@given(st.text())
def test_any_text_as_an_address_has_an_answer(text: str) -> None:
    """Never an exception, and never more than one line."""
    for guard in (None, Guard()):
        said = why_unusable(text, guard)
        assert said is None or "\n" not in said


def test_a_client_certificate_that_cannot_be_used_is_found(tmp_path: Path) -> None:
    """One that is none, and one whose key belongs to another."""
    words = tmp_path / "words.pem"
    words.write_text("no certificate")
    assert "of no use" in (why_locked_out(FeedAuth(certificate_file=words)) or "")
    pairs = [a_certificate(tmp_path, name) for name in ("one", "two")]
    (one, key), (_, other) = pairs
    assert why_locked_out(FeedAuth(certificate_file=one, key_file=key)) is None
    wrong = why_locked_out(FeedAuth(certificate_file=one, key_file=other)) or ""
    assert "mismatch" in wrong


# Templates of the operator.


def test_ours_render_every_sample() -> None:
    """What is shipped passes its own check."""
    assert check_templates(bundled("templates")) == []
    assert check_templates(None) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("slack.j2", "\n{{ no_such }}", "slack.j2:2:1: 'no_such' is undefined"),
        ("slack.j2", "{% block title %}{{ headline.no_such }}{% endblock %}", "no_such"),
        ("email.html.j2", "{% block page %}{% if %}{% endblock %}", "email.html.j2:1:1: "),
        (
            "console.j2",
            "{% block body %}{{ 1 / 0 }}{% endblock %}",
            "console.j2:1:1: division by zero",
        ),
        ("console.j2", "{% include 'missing.j2' %}", "there is no template missing.j2"),
        ("sms.j2", "{{ headline.__class__.__mro__ }}", "sms.j2:1:1: access to attribute"),
        ("sms.j2", "{{ range(10**9) | list }}", "sms.j2:1:1: Range too big"),
        ("ntfy.j2", "{{ ().__class__.__base__.__subclasses__() }}", "ntfy.j2:1:1: access"),
        ("telegram.j2", "{% block body %}{{ key | no_filter }}{% endblock %}", "no_filter"),
        ("digest.txt.j2", "{% block body %}{{ digest.no }}{% endblock %}", "digest.txt.j2:1:1: "),
        ("slak.j2", "x", "slak.j2:1:1: no channel uses this name"),
    ],
)
def test_check_finds_what_is_wrong_and_says_where(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    """Before the night in which it would matter."""
    (tmp_path / name).write_text(text)
    found = [str(each) for each in check_templates(tmp_path)]
    assert found
    assert all(name.partition(".")[0] in line for line in found)
    assert problem in found[0]
    assert "\n" not in found[0]


def test_check_looks_at_all_where_a_shared_file_is_replaced(tmp_path: Path) -> None:
    """`_short.j2` is part of three templates."""
    (tmp_path / "_short.j2").write_text("{% macro lines(v) %}{{ v.nothing }}{% endmacro %}")
    found = "\n".join(map(str, check_templates(tmp_path)))
    assert found.count("_short.j2:1:1") >= 1
