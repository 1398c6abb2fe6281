"""One event in the world, over time: what is known, who says so and how that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerter.domain.assessment import Evidence, Fact, Rule
from alerter.domain.mission import MissionMention, Place
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One article that reports the incident.

    `independent` is False for a wire copy or near-duplicate of an earlier source; `credit` is the
    agency that the text credits; `fingerprint` are its MinHash values. `probability`,
    `category`, `host` and `sending` are what its assessment said. `denies` is True where it says
    that the event never happened.
    """

    article_id: str
    feed: str
    title: str
    url: str | None = None
    published: datetime | None = None
    first_seen: datetime
    trust: Trust = Trust.C
    lang: str | None = None
    independent: bool = True
    credit: str | None = None
    fingerprint: tuple[int, ...] = ()
    probability: float = 1.0
    category: Category | None = None
    host: str | None = None
    sending: tuple[str, ...] = ()
    denies: bool = False

    @property
    def when(self) -> datetime:
        """When it was published: as the publisher says unless that lies after we saw it."""
        return self.first_seen if self.published is None else min(self.published, self.first_seen)

    @property
    def confirms(self) -> bool:
        """Whether it counts as a report of the event: no copy of one, and no denial."""
        return self.independent and not self.denies


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One event. `id` never changes; `revision` grows with each change that is kept.

    `number` is the short form for people ("#214"). `mission_ids` are configured posts that are
    named or within their radius; `distances_km` holds (mission id, km) for those with known
    coordinates. `event_time` is the time of the event as far as it is known; `first_seen` and
    `last_seen` are when we learned of it first and last. `terms` counts the telling words of its
    reports and `vector` is their mean unit vector: both are for comparing the next report. The
    three `told_...` are when something was first told of it, and the worst that was told.
    """

    id: str
    number: int
    revision: int = 1
    phase: Phase = Phase.OPEN
    headline: str
    summary: str = ""
    category: Category
    status: Status
    target: Target | None = None
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    probability: float
    host: str | None = None
    sending: tuple[str, ...] = ()
    missions: tuple[MissionMention, ...] = ()
    mission_ids: tuple[str, ...] = ()
    distances_km: tuple[tuple[str, float], ...] = ()
    place: Place | None = None
    event_time: datetime | None = None
    date_ahead: datetime | None = None
    first_seen: datetime
    last_seen: datetime
    sources: tuple[Source, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[Fact, ...] = ()
    rules: tuple[Rule, ...] = ()
    langs: tuple[str, ...] = ()
    merged_into: str | None = None
    notes: tuple[str, ...] = ()
    terms: tuple[tuple[str, int], ...] = ()
    vector: tuple[float, ...] = ()
    told_at: datetime | None = None
    told_severity: Severity = Severity.UNKNOWN
    told_certainty: Certainty = Certainty.UNKNOWN

    @property
    def independent_sources(self) -> int:
        """How many sources report the event and do not copy another."""
        return sum(source.confirms for source in self.sources)

    @property
    def first_news(self) -> datetime:
        """When the first of its reports was published, as far as is known."""
        return min((source.when for source in self.sources), default=self.first_seen)

    @property
    def last_news(self) -> datetime:
        """When the last of its independent reports was published, as far as is known."""
        fresh = (source.when for source in self.sources if source.independent)
        return max(fresh, default=self.last_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An assessment accepted as a report of a known incident, with the score and the reason."""

    incident_id: str
    article_id: str
    score: float
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to an incident in one step of folding, and whether it is worth telling.

    `reason` is None when the new revision changes nothing that anybody must hear of (a second
    report, a recall of an old attack); `why` says so in words either way. `tell` is False where
    the article was backlog.
    """

    incident: Incident
    reason: Reason | None
    why: str
    at: datetime
    article_id: str | None = None
    tell: bool = True
