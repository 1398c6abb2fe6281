"""Values for tests: valid by default, override what the test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerter.domain.article import Article
from alerter.domain.assessment import Assessment, Evidence
from alerter.domain.delivery import Delivery, Why, delivery_key
from alerter.domain.feed import FeedState
from alerter.domain.incident import Incident, Source
from alerter.domain.mission import Mission, MissionMention, Place
from alerter.domain.scales import (
    Category,
    Certainty,
    FeedHealth,
    Reason,
    Severity,
    Status,
    Target,
    Urgency,
)

NOON: Final = datetime(2020, 9, 15, 12, 0, tzinfo=UTC)
BAGHDAD: Final = Place(
    text="Baghdad", country="IQ", city="Baghdad", lat=33.3406, lon=44.4009, radius_km=15.0
)
US_EMBASSY: Final = MissionMention(
    text="US embassy", kind="embassy", sending="US", host="IQ", city="Baghdad"
)


def a_feed(name: str = "daily-post", **given: Any) -> FeedState:
    """A healthy feed that has been polled once."""
    url = given.pop("url", f"https://news.example/{name}.xml")
    feed = FeedState(
        name=name, url=url, configured_url=url, health=FeedHealth.OK, last_ok=NOON, polls=1
    )
    return replace(feed, **given)


def an_article(id: str = "a1", **given: Any) -> Article:
    """An article about rockets at an embassy, seen a minute after it was published."""
    first_seen = given.get("first_seen", NOON)
    article = Article(
        id=id,
        feed="daily-post",
        title="Rockets hit US embassy in Baghdad",
        summary="Two rockets landed inside the compound on Tuesday, police said.",
        url=f"https://news.example/{id}",
        lang="en",
        published=given.pop("published", first_seen - timedelta(minutes=1)),
        first_seen=first_seen,
        content_hash=f"hash-of-{id}",
    )
    return replace(article, **given)


def an_assessment(article_id: str = "a1", **given: Any) -> Assessment:
    """A sure threat: indirect fire at the US embassy in Baghdad."""
    assessment = Assessment(
        article_id=article_id,
        probability=0.95,
        threat=True,
        status=Status.OCCURRED,
        category=Category.INDIRECT_FIRE,
        categories={Category.INDIRECT_FIRE: 0.9, Category.BOMBING: 0.1},
        target=Target.PREMISES,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.POSSIBLE,
        missions=(US_EMBASSY,),
        places=(BAGHDAD,),
        host="IQ",
        sending=("US",),
        lang="en",
        evidence=(Evidence(text="Two rockets landed inside the compound.", weight=0.6),),
        model="test-model",
    )
    return replace(assessment, **given)


def a_mission(id: str = "us-baghdad", **given: Any) -> Mission:
    """A post of the user, in Baghdad's Green Zone."""
    mission = Mission(
        id=id,
        name="Embassy of the United States, Baghdad",
        sending="US",
        host="IQ",
        city="Baghdad",
        lat=33.299,
        lon=44.387,
        radius_km=25.0,
    )
    return replace(mission, **given)


def a_source(article_id: str = "a1", **given: Any) -> Source:
    """One article that reports an incident."""
    source = Source(
        article_id=article_id,
        feed="daily-post",
        title="Rockets hit US embassy in Baghdad",
        url=f"https://news.example/{article_id}",
        published=NOON - timedelta(minutes=1),
        first_seen=NOON,
        lang="en",
    )
    return replace(source, **given)


def an_incident(id: str = "inc-1", **given: Any) -> Incident:
    """An open incident with one source: indirect fire at the US embassy in Baghdad."""
    incident = Incident(
        id=id,
        number=214,
        headline="Rockets hit US embassy in Baghdad",
        summary="Two rockets landed inside the compound on Tuesday, police said.",
        category=Category.INDIRECT_FIRE,
        status=Status.OCCURRED,
        target=Target.PREMISES,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.POSSIBLE,
        probability=0.95,
        host="IQ",
        sending=("US",),
        missions=(US_EMBASSY,),
        place=BAGHDAD,
        event_time=NOON - timedelta(hours=2),
        first_seen=NOON,
        last_seen=NOON,
        sources=(a_source(),),
        evidence=(Evidence(text="Two rockets landed inside the compound.", weight=0.6),),
        langs=("en",),
    )
    return replace(incident, **given)


def a_delivery(
    subject: str = "inc-1",
    *,
    revision: int = 1,
    receiver: str = "desk",
    reason: Reason = Reason.FIRST_REPORT,
    **given: Any,
) -> Delivery:
    """A delivery that waits for its first attempt."""
    delivery = Delivery(
        key=delivery_key(subject, revision, receiver, reason),
        subject=subject,
        revision=revision,
        receiver=receiver,
        reason=reason,
        why=Why(route="default", rule="first report", text="A new incident."),
        payload="{}",
        created_at=NOON,
        next_try=NOON,
    )
    return replace(delivery, **given)
