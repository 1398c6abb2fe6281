"""Facts with who says them: numbers, claims, denials, in many languages."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.assessment import Fact
from alerter.understand.facts import extract_facts
from tests.builders import NOON


def facts(title: str, lang: str = "en", text: str = "") -> list[Fact]:
    """The facts of a text, published by 'paper'."""
    return list(extract_facts(title, text, lang, "paper", NOON))


def values(title: str, kind: str, lang: str = "en") -> list[str]:
    """The values of one kind."""
    return [fact.value for fact in facts(title, lang) if fact.kind == kind and not fact.denied]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Two guards were killed and five others wounded in the embassy attack", "en"),
        ("Attack on embassy leaves two dead, five injured", "en"),
        ("Deux gardes tués et cinq blessés dans l'attaque de l'ambassade", "fr"),
        ("Dos muertos y cinco heridos en un ataque a la embajada", "es"),
        ("Dois mortos e cinco feridos em ataque à embaixada", "pt"),
        ("Due morti e cinque feriti nell'attacco all'ambasciata", "it"),
        ("Zwei Tote und fünf Verletzte bei Anschlag auf Botschaft", "de"),
        ("При взрыве у посольства погибли двое, ранены пять человек", "ru"),
        ("Büyükelçiliğe saldırı: 2 ölü, 5 yaralı", "tr"),
        ("مقتل 2 وإصابة 5 في هجوم على السفارة", "ar"),
        ("Dua tewas dan lima luka dalam serangan di kedutaan", "id"),
        ("大使馆附近爆炸致2人死亡，五人受伤", "zh"),
    ],
)
def test_casualties_in_many_languages(text: str, lang: str) -> None:
    """Two killed, five injured."""
    assert values(text, "killed", lang) == ["2"]
    assert values(text, "injured", lang) == ["5"]


def test_who_says_it_is_kept() -> None:
    """Attribution travels with the value."""
    (fact,) = [
        f for f in facts("Two guards were killed at the embassy, police said") if f.kind == "killed"
    ]
    assert fact.source == "police, via paper"
    assert fact.said_at == NOON


def test_attackers_are_told_from_victims() -> None:
    """Two dead gunmen are not two dead guards."""
    assert values("Police killed two gunmen at the embassy", "killed") == ["2 attackers"]


def test_nobody_is_zero() -> None:
    """A reported absence is a value."""
    assert values("No one was hurt in the explosion near the embassy", "injured") == ["0"]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The embassy denies that anybody died in the bombing", "en"),
        ("Contrary to earlier reports, no one was killed in the attack", "en"),
        ("The ministry corrects its statement: nobody died in the embassy blast", "en"),
        ("السفارة البريطانية تنفي مقتل أي شخص في الانفجار", "ar"),
        ("Посольство опровергло сообщения о погибших при взрыве", "ru"),
        ("L'ambassade dément qu'il y ait des morts dans l'attaque", "fr"),
        ("L'ambassade dément la mort d'un garde dans l'attaque", "fr"),
        ("La embajada desmiente la muerte de un guardia en el ataque", "es"),
        ("Посольство опровергло сообщения о гибели охранника", "ru"),
        ("Büyükelçilik, saldırıda bir görevlinin öldüğü haberini yalanladı", "tr"),
        ("Reports of a death in the embassy attack were false, the spokesman said", "en"),
        ("An earlier report said a guard had been killed in the embassy attack", "en"),
        ("Guard at embassy wounded, not killed", "en"),
        ("Guard who was reported dead after the attack on the embassy is alive", "en"),
        ("Embassy guard hurt in the attack did not die, a doctor said", "en"),
    ],
)
def test_a_denied_death_is_a_denial(text: str, lang: str) -> None:
    """Denied, and never a number."""
    found = [fact for fact in facts(text, lang) if fact.kind == "killed"]
    assert [fact.denied for fact in found] == [True]


def test_a_denied_death_denies_no_injury() -> None:
    """Unless both are named in one breath."""

    def denied(title: str) -> set[str]:
        return {fact.kind for fact in facts(title) if fact.denied}

    assert denied("Police: embassy guard wounded, not killed") == {"killed"}
    assert values("Police: embassy guard wounded, not killed", "injured") == ["some"]
    both = "Embassy denies that anyone was killed or injured in the attack"
    assert denied(both) == {"killed", "injured"}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("British embassy denies report of bomb attack on its convoy", "en"),
        ("Ministry dismisses rumours of attack on French embassy as false", "en"),
        ("Reports of shooting at consulate untrue, mission says", "en"),
        ("السفارة تنفي أنباء عن هجوم على موكبها", "ar"),
        ("L'ambassade dément toute attaque contre son convoi", "fr"),
        ("Büyükelçilik saldırı iddialarını yalanladı", "tr"),
    ],
)
def test_a_denied_act_is_a_denial_of_the_event(text: str, lang: str) -> None:
    """Nothing happened, says somebody who should know."""
    assert ("denial", "the event") in [(fact.kind, fact.value) for fact in facts(text, lang)]


@pytest.mark.parametrize(
    "text",
    [
        "Embassy denies rumours that it will close the consulate",
        "Suspect in the consulate bombing is denied bail by the court, his lawyer said on Monday",
        "Army denied claims of a cease-fire while diplomats of many states waited for evacuation",
    ],
)
def test_other_denials_deny_no_event(text: str) -> None:
    """A closure, bail or a cease-fire that is denied leaves an attack as it was told."""
    assert not [fact for fact in facts(text) if fact.kind == "denial" or fact.denied]


def test_claims_and_denied_involvement() -> None:
    """Who claims it, and who says it was not them."""
    claimed = "A group calling itself Ashab al-Kahf claimed responsibility for the attack"
    assert values(claimed, "claim") == ["Ashab al-Kahf"]
    assert facts("No group has claimed responsibility for the attack") == []
    (denied,) = [
        f for f in facts("Iran denies involvement in attack on embassy") if f.kind == "claim"
    ]
    assert denied.denied
    told = facts("Militia denies role in embassy attack that killed two")
    assert [(f.value, f.denied) for f in told if f.kind == "killed"] == [("2", False)]


@pytest.mark.parametrize(
    "text",
    [
        "Terrorists threatened to kill the ambassador",
        "A drone strike killed General Soleimani in January; the embassy is on alert",
        "Protest at the embassy over the war that killed 400 people",
        "Five rockets hit the embassy; three were intercepted",
        "Officials fear that two diplomats could be killed",
    ],
)
def test_what_did_not_happen_here_is_no_casualty(text: str) -> None:
    """Threats, wars elsewhere, old attacks and counts of rockets."""
    assert values(text, "killed") == []


def test_weapon_target_place_and_time_of_day() -> None:
    """What an officer asks next."""
    found = {
        fact.kind: fact.value
        for fact in facts(
            "A roadside bomb hit a British embassy vehicle in the Karrada district at 9:40 am"
        )
    }
    assert found["weapon"] == "roadside bomb"
    assert found["target"] == "British embassy vehicle"
    assert found["place"] == "Karrada district"
    assert found["time"] == "9:40 am"


@given(st.text(max_size=300), st.text(max_size=600))
def test_no_text_raises(title: str, text: str) -> None:
    """Foreign bytes are read to the end, and no value is empty."""
    assert all(fact.value for fact in extract_facts(title, text, None, "paper", NOON))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("أصابت الصواريخ منزلا في الكرادة قرب السفارة", "ar"),
        ("صاروخ أصاب السفارة الأمريكية", "ar"),
        ("إصابة مبنى قرب السفارة بصاروخ", "ar"),
        ("أصيبت سيارة تابعة للسفارة بأضرار", "ar"),
        ("قذيفة تصيب محيط القنصلية", "ar"),
        ("اصابت موشک به ساختمان سفارت", "fa"),
        ("При взрыве пострадало здание посольства", "ru"),
        ("Drohne über der Botschaft: Luftraum verletzt", "de"),
        ("Cohetes alcanzan una casa junto a la embajada", "es"),
        ("Büyükelçiliğe isabet eden roket bir binaya zarar verdi, patlama oldu", "tr"),
        ("Saldırının büyükelçiliğe yönelik olduğu açıklandı", "tr"),
        ("The embassy was attacked on Tuesday with rockets and mortars", "en"),
        ("Gunmen set a deadline at the US consulate in Matamoros", "en"),
        ("Lukashenko speaks of the attack on the embassy", "en"),
    ],
)
def test_a_house_that_is_hit_is_nobody_injured(text: str, lang: str) -> None:
    """Words that mean both, and words that only begin like harm, count no casualty."""
    assert not [f for f in facts(text, lang) if f.kind in ("killed", "injured") and f.value != "0"]


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("أصابت شظايا الصاروخ حارسا عند السفارة", "ar", "some"),
        ("إصابة ثلاثة أشخاص في هجوم على السفارة", "ar", "3"),
        ("إصابة موظف أممي بانفجار عبوة ناسفة", "ar", "some"),
        ("أصيب جنديان بجروح في قصف السفارة", "ar", "some"),
        ("При атаке на посольство пострадали три человека", "ru", "3"),
        ("Bei dem Angriff auf die Botschaft wurden drei Wachleute verletzt", "de", "3"),
        ("Two embassy guards were injured in the attack", "en", "2"),
    ],
)
def test_people_who_are_hit_are_injured(text: str, lang: str, value: str) -> None:
    """The same words about people still count them."""
    assert values(text, "injured", lang) == [value]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Saldırıda ölen ya da yaralanan olmadı, büyükelçilik açıkladı", "tr"),
        ("حمله به سفارت کشته یا زخمی نداشت", "fa"),
        ("سفارت خانے پر حملے میں کوئی زخمی نہیں", "ur"),
    ],
)
def test_nobody_is_zero_where_the_verb_comes_last(text: str, lang: str) -> None:
    """A negation at the end of the sentence holds for the harm before it."""
    told = values(text, "killed", lang) + values(text, "injured", lang)
    assert set(told) == {"0"}


def test_negotiations_deny_nothing() -> None:
    """'Negotiate' begins like a Spanish denial, 'negara' is an Indonesian state."""
    assert not [f for f in facts("Two killed at embassy as negotiations go on") if f.denied]
    title = "Dua tewas dalam serangan di kedutaan negara itu"
    assert not [f for f in facts(title, "id") if f.denied]


def test_no_day_or_month_is_a_casualty() -> None:
    """Weekdays, months and numbers in any language begin with no word of harm."""
    table = files("alerter.understand").joinpath("data/when.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(table)
    words = [w for kind in ("weekdays", "days", "months") for ws in raw[kind].values() for w in ws]
    for word in words:
        told = facts(f"Attack on the embassy {word}", "en")
        assert not [f for f in told if f.kind in ("killed", "injured", "taken")], word


def test_an_announced_day_counts_from_the_day_of_the_host_state() -> None:
    """Late on Thursday in UTC it is Friday in Pakistan, and 'tomorrow' is Saturday."""
    late = datetime(2020, 9, 24, 23, 0, tzinfo=UTC)
    title = "A march is planned for tomorrow at the embassy"
    (ahead,) = extract_facts(title, "", "en", "paper", late, host="PK")
    assert (ahead.kind, ahead.value) == ("date_ahead", "2020-09-26")
