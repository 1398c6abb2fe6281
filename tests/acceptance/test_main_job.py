"""From feed bytes to the delivered message: the whole program on a virtual clock."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerter.domain.scales import FeedHealth
from tests.acceptance.world import World

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONFIG = """
state: sqlite:///$state
feeds:
  - {url: "$feeds/post.xml", name: daily-post, lang: en, trust: B, every: 1m}
  - {url: "$feeds/radio.xml", name: state-radio, lang: en, every: 1m}
  - {url: "$feeds/broken.xml", name: broken, every: 1m}
poll: {every: 1m, timeout: 2s, backlog: 24h, allow_networks: [127.0.0.0/8]}
missions:
  - {id: no-kabul, name: "Embassy of Norway, Kabul", sending: "NO", host: AF, city: Kabul, location: [34.53, 69.17]}
receivers:
  - {name: soc, webhook: {url: "$hook", secret: k3y}}
  - {name: mail, email: {to: [duty@example.org], from: alerter@example.org, smtp: {host: 127.0.0.1, port: $smtp_port, tls: none}}}
routes:
  - {receiver: soc, continue: true}
  - {receiver: mail, match: {severity: [Severe, Extreme]}}
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two feeds with old news, polled once."""
    with World(tmp_path, NOON, config=CONFIG) as made:
        made.publish("/post.xml", "Bakers in Kabul raise the price of bread")
        made.publish("/radio.xml", "Snow closes the Salang pass for a day")
        made.run(minutes=2)
        yield made


def test_a_threat_is_told_once_with_its_evidence(world: World) -> None:
    """One event, two outlets, many copies: one first report, no second page for the second report."""
    world.publish(
        "/post.xml",
        "Gunmen open fire at Norwegian embassy in Kabul, two guards killed",
        "Armed men attacked the gate of the Norwegian embassy in Kabul on Monday and killed two guards.",
    )
    world.run(minutes=3)
    world.publish(
        "/radio.xml",
        "Two guards killed as gunmen attack Norway's embassy in Kabul",
        "The attack at the embassy's gate took place on Monday, police said.",
    )
    world.run(minutes=30)
    reasons = [hook.json["reason"] for hook in world.hooks.taken]
    assert reasons.count("first_report") == 1
    assert set(reasons) <= {"first_report", "corroborated", "coverage"}
    first = next(hook.json for hook in world.hooks.taken if hook.json["reason"] != "coverage")
    told = first["incident"]
    assert told["category"] == "armed_attack"
    assert told["place"]["city"] == "Kabul"
    assert told["missions"][0]["mission"] == "no-kabul"
    assert any("embassy" in proof["text"].lower() for proof in told["evidence"])
    assert told["sources"][0]["feed"] == "daily-post"
    assert first["why"]["text"]
    subjects = [str(mail["Subject"]) for mail in world.mails.taken]
    assert any("Norwegian embassy" in subject for subject in subjects)


def test_the_webhook_is_signed_and_carries_its_key(world: World) -> None:
    """A receiver can check who sent it and recognise a second arrival."""
    world.publish("/post.xml", "Car bomb explodes outside the Norwegian embassy in Kabul")
    world.run(minutes=3)
    hook = world.hooks.taken[0]
    digest = hmac.new(b"k3y", hook.body, hashlib.sha256).hexdigest()
    assert hook.headers["X-Alerter-Signature"] == f"sha256={digest}"
    assert hook.headers["Idempotency-Key"] == hook.json["key"]


def test_the_mail_reads_alone_in_both_parts(world: World) -> None:
    """Plain text and HTML, one thread for an incident, an id made of the delivery."""
    world.publish(
        "/post.xml", "Car bomb explodes outside the Norwegian embassy in Kabul, three killed"
    )
    world.run(minutes=3)
    mail = world.mails.taken[0]
    text = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Kabul" in text.get_content()
    assert "Kabul" in html.get_content()
    assert "UTC" in text.get_content()
    assert mail["Message-ID"]


def test_harmless_news_alerts_nobody(world: World) -> None:
    """Diplomacy, condolences, recalls, brand ambassadors and football."""
    for title in (
        "Norwegian ambassador presents credentials in Kabul",
        "Norwegian embassy condemns bombing of a Kabul market",
        "Singer named goodwill ambassador for children",
        "Ten years on: survivors remember the assault on the embassy",
        "Kabul side wins derby with a late attack",
    ):
        world.publish("/post.xml", title)
    world.run(minutes=5)
    assert world.hooks.taken == []
    assert world.mails.taken == []


def test_what_was_old_at_the_first_poll_alerts_nobody(tmp_path: Path) -> None:
    """A new feed full of last month's attacks is history, not news."""
    with World(tmp_path, NOON.replace(month=1), config=CONFIG) as world:
        world.publish("/post.xml", "Rockets hit the Norwegian embassy in Kabul")
        world.now = NOON
        world.run(minutes=3)
        assert world.hooks.taken == []
        with world.store.read() as tx:
            assert tx.articles.count() == 1


def test_a_receiver_that_fails_gets_it_later(world: World) -> None:
    """Nothing is lost while it is down, and nothing is told twice when it is back."""
    world.hooks.statuses = [500, 503, 429]
    world.publish("/post.xml", "Car bomb explodes outside the Norwegian embassy in Kabul")
    world.run(hours=2)
    assert len(world.hooks.refused) == 3
    keys = [hook.json["key"] for hook in world.hooks.taken]
    assert len(keys) == len(set(keys))
    assert {hook.json["key"] for hook in world.hooks.refused} <= set(keys)


def test_a_broken_feed_says_why_and_costs_nothing_else(world: World) -> None:
    """The others are polled on time."""
    world.run(minutes=5)
    with world.store.read() as tx:
        feeds = {feed.name: feed for feed in tx.feeds.all()}
    assert feeds["broken"].health is FeedHealth.FAILING
    assert "404" in feeds["broken"].health_reason
    assert feeds["daily-post"].health is FeedHealth.OK
