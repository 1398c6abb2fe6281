"""Missions that a text speaks of: whose, where, of which kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.mission import Mission, MissionMention
from alerter.understand.mentions import mentions


def best(text: str, lang: str = "en") -> MissionMention:
    """The fullest mention of a text."""
    return mentions(text, lang)[0]


WHOSE_AND_WHERE = [
    ("en", "Rockets hit the US embassy in Baghdad", "US", "IQ", "Baghdad"),
    ("en", "Explosion near U.S. Embassy Doha", "US", "QA", "Doha"),
    ("en", "Gunmen storm Norway's embassy in the Afghan capital Kabul", "NO", "AF", "Kabul"),
    ("en", "The embassy of France in Niamey was attacked", "FR", "NE", "Niamey"),
    ("en", "In Tripoli, a bomb damaged the Moroccan embassy", "MA", "LY", "Tripoli"),
    ("en", "Libyan ambassador to Turkey wounded", "LY", "TR", None),
    ("en", "US to close Kyiv embassy", "US", "UA", "Kyiv"),
    ("en", "Sweden evacuates its embassy in Baghdad", "SE", "IQ", "Baghdad"),
    ("ar", "هجوم صاروخي على السفارة الأمريكية في بغداد", "US", "IQ", "Baghdad"),
    ("ar", "انفجار قرب سفارة إيطاليا بطرابلس", "IT", "LY", "Tripoli"),
    ("fr", "Attaque contre l'ambassade des États-Unis à Bagdad", "US", "IQ", "Baghdad"),
    ("fr", "L'ambassade américaine en Irak visée par des roquettes", "US", "IQ", None),
    ("es", "Bomba en la embajada de España en Kabul", "ES", "AF", "Kabul"),
    ("pt", "Ataque à embaixada da França em Bamako", "FR", "ML", "Bamako"),
    ("it", "Assalto all'ambasciata italiana a Tripoli", "IT", "LY", "Tripoli"),
    ("ru", "Взрыв у посольства США в Багдаде", "US", "IQ", "Baghdad"),
    ("ru", "Нападение на российское посольство в Кабуле", "RU", "AF", "Kabul"),
    ("uk", "Вибух біля посольства Польщі в Кабулі", "PL", "AF", "Kabul"),
    ("tr", "ABD'nin Bağdat Büyükelçiliği'ne roketli saldırı", "US", "IQ", "Baghdad"),
    ("tr", "Bağdat'taki ABD Büyükelçiliği yakınında patlama", "US", "IQ", "Baghdad"),
    ("fa", "حمله به سفارت ایران در بغداد", "IR", "IQ", "Baghdad"),
    ("ur", "کابل میں پاکستانی سفارت خانے پر فائرنگ", "PK", "AF", "Kabul"),
    ("hi", "काबुल में भारतीय दूतावास पर हमला", "IN", "AF", "Kabul"),
    ("id", "Ledakan di dekat Kedutaan Besar Australia di Kabul", "AU", "AF", "Kabul"),
    ("sw", "Shambulio dhidi ya ubalozi wa Marekani jijini Nairobi", "US", "KE", "Nairobi"),
    ("de", "Sprengsatz vor der US-Botschaft in Bagdad", "US", "IQ", "Baghdad"),
    ("nl", "Explosie bij Amerikaanse ambassade in Bagdad", "US", "IQ", "Baghdad"),
    ("pl", "Atak na ambasadę Francji w Bagdadzie", "FR", "IQ", "Baghdad"),
    ("sv", "Explosion vid USA:s ambassad i Oslo", "US", "NO", "Oslo"),
    ("he", 'פיצוץ סמוך לשגרירות ארה"ב בבגדד', "US", "IQ", "Baghdad"),
    ("zh", "美国驻伊拉克大使馆遭火箭弹袭击", "US", "IQ", None),
    ("ko", "이라크 주재 미국 대사관 피격", "US", "IQ", None),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text", "sending", "host", "city"), WHOSE_AND_WHERE)
def test_sending_and_host_stand_where_the_language_puts_them(
    lang: str, text: str, sending: str, host: str, city: str | None
) -> None:
    """Adjective before or genitive after, 'in' as word, particle, ending or postposition."""
    mention = best(text, lang)
    assert (mention.sending, mention.host, mention.city) == (sending, host, city)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the US consulate in Erbil", "consulate"),
        ("the British High Commission in Islamabad", "high_commission"),
        ("the French ambassador's residence in Tripoli", "residence"),
        ("the Iranian diplomat in Vienna", "staff"),
        ("UN peacekeepers in Lebanon", "un_mission"),
        ("the Dutch embassy in Kabul", "embassy"),
    ],
)
def test_the_kind_follows_the_word(text: str, kind: str) -> None:
    """Embassy, consulate, high commission, residence, people, UN."""
    assert best(text).kind == kind


def test_joined_states_are_several_missions() -> None:
    """'the US and British embassies in Baghdad' are two."""
    found = mentions("Mobs attacked the US and British embassies in Baghdad", "en")
    assert {(one.sending, one.host) for one in found} == {("US", "IQ"), ("GB", "IQ")}


def test_missions_of_unnamed_states_are_xx() -> None:
    """Foreign, Western, or simply several."""
    assert best("Foreign embassies in Seoul warn of protests").sending == "XX"
    assert best("Plot against Western diplomats in Sanaa foiled").sending == "XX"


def test_a_standing_mission_knows_its_host() -> None:
    """UNIFIL stands in Lebanon even where the text does not say so."""
    mention = best("UNIFIL patrol comes under fire")
    assert (mention.sending, mention.host) == ("UN", "LB")


def test_what_a_later_sentence_adds_belongs_to_the_same_mission() -> None:
    """The title says whose, the lead says where: one mention."""
    found = mentions("US embassy hit.\nThe embassy in Baghdad was hit by rockets.", "en")
    assert [(one.sending, one.host) for one in found] == [("US", "IQ")]


BAGHDAD = Mission(
    id="us-baghdad", name="Embassy of the United States, Baghdad", sending="US", host="IQ",
    city="Baghdad", aliases=("Union III compound", "مجمع الاتحاد"),
)  # fmt: skip
ERBIL = Mission(
    id="us-erbil", name="US Erbil", sending="US", host="IQ", kind="consulate", city="Erbil"
)


@pytest.mark.parametrize(
    ("text", "lang", "own"),
    [
        ("Rockets hit the US embassy in Baghdad", "en", "us-baghdad"),
        ("US consulate in Erbil closed", "en", "us-erbil"),
        ("The American embassy in Iraq is closed", "en", "us-baghdad"),
        ("Mortars hit Union III compound", "en", "us-baghdad"),
        ("قصف بمجمع الاتحاد الليلة", "ar", "us-baghdad"),
        ("美国驻伊拉克大使馆遭袭", "zh", "us-baghdad"),
    ],
)
def test_my_missions_are_recognised(text: str, lang: str, own: str) -> None:
    """By sending and host state and city, or by name or alias in any script."""
    assert own in {one.mission for one in mentions(text, lang, [BAGHDAD, ERBIL])}


@pytest.mark.parametrize(
    "text",
    [
        "UK embassy in Baghdad hit",
        "US embassy in Kabul hit",
        "US consulate in Basra hit",
        "Rally in Paris",
    ],
)
def test_other_missions_are_not_mine(text: str) -> None:
    """Another state's, another host's, another city's."""
    assert {one.mission for one in mentions(text, "en", [BAGHDAD, ERBIL])} <= {None}


LANGS = st.sampled_from(["en", "ar", "fr", "ru", "tr", "zh", "he", "hi", "ur", "sw", "ko", "xx"])
PARTS = st.lists(
    st.sampled_from(
        ["US", "embassy", "in", "Baghdad", "'s", "سفارة", "بغداد", "посольство", "США", "в", "使馆",
         "驻", "伊拉克", "UN", "its", "and", ",", ":", ".", "\n", "—", "the", "consulate", "مصر"]
    ),
    max_size=14,
)  # fmt: skip


@given(PARTS.map(" ".join) | st.text(max_size=120), LANGS)
def test_no_text_makes_it_fail(text: str, lang: str) -> None:
    """Any heap of words: a mention never says that a mission stands in its own state."""
    for mention in mentions(text, lang, [BAGHDAD]):
        assert mention.sending is None or mention.sending != mention.host or mention.mission
        assert mention.text in text
