"""Two incidents that turn out to be one: the later goes into the earlier and stays as an alias."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.incident import Incident, Source
from alerter.domain.scales import Phase
from alerter.incidents.match import VAGUE, Match
from alerter.incidents.merge import as_source, facts_together, together
from alerter.incidents.terms import likeness
from alerter.incidents.weights import WEIGHTS

SAME_EVENT: Final = timedelta(hours=26)
ALIKE: Final = 0.35


def absorb_twins(ranked: Sequence[Match]) -> tuple[Incident, tuple[Incident, ...]]:
    """The best match with its twins taken in, and the twins as aliases of it.

    A twin fits the report nearly as well as the best match does, and contradicts it in nothing.
    The incident seen first keeps its id.
    """
    best, *rest = ranked
    twins = [
        m.incident
        for m in rest
        if m.score >= WEIGHTS.merge and are_twins(best.incident, m.incident)
    ]
    if not twins:
        return best.incident, ()
    first, *later = sorted((best.incident, *twins), key=lambda i: (i.first_seen, i.id))
    return absorbed(first, later)


def absorbed(keeper: Incident, others: Iterable[Incident]) -> tuple[Incident, tuple[Incident, ...]]:
    """`keeper` with everything that is known of the others, and these as its aliases."""
    aliases = []
    for other in others:
        keeper = _taken_in(keeper, other)
        merged = replace(
            other, phase=Phase.MERGED, merged_into=keeper.id, revision=other.revision + 1
        )
        aliases.append(merged)
    return keeper, tuple(aliases)


def are_twins(one: Incident, other: Incident) -> bool:
    """Whether nothing known of the two tells them apart, and their texts are alike."""
    return (
        one.category is other.category
        and (one.host is None or other.host is None or one.host == other.host)
        and _sendings_agree(set(one.sending), set(other.sending))
        and _times_agree(one, other)
        and likeness(frozenset(term for term, _ in one.terms), dict(other.terms)) >= ALIKE
    )


def _sendings_agree(one: set[str], other: set[str]) -> bool:
    return not one or not other or bool(one & other) or bool((one | other) & VAGUE)


def _times_agree(one: Incident, other: Incident) -> bool:
    if one.event_time is None or other.event_time is None:
        return abs(one.first_news - other.first_news) <= 2 * SAME_EVENT
    return abs(one.event_time - other.event_time) <= SAME_EVENT


def _taken_in(keeper: Incident, other: Incident) -> Incident:
    sources: tuple[Source, ...] = keeper.sources
    for source in other.sources:
        sources = (*sources, as_source(source, sources))
    counts = dict(keeper.terms)
    for term, count in other.terms:
        counts[term] = counts.get(term, 0) + count
    return replace(
        keeper,
        revision=keeper.revision + 1,
        host=keeper.host or other.host,
        sending=tuple(dict.fromkeys((*keeper.sending, *other.sending))),
        missions=tuple(dict.fromkeys((*keeper.missions, *other.missions))),
        place=keeper.place or other.place,
        event_time=keeper.event_time or other.event_time,
        date_ahead=keeper.date_ahead or other.date_ahead,
        first_seen=min(keeper.first_seen, other.first_seen),
        last_seen=max(keeper.last_seen, other.last_seen),
        probability=together(sources),
        sources=sources,
        facts=facts_together(keeper.facts, other.facts),
        evidence=tuple(dict.fromkeys((*keeper.evidence, *other.evidence)))[:6],
        langs=tuple(dict.fromkeys((*keeper.langs, *other.langs))),
        notes=tuple(dict.fromkeys((*keeper.notes, *other.notes))),
        terms=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))[:80],
        vector=keeper.vector or other.vector,
        told_at=_earliest(keeper, other),
        told_severity=max(keeper.told_severity, other.told_severity),
        told_certainty=max(keeper.told_certainty, other.told_certainty),
    )


def _earliest(one: Incident, other: Incident) -> datetime | None:
    times = [t for t in (one.told_at, other.told_at) if t is not None]
    return min(times, default=None)
