"""States and cities by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.understand.gazetteer import Name, shipped
from alerter.understand.text import normalise


def found(text: str, lang: str = "en") -> list[Name]:
    """The names in a text."""
    return shipped().find(normalise(text), lang)


def named(text: str, lang: str = "en") -> list[tuple[str, str | None]]:
    """State and city of each name, in order."""
    return [(name.code, name.city.name if name.city else None) for name in found(text, lang)]


STATES = [
    ("en", "British diplomats", "GB"), ("en", "the U.S. Army", "US"), ("en", "Dutch consul", "NL"),
    ("en", "South Korean", "KR"), ("en", "Nigerien", "NE"), ("en", "Nigerian", "NG"),
    ("ar", "البريطانية", "GB"), ("ar", "والأمريكيين", "US"), ("ar", "للعراق", "IQ"),
    ("ru", "британского", "GB"), ("ru", "США", "US"), ("uk", "німецьке", "DE"),
    ("tr", "İngiltere'nin", "GB"), ("tr", "ABD'nin", "US"), ("zh", "英国", "GB"),
    ("fa", "بریتانیا", "GB"), ("fa", "آمریکایی", "US"), ("ur", "برطانوی", "GB"),
    ("fr", "États-Unis", "US"), ("es", "estadounidense", "US"), ("pt", "norte-americana", "US"),
    ("it", "statunitense", "US"), ("de", "US-amerikanischen", "US"), ("pl", "brytyjskiego", "GB"),
    ("id", "Kedubes AS", "US"), ("sw", "Marekani", "US"), ("hi", "अमेरिकी", "US"),
    ("he", "הבריטית", "GB"), ("ja", "米国", "US"), ("ko", "미국", "US"), ("nl", "Duitse", "DE"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text", "code"), STATES)
def test_states_by_name_adjective_and_short_form(lang: str, text: str, code: str) -> None:
    """Names, adjectives, people and short forms, inflected as the language inflects them."""
    assert (code, None) in named(text, lang)


CITIES = [
    ("en", "in Baghdad", "IQ", "Baghdad"), ("ar", "ببغداد", "IQ", "Baghdad"),
    ("ru", "в Багдаде", "IQ", "Baghdad"), ("tr", "Bağdat'ta", "IQ", "Baghdad"),
    ("zh", "在巴格达", "IQ", "Baghdad"), ("fa", "در بغداد", "IQ", "Baghdad"),
    ("ur", "بغداد میں", "IQ", "Baghdad"), ("fr", "à Bagdad", "IQ", "Baghdad"),
    ("pl", "w Bagdadzie", "IQ", "Baghdad"), ("de", "in Bagdad", "IQ", "Baghdad"),
    ("hi", "बगदाद में", "IQ", "Baghdad"), ("he", "בבגדד", "IQ", "Baghdad"),
    ("pl", "w Warszawie", "PL", "Warsaw"), ("uk", "у Києві", "UA", "Kyiv"),
    ("en", "the Green Zone", "IQ", "Baghdad"), ("en", "Mexico City", "MX", "Mexico City"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text", "code", "city"), CITIES)
def test_cities_in_many_scripts_and_cases(lang: str, text: str, code: str, city: str) -> None:
    """Capitals are known in the languages we read, with their endings and particles."""
    assert (code, city) in named(text, lang)


def test_a_namesake_is_told_by_the_state_beside_it() -> None:
    """Tripoli is Libya's capital, unless Lebanon is spoken of."""
    assert named("clashes in Tripoli")[-1] == ("LY", "Tripoli")
    assert named("Lebanon: clashes in Tripoli")[-1][0] == "LB"


@pytest.mark.parametrize(
    "text",
    [
        "It is Nice to be Reading about a Split",
        "Nelson and Wayne told George Washington jokes",
        "A turkey on the china plate, polish it",
        "the long march to the house of cards",
        "Latin America and South America",
    ],
)
def test_ordinary_words_and_given_names_are_no_places(text: str) -> None:
    """What is a word, a given name or a continent is no evidence of a place."""
    allowed = {("US", "Washington")}
    assert set(named(text)) <= allowed


def test_a_lesser_town_needs_a_word_that_says_place() -> None:
    """'in Beni' is a town, 'Beni said' a person."""
    assert named("attack in Beni") == [("CD", "Beni")]
    assert named("the minister thanked Beni warmly") == []


def test_cities_have_coordinates() -> None:
    """Baghdad lies where it lies."""
    city = shipped().city("Baghdad", "IQ")
    assert city is not None
    assert (round(city.lat), round(city.lon)) == (33, 44)
    assert city.capital
    assert shipped().city("Baghdad", "FR") is None


@given(
    st.text(max_size=200), st.sampled_from(["en", "ar", "ru", "zh", "he", "hi", "pl", "tr", "xx"])
)
def test_no_text_makes_it_fail_and_every_name_is_a_slice(text: str, lang: str) -> None:
    """What comes from a feed is foreign."""
    last = 0
    for name in found(text, lang):
        assert text[name.start : name.end] == name.surface
        assert name.start >= last
        last = name.end
