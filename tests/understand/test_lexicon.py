"""Concepts in the words of many languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.understand.lexicon import CONCEPTS, GATE, Lexicon, LexiconError, read_terms, shipped
from alerter.understand.terms import EDGES, Automaton, Edges, Term
from alerter.understand.text import normalise

LANGUAGES = shipped().languages


def concepts(text: str, lang: str) -> set[str]:
    """The concepts that the shipped lexicon finds."""
    return {hit.concept for hit in shipped().find(text, lang)}


ATTACKS = {
    "en": ("Three rockets landed near the embassy, two guards were wounded", "indirect_fire"),
    "ar": ("سقوط ثلاثة صواريخ قرب السفارة وإصابة حارسين", "indirect_fire"),
    "fr": ("Un engin explosif a visé le consulat, un gendarme blessé", "bomb"),
    "es": ("Una bomba estalló frente a la embajada y dejó dos heridos", "bomb"),
    "ru": ("Взрыв у посольства: ранены двое охранников", "bomb"),
    "tr": ("Büyükelçiliğe düzenlenen bombalı saldırıda iki koruma yaralandı", "bomb"),
    "fa": ("انفجار بمب در نزدیکی سفارت‌خانه دو زخمی بر جای گذاشت", "bomb"),
    "ur": ("سفارت خانے کے قریب دھماکہ، دو محافظ زخمی", "bomb"),
    "pt": ("Homens armados atacaram a embaixada e feriram dois seguranças", "attack"),
    "id": ("Kedutaan besar diserang kelompok bersenjata, dua penjaga terluka", "attack"),
    "zh": ("大使馆附近发生爆炸，两名警卫受伤", "bomb"),
    "de": ("Sprengsatz vor der Botschaft explodiert, zwei Wachleute verletzt", "bomb"),
    "it": ("Attentato contro l'ambasciata: due guardie ferite", "bomb"),
    "pl": ("Wybuch przed ambasadą, dwóch ochroniarzy rannych", "bomb"),
    "he": ("פיצוץ סמוך לשגרירות, שני מאבטחים נפצעו", "bomb"),
    "uk": ("Вибух біля посольства: поранено двох охоронців", "bomb"),
    "hi": ("दूतावास के पास धमाका, दो गार्ड घायल", "bomb"),
    "sw": ("Bomu lalipuka karibu na ubalozi, walinzi wawili wajeruhiwa", "bomb"),
    "nl": ("Explosie bij de ambassade, twee bewakers gewond", "bomb"),
    "sv": ("Explosion vid ambassaden, två vakter skadade", "bomb"),
    "ko": ("대사관 인근에서 폭발, 경비원 2명 부상", "bomb"),
    "ja": ("大使館付近で爆発、警備員2人が負傷", "bomb"),
}


@pytest.mark.parametrize("lang", ATTACKS)
def test_an_attack_on_a_mission_is_seen_in_each_language(lang: str) -> None:
    """Mission, kind of attack, casualties and nearness are found whatever the inflection."""
    text, act = ATTACKS[lang]
    found = concepts(text, lang)
    assert found & GATE
    assert act in found
    assert "casualties" in found


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("والسفارة", "ar"), ("للسفارات", "ar"), ("بالقنصلية", "ar"),
        ("büyükelçiliğinden", "tr"), ("konsolosluğumuza", "tr"),
        ("посольствами", "ru"), ("ambasadzie", "pl"), ("ובשגרירות", "he"),
        ("US-Botschaft", "de"), ("Generalkonsulats", "de"), ("सफ़ीर दूतावासों", "hi"),
        ("中国驻外使领馆", "zh"), ("USA:s ambassad", "sv"),
    ],
)  # fmt: skip
def test_prefixes_and_endings_do_not_hide_a_mission(text: str, lang: str) -> None:
    """Particles, cases, possessives and compounds are part of the word."""
    assert concepts(text, lang) & GATE


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Actress named goodwill ambassador for children", "en"),
        ("The brand ambassador signed shirts", "en"),
        ("Embassy Suites opens its tenth house", "en"),
        ("El embajador de la marca firmó camisetas", "es"),
        ("Папа, посол доброй воли, выступил", "ru"),
        ("演员出任旅游形象大使", "zh"),
        ("Seine frohe Botschaft an alle", "de"),
        ("Who said the embark was an embarrassment?", "en"),
    ],
)
def test_homonyms_are_no_missions(text: str, lang: str) -> None:
    """A longer term hides the mission inside it; a word that only begins alike is not one."""
    assert not concepts(text, lang) & {"mission", "mission_staff"}


def test_capitals_matter_for_terms_that_are_words_too() -> None:
    """`WHO` is an organisation, 'who' is not, and among capitals nobody can tell."""
    assert "io" in concepts("The WHO office was hit", "en")
    assert "io" not in concepts("The man who was hit", "en")
    assert "io" not in concepts("THE MAN WHO WAS HIT BY A CAR", "en")


def test_a_weak_word_is_a_mission_beside_a_state_only() -> None:
    """'the Chinese mission' is one, 'the rescue mission' is not."""
    assert "mission" in concepts("Crowd pelts Chinese mission with eggs", "en")
    assert "mission" not in concepts("Crowd cheers the rescue mission", "en")


def test_mission_words_of_a_neighbour_language_are_found_too() -> None:
    """A short title taken for the wrong language still passes the gate."""
    assert concepts("Explosion vid ambassaden", "no") & GATE
    assert concepts("Ataque a la embajada", "pt") & GATE


def test_text_in_capitals_is_read_like_any_other() -> None:
    """Newswire of the old days."""
    assert {"mission", "bomb"} <= concepts("BOMB EXPLODES NEAR U.S. EMBASSY IN LIMA", "en")


def test_hits_carry_the_whole_word_of_the_original() -> None:
    """An analyst sees the word as written, particle and ending included."""
    text = "قُصِفت السَّفارة ليلا"
    hits = [hit for hit in shipped().find(text, "ar") if hit.concept == "mission"]
    assert [hit.surface for hit in hits] == ["السَّفارة"]
    assert text[hits[0].start : hits[0].end] == hits[0].surface


def test_an_unknown_concept_is_refused_with_its_line() -> None:
    """An analyst who mistypes a heading is told where."""
    with pytest.raises(LexiconError, match=r"xx\.txt:2: unknown concept \[misson\]"):
        list(read_terms("# mine\n[misson]\nembassy\n", "xx.txt"))
    with pytest.raises(LexiconError, match=r"xx\.txt:1: a term before"):
        list(read_terms("embassy\n", "xx.txt"))


def test_an_analyst_adds_a_language_with_a_file(tmp_path: Path) -> None:
    """A folder of files is a lexicon; nothing else needs to change."""
    (tmp_path / "en.txt").write_text("[mission]\nembassy\n", encoding="utf-8")
    (tmp_path / "eo.txt").write_text("[mission]\nambasad*\n[bomb]\nbomb*\n", encoding="utf-8")
    lexicon = Lexicon.load(tmp_path)
    assert {hit.concept for hit in lexicon.find("Bombo ĉe la ambasadejo", "eo")} == {
        "mission",
        "bomb",
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shipped_file_is_sound_and_covers_what_matters(lang: str) -> None:
    """All headings are known, no term is empty, and the concepts of the gate have terms."""
    terms = shipped().terms(lang)
    assert {"mission", "mission_staff", "io", "bomb", "attack"} <= {term.key for term in terms}
    assert all(term.words.strip() == term.words != "" for term in terms)
    assert {term.key for term in terms} <= CONCEPTS.keys()


@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, "xx", ""]))
def test_no_text_makes_the_lexicon_fail_and_all_offsets_map_back(text: str, lang: str) -> None:
    """What comes from a feed is foreign; every hit is an exact slice of it."""
    for hit in shipped().find(text, lang):
        assert text[hit.start : hit.end] == hit.surface != ""


WORDS = [
    "embassy", "Embassy", "Suites", "the", "Chinese", "mission", "Botschaft", "Posten", "السفارة",
    "بعثة", "ال", "大使馆", "посольство", "ambassador", "goodwill", "brand", "UN", "us", "peacekeepers",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=8).map(" ".join),
    st.sampled_from([*LANGUAGES, "xx", ""]),
)
def test_a_text_that_is_passed_over_names_no_target(text: str, lang: str) -> None:
    """The quick look may send on what names none, but never misses one."""
    named = any(hit.concept in GATE for hit in shipped().find(text, lang))
    assert shipped().may_name_target(normalise(text), lang) or not named


MARKS = [
    ("embass*", "The embassies burn", ["embassies"]),
    ("embass*", "reembassy", []),
    ("*botschaft*", "Die US-Botschaftsmauer, Videobotschaften", ["Botschaftsmauer", "Videobotschaften"]),
    ("bomb~", "bomb bombed bombing bombardment", ["bomb", "bombed", "bombing"]),
    ("=US", "tell us of the US army", ["US"]),
    ("high commission", "the High Commission, a high\tcommission, high. commission", ["High Commission", "high\tcommission"]),
    ("дипломатическ* мисси*", "в дипломатической миссии и миссии", ["дипломатической миссии"]),
    ("convoi* ~", "", []),
]  # fmt: skip


@pytest.mark.parametrize(("mark", "text", "found"), MARKS)
def test_marks_say_what_may_stand_around_a_term(mark: str, text: str, found: list[str]) -> None:
    """The star, the tilde, the equals sign, several words, and marks inside them."""
    term = Term.parse("x", mark)
    assert term is not None
    automaton = Automaton([term], Edges())
    assert [hit.surface for hit in automaton.find(normalise(text))] == found


def test_the_longest_term_wins_and_equal_ones_stand_together() -> None:
    """One word may mean two things; a part of a longer term means nothing."""
    marks = {"a": "new york", "b": "york", "c": "new york"}
    terms = [term for key, mark in marks.items() if (term := Term.parse(key, mark))]
    found = Automaton(terms, EDGES.get("en", Edges())).find(normalise("In New York"))
    assert [hit.key for hit in found] == ["a", "c"]


@pytest.mark.parametrize(
    ("text", "lang", "concept"),
    [
        ("Toplantı dün oldu, sonuç olumsuz", "tr", "casualties"),
        ("Foruma katılan Cezayir heyeti", "tr", "assassination"),
        ("Yeni cami açıldı", "tr", "vandalism"),
        ("سفر به ترکیه برای دیدار", "fa", "evacuation"),
        ("سفر به ترکیه برای دیدار", "fa", "election"),
        ("اگر اگست میں آگے بڑھے", "ur", "arson"),
        ("انڈیا کے وزیر", "ur", "vandalism"),
        ("حضر الجميع إلا الوزير", "ar", "negation"),
        ("صلى خلف الإمام عند الفجر", "ar", "bomb"),
        ("В центре Москвы", "ru", "business"),
        ("Прошло несколько часов", "ru", "guard"),
        ("Angalau watu kumi, wasiopungua", "sw", "arson"),
    ],
)
def test_a_stem_does_not_reach_into_other_words(text: str, lang: str, concept: str) -> None:
    """'Became' is not 'died' in Turkish, 'for' no vote in Persian, 'if' no fire in Urdu."""
    assert concept not in {hit.concept for hit in shipped().find(text, lang)}
