"""A stand-in for the classifier that knows the reference story: what a careful reader would say.

Places, missions, facts and times are read from the text by the real functions; only the judgement
(is it a threat, of which kind, how fresh) is given, so that a test of what follows from judgement
does not depend on a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.mission import Mission
from alerter.domain.scales import Category, Status, Target
from alerter.understand.facts import extract_facts
from alerter.understand.mentions import mentions
from alerter.understand.places import places
from alerter.understand.states import host_and_sending
from alerter.understand.when import date_ahead, event_time
from tests.acceptance import timeline as t

KINDS: Final = {
    t.WFP: (Category.BOMBING, Target.IO),
    t.BABIL: (Category.BOMBING, Target.VEHICLE),
    t.SEPTEMBER_6: (Category.INDIRECT_FIRE, Target.PREMISES),
    t.DIWANIYAH: (Category.BOMBING, Target.VEHICLE),
    t.SEPTEMBER_14: (Category.INDIRECT_FIRE, Target.PREMISES),
    t.BRITISH: (Category.BOMBING, Target.VEHICLE),
    t.GUARDS: (Category.INDIRECT_FIRE, Target.PREMISES),
    t.TURKISH: (Category.ARMED_ATTACK, Target.PEOPLE),
    t.JAPANESE: (Category.BOMBING, Target.PREMISES),
    t.ITALIAN: (Category.ARSON_VANDALISM, Target.PREMISES),
    t.SEPTEMBER_22: (Category.INDIRECT_FIRE, Target.PREMISES),
    t.CLOSURE: (Category.SECURITY_MEASURE, Target.PREMISES),
    t.VOW: (Category.SECURITY_MEASURE, Target.SEVERAL),
    t.SUMMARY: (Category.INDIRECT_FIRE, Target.SEVERAL),
}
STATUSES: Final = {
    "denial": Status.AFTERMATH,
    "claim": Status.AFTERMATH,
    "statement": Status.AFTERMATH,
    "summary": Status.AFTERMATH,
    "posture": Status.WARNING,
    "measure": Status.OCCURRED,
    "announced": Status.WARNING,
}


@dataclass(frozen=True, slots=True)
class Analyst:
    """Judges items of a story as labelled (the reference story), and every other as harmless."""

    missions: tuple[Mission, ...] = ()
    items: tuple[t.Told, ...] = tuple(t.story())
    kinds: Mapping[str, tuple[Category, Target]] = field(default_factory=lambda: KINDS)

    def assess(
        self, articles: Sequence[Article], *, now: datetime, evidence: bool
    ) -> list[Assessment]:
        """One assessment for each article, in order."""
        told = {item.id: item for item in self.items}
        return [self._one(article, told.get(article.id)) for article in articles]

    def _one(self, article: Article, item: t.Told | None) -> Assessment:
        if item is None or item.event not in self.kinds:
            return Assessment(
                article_id=article.id, probability=0.02, threat=False, status=Status.NONE
            )
        category, target = self.kinds[item.event]
        lang = item.lang
        text = f"{article.title}\n{article.summary}"
        missions, found = mentions(text, lang, self.missions), places(text, lang)
        host, sending = host_and_sending(article.title, text, lang, missions, found)
        return Assessment(
            article_id=article.id,
            probability=0.95,
            threat=True,
            status=STATUSES.get(item.kind, Status.OCCURRED),
            category=category,
            categories={category: 0.95},
            target=target,
            missions=missions,
            places=found,
            host=host,
            sending=sending,
            lang=lang,
            event_time=event_time(text, lang, article.published, host),
            date_ahead=date_ahead(text, lang, article.published, host),
            facts=extract_facts(article.title, article.summary, lang, article.feed, article.when),
            model="analyst",
        )
