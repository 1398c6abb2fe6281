"""Facts with attribution: casualties, weapon, claim, denial, target, place and time.

Counting is by words, not by grammar, so that one method serves all languages: the number next to
a word of harm, with none of the other kind between them, unless a negation or a 'could' stands
before it. What a sentence says of older events ('last month') or of a war elsewhere is not a
fact of this incident. English also gives place, clock time and who says it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from alerter.domain.assessment import ANY, CASUALTIES, Fact
from alerter.understand.text import fold, sentences
from alerter.understand.when import date_ahead, is_background

MAX_CHARS: Final = 4_000
MAX_SENTENCES: Final = 16
MAX_NUMBER: Final = 1_000  # a thousand dead is a war or an earthquake, not this incident
BEFORE: Final = 7  # words in which a number stands before its harm: 'two of the guards were'
AFTER: Final = 4
BESIDE: Final = 4  # words in which somebody or something stands that a word of harm is about
GRAVEST_FIRST: Final = ("killed", "taken", "injured")
BREATH: Final = 2  # words that part what is said in one breath: 'killed or seriously wounded'
SHORT: Final = 3
"""Stems up to this length, and those written with a full stop, must be the whole word."""
ATTACKERS: Final = "attackers"  # stands in the value where those hurt were the attackers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One sentence: as it stands, folded, its words, and who says it."""

    text: str
    folded: str
    words: tuple[str, ...]
    source: str
    said_at: datetime
    leads: bool

    def has(self, kind: str) -> bool:
        return _pattern(kind).search(self.folded) is not None

    def places(self, kind: str) -> list[int]:
        """At which words the stems of that kind stand."""
        starts = (match.start() for match in _pattern(kind).finditer(self.folded))
        return [self.folded.count(" ", 0, start) - 1 for start in starts]

    def fact(self, kind: str, value: str, *, denied: bool = False) -> Fact:
        return Fact(kind=kind, value=value, source=self.source, said_at=self.said_at, denied=denied)


def extract_facts(
    title: str,
    text: str,
    lang: str | None,
    source: str,
    said_at: datetime,
    *,
    host: str | None = None,
) -> tuple[Fact, ...]:
    """The facts that a text states about its main event, each once, in order of appearance.

    `source` names the publisher; where a sentence says who says it, the source of its facts is
    "<speaker>, via <source>". `said_at` is the time of publication; `host`, the state where it
    happens, gives the clock by which 'Friday' is read.
    """
    found: dict[tuple[str, str, bool], Fact] = {}
    previous = True
    for said in _sentences(title, text, lang, source, said_at):
        relevant = said.has("event") or previous
        previous = said.has("event")
        if is_background(said.folded) or not relevant:
            continue
        for fact in _facts_of(said):
            found.setdefault((fact.kind, fact.value, fact.denied), fact)
    ahead = date_ahead(f"{title}\n{text}", lang, said_at, host)
    if ahead is not None:
        day = Fact(
            kind="date_ahead", value=ahead.date().isoformat(), source=source, said_at=said_at
        )
        found.setdefault(("date_ahead", day.value, False), day)
    return tuple(found.values())


def toll(facts: Iterable[Fact], kind: str) -> int:
    """The highest number of that kind that one text states of victims, not of attackers."""
    told = [f.value for f in facts if f.kind == kind and not f.denied and ATTACKERS not in f.value]
    return max((int(value) if value.isdigit() else 1 for value in told), default=0)


def _sentences(
    title: str, text: str, lang: str | None, source: str, said_at: datetime
) -> Iterator[_Said]:
    whole = f"{title}\n{text}"[:MAX_CHARS]
    for position, sentence in enumerate(sentences(whole, lang)[:MAX_SENTENCES]):
        words = tuple(fold(sentence.text).split())
        yield _Said(
            text=sentence.text,
            folded=f" {' '.join(words)} ",
            words=words,
            source=_speaker(sentence.text, source),
            said_at=said_at,
            leads=position < 2,
        )


def _facts_of(said: _Said) -> Iterator[Fact]:
    if said.has("denial") and said.has("involvement"):
        yield said.fact("claim", "involvement", denied=True)
        yield from _casualties(said)
    elif denied := _denied_harms(said):
        yield from (said.fact(kind, ANY, denied=True) for kind in denied)
        yield from _casualties(said, but=denied)
    elif _denies_event(said):
        yield said.fact("denial", "the event")
    elif not said.has("denial"):
        yield from _chinese(said)
        yield from _casualties(said)
    yield from _claims(said)
    yield from _weapons(said)
    yield from _english(said)


def _denied_harms(said: _Said) -> tuple[str, ...]:
    """What is taken back of a toll: the gravest, and what is named in one breath with it.

    'Wounded, not killed' takes back a death and no injury; 'no one killed or wounded' both.
    """
    if not (said.has("denial") or said.has("correction")):
        lives = said.has("alive") and (said.has("killed") or said.has("death"))
        return ("killed",) if lives else ()
    places = {kind: said.places(kind) for kind in GRAVEST_FIRST}
    if not places["killed"] and _speaks_of_death(said):
        places["killed"] = said.places("death") or [0]
    named = [kind for kind in GRAVEST_FIRST if places[kind]]
    if not named:
        return ()
    return named[0], *(
        kind for kind in named[1:] if _in_one_breath(said, places[named[0]], places[kind])
    )


def _speaks_of_death(said: _Said) -> bool:
    plain = said.text.casefold()
    return said.has("death") or any(word in plain for word in _small("died"))


def _in_one_breath(said: _Said, ones: list[int], others: list[int]) -> bool:
    for one in ones:
        for other in others:
            between = said.words[min(one, other) + 1 : max(one, other)]
            if len(between) <= BREATH and not any(_begins("negation", word) for word in between):
                return True
    return False


def _denies_event(said: _Said) -> bool:
    """Whether the act, or a report of one, is what is denied: 'denies any attack'."""
    if said.has("refused"):
        return False
    acts, denials = said.places("act"), said.places("denial")
    nearest = min((abs(one - other) for one in denials for other in acts), default=None)
    if nearest is None:
        return False
    return nearest <= BREATH or (nearest <= BEFORE and said.has("rumour"))


def _casualties(said: _Said, *, but: Container[str] = ()) -> Iterator[Fact]:
    """The toll, without the harms in `but`: what a sentence takes back it does not state."""
    if said.has("elsewhere"):
        return
    harms = {kind: [] if kind in but else said.places(kind) for kind in CASUALTIES}
    used: set[int] = set()
    for place, kind in sorted((p, kind) for kind, found in harms.items() for p in found):
        if _stands_before(said, place, "unreal", 3):
            continue
        if _is_negated(said, place):
            yield said.fact(kind, "0")
            continue
        if _is_of_a_thing(said, place):
            continue
        rivals = {p for k in CASUALTIES if k != kind for p in harms[k]}
        position = _number_near(said, place, rivals, used)
        if position is not None:
            used.add(position)
            yield said.fact(kind, _value(said, position, place))
        elif said.leads and not used and said.has("event"):
            yield said.fact(kind, _attackers_or(said, "some", place, place))


def _number_near(said: _Said, place: int, rivals: set[int], used: set[int]) -> int | None:
    """Where the number of a harm stands: the nearest, with no other harm between."""
    candidates = []
    for position in range(max(0, place - BEFORE), min(len(said.words), place + AFTER + 1)):
        between = range(min(position, place) + 1, max(position, place))
        joined = position > place and any(said.words[i] in _small("ands") for i in between)
        if position in used or joined or rivals & set(between):
            continue
        if not _counts(said, position, place):
            continue
        candidates.append((abs(position - place), position))
    return min(candidates)[1] if candidates else None


def _counts(said: _Said, position: int, place: int) -> bool:
    """Whether the word is a number of people: no age, hour, distance, or count of rockets."""
    number = _number(said.words[position])
    if number is None or number >= MAX_NUMBER:
        return False
    following = said.words[position + 1] if position + 1 < len(said.words) else ""
    if any(_begins(kind, following) for kind in ("unit", "thing")) or following in _small("months"):
        return False
    if position > place and said.words[position - 1] in _small("prepositions"):
        return False
    if said.words[position] not in _small("articles"):
        return True
    between = said.words[position + 1 : place]
    return position == place + 1 or (
        position < place and not any(_begins("event", word) for word in between)
    )


def _value(said: _Said, position: int, place: int) -> str:
    return _attackers_or(said, str(_number(said.words[position])), position, place)


def _attackers_or(said: _Said, value: str, position: int, place: int) -> str:
    """'2', or '2 attackers' where those hurt are the attackers."""
    low, high = min(position, place), max(position, place)
    near = said.words[max(0, low - 1) : high] if position <= place else said.words[low : high + 3]
    return f"{value} {ATTACKERS}" if any(_begins("attacker", word) for word in near) else value


def _stands_before(said: _Said, place: int, kind: str, reach: int) -> bool:
    before = f" {' '.join(said.words[max(0, place - reach) : place + 1])} "
    return _pattern(kind).search(before) is not None


def _is_negated(said: _Said, place: int) -> bool:
    """'No one was hurt', and where the verb comes last: 'yaralanan olmadı'."""
    after = f" {' '.join(said.words[place + 1 : place + 1 + AFTER])} "
    nobody = any(word in _small("nobody") for word in said.words[place + 1 : place + 3])
    negated = _pattern("negated").search(after) is not None
    return nobody or negated or _stands_before(said, place, "negation", 4)


def _is_of_a_thing(said: _Said, place: int) -> bool:
    """Whether a word of both meanings says that a house was hit and not that people were hurt."""
    word = said.words[place]
    if not _begins("either", word):
        return False
    person, thing = _nearest(said, place, "person"), _nearest(said, place, "thing")
    if _begins("strikes", word):
        return person > min(thing, BESIDE)
    return thing < person


def _nearest(said: _Said, place: int, kind: str) -> int:
    """How many words away the nearest word of that kind stands; beyond all where none does."""
    around = range(max(0, place - BESIDE), min(len(said.words), place + BESIDE + 1))
    gaps = (abs(i - place) for i in around if i != place and _begins(kind, said.words[i]))
    return min(gaps, default=BESIDE + 1)


def _chinese(said: _Said) -> Iterator[Fact]:
    """Scripts without spaces: '2人死亡', '致5人受伤'."""
    for match in _CHINESE.finditer(said.text):
        number = (
            match["n"] if match["n"].isdigit() else str("一二三四五六七八九十".find(match["n"]) + 1)
        )
        number = "2" if match["n"] == "两" else number
        kind = "injured" if match["harm"] in ("受伤", "负伤") else "killed"
        yield said.fact(kind, str(int(number)))


def _claims(said: _Said) -> Iterator[Fact]:
    if not said.has("claim") or said.has("unclaimed") or said.has("denial"):
        return
    match = _CLAIMANT.search(said.text)
    yield said.fact("claim", " ".join(match["who"].split()) if match else "claimed")


def _weapons(said: _Said) -> Iterator[Fact]:
    """The most telling weapon of a sentence that speaks of the event and denies nothing."""
    if said.has("denial") or said.has("unreal"):
        return
    for weapon, pattern in _weapon_patterns().items():
        if pattern.search(said.folded):
            yield said.fact("weapon", weapon)
            return


def _english(said: _Said) -> Iterator[Fact]:
    """What only English patterns find so far: target, place and time of day."""
    for kind, pattern in (("target", _TARGET), ("place", _PLACE), ("time", _CLOCK)):
        match = pattern.search(said.text)
        if match is not None and said.has("event"):
            yield said.fact(kind, " ".join(match["value"].split()))


def _speaker(text: str, source: str) -> str:
    match = _SPEAKER.search(" ".join(text.split()))
    if match is None:
        return source
    who = match["after"] or match["before"]
    return f"{_ARTICLE.sub('', who)}, via {source}"


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word) if len(word) <= 6 else None
    return _number_words().get(word)


_CHINESE: Final = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十])(?:人|名[^,，。\d]{0,8}?)(?P<harm>死亡|遇难|丧生|身亡|被杀|受伤|负伤)"
)
_NAME: Final = r"(?:[A-Z][\w'’-]*|al-[A-Z]\w*|al|of|the|and)"
_CLAIMANT: Final = re.compile(
    rf"(?:(?:calling itself|called|known as|named) )?(?P<who>[A-Z][\w'’-]+(?: {_NAME}){{0,5}})"
    r"[^.]{0,40}? (?:claimed|claims|claim|took) responsibility"
)
_TARGET: Final = re.compile(
    r"(?P<value>\b(?:[A-Z][\w.]+ ){0,3}(?:embassy|Embassy|consulate|Consulate|mission|diplomatic)"
    r"(?:'s)?(?: (?:compound|vehicle|convoy|car|residence|gate|building|staff|employee|guard))+)"
)
_PLACE: Final = re.compile(
    r"\b(?:in|near|at|on|outside|along|towards?) (?:the )?(?P<value>(?:[A-Z][\w'’-]+ ){0,4}"
    r"(?:district|neighbou?rhood|road|highway|street|square|bridge|airport|province|Zone|quarter"
    r"|area|District|Road|Highway|Street|Square|Bridge|Airport|Avenue))\b"
)
_CLOCK: Final = re.compile(
    r"\b(?P<value>(?:[01]?\d|2[0-3])[:.h][0-5]\d(?: ?[ap]\.?m\.?)?(?: (?:local time|GMT|UTC))?"
    r"|\d{1,2} ?[ap]\.?m\.?(?: local time)?)(?![\d%])",
    re.IGNORECASE,
)
_WHO: Final = r"(?:[A-Za-z][\w.'’-]* ){0,3}?"


@cache
def _raw() -> Mapping[str, dict[str, list[str]]]:
    text = files("alerter.understand").joinpath("data/facts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _small(kind: str) -> frozenset[str]:
    return frozenset(_raw()["small"][kind])


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    stems = _raw()["stems"]
    return _compiled([*stems["act"], *stems["scene"]] if kind == "event" else stems[kind])


@cache
def _weapon_patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: _compiled(stems) for name, stems in _raw()["weapons"].items()}


@cache
def _number_words() -> Mapping[str, int]:
    return {fold(word): int(n) for n, words in _raw()["numbers"].items() for word in words}


def _compiled(stems: Iterable[str]) -> re.Pattern[str]:
    """A pattern for the beginning of a word; `lead` is where the word itself begins."""
    whole = {fold(stem).strip() for stem in stems if stem.endswith(".") or len(stem) <= SHORT}
    folded = sorted({fold(stem).strip() for stem in stems}, key=lambda stem: (-len(stem), stem))
    parts = [re.escape(stem) + (r"(?= )" if stem in whole else r"") for stem in folded]
    spaced = "|".join(part for stem, part in zip(folded, parts, strict=True) if stem.isascii())
    other = "|".join(part for stem, part in zip(folded, parts, strict=True) if not stem.isascii())
    cjk = "|".join(re.escape(stem) for stem in folded if _HAN.search(stem))
    choices = [rf"(?<= )(?:{spaced})"] if spaced else []
    choices += [rf"(?<= )(?:[وبلف]?(?:ال)?|ו|ב|ה)(?:{other})"] if other else []
    choices += [f"(?:{cjk})"] if cjk else []
    return re.compile("|".join(choices))


_HAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def _begins(kind: str, word: str) -> bool:
    return bool(word) and _pattern(kind).match(f" {word} ", 1) is not None


_SPEAKER: Final = re.compile(
    rf"(?:[Aa]ccording to (?P<after>{_WHO}(?:{'|'.join(_raw()['speakers']['words'])}))\b"
    rf"|(?P<before>\b{_WHO}(?:{'|'.join(_raw()['speakers']['words'])})) "
    r"(?:said|says|told|confirmed|confirms|announced|denied|denies|stated|reported|reports)\b)",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"^(?:(?:the|a|an|that|and|but|as|while) )+", re.IGNORECASE)
