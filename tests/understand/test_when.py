"""When the new fact happened, whatever the language; background is not it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.understand.when import date_ahead, event_time

YEAR_1990 = datetime(1990, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
YEAR_2090 = datetime(2090, 1, 1)  # noqa: DTZ001
TUESDAY = datetime(2020, 9, 15, 18, 0, tzinfo=UTC)


def day(text: str, lang: str = "en") -> str | None:
    """The day that `event_time` answers with, as MM-DD."""
    found = event_time(text, lang, TUESDAY)
    return None if found is None else f"{found:%m-%d}"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Rockets hit the US embassy on Monday", "en"),
        ("The embassy said on Tuesday that rockets hit it on Monday night", "en"),
        ("Gunmen attacked the consulate yesterday", "en"),
        ("Two rockets landed on 14 September 2020", "en"),
        ("On Sept. 14, rockets hit the compound", "en"),
        ("Explosión el lunes en la embajada", "es"),
        ("Des roquettes ont visé l'ambassade lundi", "fr"),
        ("Anschlag auf Botschaft am Montag", "de"),
        ("L'ambasciata colpita lunedì da due razzi", "it"),
        ("Ataque à embaixada na segunda-feira", "pt"),
        ("W poniedziałek ostrzelano ambasadę", "pl"),
        ("В понедельник обстреляли посольство", "ru"),
        ("Pazartesi günü büyükelçiliğe saldırı", "tr"),
        ("انفجار قرب السفارة أمس الاثنين", "ar"),
        ("دوشنبه شب حمله به سفارت", "fa"),
        ("سفارت خانے پر پیر کو حملہ", "ur"),
        ("Serangan ke kedutaan pada Senin", "id"),
        ("周一大使馆遭火箭弹袭击", "zh"),
    ],
)
def test_the_day_before_is_understood(text: str, lang: str) -> None:
    """Published on a Tuesday, told of the Monday before."""
    assert day(text, lang) == "09-14"


def test_blame_for_a_day_is_no_announcement() -> None:
    """'For Monday's attack' looks back, 'for Friday' looks ahead."""
    assert day("Group claims responsibility for Monday's attack on the embassy") == "09-14"


def test_background_paragraphs_are_not_the_event() -> None:
    """Earlier attacks are told in every article."""
    assert (
        day("The compound was hit in January and last month. A bomb went off on Sunday.") == "09-13"
    )
    assert day("It is the first attack since last year.") is None
    assert day("Attacks have risen since Monday") is None


def test_what_is_announced_has_not_happened() -> None:
    """A day ahead is no event time."""
    text = "Protest called for Friday at the French embassy"
    assert day(text) is None
    assert date_ahead(text, "en", TUESDAY) == datetime(2020, 9, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("Demonstrators will march to the consulate on 20 September", "en", "09-20"),
        ("Une manifestation est prévue vendredi devant l'ambassade", "fr", "09-18"),
        ("دعوات لمظاهرة يوم الجمعة المقبل أمام السفارة", "ar", "09-18"),
        ("A march is planned for tomorrow", "en", "09-16"),
        ("Party calls protest outside the French embassy for Friday", "en", "09-18"),
        ("Un parti appelle à manifester vendredi devant l'ambassade", "fr", "09-18"),
        ("Kundgebung vor der Botschaft für Freitag angekündigt", "de", "09-18"),
    ],
)
def test_announced_days(text: str, lang: str, expected: str) -> None:
    """A weekday ahead is the next one."""
    found = date_ahead(text, lang, TUESDAY)
    assert found is not None
    assert f"{found:%m-%d}" == expected


def test_without_a_date_of_publication_only_full_dates_count() -> None:
    """An unknown date is unknown, not now."""
    assert event_time("Rockets hit the embassy on Monday", "en", None) is None
    found = event_time("Rockets hit the embassy on 14 September 2020", "en", None)
    assert found is not None
    assert f"{found:%Y-%m-%d}" == "2020-09-14"


@pytest.mark.parametrize(
    ("text", "published", "host", "expected"),
    [
        # 02:20 on Wednesday in Baghdad, 18:20 on Tuesday in Washington.
        ("Rockets fell short of the embassy early on Wednesday", "09-22 23:20", "IQ", "09-22"),
        ("سقطت صواريخ فجر الأربعاء قرب السفارة", "09-22 23:20", "IQ", "09-22"),
        ("Shots were fired at the consulate this morning", "09-22 23:20", "IQ", "09-22"),
        ("Rockets hit the embassy on Wednesday", "09-22 23:20", "US", "09-16"),
        ("A bomb went off at the embassy on Wednesday", "09-22 16:30", "ID", "09-22"),
        ("A bomb went off at the embassy on Tuesday", "09-22 23:20", "IQ", "09-22"),
        ("A bomb went off at the embassy yesterday", "09-22 23:20", "IQ", "09-22"),
        ("Gunmen attacked the embassy three hours ago, 3 hours ago", "09-22 23:20", "IQ", "09-22"),
        # Tuesday evening in Mexico, where it is Wednesday in UTC.
        ("Gunmen fired at the consulate tonight", "09-23 02:00", "MX", "09-22"),
        ("Gunmen fired at the consulate on Tuesday", "09-23 02:00", "MX", "09-22"),
        # Nobody says where: the day has begun somewhere.
        ("Rockets fell near the embassy early on Wednesday", "09-22 23:20", None, "09-22"),
        ("Rockets fell near the embassy on Thursday", "09-22 12:20", None, "09-17"),
    ],
)
def test_a_weekday_is_that_of_the_place_where_it_happens(
    text: str, published: str, host: str | None, expected: str
) -> None:
    """What is Tuesday night in UTC is Wednesday morning in Baghdad, and not a week ago."""
    moment = datetime.strptime(f"2020-{published}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    found = event_time(text, "en", moment, host)
    assert found is not None
    assert f"{found:%m-%d}" == expected


def test_what_is_announced_counts_from_the_local_day() -> None:
    """A march on Friday, told when it is Friday already where it will be."""
    thursday = datetime(2020, 9, 24, 23, 0, tzinfo=UTC)
    found = date_ahead("A march is planned for Friday at the embassy", "en", thursday, "PK")
    assert found == datetime(2020, 9, 25, 12, 0, tzinfo=UTC)
    found = date_ahead("A march is planned for tomorrow at the embassy", "en", thursday, "PK")
    assert found == datetime(2020, 9, 26, 12, 0, tzinfo=UTC)


@given(
    st.text(max_size=300),
    st.none() | st.sampled_from(["en", "ar", "zh", "de"]),
    st.none() | st.datetimes(timezones=st.just(UTC), min_value=YEAR_1990, max_value=YEAR_2090),
)
def test_no_text_raises_and_no_event_lies_ahead(
    text: str, lang: str | None, published: datetime | None
) -> None:
    """Foreign bytes are read to the end."""
    found = event_time(text, lang, published)
    if found is not None and published is not None:
        assert found <= published
    ahead = date_ahead(text, lang, published)
    if ahead is not None and published is not None:
        assert ahead > published - timedelta(days=1)
