"""What templates see of an alert: every value cleaned, worded and cut, ready to be escaped. Pure.

`docs/templates.md` lists every field here. A payload that was written by an older version, or
lacks a part, gives a view with that part empty: it is never a reason not to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from alerter.domain.scales import Reason
from alerter.notify import words
from alerter.notify.message import Message
from alerter.notify.moment import Moment, moment
from alerter.notify.text import clean, clip, finite, safe_url

Json = Mapping[str, Any]
SCALE: Final = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
DRILL_MARK: Final = "DRILL"
TEST_MARK: Final = "TEST"
AT_THE_POST_KM: Final = 0.1  # closer than any place name is known
MARKS: Final = {
    DRILL_MARK: "This is a drill. Nothing has happened. No action is needed but to confirm that "
    "this arrived.",
    TEST_MARK: "This is a test of the receiver. Nothing has happened. No action is needed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much of an alert is shown: characters of headline and texts, and lines of each list."""

    headline: int
    text: int
    lines: int


# From all to hardly anything: the first that fits a channel's limits is sent.
DETAILS: Final = (
    Detail(headline=300, text=2_000, lines=25),
    Detail(headline=250, text=900, lines=10),
    Detail(headline=200, text=400, lines=5),
    Detail(headline=150, text=200, lines=3),
    Detail(headline=120, text=120, lines=1),
    Detail(headline=80, text=60, lines=0),
)
FULL: Final = DETAILS[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceView:
    """How far the place is from one of my posts. `letter` marks the post on the map."""

    letter: str
    name: str
    km: float
    bearing: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One article that reports it."""

    feed: str
    title: str
    url: str | None
    trust: str
    trust_text: str
    published: Moment | None
    independent: bool
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """One value of a fact, and who says so since when."""

    value: str
    source: str
    said_at: Moment | None
    denied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """All that is said about one thing; `conflict` where the values differ."""

    kind: str
    label: str
    statements: tuple[StatementView, ...]
    conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """One incident of a summary."""

    number: str
    headline: str
    severity: str
    certainty: str
    category_label: str
    place: str
    first_seen: Moment | None
    source_count: int
    url: str | None
    color: str
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One message as templates see it. See docs/templates.md."""

    kind: str
    reason: str
    reason_label: str
    mark: str
    mark_text: str
    number: str
    headline: str
    summary: str
    category: str
    category_label: str
    status: str
    status_label: str
    phase: str
    phase_label: str
    target_label: str
    severity: str
    severity_rank: int
    grade: str
    urgency: str
    certainty: str
    certainty_text: str
    probability: str
    sure: str
    color: str
    pale: str
    sign: str
    place: str
    radius: str
    host: str
    sending: tuple[str, ...]
    missions: tuple[str, ...]
    distances: tuple[DistanceView, ...]
    event_time: Moment | None
    first_seen: Moment | None
    last_seen: Moment | None
    date_ahead: Moment | None
    sent_at: Moment
    sources: tuple[SourceView, ...]
    source_count: int
    independent_sources: int
    more_sources: int
    evidence: tuple[str, ...]
    facts: tuple[FactView, ...]
    rules: tuple[str, ...]
    lines: tuple[str, ...]
    incidents: tuple[MemberView, ...]
    more_incidents: int
    changed: str
    route: str
    rule: str
    url: str | None
    ack_url: str | None
    key: str
    revision: int
    first: bool
    cut: bool
    cut_text: str

    def values(self) -> dict[str, Any]:
        """The fields by name, as templates get them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def view(message: Message, detail: Detail = FULL) -> AlertView:
    """`message` as templates see it, in as much detail as asked for. Never raises."""
    about = _mapping(message.payload.get("incident"))
    severity = _severity(about)
    mark = _mark(message)
    tint = words.DRILL_TINT if mark else words.TINTS[severity]
    members = _rows(message.payload.get("incidents"))
    sources = _rows(about.get("sources"))
    source_count = max(_count(about.get("source_count")), len(sources))
    return AlertView(
        kind=_kind(message, about, members),
        reason=message.reason.value,
        reason_label="Summary" if members else words.label(words.REASONS, message.reason.value),
        mark=mark,
        mark_text=MARKS.get(mark, ""),
        number=_number(about),
        headline=clean(about.get("headline"), limit=detail.headline) or "(no headline)",
        summary=clean(about.get("summary"), limit=detail.text),
        category=clean(about.get("category"), limit=40),
        category_label=clean(words.label(words.CATEGORIES, about.get("category")), limit=40),
        status=clean(about.get("status"), limit=40),
        status_label=clean(words.label(words.STATUSES, about.get("status")), limit=40),
        phase=clean(about.get("phase"), limit=40),
        phase_label=clean(words.label(words.PHASES, about.get("phase")), limit=40),
        target_label=clean(words.label(words.TARGETS, about.get("target")), limit=40),
        severity=severity,
        severity_rank=SCALE.index(severity),
        grade="" if severity == "Unknown" and not about.get("category") else severity.upper(),
        urgency=clean(about.get("urgency"), limit=20) or "Unknown",
        certainty=clean(about.get("certainty"), limit=20) or "Unknown",
        certainty_text=words.label(words.CERTAINTIES, clean(about.get("certainty"), limit=20)),
        probability=_percent(about.get("probability")),
        sure=_sure(about, source_count),
        color=tint.strong,
        pale=tint.pale,
        sign=tint.sign,
        place=_place(about),
        radius=_radius(about),
        host=clean(words.country(about.get("host")), limit=60),
        sending=_texts(map(words.country, _items(about.get("sending"))), 60, max(detail.lines, 1)),
        missions=_texts(_missions(about), 120, detail.lines),
        distances=_distances(about)[: max(detail.lines, 1)],
        event_time=moment(about.get("event_time"), message.zone, message.now),
        first_seen=moment(about.get("first_seen"), message.zone, message.now),
        last_seen=moment(about.get("last_seen"), message.zone, message.now),
        date_ahead=moment(about.get("date_ahead"), message.zone, message.now),
        sent_at=moment(message.now, message.zone, message.now) or Moment.nothing(),
        sources=tuple(_source(row, message, detail) for row in sources[: detail.lines]),
        source_count=source_count,
        independent_sources=_count(about.get("independent_sources")),
        more_sources=max(source_count - min(len(sources), detail.lines), 0),
        evidence=_texts(
            (row.get("text") for row in _rows(about.get("evidence"))),
            min(detail.text, 600),
            min(detail.lines, 5),
        ),
        facts=_facts(about, message, detail),
        rules=_texts((row.get("text") for row in _rows(about.get("rules"))), 300, detail.lines),
        lines=_texts(_items(about.get("lines")), min(detail.text, 600), detail.lines),
        incidents=tuple(_member(row, message, detail) for row in members[: detail.lines]),
        more_incidents=max(len(members) - detail.lines, 0),
        changed=clean(message.why.text, limit=detail.text),
        route=clean(message.why.route, limit=80),
        rule=clean(message.why.rule, limit=200),
        url=safe_url(about.get("url")),
        ack_url=safe_url(message.ack_url),
        key=clean(message.key, limit=300),
        revision=message.revision,
        first=message.thread is None,
        cut=detail is not FULL,
        cut_text=_cut_text(detail, about),
    )


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> list[Json]:
    return [row for row in _items(value) if isinstance(row, Mapping)]


def _items(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _texts(values: Iterable[object], limit: int, lines: int) -> tuple[str, ...]:
    found = (clean(value, limit=limit) for value in values)
    return tuple(text for text in found if text)[:lines]


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _severity(about: Json) -> str:
    word = about.get("severity")
    return word if word in SCALE else "Unknown"


def _mark(message: Message) -> str:
    if message.reason is Reason.TEST:
        return TEST_MARK
    return DRILL_MARK if message.drill or message.reason is Reason.DRILL else ""


def _kind(message: Message, about: Json, members: Sequence[Json]) -> str:
    if message.reason is Reason.DIGEST:
        return "digest"
    if members:
        return "summary"
    return "alert" if about.get("category") else "notice"


def _number(about: Json) -> str:
    number = about.get("number")
    return f"#{number}" if isinstance(number, int) else ""


def _percent(value: object) -> str:
    """A probability as people say it: never 0 % nor 100 %, which nothing read in the news is."""
    number = finite(value)
    if number is None:
        return ""
    return f"{round(min(max(number, 0.01), 0.99) * 100)}\u00a0%"


def _sure(about: Json, source_count: int) -> str:
    """How sure, in one sentence: the word, the number, and on how many reports it rests."""
    word = clean(about.get("certainty"), limit=20) or "Unknown"
    parts = [f"{word} ({words.label(words.CERTAINTIES, word)})"]
    if percent := _percent(about.get("probability")):
        parts.append(f"{percent} that this is a threat")
    if source_count:
        independent = _count(about.get("independent_sources"))
        parts.append(f"{independent} independent of {_plural(source_count, 'report')}")
    return "; ".join(parts)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _place(about: Json) -> str:
    """The place from the small to the large, each name once."""
    place = _mapping(about.get("place"))
    state = words.country(place.get("country") or about.get("host"))
    names = (clean(name, limit=80) for name in (place.get("text"), place.get("city"), state))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _radius(about: Json) -> str:
    radius = finite(_mapping(about.get("place")).get("radius_km"))
    return f"within {radius:g} km" if radius else ""


def _missions(about: Json) -> list[str]:
    rows = _rows(about.get("missions"))
    texts = (", ".join(filter(None, (row.get("text"), row.get("city")))) for row in rows)
    return list(dict.fromkeys(texts))


def _distances(about: Json) -> tuple[DistanceView, ...]:
    rows = (row for row in _rows(about.get("distances")) if finite(row.get("km")) is not None)
    return tuple(_distance(letter, row) for letter, row in zip(words.LETTERS, rows, strict=False))


def _distance(letter: str, row: Json) -> DistanceView:
    km = finite(row["km"]) or 0.0
    name = clean(row.get("name") or row.get("mission"), limit=100)
    bearing = clean(row.get("bearing"), limit=3)
    if km < AT_THE_POST_KM:
        text = f"at {name}"
    else:
        text = f"{km:.1f} km {bearing} of {name}" if bearing else f"{km:.1f} km from {name}"
    return DistanceView(letter=letter, name=name, km=km, bearing=bearing, text=text)


def _source(row: Json, message: Message, detail: Detail) -> SourceView:
    trust = clean(row.get("trust"), limit=1)
    return SourceView(
        feed=clean(row.get("feed"), limit=80),
        title=clean(row.get("title"), limit=detail.headline) or "(no title)",
        url=safe_url(row.get("url")),
        trust=trust,
        trust_text=words.TRUST.get(trust, ""),
        published=moment(row.get("published"), message.zone, message.now),
        independent=bool(row.get("independent", True)),
        lang=clean(row.get("lang"), limit=12),
    )


def _facts(about: Json, message: Message, detail: Detail) -> tuple[FactView, ...]:
    """Statements by kind, in the order in which the kinds came; conflicting ones side by side."""
    groups: dict[str, list[StatementView]] = {}
    for row in _rows(about.get("facts")):
        said = StatementView(
            value=clean(row.get("value"), limit=min(detail.text, 300)),
            source=clean(row.get("source"), limit=80),
            said_at=moment(row.get("said_at"), message.zone, message.now),
            denied=bool(row.get("denied")),
        )
        groups.setdefault(clean(row.get("kind"), limit=40), []).append(said)
    return tuple(_fact(kind, said, detail) for kind, said in list(groups.items())[: detail.lines])


def _fact(kind: str, said: Sequence[StatementView], detail: Detail) -> FactView:
    values = {statement.value.casefold() for statement in said}
    return FactView(
        kind=kind,
        label=words.label(words.FACTS, kind).capitalize(),
        statements=tuple(said[: min(detail.lines, 6)]),
        conflict=len(values) > 1,
    )


def _member(row: Json, message: Message, detail: Detail) -> MemberView:
    severity = _severity(row)
    return MemberView(
        number=_number(row),
        headline=clean(row.get("headline"), limit=min(detail.headline, 200)) or "(no headline)",
        severity=severity,
        certainty=clean(row.get("certainty"), limit=20) or "Unknown",
        category_label=clean(words.label(words.CATEGORIES, row.get("category")), limit=40),
        place=_place(row),
        first_seen=moment(row.get("first_seen"), message.zone, message.now),
        source_count=_count(row.get("source_count")),
        url=safe_url(row.get("url")),
        color=words.TINTS[severity].strong,
        sign=words.TINTS[severity].sign,
    )


def _cut_text(detail: Detail, about: Json) -> str:
    if detail is FULL:
        return ""
    url = safe_url(about.get("url"))
    return clip(f"Shortened to fit; all of it: {url or 'alerter incidents'}", 400)
