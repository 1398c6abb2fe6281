"""Which language a text is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.understand.language import base, detect, script

HEADLINES = {
    "en": "Gunmen opened fire on the guards at the embassy gate, officials said",
    "ar": "مسلحون يطلقون النار على حراس السفارة في العاصمة",
    "fa": "افراد مسلح به سوی نگهبانان سفارت تیراندازی کردند و گریختند",
    "ur": "مسلح افراد نے سفارت خانے کے محافظوں پر فائرنگ کر دی اور فرار ہو گئے",
    "ku": "چەکدارەکان تەقەیان لە پاسەوانانی باڵیۆزخانە کرد و هەڵاتن",
    "fr": "Des hommes armés ont ouvert le feu sur les gardes de l'ambassade",
    "es": "Hombres armados abrieron fuego contra los guardias de la embajada",
    "ru": "Вооружённые люди открыли огонь по охране посольства и скрылись",
    "uk": "Озброєні люди відкрили вогонь по охороні посольства і втекли",
    "tr": "Silahlı kişiler büyükelçilik korumalarına ateş açarak kaçtı",
    "pt": "Homens armados abriram fogo contra os guardas da embaixada e fugiram",
    "id": "Orang bersenjata menembaki penjaga kedutaan lalu melarikan diri",
    "zh": "武装分子向大使馆警卫开枪后逃离现场",
    "ja": "武装集団が大使館の警備員に発砲し逃走した",
    "ko": "무장 괴한들이 대사관 경비원에게 총을 쏘고 달아났다",
    "de": "Bewaffnete eröffneten das Feuer auf die Wachen der Botschaft und flohen",
    "it": "Uomini armati hanno aperto il fuoco contro le guardie dell'ambasciata",
    "pl": "Uzbrojeni mężczyźni otworzyli ogień do strażników ambasady i uciekli",
    "he": "חמושים פתחו באש לעבר מאבטחי השגרירות ונמלטו",
    "hi": "हथियारबंद लोगों ने दूतावास के गार्डों पर गोलीबारी की और भाग गए",
    "sw": "Watu wenye silaha wamewafyatulia risasi walinzi wa ubalozi na kutoroka",
    "nl": "Gewapende mannen openden het vuur op de bewakers van de ambassade",
    "sv": "Beväpnade män öppnade eld mot vakterna vid ambassaden och flydde",
}


@pytest.mark.parametrize("lang", HEADLINES)
def test_a_headline_tells_its_language(lang: str) -> None:
    """One headline is enough, without what the feed declares and with it."""
    assert detect(HEADLINES[lang]) == lang
    assert detect(HEADLINES[lang], lang) == lang


def test_a_wrong_hint_does_not_win_against_a_clear_text() -> None:
    """A feed that declares English and writes Arabic or German is read as what it writes."""
    assert detect(HEADLINES["ar"], "en") == "ar"
    assert detect(HEADLINES["de"], "en") == "de"


def test_a_hint_decides_where_the_text_does_not() -> None:
    """A name or a number has no language; the feed has."""
    assert detect("Baghdad 2020", "fr") == "fr"
    assert detect("123", "tr") == "tr"
    assert detect("") == "en"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-Hans", "zh"),
        ("nb_NO", "no"),
        ("ms", "id"),
        ("EN", "en"),
        ("ckb", "ku"),
        ("", None),
        ("x!", None),
    ],
)
def test_tags_are_brought_to_one_code(tag: str, code: str | None) -> None:
    """Regions, scripts and near-identical languages fall together."""
    assert base(tag) == code


@given(st.text(max_size=200), st.none() | st.text(max_size=8))
def test_any_text_and_any_hint_give_a_code(text: str, hint: str | None) -> None:
    """Nothing that a feed sends makes the detection fail."""
    assert detect(text, hint)
    assert script(text)
