"""Places with coordinates, likeliest first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerter.understand.places import places


def test_the_place_of_the_event_comes_first() -> None:
    """The city with 'in' before it beats the state that only has an opinion."""
    found = places("France condemns the attack. Rockets hit the US embassy in Baghdad, Iraq.", "en")
    assert (found[0].city, found[0].country) == ("Baghdad", "IQ")
    assert found[0].lat is not None
    assert found[0].lon is not None
    assert "FR" in {place.country for place in found}


def test_the_adjective_of_an_attacker_is_no_place_of_the_event() -> None:
    """'Israeli airstrikes on Gaza' happen in Gaza."""
    found = places("Israeli airstrikes hit a UN school in Gaza City", "en")
    assert found[0].country == "PS"


def test_a_place_named_twice_stands_once() -> None:
    """One city in two spellings is one place."""
    found = places("Kiev is calm. In Kyiv sirens sounded.", "en")
    assert [place.city for place in found] == ["Kyiv"]


def test_bodies_are_no_places() -> None:
    """The UN and the EU are senders, they lie nowhere."""
    assert places("UN and EU staff", "en") == ()


@given(st.text(max_size=200), st.sampled_from(["en", "ar", "zh", "ru"]))
def test_no_text_makes_it_fail(text: str, lang: str) -> None:
    """Coordinates are degrees, the text is a slice."""
    for place in places(text, lang):
        assert place.text in text
        assert place.lat is None or -90 <= place.lat <= 90
