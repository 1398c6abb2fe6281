"""What templates see of an alert: every value cleaned, worded and cut, ready to be escaped. Pure.

`docs/templates.md` lists every field here. A payload that was written by an older version, or
lacks a part, gives a view with that part empty: it is never a reason not to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from alerter.domain.scales import Reason
from alerter.notify import words
from alerter.notify.message import Message
from alerter.notify.moment import Moment, day_or_moment, moment
from alerter.notify.text import clean, clip, finite, safe_url
from alerter.notify.view_parts import (
    FULL,
    SCALE,
    Detail,
    DistanceView,
    FactView,
    Json,
    MemberView,
    SourceView,
    count_of,
    distances_of,
    facts_of,
    items_of,
    mapping,
    member_view,
    missions_of,
    number_of,
    place_of,
    radius_of,
    rows_of,
    severity_of,
    source_view,
    texts_of,
)

DRILL_MARK: Final = "DRILL"
TEST_MARK: Final = "TEST"
MARKS: Final = {
    DRILL_MARK: "This is a drill. Nothing has happened. No action is needed but to confirm that "
    "this arrived.",
    TEST_MARK: "This is a test of the receiver. Nothing has happened. No action is needed.",
}


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
    about = mapping(message.payload.get("incident"))
    severity = severity_of(about)
    mark = _mark(message)
    tint = words.DRILL_TINT if mark else words.TINTS[severity]
    members = rows_of(message.payload.get("incidents"))
    sources = rows_of(about.get("sources"))
    source_count = max(count_of(about.get("source_count")), len(sources))
    return AlertView(
        kind=_kind(message, about, members),
        reason=message.reason.value,
        reason_label="Summary" if members else words.label(words.REASONS, message.reason.value),
        mark=mark,
        mark_text=MARKS.get(mark, ""),
        number=number_of(about),
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
        place=place_of(about),
        radius=radius_of(about),
        host=clean(words.country(about.get("host")), limit=60),
        sending=texts_of(
            map(words.country, items_of(about.get("sending"))), 60, max(detail.lines, 1)
        ),
        missions=texts_of(missions_of(about), 120, detail.lines),
        distances=distances_of(about)[: max(detail.lines, 1)],
        event_time=day_or_moment(about.get("event_time"), message.zone, message.now),
        first_seen=moment(about.get("first_seen"), message.zone, message.now),
        last_seen=moment(about.get("last_seen"), message.zone, message.now),
        date_ahead=day_or_moment(about.get("date_ahead"), message.zone, message.now),
        sent_at=moment(message.now, message.zone, message.now) or Moment.nothing(),
        sources=tuple(source_view(row, message, detail) for row in sources[: detail.lines]),
        source_count=source_count,
        independent_sources=count_of(about.get("independent_sources")),
        more_sources=max(source_count - min(len(sources), detail.lines), 0),
        evidence=texts_of(
            (row.get("text") for row in rows_of(about.get("evidence"))),
            min(detail.text, 600),
            min(detail.lines, 5),
        ),
        facts=facts_of(about, message, detail),
        rules=texts_of((row.get("text") for row in rows_of(about.get("rules"))), 300, detail.lines),
        lines=texts_of(items_of(about.get("lines")), min(detail.text, 600), detail.lines),
        incidents=tuple(member_view(row, message, detail) for row in members[: detail.lines]),
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
    if source_count == 1:
        parts.append("1 report")
    elif source_count:
        independent = count_of(about.get("independent_sources"))
        parts.append(f"{independent} independent of {_plural(source_count, 'report')}")
    return "; ".join(parts)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _cut_text(detail: Detail, about: Json) -> str:
    if detail is FULL:
        return ""
    url = safe_url(about.get("url"))
    return clip(f"Shortened to fit; all of it: {url or 'alerter incidents'}", 400)
