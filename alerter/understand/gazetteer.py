"""States and cities that a text names, in all the scripts we read.

States stand in `data/states/<script>.txt` (names, adjectives, people, by hand) and `formal.tsv`
(CLDR); cities in `data/places/` (GeoNames, https://www.geonames.org, CC BY 4.0; `extra.tsv` and
`blocked.txt` by hand). Both are read for one script when a text in it first arrives.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from alerter.understand.links import links
from alerter.understand.terms import EDGES, ENDING, Automaton, Edges, Found, Term, script_of
from alerter.understand.text import Normal, fold

DATA: Final = Path(__file__).parent / "data"
HIDDEN: Final = "-"  # the code of words that hide a state's name: 'Latin America'
_CASED: Final = frozenset({"latin", "cyrillic", "greek"})
_GENITIVE: Final = frozenset({"de", "sv", "no", "da", "nl"})  # Bagdads
_CAPITALISING: Final = frozenset({"en", "nl", "tr", "id", "sw", "ha", "so"})  # 'Turkish' so
_SLAVIC: Final = frozenset({"pl", "cs", "sk", "hr", "sl"})  # in Latin letters
_INFLECTED: Final = _SLAVIC | {"fi", "hu"}
STEM: Final = "~"  # ends a name that lost its vowel: only with another ending it is one
_ENDINGS: Final = re.compile("[aeiouy][a-z]{0,2}|zi?e|m$")
_WELL_KNOWN: Final = 300  # thousand people: found wherever it stands, even without capitals
_CONTEXT: Final = 2.5  # worth of a state named beside: less than a capital of ten times the size
_LOCATIVE_TR: Final = re.compile(r"['’][dt][ae](?:ki)?\b")  # "Hilla'da"
_AFTER_NAME: Final = re.compile(r"\s*(?:[,(]|--|[–—-]\s|:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city of GeoNames or of `extra.tsv`. Coordinates are WGS 84 degrees."""

    name: str
    country: str
    lat: float
    lon: float
    thousands: int  # people, in thousands
    capital: bool


class Name(NamedTuple):
    """A state or a city named in a text; `surface == text[start:end]`.

    `code` is the state (ISO 3166-1 alpha-2, UN, EU); `city` is None where the name is the state's.
    """

    code: str
    start: int
    end: int
    surface: str
    city: City | None = None


class _Script:
    """What the gazetteer knows in one script."""

    def __init__(self, folder: Path, script: str) -> None:
        edges = EDGES.get(script, Edges())
        self.edges = edges
        self.cased = script in _CASED
        self.states = Automaton(list(_state_terms(folder / "states", script)), edges)
        self.sites = Automaton(list(_site_terms(folder / "places" / "sites.tsv", script)), edges)
        self.names: list[str] = []
        self.rows: list[str] = []
        for line in _lines(folder / "places" / f"names-{script}.tsv.gz"):
            name, _, rows = line.partition("\t")
            self.names.append(name)
            self.rows.append(rows)
        left = "" if edges.spaceless or len(edges.clitics) > 1 else " "
        right = "" if edges.spaceless or self.cased else " "
        patterns = [f"{left}{name.removesuffix(STEM)}{right}" for name in self.names]
        self.cities = AhoCorasick(patterns) if patterns else None


def _state_terms(folder: Path, script: str) -> Iterator[Term]:
    """The terms by hand, and those formal names that no line by hand gives to a state."""
    path = folder / f"{script}.txt"
    by_hand: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        code, _, written = line.split("#", 1)[0].partition(":")
        terms = (Term.parse(code.strip()[:2], one.strip()) for one in written.split(","))
        for term in filter(None, terms):
            by_hand.add(term.words)
            yield term
    for line in (folder / "formal.tsv").read_text(encoding="utf-8").splitlines():
        written_in, code, languages, names = line.split("\t")
        for name in names.split("|") if written_in == script else ():
            if name not in by_hand:
                for lang in languages.split(","):
                    yield Term(key=code, words=name, lang="" if lang == "*" else lang)


def _site_terms(path: Path, script: str) -> Iterator[Term]:
    """Districts and other names of cities; the key is the row of the city."""
    for line in path.read_text(encoding="utf-8").splitlines():
        written_in, written, row = line.split("\t")
        term = Term.parse(row, written) if written_in == script else None
        if term is not None:
            yield term


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as packed:
        return packed.read().split("\n")


class Gazetteer:
    """States and cities by name. Reads a script when first asked; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scripts: dict[str, _Script] = {}
        self._rows = _lines(folder / "places" / "cities.tsv.gz")

    @classmethod
    def load(cls, folder: Path = DATA) -> Gazetteer:
        """The gazetteer in a folder; the one of the package by default."""
        return cls(folder)

    def find(self, normal: Normal, lang: str) -> list[Name]:
        """Every state and city named, in order of the text; never fails on any text.

        A longer name hides a shorter one inside it, a state's name a city's of the same letters.
        Of several cities of one name the likeliest is taken: the capital, the one in a state that
        the text names, the one with most people.
        """
        known = self._script(script_of(lang))
        states = known.states.find(normal, lang)
        context = {found.key for found in states}
        found = [Name(one.key, one.start, one.end, one.surface) for one in states]
        no_capitals = known.cased and normal.original.islower()
        if lang in _CAPITALISING and not no_capitals:
            found = [one for one in found if not one.surface[0].islower() or one.code == HIDDEN]
        sites = known.sites.find(normal, lang)
        for site in sites:
            city = self._city(int(site.key))
            found.append(Name(city.country, site.start, site.end, site.surface, city))
        taken = {(found.start, found.end) for found in states}
        for start, end, rows in self._spans(known, normal, lang):
            first, last = normal.span(start, end)
            city = self._likeliest(rows, context)
            name = Name(city.country, first, last, normal.original[first:last], city)
            if (first, last) not in taken and (is_famous(city) or _is_placed(name, normal, lang)):
                found.append(name)
        return _without_stray_sites(_outermost(found), sites)

    def states(self, normal: Normal, lang: str) -> list[Name]:
        """The states named, without the cities: quicker than `find`."""
        found = self._script(script_of(lang)).states.find(normal, lang)
        return [Name(*one) for one in found if one.key != HIDDEN]

    def city(self, name: str, country: str) -> City | None:
        """The city that a user's configuration names, with most people if there are several."""
        known = self._script("latin")
        wanted = fold(name)
        rows = [
            self._city(int(row))
            for at, one in enumerate(known.names)
            if one == wanted
            for row in known.rows[at].split(",")
        ]
        return next((city for city in rows if city.country == country), None)

    def _script(self, script: str) -> _Script:
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts[script] = _Script(self._folder, script)
        return known

    def _spans(self, known: _Script, normal: Normal, lang: str) -> Iterator[tuple[int, int, str]]:
        """Where names of cities stand, with the rows of the cities that bear them."""
        if known.cities is None:
            return
        text = normal.text
        no_capitals = known.cased and normal.original.islower()
        for index, start, end in known.cities.find_matches_as_indexes(text, overlapping=True):
            if known.names[index].endswith(STEM) and lang not in _SLAVIC:
                continue
            span = _whole(text, start, end, known, lang)
            if span is None:
                continue
            first = normal.original[normal.span(*span)[0]]
            if known.cased and not (
                first.isupper() or (no_capitals and self._famous(known, index))
            ):
                continue
            yield *span, known.rows[index]

    def _famous(self, known: _Script, index: int) -> bool:
        return is_famous(self._city(int(known.rows[index].split(",")[0])))

    def _likeliest(self, rows: str, context: set[str]) -> City:
        cities = [self._city(int(row)) for row in rows.split(",")]
        if len(cities) == 1:
            return cities[0]
        return max(cities, key=lambda city: _likelihood(city, context))

    @lru_cache(maxsize=4096)  # noqa: B019 (the gazetteer lives as long as the program)
    def _city(self, row: int) -> City:
        name, country, lat, lon, thousands, capital = self._rows[row].split("\t")
        return City(
            name=name,
            country=country,
            lat=float(lat),
            lon=float(lon),
            thousands=int(thousands),
            capital=capital == "1",
        )


def _without_stray_sites(names: list[Name], sites: Sequence[Found]) -> list[Name]:
    """Drop a site ('green zone') where the text speaks of another country and not of its own."""
    starts = {site.start for site in sites}
    others = {name.code for name in names if name.start not in starts and name.city is not None}
    if not starts or not others:
        return names
    return [name for name in names if name.start not in starts or name.code in others]


def is_famous(city: City) -> bool:
    """Whether a city needs no introduction: a capital, or one of many people."""
    return city.capital or city.thousands >= _WELL_KNOWN


def _is_placed(name: Name, normal: Normal, lang: str) -> bool:
    """Whether the words around a lesser city's name say that it is a place.

    'in Springfield', 'near Beni', a dateline, 'Marib, Yemen': names of small towns are also
    words, given names and surnames.
    """
    if name.start < 2 and _AFTER_NAME.match(normal.original, name.end):
        return True
    words = fold(normal.original[max(0, name.start - 24) : name.start]).split()
    if words and words[-1] in links(lang).within:
        return True
    following = fold(normal.original[name.end : name.end + 16]).split()
    if following and following[0] in links(lang).place_words:
        return True
    if lang == "tr" and _LOCATIVE_TR.match(normal.original, name.end):
        return True
    folded = fold(name.surface)
    return folded[:1] in {"ب", "ב"} and len(folded) > 4


def _likelihood(city: City, context: set[str]) -> float:
    """How likely a name means this city: tenfold people, a capital or its state named beside it."""
    return (
        math.log10(city.thousands + 1) + 1.5 * city.capital + _CONTEXT * (city.country in context)
    )


def _whole(text: str, start: int, end: int, known: _Script, lang: str) -> tuple[int, int] | None:
    """The word or words around a match, if particles and ending are of the language."""
    if text[start] == " ":
        start += 1
    elif not known.edges.spaceless:
        first = text.rfind(" ", 0, start) + 1
        if text[first:start] not in known.edges.clitics:
            return None
    if known.edges.spaceless:
        return start, end
    if not known.cased:
        return start, end - 1
    last = text.find(" ", end)
    rest = last - end
    if rest and not _ends_so(text[end:last], end - start, lang):
        return None
    return start, last


def _ends_so(rest: str, length: int, lang: str) -> bool:
    """Whether a name may carry these last letters in the language."""
    if rest in {"s", "er"} and lang in _GENITIVE:
        return length > ENDING + 2 and (rest == "s" or lang == "de")  # Minsker
    if lang in _INFLECTED:
        return len(rest) <= ENDING and length > ENDING and bool(_ENDINGS.match(rest))
    return script_of(lang) == "cyrillic" and len(rest) <= ENDING


def _outermost(found: Sequence[Name]) -> list[Name]:
    """Drop names inside longer ones, and the words that only hide."""
    kept: list[Name] = []
    for name in sorted(found, key=lambda one: (one.start, -one.end, one.city is not None)):
        if kept and name.start < kept[-1].end:
            continue
        kept.append(name)
    return [name for name in kept if name.code != HIDDEN]


@cache
def shipped() -> Gazetteer:
    """The gazetteer of the package, loaded once."""
    return Gazetteer.load()
