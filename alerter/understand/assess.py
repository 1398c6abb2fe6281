"""Articles in, assessments out: what each says of a threat to a mission, how surely, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment, Evidence, Fact
from alerter.domain.geo import distance_km
from alerter.domain.grade import Situation, grade
from alerter.domain.mission import Mission, Place
from alerter.domain.scales import Category, Status, Target
from alerter.understand.classifier import Classifier, Verdict
from alerter.understand.embed import Embedder, Remembering, find_embedder
from alerter.understand.evidence import NAMELESS, evidence_for, why_high, why_low
from alerter.understand.facts import extract_facts, toll
from alerter.understand.items import Item, Read, Reader, head_of
from alerter.understand.lexicon import Lexicon, shipped
from alerter.understand.mentions import mentions
from alerter.understand.model import load_model
from alerter.understand.passages import Passage, best_passages, discounted
from alerter.understand.places import places as places_of
from alerter.understand.states import host_and_sending
from alerter.understand.when import date_ahead, event_time

MODELS: Final = Path(__file__).parent / "data" / "model"
WITH_VECTORS: Final = "multilingual.npz"
WITHOUT_VECTORS: Final = "plain.npz"
FACTS_FROM: Final = (
    0.4  # a little below review: what nobody will fold needs no facts, but for denials
)
_HOUR: Final = timedelta(hours=1)
_HURTS: Final = frozenset({Target.PEOPLE, Target.IO, Target.VEHICLE, Target.SEVERAL})
REMEMBERED: Final = 1024  # texts whose vectors are kept: 2 MB
EVIDENCE_FROM: Final = 0.2  # below this nobody looks, and evidence is most of the time it takes


@dataclass(frozen=True, slots=True)
class _Judged:
    """An article with the reading that decided, and what it came to."""

    article: Article
    read: Read
    verdict: Verdict
    probability: float


class Assessor:
    """The whole judgement of one article after another. Pure after loading; thread-safe."""

    def __init__(
        self, classifier: Classifier, lexicon: Lexicon, *, missions: Sequence[Mission] = ()
    ) -> None:
        self._classifier = classifier
        self._lexicon = lexicon
        self._reader = Reader(lexicon)
        self._missions = tuple(missions)

    @classmethod
    def load(cls, settings: AlerterSettings, *, remember: int = REMEMBERED) -> Self:
        """With the model and the embedder that the settings and this machine allow.

        `remember` is how many texts keep their vectors: headlines come again and again.
        Raises ModelError when a model file is not sound or needs an embedder that is not there.
        """
        embedder = find_embedder(use=settings.embedder.use, onnx=settings.embedder.onnx)
        if embedder is not None:
            embedder = Remembering(embedder, most=remember)
        missions = [each.mission() for each in settings.missions]
        return cls(load_classifier(settings.model, embedder), shipped(), missions=missions)

    @property
    def version(self) -> str:
        """Changes with the model file; what was assessed by another version is assessed again."""
        return self._classifier.version

    @property
    def threshold(self) -> float:
        """The probability from which an item is called a threat."""
        return self._classifier.threshold

    def assess(
        self, articles: Sequence[Article], *, now: datetime, evidence: bool = True
    ) -> list[Assessment]:
        """One assessment for each article, in order. The same article always gets the same one.

        `evidence=False` leaves the evidence out, which is most of the time that a threat takes.
        """
        reads = [self._reader.read(_head(article)) for article in articles]
        verdicts = self._classifier.judge(reads)
        return [
            self._assessment(self._deepen(article, read, verdict), now, evidence=evidence)
            for article, read, verdict in zip(articles, reads, verdicts, strict=True)
        ]

    def explain(self, article: Article, *, now: datetime) -> tuple[Assessment, Mapping[str, float]]:
        """The assessment with details whatever the probability, and the margins it rests on."""
        read = self._reader.read(_head(article))
        judged = self._deepen(article, read, self._classifier.judge([read])[0])
        found = self._detailed(judged, now)
        if not found.threat:  # whatever else speaks against it, even where no mission is named
            found = replace(found, why=self._why_low(judged))
        return found, judged.verdict.margins

    def _deepen(self, article: Article, read: Read, verdict: Verdict) -> _Judged:
        """Take the best passage of a long body instead of the head where it says more."""
        best = _Judged(article, read, verdict, verdict.probability)
        for passage in self._passages(article, read):
            closer = self._reader.read(passage.item)
            judged = self._classifier.judge([closer])[0]
            probability = discounted(judged.probability, passage.discount)
            if probability > best.probability:
                best = _Judged(article, closer, judged, probability)
        return best

    def _passages(self, article: Article, read: Read) -> list[Passage]:
        if not article.body:
            return []
        return best_passages(
            read.item.title, article.body, self._lexicon,
            lang=read.lang, year=read.item.year, skip_lead=not article.summary.strip(),
        )  # fmt: skip

    def _assessment(self, judged: _Judged, now: datetime, *, evidence: bool) -> Assessment:
        if not judged.verdict.passed:
            return self._brief(judged)
        shown = evidence and judged.probability >= EVIDENCE_FROM
        return self._detailed(judged, now, evidence=shown)

    def _why_low(self, judged: _Judged) -> str:
        return why_low(judged.read, judged.probability, passed=judged.verdict.passed)

    def _brief(self, judged: _Judged) -> Assessment:
        return Assessment(
            article_id=judged.article.id,
            probability=round(judged.probability, 4),
            threat=False,
            status=_harmless_status(judged.verdict),
            lang=judged.read.lang,
            why=self._why_low(judged) if judged.read.names_target else NAMELESS,
            model=self.version,
        )

    def _evidence(self, judged: _Judged) -> tuple[Evidence, ...]:
        own = judged.verdict.probability
        return evidence_for(judged.read, own, self._classifier, self._reader)

    def _detailed(self, judged: _Judged, now: datetime, *, evidence: bool = True) -> Assessment:
        brief = self._brief(judged)
        threat = judged.probability >= self.threshold
        article, read, verdict = judged.article, judged.read, judged.verdict
        categories = {Category(name): round(p, 4) for name, p in verdict.category.items()}
        category = max(categories, key=lambda name: categories[name], default=None)
        status = _threat_status(verdict) if threat else brief.status
        target = Target(_likeliest(verdict.target)) if verdict.target else None
        text = "\n".join(part for part in (article.title, article.summary, article.body) if part)
        near = "\n".join(part for part in (read.item.title, read.item.lead) if part)
        missions = mentions(near, read.lang, self._missions)
        places = places_of(near, read.lang)
        host, sending = host_and_sending(read.item.title, near, read.lang, missions, places)
        telling = judged.probability >= FACTS_FROM or read.denies
        facts = _facts(article, text, read.lang, host) if telling else ()
        happened = event_time(text, read.lang, article.published, host)
        ahead = date_ahead(text, read.lang, article.published, host)
        killed = toll(facts, "killed")
        graded = grade(
            Situation(
                category=category, status=status, target=target,
                killed=killed, injured=toll(facts, "injured"), taken=toll(facts, "taken"),
                mission_hurt=killed > 0 and target in _HURTS,
                my_mission=any(mention.mission for mention in missions),
                distance_km=_nearest(places, self._missions),
                age_h=None if happened is None else (now - happened) / _HOUR,
                ahead_h=None if ahead is None else (ahead - now) / _HOUR,
                credibility=judged.probability,
                posture=category is Category.SECURITY_MEASURE,
            )
        )  # fmt: skip
        return replace(
            brief,
            threat=threat,
            status=status,
            category=category if threat else None,
            categories=categories,
            target=target if threat else None,
            severity=graded.severity,
            urgency=graded.urgency,
            certainty=graded.certainty,
            rules=graded.rules,
            missions=missions,
            places=places,
            host=host,
            sending=sending,
            event_time=happened,
            date_ahead=ahead,
            facts=facts,
            evidence=self._evidence(judged) if evidence else (),
            why=why_high(read, judged.probability) if threat else brief.why,
            vector=verdict.vector,
        )


def _facts(article: Article, text: str, lang: str, host: str | None) -> tuple[Fact, ...]:
    body = text.removeprefix(article.title).lstrip()
    return extract_facts(article.title, body, lang, article.feed, article.when, host=host)


def _nearest(places: Sequence[Place], missions: Sequence[Mission]) -> float | None:
    """Kilometres from the likeliest place with coordinates to the nearest of the user's posts."""
    spot = next((p for p in places if p.lat is not None and p.lon is not None), None)
    if spot is None or spot.lat is None or spot.lon is None:
        return None
    return min(
        (
            distance_km((spot.lat, spot.lon), (post.lat, post.lon))
            for post in missions
            if post.lat is not None and post.lon is not None
        ),
        default=None,
    )


def load_classifier(path: Path | None, embedder: Embedder | None) -> Classifier:
    """The classifier in a folder that `alerter train` wrote, or of the package by default."""
    folder = path or MODELS
    if folder.is_file():
        return Classifier(load_model(folder), embedder)
    rich = folder / WITH_VECTORS
    if embedder is not None and rich.is_file():
        return Classifier(load_model(rich), embedder)
    return Classifier(load_model(folder / WITHOUT_VECTORS))


def _head(article: Article) -> Item:
    published = article.published
    return head_of(
        article.title, article.summary, article.body,
        lang=article.lang, year=published.year if published else None,
    )  # fmt: skip


def _likeliest(chances: Mapping[str, float]) -> str:
    return max(chances, key=lambda name: chances[name])


def _threat_status(verdict: Verdict) -> Status:
    live = (Status.OCCURRED, Status.WARNING, Status.AFTERMATH)
    return max(live, key=lambda status: verdict.status.get(status.value, 0.0))


def _harmless_status(verdict: Verdict) -> Status:
    past = verdict.status.get(Status.RETROSPECTIVE.value, 0.0)
    return (
        Status.RETROSPECTIVE if past > verdict.status.get(Status.NONE.value, 1.0) else Status.NONE
    )
