"""Whose mission, and where: host and sending state of the main event of an article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from alerter.domain.mission import MissionMention, Place
from alerter.understand.around import BODIES
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import VIOLENCE
from alerter.understand.links import links
from alerter.understand.mentions import mentions
from alerter.understand.places import places as places_of
from alerter.understand.reading import Reading, read
from alerter.understand.sending import UNNAMED
from alerter.understand.text import fold

_CAPITALISED: Final = re.compile(r"(?<=\s)[^\W\d_a-zà-ÿа-я]\w{3,}")
_LOCATIVE_TR: Final = re.compile(r"\b[A-ZÇĞİÖŞÜ]\w{2,}(?=['’][dt][ae](?:ki)?\b)")  # "Hilla'da"
_MEASURES: Final = frozenset({"evacuation", "closure", "reinforce", "security_forces"})
_ADJECTIVE: Final = re.compile(  # 'Sudanese', not 'Sudan': whose a mission is, not where
    r"(?:[ei]se|[ie]an|can|ish|[^aeiou]i|qi|ch|sh|iss|ek|ino|tine|ghan|man|US|U\.S|UK|EU)\.?$"
)
_NEAREST: Final = 2  # places of a text that are likely the event's
_TOPIC_WORDS: Final = 5  # words before a title's colon that still name a topic, no sentence
_TERRITORIES: Final = {
    "CN": ("HK", "TW", "MO")
}  # a text of these speaks of the mission's own state
# Newspapers of these languages leave out their own state: 'the embassy in Cairo' is ours, 'the US
# embassy' stands in our capital.
_HOME: Final = {
    "tr": "TR", "he": "IL", "hi": "IN", "ur": "PK", "pl": "PL", "uk": "UA", "id": "ID", "it": "IT",
    "de": "DE", "ja": "JP", "ko": "KR", "zh": "CN", "nl": "NL", "sv": "SE", "no": "NO", "da": "DK",
    "ru": "RU", "ro": "RO",
}  # fmt: skip
_WEAK: Final = frozenset({UNNAMED, "UN"})


def host_and_sending(
    title: str,
    text: str,
    lang: str,
    found: Sequence[MissionMention],
    places: Sequence[Place],
) -> tuple[str | None, tuple[str, ...]]:
    """Host state (None when the text does not say) and sending states of the main event.

    `text` is the whole article (title and summary), `found` and `places` what `mentions` and
    `places` said of it. The title decides where it names a mission.
    """
    if not found:
        return _place(places, ()), ()
    host, senders = _as_mentioned(title, lang, found)
    if host is None:
        host = _topic(title, lang, senders)
    if not senders and found and host not in (None, _HOME.get(lang)):
        senders = tuple(filter(None, [_HOME.get(lang)]))
    if host is None:
        titled = places_of(title, lang) if title else ()
        host = _place(_cities(titled), senders) or _place(_cities(places[:_NEAREST]), senders)
        host = host or _place(titled, senders) or _place(places, senders)
    at_home = senders and not _WEAK & set(senders) and _HOME.get(lang) not in senders
    if host is None and at_home and not _names_unknown_place(text, lang):
        host = _HOME.get(lang)
    return host, senders


def _as_mentioned(
    title: str, lang: str, found: Sequence[MissionMention]
) -> tuple[str | None, tuple[str, ...]]:
    """What the mentions say, those of the title first; no mission stands in its own state."""
    in_title = mentions(title, lang) if title else ()
    senders = _together(_senders(in_title), lang, found) or _senders(found)
    senders = _whose_it_is(senders, found)
    host = _host(in_title, senders) or _host(found, senders)
    if host is None and lang == "en" and len(senders) == 1:
        host, senders = _acted_from_outside(title, senders[0])
    senders = tuple(code for code in senders if code != host)
    if not senders or senders == (UNNAMED,):
        senders = _other_states(title, lang, host, in_title or found) or senders
    return host, senders


def _together(
    senders: tuple[str, ...], lang: str, found: Sequence[MissionMention]
) -> tuple[str, ...]:
    """The states of a title, with those that the lead joins to them in one phrase."""
    for one in found if senders else ():
        names = read(one.text, lang).names
        codes = dict.fromkeys(n.code for n in names if n.city is None and n.code != one.host)
        if set(senders) < set(codes) and one.sending in codes:
            return tuple(codes)
    return senders


def _whose_it_is(senders: tuple[str, ...], found: Sequence[MissionMention]) -> tuple[str, ...]:
    """'Tanzania embassy' of a title is 'the US embassy in Tanzania' where the text says so."""
    if len(senders) != 1:
        return senders
    guests = (one for one in found if one.host == senders[0] and one.sending not in (None, UNNAMED))
    own = any(one.sending == senders[0] and one.host for one in found)
    guest = None if own else next(guests, None)
    return (guest.sending,) if guest and guest.sending else senders


def _acted_from_outside(title: str, code: str) -> tuple[str | None, tuple[str, ...]]:
    """'US prepares for Sudan embassy evacuation': who acts first sends, the name beside hosts."""
    reading = read(title, "en")
    names = [name for name in reading.names if name.city is None]
    acts = any(hit.concept in _MEASURES for hit in reading.hits)
    if not acts or not names or names[0].start > 0 or names[0].code in (code, *BODIES):
        return None, (code,)
    beside = (title[name.end :].lower() for name in names if name.code == code)
    plain = any(name.code == code and not _ADJECTIVE.search(name.surface) for name in names)
    if plain and any(tail.startswith((" embassy", " consulate")) for tail in beside):
        return code, (names[0].code,)
    return None, (code,)


def _names_unknown_place(text: str, lang: str) -> bool:
    """Whether an 'in' stands before a capitalised word that is no place we know."""
    known = {name.start for name in read(text, lang).names}
    if lang == "tr":
        return any(match.start() not in known for match in _LOCATIVE_TR.finditer(text))
    for match in _CAPITALISED.finditer(text):
        head = fold(text[max(0, match.start() - 8) : match.start()]).split()
        if head and head[-1] in links(lang).within and match.start() not in known:
            return True
    return False


def _topic(title: str, lang: str, senders: Sequence[str]) -> str | None:
    """The state that a title puts before its colon: 'Niger coup: UK reduces staff at embassy'."""
    head, colon, _ = title.partition("," if lang == "it" and ":" not in title else ":")
    if not colon or len(head.split()) > _TOPIC_WORDS:
        return None
    names = read(head, lang).names
    codes = [name.code for name in names if name.code not in (*senders, *BODIES)]
    return codes[0] if codes else None


def _senders(found: Sequence[MissionMention]) -> tuple[str, ...]:
    """The sending states of the missions in one place; XX and UN only where no other is named."""
    main = next((one for one in found if one.sending and one.sending not in _WEAK), None)
    main = main or next((one for one in found if one.sending), None)
    if main is None:
        return ()
    beside = (one for one in found if one.sending and (main.host == one.host or not one.host))
    codes = dict.fromkeys([main.sending, *(one.sending for one in beside)])
    named = tuple(code for code in codes if code and code != UNNAMED)
    return named or tuple(code for code in codes if code)


def _host(found: Sequence[MissionMention], senders: Sequence[str]) -> str | None:
    for mention in found:
        if mention.host and (not senders or mention.sending in senders or mention.sending is None):
            return mention.host
    return None


def _cities(places: Sequence[Place]) -> list[Place]:
    """Those with a city: a state alone may be what the event is about."""
    return [place for place in places if place.city is not None]


def _place(places: Sequence[Place], senders: Sequence[str]) -> str | None:
    """The first place that is no sending state: a mission does not stand at home."""
    home = {code for sender in senders for code in (sender, *_TERRITORIES.get(sender, ()))}
    for place in places:
        if place.country and place.country not in home | BODIES:
            return place.country
    return None


def _other_states(
    title: str, lang: str, host: str | None, found: Sequence[MissionMention]
) -> tuple[str, ...]:
    """The state of a title that is not the host: 'Sweden: protesters storm embassy in Baghdad'.

    Not one that attacks: 'Iranian attack on the embassy in Riyadh'. What stands after a colon
    comes first: 'Niger coup: France evacuates after embassy attack'.
    """
    if not any(one.sending is None for one in found):
        return ()
    reading = read(title, lang)
    colon = title.find("," if lang == "it" and ":" not in title else ":")
    states = [name for name in reading.names if name.city is None and name.code not in BODIES]
    states = [name for name in states if name.code != host and not _attacks(name, reading)]
    states.sort(key=lambda name: (name.code != _HOME.get(lang), name.start < colon))
    return tuple(name.code for name in states[:1])


def _attacks(name: Name, reading: Reading) -> bool:
    """Whether a word of violence stands right beside a name: it is the attacker's, or the scene."""
    for hit in reading.hits:
        if hit.concept in VIOLENCE | {"war", "spying", "threat", "casualties"}:
            if 0 <= hit.start - name.end <= 1 or 0 <= name.start - hit.end <= 1:
                return True
    return False
