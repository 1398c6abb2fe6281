"""The parts of a view, each read from a payload that may lack it or hold nonsense. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alerter.domain.assessment import ANY
from alerter.notify import words
from alerter.notify.message import Message
from alerter.notify.moment import Moment, moment
from alerter.notify.text import clean, finite, safe_url

Json = Mapping[str, Any]
SCALE: Final = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")
AT_THE_POST_KM: Final = 0.1  # closer than any place name is known
ROUGH_KM: Final = 5.0  # a place known no better is a city, not a spot


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


def mapping(value: object) -> Json:
    """`value`, or an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def rows_of(value: object) -> list[Json]:
    """The rows of a list that are objects."""
    return [row for row in items_of(value) if isinstance(row, Mapping)]


def items_of(value: object) -> Sequence[Any]:
    """The items of a list; none where it is no list."""
    return value if isinstance(value, list | tuple) else ()


def texts_of(values: Iterable[object], limit: int, lines: int) -> tuple[str, ...]:
    """Clean texts, without the empty ones."""
    found = (clean(value, limit=limit) for value in values)
    return tuple(text for text in found if text)[:lines]


def count_of(value: object) -> int:
    """A number of things; 0 where it is not known."""
    return value if isinstance(value, int) else 0


def severity_of(about: Json) -> str:
    """The word of CAP, Unknown where it is another."""
    word = about.get("severity")
    return word if word in SCALE else "Unknown"


def number_of(about: Json) -> str:
    """The short number for people, or nothing."""
    number = about.get("number")
    return f"#{number}" if isinstance(number, int) else ""


def place_of(about: Json) -> str:
    """The place from the small to the large, each name once."""
    place = mapping(about.get("place"))
    state = words.country(place.get("country") or about.get("host"))
    kept: list[str] = []
    for raw in (place.get("text"), place.get("city"), state):
        name = clean(raw, limit=80)
        if name and not any(name.casefold() in known.casefold() for known in kept):
            kept.append(name)  # 'US embassy Baghdad' has said the city
    return ", ".join(kept)


def radius_of(about: Json) -> str:
    """How exactly the place is known."""
    radius = finite(mapping(about.get("place")).get("radius_km"))
    return f"within {radius:g} km" if radius else ""


def missions_of(about: Json) -> list[str]:
    """The missions that are named, each once."""
    rows = rows_of(about.get("missions"))
    return list(dict.fromkeys(_mission(row) for row in rows))


def _mission(row: Json) -> str:
    """A mission with its city, unless its name holds it already."""
    text, city = str(row.get("text") or ""), str(row.get("city") or "")
    known = city.casefold() in text.casefold()
    return ", ".join(filter(None, (text, "" if known else city)))


def distances_of(about: Json) -> tuple[DistanceView, ...]:
    """How far my posts are, nearest first."""
    rows = (row for row in rows_of(about.get("distances")) if finite(row.get("km")) is not None)
    place = mapping(about.get("place"))
    known_by = clean(place.get("city"), limit=80) if _is_rough(place) else ""
    return tuple(
        _distance(letter, row, known_by, finite(place.get("radius_km")) or 0.0)
        for letter, row in zip(words.LETTERS, rows, strict=False)
    )


def _is_rough(place: Json) -> bool:
    """Whether a place is known no better than by its city: its point is the middle of the city."""
    return (finite(place.get("radius_km")) or 0.0) >= ROUGH_KM


def _distance(letter: str, row: Json, city: str, blur: float) -> DistanceView:
    """How far a post is; of the `city`, where nothing better is known than that it was there."""
    km = finite(row["km"]) or 0.0
    name = clean(row.get("name") or row.get("mission"), limit=100)
    bearing = clean(row.get("bearing"), limit=3)
    if city and km <= blur:
        text = f"somewhere in {city}, where {name} is"
    elif city:
        text = f"{city} is {km:.0f} km {bearing + ' of' if bearing else 'from'} {name}"
    elif km < AT_THE_POST_KM:
        text = f"at {name}"
    else:
        text = f"{km:.1f} km {bearing} of {name}" if bearing else f"{km:.1f} km from {name}"
    return DistanceView(letter=letter, name=name, km=km, bearing=bearing, text=text)


def source_view(row: Json, message: Message, detail: Detail) -> SourceView:
    """One report."""
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


def facts_of(about: Json, message: Message, detail: Detail) -> tuple[FactView, ...]:
    """Statements by kind, in the order in which the kinds came; conflicting ones side by side."""
    groups: dict[str, list[StatementView]] = {}
    for row in rows_of(about.get("facts")):
        value = "anybody" if row.get("value") == ANY else row.get("value")
        said = StatementView(
            value=clean(value, limit=min(detail.text, 300)),
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


def member_view(row: Json, message: Message, detail: Detail) -> MemberView:
    """One incident of a summary."""
    severity = severity_of(row)
    return MemberView(
        number=number_of(row),
        headline=clean(row.get("headline"), limit=min(detail.headline, 200)) or "(no headline)",
        severity=severity,
        certainty=clean(row.get("certainty"), limit=20) or "Unknown",
        category_label=clean(words.label(words.CATEGORIES, row.get("category")), limit=40),
        place=place_of(row),
        first_seen=moment(row.get("first_seen"), message.zone, message.now),
        source_count=count_of(row.get("source_count")),
        url=safe_url(row.get("url")),
        color=words.TINTS[severity].strong,
        sign=words.TINTS[severity].sign,
    )
