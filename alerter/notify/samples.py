"""Messages of every kind, for checking templates and for seeing what they look like. Invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerter.domain.assessment import Evidence, Fact, Rule
from alerter.domain.delivery import Why, delivery_key
from alerter.domain.incident import Change, Incident, Source
from alerter.domain.mission import Mission, MissionMention, Place
from alerter.domain.notice import Notice
from alerter.domain.scales import (
    Category,
    Certainty,
    Phase,
    Reason,
    Severity,
    Status,
    Target,
    Trust,
    Urgency,
)
from alerter.notify.message import Message
from alerter.notify.payload import about, body, rfc3339
from alerter.notify.report import DigestReport
from alerter.notify.sample_days import busy_day, quiet_day

NOW: Final = datetime(2026, 5, 12, 7, 41, tzinfo=UTC)
BAGHDAD_ZONE: Final = ZoneInfo("Asia/Baghdad")
MISSIONS: Final = (
    Mission(
        id="no-baghdad",
        name="Embassy of Norway, Baghdad",
        sending="NO",
        host="IQ",
        city="Baghdad",
        lat=33.302,
        lon=44.385,
    ),
    Mission(
        id="no-residence",
        name="Residence, Jadriya",
        sending="NO",
        host="IQ",
        kind="residence",
        city="Baghdad",
        lat=33.278,
        lon=44.402,
    ),
    Mission(
        id="no-airport-house",
        name="Airport liaison house",
        sending="NO",
        host="IQ",
        kind="office",
        city="Baghdad",
        lat=33.262,
        lon=44.234,
    ),
)


def sample_messages() -> Mapping[str, Message]:
    """One message of each kind by name: a full alert, a bare one, notices, a summary, a digest."""
    incident = _incident()
    return {
        "alert": _message(_told(incident, Reason.FIRST_REPORT), ack=True),
        "escalated": _message(
            _told(incident, Reason.ESCALATED), thread="<first@example.org> first"
        ),
        "bare": _message(_told(_bare(), Reason.FIRST_REPORT)),
        "closed": _message(_told(incident, Reason.CLOSED), thread="<first@example.org> first"),
        "posture": _message(_told(incident, Reason.POSTURE)),
        "tempo": _message(_tempo()),
        "coverage": _message(_coverage()),
        "drill": _message(_drill(Reason.DRILL)),
        "test": _message(_drill(Reason.TEST)),
        "summary": _message(_storm(), members=(incident, _bare())),
        "digest": _message(_daily(), digest=busy_day(NOW, _series())),
        "quiet digest": _message(_daily(), digest=quiet_day(NOW)),
    }


def _message(
    telling: Change | Notice,
    *,
    ack: bool = False,
    thread: str | None = None,
    members: tuple[Incident, ...] = (),
    digest: DigestReport | None = None,
) -> Message:
    subject, revision, reason = _identity(telling)
    key = delivery_key(subject, revision, "duty-mail", reason)
    why = Why(route="baghdad", rule=f"{reason.value} at once", text=_why(telling))
    more: dict[str, Any] = {"sent_at": rfc3339(NOW)}
    if members:
        more["incidents"] = [_told_json(_told(member, Reason.FIRST_REPORT)) for member in members]
    if digest is not None:
        more["digest"] = digest.as_json()
    shown = _told_json(telling)
    return Message(
        key=key,
        subject=subject,
        revision=revision,
        reason=reason,
        payload=body(key=key, reason=reason, about=shown, why=why, more=more),
        why=why,
        now=NOW,
        zone=BAGHDAD_ZONE,
        ack_url="https://alerter.example.org/ack/4f2a" if ack else None,
        thread=thread,
        drill=reason is Reason.DRILL,
    )


def _identity(telling: Change | Notice) -> tuple[str, int, Reason]:
    if isinstance(telling, Change):
        return telling.incident.id, telling.incident.revision, telling.reason or Reason.REMINDER
    return telling.subject, telling.revision, telling.reason


def _why(telling: Change | Notice) -> str:
    return telling.why if isinstance(telling, Change) else telling.headline


def _told(incident: Incident, reason: Reason) -> Change:
    texts = {
        Reason.FIRST_REPORT: "A new incident within 25 km of two of your posts.",
        Reason.ESCALATED: "Severity rose from Moderate to Severe: two injured are reported.",
        Reason.CLOSED: "No new report for 72 hours.",
        Reason.POSTURE: "A government threatens to withdraw its mission.",
    }
    return Change(incident=incident, reason=reason, why=texts[reason], at=NOW)


def _told_json(telling: Change | Notice) -> dict[str, Any]:
    return about(telling, missions=MISSIONS, base_url="https://alerter.example.org")


def _incident() -> Incident:
    seen = NOW - timedelta(minutes=6)
    return Incident(
        id="inc-7f3c",
        number=214,
        revision=3,
        phase=Phase.DEVELOPING,
        headline="Roadside bomb hits embassy vehicle on the airport road",
        summary="A bomb beside the airport road damaged the second car of a diplomatic convoy near "
        "the Jihad interchange. The road is closed in both directions.",
        category=Category.BOMBING,
        status=Status.OCCURRED,
        target=Target.VEHICLE,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.LIKELY,
        probability=0.964,
        host="IQ",
        sending=("NO",),
        missions=(
            MissionMention(
                text="Norwegian embassy", kind="embassy", sending="NO", host="IQ", city="Baghdad"
            ),
        ),
        mission_ids=("no-baghdad", "no-residence", "no-airport-house"),
        distances_km=(("no-baghdad", 8.3), ("no-residence", 9.4), ("no-airport-house", 6.6)),
        place=Place(
            text="Jihad interchange",
            country="IQ",
            city="Baghdad",
            lat=33.277,
            lon=44.301,
            radius_km=2.0,
        ),
        event_time=NOW - timedelta(minutes=38),
        first_seen=seen,
        last_seen=NOW,
        sources=(
            _source("s1", "Tigris Daily", "Bomb hits embassy car on airport road, two hurt", "B"),
            _source("s2", "Radio Rafidain", "انفجار عبوة ناسفة على طريق المطار", "C", lang="ar"),
            _source(
                "s3", "Gulf Wire Copy", "Bomb hits embassy car on airport road", "D", own=False
            ),
        ),
        evidence=(
            Evidence(
                text="An explosive device went off beside a car of the Norwegian embassy on the "
                "airport road on Tuesday morning, two security sources said.",
                weight=0.6,
            ),
            Evidence(text="انفجرت عبوة ناسفة لدى مرور سيارة تابعة للسفارة النرويجية.", weight=0.3),
        ),
        facts=(
            Fact(kind="injured", value="2", source="Tigris Daily", said_at=seen),
            Fact(kind="injured", value="none", source="Radio Rafidain", said_at=NOW),
            Fact(kind="killed", value="1", source="Gulf Wire Copy", said_at=seen, denied=True),
            Fact(kind="weapon", value="roadside bomb", source="Tigris Daily", said_at=seen),
        ),
        rules=(
            Rule(name="vehicle-hit", text="A vehicle of a mission was hit: Severe."),
            Rule(name="two-sources", text="Two sources that stand alone report it: Likely."),
        ),
        langs=("en", "ar"),
    )


def _source(
    article: str, feed: str, title: str, trust: str, *, lang: str = "en", own: bool = True
) -> Source:
    return Source(
        article_id=article,
        feed=feed,
        title=title,
        url=f"https://news.example/{article}?a=1&b=2",
        published=NOW - timedelta(minutes=20),
        first_seen=NOW - timedelta(minutes=6),
        trust=Trust(trust),
        lang=lang,
        independent=own,
    )


def _bare() -> Incident:
    """As little as an incident can hold."""
    return Incident(
        id="inc-9a01",
        number=215,
        headline="Crowd gathers outside consulate",
        category=Category.UNREST,
        status=Status.OCCURRED,
        severity=Severity.MINOR,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.POSSIBLE,
        probability=0.81,
        first_seen=NOW,
        last_seen=NOW,
    )


def _tempo() -> Notice:
    return Notice(
        subject="tempo:city:IQ/Baghdad",
        revision=4,
        reason=Reason.TEMPO,
        headline="Attacks around Baghdad come faster: 4 in 7 days, 0.6 expected",
        text="Four incidents near diplomatic posts in Baghdad within seven days. The usual count "
        "over the last 90 days is 0.6 a week; so many come by chance once in 900 weeks.",
        at=NOW,
        severity=Severity.SEVERE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        host="IQ",
        city="Baghdad",
        lines=("#208 rockets, 7 May", "#210 rockets, 9 May", "#214 roadside bomb, 12 May"),
        incident_ids=("inc-1", "inc-2", "inc-7f3c"),
        series=_series(),
    )


def _series() -> tuple[tuple[str, int], ...]:
    first = NOW - timedelta(days=59)
    hits = {3: 1, 19: 1, 36: 1, 48: 1, 54: 1, 56: 2, 59: 1}
    return tuple((f"{first + timedelta(days=day):%Y-%m-%d}", hits.get(day, 0)) for day in range(60))


def _coverage() -> Notice:
    return Notice(
        subject="coverage:lang:ar",
        revision=1,
        reason=Reason.COVERAGE,
        headline="Arabic feeds have gone quiet: 1 of 9 brought news in 6 hours",
        text="Usually 40 articles come in this time. The network is up: other feeds are polled.",
        at=NOW,
        severity=Severity.MODERATE,
        lines=("radio-rafidain: HTTP 403 since 01:20 UTC", "tigris-daily: empty since 02:05 UTC"),
    )


def _drill(reason: Reason) -> Notice:
    return Notice(
        subject=f"{reason.value}:2026-05-12",
        revision=1,
        reason=reason,
        headline="Weekly drill of the alert path" if reason is Reason.DRILL else "Test message",
        text="This message went the way of an alert, from feed to receiver.",
        at=NOW,
    )


def _storm() -> Notice:
    return Notice(
        subject="storm:baghdad",
        revision=1,
        reason=Reason.REMINDER,
        headline="14 alerts in 10 minutes in Iraq, told together",
        text="The limit of this route is 5 alerts in 10 minutes.",
        at=NOW,
        severity=Severity.SEVERE,
        host="IQ",
        incident_ids=("inc-7f3c", "inc-9a01"),
    )


def _daily() -> Notice:
    return Notice(
        subject="digest:2026-05-12",
        revision=1,
        reason=Reason.DIGEST,
        headline="Daily digest",
        text="",
        at=NOW,
    )
