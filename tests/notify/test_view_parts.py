"""Parts of the view that every receiver shows in its own way."""

from __future__ import annotations

import pytest

from alerter.notify.view_parts import place_of


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ({"text": "Karrada", "city": "Baghdad", "country": "IQ"}, "Karrada, Baghdad, Iraq"),
        ({"text": "US embassy Baghdad", "city": "Baghdad", "country": "IQ"},
         "US embassy Baghdad, Iraq"),
        ({"text": "Baghdad", "city": "Baghdad", "country": "IQ"}, "Baghdad, Iraq"),
        ({"country": "IQ"}, "Iraq"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_place_is_told_from_small_to_large_and_no_name_twice(
    place: dict[str, str], shown: str
) -> None:
    """Nobody reads 'Baghdad, Baghdad' in the line that wakes him."""
    assert place_of({"place": place}) == shown
