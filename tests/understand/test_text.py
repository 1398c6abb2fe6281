"""Folded letters with a way back, and sentences of any script."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerter.understand.text import fold, is_shouting, normalise, sentences

ANY_TEXT = st.text(max_size=300)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Büyükelçiliği", "buyukelciligi"),
        ("AMBASSADE de FRANCE", "ambassade de france"),
        ("İstanbul", "istanbul"),
        ("السَّفارة", "السفاره"),  # marks vanish, ta marbuta is unified
        ("سفارت‌خانه", "سفارتخانه"),  # no joiner between the halves
        ("سفیر", "سفير"),  # Persian yeh is Arabic yeh
        ("посёлок", "поселок"),
        ("ＵＮ", "un"),
        ("don't", "don t"),
        ("ABD'nin", "abd nin"),
        ("दूतावास", "दूतावास"),
        ("e\u0301lyse\u0301e", "elysee"),
        ("٣ صواريخ", "3 صواريخ"),
    ],
)
def test_letters_that_mean_the_same_become_the_same(written: str, folded: str) -> None:
    """Case, accents, Arabic and Persian variants, wide letters and digits are unified."""
    assert fold(written) == folded


def test_a_span_leads_back_through_vanished_marks() -> None:
    """What is found in the folded text is highlighted in the original one."""
    text = "قصف السَّفارة الأمريكية"
    normal = normalise(text)
    at = normal.text.index("السفاره")
    start, end = normal.span(at, at + len("السفاره"))
    assert text[start:end] == "السَّفارة"


@given(ANY_TEXT)
def test_every_span_of_any_text_is_a_slice_of_it(text: str) -> None:
    """Folding never fails, and its spans never leave the text nor run backwards."""
    normal = normalise(text)
    assert normal.text[0] == normal.text[-1] == " "
    for place in range(len(normal.text) - 1):
        start, end = normal.span(place, place + 1)
        assert 0 <= start <= end <= len(text)


@given(ANY_TEXT)
def test_each_kept_character_maps_to_itself(text: str) -> None:
    """A folded character stands where its original stood: folding one gives the other."""
    normal = normalise(text)
    for place, char in enumerate(normal.text[1:-1], 1):
        start, end = normal.span(place, place + 1)
        assert end == start + 1
        assert normalise(text[start:end]).text in {f" {char} ", "  "}


@pytest.mark.parametrize(
    ("text", "lang", "count"),
    [
        ("The U.S. Embassy in Baghdad was hit. Nobody was hurt.", "en", 2),
        ("Mr. Smith of the U.N. said 3.5 tons. He left.", "en", 2),
        ("Gen. J. R. Jones spoke. “It was close!” he said.", "en", 3),
        ("BAGHDAD (AP) -- Two men.\nPolice came", "en", 2),
        ("美国大使馆遭袭。警方说没有伤亡！调查继续。", "zh", 3),
        ("هل أصيب أحد؟ لا. قال المتحدث", "ar", 3),
        ("سفارت خانے پر حملہ۔ دو افراد زخمی۔", "ur", 2),
        ("दूतावास पर हमला। दो घायल।", "hi", 2),
        ("Am 3. Oktober brannte die Botschaft. Niemand starb.", "de", 2),
        ("В 2014 г. посольство закрыли. Охрану усилили.", "ru", 2),
        ("no stop at all", "en", 1),
        ("", "en", 0),
        ("...", "en", 0),
    ],
)
def test_sentences_of_many_scripts(text: str, lang: str, count: int) -> None:
    """Stops of every script end a sentence; abbreviations, initials and ordinals do not."""
    assert len(sentences(text, lang)) == count


@given(ANY_TEXT)
def test_sentences_are_exact_slices_in_order(text: str) -> None:
    """Every sentence is a slice of the text, none overlaps, and no letter is lost."""
    found = sentences(text)
    last = 0
    for sentence in found:
        assert sentence.text == text[sentence.start : sentence.end] != ""
        assert sentence.start >= last
        last = sentence.end
    letters = sum(char.isalnum() for char in text)
    assert sum(char.isalnum() for one in found for char in one.text) == letters


@settings(deadline=1000)
@given(st.integers(1, 50_000))
def test_a_text_of_stops_only_costs_little(count: int) -> None:
    """A wall of full stops is no sentence, and is looked at once."""
    assert sentences("." * count) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ROCKETS HIT US EMBASSY IN BAGHDAD", True),
        ("ВЗРЫВ У ПОСОЛЬСТВА США В КАБУЛЕ", True),
        ("Rockets hit US embassy", False),
        ("UN", False),
        ("美国大使馆遭袭", False),
        ("", False),
    ],
)
def test_a_shout_is_told_from_speech(text: str, *, expected: bool) -> None:
    """All capitals in a script that has them."""
    assert is_shouting(text) is expected
