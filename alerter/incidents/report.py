"""One report as the stage compares and folds it: an article with its assessment, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.incident import Source
from alerter.domain.scales import Category, Status, Trust
from alerter.incidents.copies import fingerprint
from alerter.incidents.terms import place_terms, terms_of
from alerter.incidents.words import agency_of, has_word

CLOSURE_WITHIN: Final = 250  # the headline and what follows it at once
REACTIONS: Final = frozenset({Category.SECURITY_MEASURE, Category.THREAT_WARNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An article, what it says, and what it can be compared by.

    `statement` is True for words about an event (a vow, a meeting, a condemnation), `roundup` for
    a count of many events over a while, `posture` for a measure of protection: a closure that is
    threatened or done, whichever reaction the assessment took it for. `named` are all states that
    it names in whatever part: host and sending state are easily taken for each other.
    """

    article: Article
    assessment: Assessment
    category: Category
    text: str
    lead: str
    terms: frozenset[str]
    named: frozenset[str]
    source: Source
    statement: bool
    roundup: bool

    @property
    def when(self) -> datetime:
        """When it was published, as well as is known."""
        return self.article.when

    @property
    def posture(self) -> bool:
        """Whether it tells of a measure of protection and of no act."""
        return self.category is Category.SECURITY_MEASURE and not self.statement

    @property
    def recall(self) -> bool:
        """Whether it only looks back. What takes something back is news, if no news of a threat."""
        status = self.assessment.status
        quiet = status is Status.NONE and not self.assessment.takes_back
        return quiet or status is Status.RETROSPECTIVE


def read_report(article: Article, assessment: Assessment, trust: Trust) -> Report:
    """Read an article and its assessment for folding. Pure.

    A report without a category (for review) is read as the likeliest, or `threat_warning`.
    """
    text = "\n".join(part for part in (article.title, article.summary, article.body) if part)
    lead = f"{article.title}. {article.summary or article.body[:300]}"
    category = _category(assessment, lead)
    if category is Category.SECURITY_MEASURE and has_word("intended", article.title or lead):
        assessment = _as_warning(assessment)
    if assessment.status is Status.WARNING:  # what is yet to come has no time: dates are background
        assessment = replace(assessment, event_time=None)
    return Report(
        article=article,
        assessment=assessment,
        category=category,
        text=text,
        lead=lead,
        terms=terms_of(text) | place_terms(assessment.places),
        named=named_states(assessment),
        source=replace(_source(article, assessment, text, trust), category=category),
        statement=_is_statement(assessment, article, lead, category),
        roundup=assessment.event_time is None and has_word("roundup", lead),
    )


def _source(article: Article, assessment: Assessment, text: str, trust: Trust) -> Source:
    return Source(
        article_id=article.id,
        feed=article.feed,
        title=article.title or article.summary[:120],
        url=article.url,
        published=article.published,
        first_seen=article.first_seen,
        trust=trust,
        lang=assessment.lang or article.lang,
        probability=assessment.probability,
        host=assessment.host,
        sending=assessment.sending,
        credit=agency_of(text),
        fingerprint=fingerprint(text),
        denies=any(fact.kind == "denial" for fact in assessment.facts),
    )


def named_states(assessment: Assessment) -> frozenset[str]:
    """All states that an assessment names in whatever part."""
    states = {assessment.host, *assessment.sending, *(p.country for p in assessment.places)}
    return frozenset(state for state in states if state)


def likeliest_category(assessment: Assessment) -> Category:
    """The category of a threat; of what is for review the likeliest, or `threat_warning`."""
    odds = assessment.categories
    likeliest = max(odds, key=lambda category: odds[category], default=Category.THREAT_WARNING)
    return assessment.category or likeliest


def _category(assessment: Assessment, lead: str) -> Category:
    """The likeliest; a reaction that speaks of closing or leaving is a measure, never a threat."""
    category = likeliest_category(assessment)
    if category is Category.THREAT_WARNING and has_word("closure", lead, within=CLOSURE_WITHIN):
        return Category.SECURITY_MEASURE
    return category


def _as_warning(assessment: Assessment) -> Assessment:
    """A closure that is threatened or prepared has not happened, however it is told."""
    live = assessment.status is Status.OCCURRED
    return replace(assessment, status=Status.WARNING) if live else assessment


def _is_statement(assessment: Assessment, article: Article, lead: str, category: Category) -> bool:
    """A reaction: the headline (or a lone lead) speaks of words about an event.

    A promise of protection is one whatever its status; other words only where nothing is new.
    """
    title = article.title or lead
    if category in REACTIONS and has_word("vow", title):
        return True
    if assessment.status not in (Status.AFTERMATH, Status.RETROSPECTIVE, Status.NONE):
        return False
    return has_word("vow", title) or has_word("statement", title)
