"""Which language a text is in: by script where that decides, else py3langid with a prior."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

_KNOWN: Final = (
    "en ar fr es ru tr fa ur pt id zh de it pl he uk hi sw nl sv da no nb nn ro ja ko ku am ps bn "
    "ms wuu el bg sr cs sk hu fi hr vi th so ha"
).split()
_SAME: Final[Mapping[str, str]] = {
    "wuu": "zh", "yue": "zh", "ms": "id", "nb": "no", "nn": "no", "ckb": "ku", "iw": "he",
    "in": "id", "prs": "fa", "dari": "fa", "tl": "fil",
}  # fmt: skip
_HINT_BONUS: Final = 12.0  # log-odds for the language that the feed declares: breaks ties only
_SAMPLE: Final = 240  # characters looked at for the script
_MODEL_SAMPLE: Final = 120  # characters shown to the model: its cost grows with them
_UNSEEN_BY_MODEL: Final = frozenset(
    {"so", "ha", "ti", "yo", "ig", "ln", "sn", "rn", "lg", "pcm", "om"}
)

_SCRIPTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("latin", re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")),
    ("arabic", re.compile("[\u0620-\u06ff\u0750-\u077f]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("kana", re.compile("[\u3040-\u30ff]")),
    ("han", re.compile("[\u3400-\u9fff]")),
    ("hangul", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("devanagari", re.compile("[\u0900-\u097f]")),
    ("bengali", re.compile("[\u0980-\u09ff]")),
    ("ethiopic", re.compile("[\u1200-\u137f]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("thai", re.compile("[\u0e00-\u0e7f]")),
)
_ONE_LANGUAGE: Final[Mapping[str, str]] = {
    "kana": "ja", "han": "zh", "hangul": "ko", "hebrew": "he", "devanagari": "hi",
    "bengali": "bn", "ethiopic": "am", "greek": "el", "thai": "th",
}  # fmt: skip
_OF_SCRIPT: Final[Mapping[str, frozenset[str]]] = {
    "ethiopic": frozenset({"am", "ti"}),
    "devanagari": frozenset({"hi", "mr", "ne"}),
    "arabic": frozenset({"ar", "fa", "ur", "ps", "ku", "sd", "ug"}),
    "cyrillic": frozenset({"ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "tg", "mn"}),
}
_KURDISH: Final = re.compile("[ەێۆڵڕڤ]")
_PASHTO: Final = re.compile("[ټډړښځڅڼېۍ]")
_URDU: Final = re.compile("[ٹڈڑےںہھ]")
_PERSIAN: Final = re.compile("[پچژگیک]")
_UKRAINIAN: Final = re.compile("[іїєґІЇЄҐ]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_ENGLISH: Final = re.compile(  # words that no other language of ours writes so
    r"\b(?:the|and|with|from|after|that|this|says?|said|was|were|been|has|his|their|its|which"
    r"|who|into|over|near|against|about|killed|by|not|will|would|at least)\b",
    re.IGNORECASE,
)
_ENOUGH: Final = 3  # different small words of the language that the feed declares
_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    lang: frozenset(words.split())
    for lang, words in {
        "fr": "le la les des du une et est dans pour qui sur au aux avec par ont été ce",
        "es": "el la los las del una y en que por con para se su al fue como",
        "pt": "o os as do da dos das uma e em que por com para não foi ao no na",
        "it": "il lo gli della del dei una e che per con non nel alla sono è dal",
        "de": "der die das und ist im den von mit für auf ein eine nach bei sich dem wurde",
        "nl": "de het een en van in op te dat zijn voor met aan door bij is naar",
        "pl": "i w na z do się że nie o jest po przez od za jak został",
        "tr": "ve bir bu için ile da de olarak daha çok olan sonra gibi",
        "sv": "och i att det som en på är av för med till har den inte",
        "id": "yang dan di ke dari untuk dengan ini itu pada oleh akan tidak",
        "sw": "ya wa na kwa katika ni la za kuwa hii hiyo baada",
    }.items()
}


@lru_cache(maxsize=1024)
def base(lang: str | None) -> str | None:
    """The bare, usual code of a language tag: 'zh-Hans' is zh, 'nb_NO' is no, 'ms' is id."""
    if not lang:
        return None
    code = re.split(r"[-_]", lang.strip().lower(), maxsplit=1)[0]
    return _SAME.get(code, code) if code.isalpha() and len(code) in (2, 3, 4) else None


def script(text: str) -> str:
    """The script of most letters; 'latin' for a text without letters."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return "latin"
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS}
    if counts["kana"] * 8 > counts["han"] > 0:
        counts["kana"] += counts["han"]
    counts["latin"] //= 2  # names and links in Latin letters stand in texts of every script
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "latin"


def detect(text: str, hint: str | None = None) -> str:
    """The language of a text as a two-letter code (three where there is none); 'en' for no text.

    `hint`, what the feed declares, decides when the text alone does not.
    """
    hinted = base(hint)
    if not _LETTER.search(text):
        return hinted or "en"
    written = script(text)
    if written in _ONE_LANGUAGE:
        fits = hinted in _OF_SCRIPT.get(written, ())
        return hinted if fits and hinted else _ONE_LANGUAGE[written]
    if written == "arabic":
        return _arabic_script(text, hinted)
    if written == "cyrillic":
        return _cyrillic(text, hinted)
    if hinted in _UNSEEN_BY_MODEL and hinted:
        return hinted
    sample = text[:_SAMPLE]
    if hinted in {None, "en"} and len(set(_ENGLISH.findall(sample))) >= (2 if hinted else 3):
        return "en"
    words = _SMALL_WORDS.get(hinted or "")
    if hinted and words and len(words & set(sample.lower().split())) >= _ENOUGH:
        return hinted
    return _by_model(text[:_MODEL_SAMPLE], hinted)


def _arabic_script(text: str, hinted: str | None) -> str:
    if _KURDISH.search(text) and len(_KURDISH.findall(text)) * 12 > len(text.replace(" ", "")):
        return "ku"
    if len(_PASHTO.findall(text)) >= 2:
        return "ps"
    if len(_URDU.findall(text)) * 40 > len(text):
        return "ur"
    if len(_PERSIAN.findall(text)) * 60 > len(text):
        return "fa" if hinted not in _OF_SCRIPT["arabic"] or hinted == "ar" else str(hinted)
    return hinted if hinted in {"fa", "ur", "ps"} and len(text) < 60 and hinted else "ar"


def _cyrillic(text: str, hinted: str | None) -> str:
    if _UKRAINIAN.search(text):
        return "uk"
    return hinted if hinted in _OF_SCRIPT["cyrillic"] and hinted and hinted != "uk" else "ru"


@cache
def _identifier() -> Any:
    """The model of py3langid, restricted to the languages we know (its own are 97)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 (heavy, seldom)

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = set(whole.nb_classes)
    whole.set_languages([code for code in _KNOWN if code in known])
    # Made anew, because a restricted one keeps all languages beside: 20 MB that nobody reads.
    return LanguageIdentifier(
        whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output,
        tk_row=whole.tk_row,
    )  # fmt: skip


def _by_model(text: str, hinted: str | None) -> str:
    ranked = [(base(code) or code, float(score)) for code, score in _identifier().rank(text)]
    best: dict[str, float] = {}
    for code, score in ranked:
        best[code] = max(score, best.get(code, -math.inf))
    if hinted in best and hinted:
        best[hinted] += _HINT_BONUS
    return max(best, key=lambda code: best[code])
