"""A story told in reports: each is folded into what is known so far, as the daemon would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerter.config.settings import Thresholds
from alerter.domain.incident import Change, Incident
from alerter.domain.mission import Mission
from alerter.domain.scales import Trust
from alerter.incidents import Folded, NotFolded, fold
from alerter.understand.facts import extract_facts
from alerter.understand.when import date_ahead, event_time
from tests.builders import NOON, an_article, an_assessment


@dataclass
class Story:
    """Incidents in memory, and what folding answered."""

    missions: Sequence[Mission] = ()
    watch: Any = "all"
    incidents: dict[str, Incident] = field(default_factory=dict)
    answers: list[Folded | NotFolded] = field(default_factory=list)
    count: int = 0

    def report(
        self,
        title: str,
        summary: str = "",
        *,
        at: datetime = NOON,
        feed: str | None = None,
        trust: Trust = Trust.C,
        lang: str = "en",
        article: dict[str, Any] | None = None,
        **said: Any,
    ) -> Folded:
        """Fold one report; facts and times are read from its text unless they are given."""
        self.count += 1
        text = f"{title}\n{summary}"
        written = an_article(
            f"a{self.count}",
            title=title,
            summary=summary,
            feed=feed or f"feed-{self.count}",
            lang=lang,
            first_seen=at,
            published=at,
            **(article or {}),
        )
        said.setdefault("facts", extract_facts(title, summary, lang, written.feed, at))
        said.setdefault("event_time", event_time(text, lang, at, said.get("host", "IQ")))
        said.setdefault("date_ahead", date_ahead(text, lang, at, said.get("host", "IQ")))
        assessment = an_assessment(written.id, lang=lang, **said)
        answer = fold(
            assessment,
            written,
            trust,
            list(self.incidents.values()),
            self.missions,
            thresholds=Thresholds(),
            now=at,
            watch=self.watch,
        )
        self.answers.append(answer)
        assert isinstance(answer, Folded), answer.reason
        self.incidents[answer.change.incident.id] = answer.change.incident
        for alias in answer.absorbed:
            self.incidents[alias.id] = alias
        return answer

    @property
    def changes(self) -> list[Change]:
        """Every change so far."""
        return [answer.change for answer in self.answers if isinstance(answer, Folded)]


def after(**span: float) -> datetime:
    """A time after noon of 15 September 2020."""
    return NOON + timedelta(**span)
