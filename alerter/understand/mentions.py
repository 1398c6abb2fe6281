"""Missions that a text speaks of: kind, sending state, host state and city.

Around each mission word the names of states and cities are read by where they stand: 'US embassy
in Baghdad', 'ambassade de France à', 'посольство США в', '美国驻伊拉克大使馆', "ABD'nin Bağdat
Büyükelçiliği". `sending` finds whose it is, `hosting` where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from alerter.domain.mission import Mission, MissionMention
from alerter.understand.around import BODIES, Around, around_hit
from alerter.understand.gazetteer import Name
from alerter.understand.hosting import host_name
from alerter.understand.lexicon import IO, Hit
from alerter.understand.links import standing_missions
from alerter.understand.reading import Reading, read
from alerter.understand.sending import sending_codes, sending_names
from alerter.understand.terms import EDGES, Automaton, Edges, Term, script_of
from alerter.understand.text import fold

_KINDS: Final = (
    ("consulate", "consul|konsul|konsol|консул|قنصل|كنسول|قونصل|קונסול|领事|領事|领馆|영사|वाणिज्य"),
    ("high_commission", "high commission|haut commissa|alto comis|उच्चायु|هايي كميشن"),
    ("nunciature", "nunci|nonce|nunzi|nuntiat|нунци"),
    (
        "residence",
        "residen|reziden|резиден|اقامت|رهاييش|מעון|官邸|관저|निवास|ambassador s (?:house|home)",
    ),
)
_KIND_PATTERNS: Final = tuple((kind, re.compile(words)) for kind, words in _KINDS)
_QUARTER: Final = re.compile(
    "quart|distri|enclave|zone|zona|area|viertel|wijk|kvarter|حي|منطق|محله|квартал|район|dzielnic"
    "|bairro|barrio|rejon|רובע|אזור|strefa|bolge|mahalle|区|區|علاقه|انكليو|इलाके|क्षेत्र|kawasan|eneo|mtaa"
)
_UN_ITSELF: Final = frozenset({"un", "u n", "united nations", "the un"})
_MOST: Final = 60  # mission words looked at: a text with more is a list
_BESIDE: Final = 12  # characters between the parts of a mention's text; twice that for its place


def mentions(text: str, lang: str, missions: Sequence[Mission] = ()) -> tuple[MissionMention, ...]:
    """Every mission that the text speaks of, fullest first, each once; never fails on any text.

    `missions` are the user's own: one is recognised by its name, an alias, or by sending and host
    state (and city, where both are known), and its id stands in `mission`.
    """
    reading = read(text, lang)
    found = [one for hit in reading.gate[:_MOST] for one in _of_hit(hit, reading)]
    found = found or [one for hit in reading.gate[:1] for one in _of_hit(hit, reading, voice=True)]
    found = [_with_own(one, missions) for one in _merged(found)]
    found += _named_own(reading, missions, {one.mission for one in found})
    return tuple(sorted(found, key=_fullness, reverse=True))


def _fullness(mention: MissionMention) -> int:
    known = (mention.mission, mention.sending, mention.host, mention.city)
    return sum(value is not None for value in known)


def _of_hit(hit: Hit, reading: Reading, *, voice: bool = False) -> Iterator[MissionMention]:
    """The missions that one word stands for: several where states are joined by 'and'.

    Where the UN is only heard (`_speaks_only`) it is none, unless `voice` counts.
    """
    around = around_hit(hit, reading)
    words = (fold(hit.surface), *fold(hit.surface).split())  # 'UNIFIL', 'UNIFIL patrol'
    standing = next(filter(None, map(standing_missions().get, words)), None)
    if standing is not None:
        host, sending = standing
        yield MissionMention(text=hit.surface, kind="un_mission", sending=sending, host=host)
    elif voice or not _speaks_only(around):
        yield from _placed(around)


def _placed(around: Around) -> Iterator[MissionMention]:
    """One mention for each sending state, with the host that the words around say."""
    senders = [] if _is_quarter(around.hit) else sending_names(around)
    place = host_name(around, senders)
    host = None if place is None or place.code in BODIES else place.code
    city = None if place is None or place.city is None else place.city.name
    text = _phrase(around, [*senders, *([place] if place else [])])
    codes: list[str | None] = [*sending_codes(around, senders)]
    for code in codes or [None]:
        if code is None or code != host:
            kind = "un_mission" if code == "UN" else _kind(around.hit)
            yield MissionMention(text=text, kind=kind, sending=code, host=host, city=city)


def _speaks_only(around: Around) -> bool:
    """Whether the UN is only named as a voice or a seat: 'the UN says', 'ambassador to the UN'."""
    hit = around.hit
    if hit.concept != "io" or around.lang != "en" or fold(hit.surface) not in _UN_ITSELF:
        return False
    return not any(word in around.links.un_work for word in around.words_after(2))


def _is_quarter(hit: Hit) -> bool:
    """Whether a word names a part of a town, whose name beside it is the host's."""
    return hit.concept == "mission" and bool(_QUARTER.search(fold(hit.surface)))


def _kind(hit: Hit) -> str:
    """What sort of mission a word names."""
    if hit.concept in IO:
        return "mission"
    folded = fold(hit.surface)
    for kind, pattern in _KIND_PATTERNS:
        if pattern.search(folded):
            return kind
    return {"mission": "embassy", "diplomatic_vehicle": "vehicle"}.get(hit.concept, "staff")


def _phrase(around: Around, names: Sequence[Name]) -> str:
    """The words from the first to the last of a mention, when they stand close together."""
    start, end = around.hit.start, around.hit.end
    for name in sorted(names, key=lambda one: abs(one.start - around.hit.start)):
        if 0 <= start - name.end <= _BESIDE or name.start < start < name.end:
            start = name.start
        if 0 <= name.start - end <= 2 * _BESIDE or name.start < end < name.end:
            end = name.end
    return around.text[start:end]


def _merged(found: Sequence[MissionMention]) -> list[MissionMention]:
    """One mention for each mission: what a later one leaves open, an earlier one may have said."""
    kept: list[MissionMention] = []
    for one in found:
        at = next((place for place, other in enumerate(kept) if _may_be_same(one, other)), None)
        if at is None:
            kept.append(one)
        else:
            kept[at] = _fuller(kept[at], one)
    return kept


def _may_be_same(one: MissionMention, other: MissionMention) -> bool:
    """Whether two mentions may be of one mission: nothing that both say differs."""
    said = ((one.sending, other.sending), (one.host, other.host), (one.city, other.city))
    if any(a and b and a != b for a, b in said):
        return False
    if (one.sending and one.sending == other.host) or (one.host and one.host == other.sending):
        return False
    if one.kind == other.kind:
        return True
    if one.sending is None or other.sending is None:
        return one.sending != other.sending
    return "staff" in (one.kind, other.kind)


def _fuller(one: MissionMention, other: MissionMention) -> MissionMention:
    first, second = (one, other) if _fullness(one) >= _fullness(other) else (other, one)
    return replace(
        first,
        kind=first.kind if first.kind != "staff" or not second.sending else second.kind,
        sending=first.sending or second.sending,
        host=first.host or second.host,
        city=first.city or (second.city if first.host in (None, second.host) else None),
    )


def _with_own(mention: MissionMention, missions: Sequence[Mission]) -> MissionMention:
    """The mention with the id of the user's mission that it is, if it is one."""
    own = next((one.id for one in missions if _is_own(mention, one)), None)
    return replace(mention, mission=own) if own else mention


def _is_own(mention: MissionMention, mission: Mission) -> bool:
    """Whether sending, host and city agree; a consulate without a city is no embassy."""
    if mention.sending != mission.sending or mention.host != mission.host:
        return False
    if mention.city is None or mission.city is None:
        return {mention.kind, mission.kind} != {"embassy", "consulate"}
    return fold(mention.city) == fold(mission.city)


def _named_own(
    reading: Reading, missions: Sequence[Mission], known: set[str | None]
) -> list[MissionMention]:
    """The user's missions that the text names by name or alias only."""
    if not missions:
        return []
    by_id = {mission.id: mission for mission in missions}
    found: dict[str, MissionMention] = {}
    names = _own_names(tuple(missions), script_of(reading.lang))
    for name in names.find(reading.normal):
        own = by_id[name.key]
        if own.id not in known:
            found.setdefault(
                own.id,
                MissionMention(
                    text=name.surface, kind=own.kind, sending=own.sending, host=own.host,
                    city=own.city, mission=own.id,
                ),
            )  # fmt: skip
    return list(found.values())


@lru_cache(maxsize=32)
def _own_names(missions: tuple[Mission, ...], script: str) -> Automaton:
    """A search for the names and aliases of the user's missions in texts of one script."""
    terms = (
        Term(key=mission.id, words=fold(written))
        for mission in missions
        for written in (mission.name, *mission.aliases)
    )
    return Automaton([term for term in terms if term.words], EDGES.get(script, Edges()))
