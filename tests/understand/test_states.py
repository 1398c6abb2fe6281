"""Host and sending state of the main event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerter.understand.mentions import mentions
from alerter.understand.places import places
from alerter.understand.states import host_and_sending


def judged(title: str, summary: str = "", lang: str = "en") -> tuple[str | None, tuple[str, ...]]:
    """Host and sending of an item."""
    text = "\n".join(part for part in (title, summary) if part)
    return host_and_sending(title, text, lang, mentions(text, lang), places(text, lang))


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        ("Rockets hit US embassy in Baghdad", "", ("IQ", ("US",))),
        ("Baghdad: rockets land near US embassy", "", ("IQ", ("US",))),
        ("Niger coup: UK reduces staff at embassy", "", ("NE", ("GB",))),
        ("Sweden Quran burning: Protesters storm embassy in Baghdad", "", ("IQ", ("SE",))),
        ("Havana syndrome: Berlin police probe cases at US embassy", "", ("DE", ("US",))),
        ("Israel withdraws its ambassador to Jordan", "", ("JO", ("IL",))),
        ("A Rwandan UN peacekeeper was killed in Bangui", "", ("CF", ("UN",))),
        (
            "Explosion heard near embassy",
            "The blast hit the Danish embassy in Islamabad.",
            ("PK", ("DK",)),
        ),
        (
            "British embassy in Tripoli attacked",
            "London will expel the Libyan ambassador to Britain.",
            ("LY", ("GB",)),
        ),
        ("Mobs attack the French and Turkish embassies in Damascus", "", ("SY", ("FR", "TR"))),
        ("Western embassies in Yemen on high alert", "", ("YE", ("XX",))),
        ("UN staff abducted in Darfur", "", ("SD", ("UN",))),
        ("Weather will be fine", "", (None, ())),
        ("US prepares troops for Sudan embassy evacuation", "", ("SD", ("US",))),
        ("Bomb at Kenya embassy", "It hit the US embassy in Kenya at dawn.", ("KE", ("US",))),
        ("Chad's army says evacuations of diplomats will begin", "", ("TD", ("XX",))),
        ("Countries evacuate embassy staff from Sudan", "", ("SD", ("XX",))),
        (
            "Chad to help evacuate diplomats from France, Italy and Spain",
            "",
            ("TD", ("FR", "IT", "ES")),
        ),
        ("UN peacekeepers from Ghana killed in an ambush in Mali", "", ("ML", ("UN",))),
        ("In Haiti the killing of nine Nepalese UN peacekeepers", "", ("HT", ("UN",))),
        (
            "Gunmen threaten Danish embassy in Tunis",
            "They named the Danish, Dutch and Belgian embassies.",
            ("TN", ("DK", "NL", "BE")),
        ),
        (
            "Clerk of the Danish consulate held over remarks on the war in Syria",
            "He was seized in Almaty, Kazakhstan.",
            ("KZ", ("DK",)),
        ),
    ],
)
def test_whose_and_where_of_the_main_event(
    title: str, summary: str, expected: tuple[str | None, tuple[str, ...]]
) -> None:
    """The title decides; a verdict over others, a background or an opinion does not."""
    assert judged(title, summary) == expected


@pytest.mark.parametrize(
    ("title", "lang", "expected"),
    [
        ("Selanik Başkonsolosluğu bahçesinde bomba bulundu", "tr", ("GR", ("TR",))),
        ("Protest pod ambasadą Rosji", "pl", ("PL", ("RU",))),
        ("Пожар в посольстве США", "ru", ("RU", ("US",))),
        ("Divaniye'de ABD konsolosluğu konvoyuna saldırı", "tr", ("IQ", ("US",))),
        ("Karabey'de ABD konsolosluğu konvoyuna saldırı", "tr", (None, ("US",))),
        ("Ciad nel caos, la Francia riduce il personale dell'ambasciata", "it", ("TD", ("FR",))),
    ],
)
def test_a_newspaper_leaves_its_own_state_unsaid(
    title: str, lang: str, expected: tuple[str | None, tuple[str, ...]]
) -> None:
    """In a language of one state 'the consulate in Salonika' is ours, 'the US embassy' is here."""
    assert judged(title, lang=lang) == expected


@settings(deadline=None)  # the first text of a language loads its words
@given(st.text(max_size=120), st.text(max_size=120), st.sampled_from(["en", "ar", "tr", "zh"]))
def test_no_text_makes_it_fail(title: str, summary: str, lang: str) -> None:
    """Codes are two letters, whatever the text."""
    host, sending = judged(title, summary, lang)
    assert host is None or len(host) == 2
    assert all(len(code) == 2 for code in sending)
