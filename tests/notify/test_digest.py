"""The daily report as mail and in Slack."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from alerter.config.receivers import EmailSettings
from alerter.notify.channels.slack import slack_body
from alerter.notify.digest import digest_values
from alerter.notify.mail import compose_mail, preview
from alerter.notify.message import Message
from alerter.notify.render import values_of
from alerter.notify.samples import sample_messages
from alerter.notify.templates import Templates
from alerter.notify.view_parts import FULL

MAIL = EmailSettings.model_validate({"to": ["duty@example.org"], "from": "a@example.org"})


def a_digest(name: str = "digest", **given: Any) -> Message:
    """The sample digest with some of its report replaced."""
    message = sample_messages()[name]
    report = {**message.payload["digest"], **given}
    return replace(message, payload={**message.payload, "digest": report})


def text_of(message: Message) -> str:
    """The plain text of its mail."""
    return Templates().blocks("digest.txt.j2", ("body",), values_of(message))["body"]


def test_a_quiet_day_says_so_with_proof() -> None:
    """Silence is told, and what it rests on."""
    text = text_of(a_digest("quiet digest"))
    for part in (
        "NOTHING ABOVE THRESHOLD",
        "64 of 64, 61 in good health",
        "1804 new",
        "12 May 2026, 07:37 UTC (10:37 Baghdad time, UTC+3), 4 min ago",
        "ar, en, fa, fr, ku",
        "Iraq, Iran, Lebanon",
        "10 May 2026, 07:41 UTC (10:41 Baghdad time, UTC+3), passed",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("polled", "told"),
    [
        (64, "The watch was kept; this is the proof"),
        (60, "kept in part: 4 of 64 feeds were not read"),
        (0, "NOT kept"),
    ],
)
def test_silence_is_no_news_where_nothing_was_read(polled: int, told: str) -> None:
    """A day without sight must not look like a quiet day."""
    message = a_digest("quiet digest", feeds_polled=polled)
    assert told in re.sub(r"\s+", " ", text_of(message))
    assert told in preview(message, Templates())
    assert told in json.dumps(slack_body(message, Templates()))


def test_a_busy_day_lists_what_happened_and_what_is_not_seen() -> None:
    """Incidents, risk with arrows, announcements, silences, blind spots, dead receivers."""
    text = re.sub(r"\s+", " ", text_of(a_digest()))
    for part in (
        "1 INCIDENT ",
        "#214 Severe, Likely: Roadside bomb hits embassy vehicle",
        "acknowledged by K. Lund",
        "\u2191 Baghdad: Reconsider presence (was: Exercise increased caution)",
        "2026-05-15: March to the Green Zone (Baghdad, Iraq)",
        "silence 3 by K. Lund (planned demolition): city=Basra; hid 2",
        "ENDS SOON",
        "feed radio-rafidain: HTTP 403 from its server, since 12 May 2026, 01:41 UTC",
        "soc, since 12 May 2026, 06:51 UTC: webhook soc: HTTP 503: it failed; 2 waiting",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("last", "ok", "shown"), [(None, None, "never"), ("2026-05-10T07:41:00Z", False, "FAILED")]
)
def test_a_drill_that_failed_or_never_was_is_told(
    last: str | None, *, ok: bool | None, shown: str
) -> None:
    """The path of alerts is only known to work when it has been tried."""
    assert shown in text_of(a_digest(last_drill=last, last_drill_ok=ok))


def test_the_mail_has_html_text_and_the_tempo_inside() -> None:
    """The picture travels with the mail."""
    mail = compose_mail(a_digest(), MAIL, name="mail", templates=Templates())
    assert mail["Subject"].startswith("[Alerter] Daily digest 2026-05-12: 1 incident")
    page = mail.get_body(("html",))
    assert page is not None
    assert 'src="cid:tempo@example.org"' in page.get_content()
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]


def test_slack_gets_the_same_news() -> None:
    """In blocks."""
    body = slack_body(a_digest(), Templates())
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "context"]
    text = json.dumps(body, ensure_ascii=False)
    assert "Roadside bomb" in text
    assert "63 of 64" in text


def test_two_hundred_incidents_fit_into_slack() -> None:
    """With how many more there are."""
    rows = a_digest().payload["digest"]["incidents"] * 200
    body = slack_body(a_digest(incidents=rows), Templates())
    assert all(len(block.get("text", {}).get("text", "")) <= 3000 for block in body["blocks"])
    assert "more" in json.dumps(body)


def test_hostile_names_stay_text() -> None:
    """Names of feeds and reasons of silences are foreign text too."""
    rows = [
        {"kind": "feed", "name": "<!here> <script>x</script>", "reason": "a\r\nb", "since": None}
    ]
    message = a_digest(blind_spots=rows)
    assert "<!here>" not in json.dumps(slack_body(message, Templates()))
    assert "<script>" not in preview(message, Templates())
    assert "feed <!here> <script>x</script>: a b" in text_of(message)


def test_a_preview_is_one_file() -> None:
    """Pictures inside, nothing to load."""
    page = preview(a_digest(), Templates())
    assert 'src="data:image/png;base64,' in page
    assert not re.findall(r'(?:src|href)="(?!data:|https://alerter\.example\.org)', page)


@pytest.mark.parametrize("report", [None, 7, {}, {"day": "x"}])
def test_a_report_that_cannot_be_read_still_makes_a_message(report: object) -> None:
    """An older version wrote it: a plain text goes out."""
    message = sample_messages()["digest"]
    broken = replace(message, payload={**message.payload, "digest": report})
    assert digest_values(broken, FULL) is None
    mail = compose_mail(broken, MAIL, name="mail", templates=Templates())
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Daily digest" in text.get_content()
