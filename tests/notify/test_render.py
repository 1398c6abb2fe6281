"""Templates: escaped, sandboxed, checked, and never the reason for a lost alert."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerter.domain.assessment import ANY
from alerter.domain.errors import TemplateError
from alerter.domain.scales import Reason
from alerter.notify import digest
from alerter.notify.chart import pictures
from alerter.notify.message import Message
from alerter.notify.moment import moment
from alerter.notify.render import compose, plain_text, values_of
from alerter.notify.samples import NOW, sample_messages
from alerter.notify.sms import sms
from alerter.notify.templates import TEMPLATES, Templates
from alerter.notify.view import AlertView, view
from alerter.notify.view_parts import DETAILS

DOCS = Path(__file__).parents[2] / "docs" / "templates.md"


def a_message(name: str = "alert", **given: Any) -> Message:
    return replace(sample_messages()[name], **given)


def told(message: Message, **about: Any) -> Message:
    """The message with some of its incident replaced."""
    incident = {**message.payload["incident"], **about}
    return replace(message, payload={**message.payload, "incident": incident})


def body_of(
    message: Message, name: str = "email.txt.j2", templates: Templates | None = None
) -> str:
    """The body of one template."""
    return (templates or Templates()).blocks(name, ("body",), values_of(message))["body"]


# What a reader is told.


def test_an_alert_says_what_where_when_how_sure_and_why() -> None:
    """Everything that an officer asks, on one page, in plain text."""
    text = body_of(a_message())
    for part in (
        "SEVERE - First report - incident #214",
        "Bombing, vehicle or convoy (has happened)",
        "Norwegian embassy, Baghdad",
        "Jihad interchange, Baghdad, Iraq (within 2 km)",
        "8.3 km W of Embassy of Norway, Baghdad",
        "12 May 2026, 07:03 UTC (10:03 Baghdad time, UTC+3), 38 min ago",
        "Likely (more likely than not); 96\u00a0% that this is a threat",
        "2 independent of 3",
        "[B] Tigris Daily: Bomb hits embassy car on airport road, two hurt",
        "https://news.example/s1?a=1&b=2",
        "A vehicle of a mission was hit: Severe.",
        'route "baghdad"',
        "https://alerter.example.org/incidents/inc-7f3c",
        "inc-7f3c:3:duty-mail:first_report",
    ):
        assert part in text


def test_values_that_differ_stand_side_by_side_with_who_says_so() -> None:
    """Nobody is made to believe the first number."""
    text = body_of(a_message())
    assert "Injured (reports differ)" in text
    assert "2 - Tigris Daily" in text
    assert "none - Radio Rafidain" in text
    assert "1 - Gulf Wire Copy, 12 May 2026, 07:35 UTC - DENIED" in text


def test_a_toll_that_is_denied_altogether_is_told_in_words() -> None:
    """'any' is our own mark for it, and means nothing to a reader."""
    denial = {"kind": "killed", "value": ANY, "source": "Gulf Wire", "denied": True}
    message = told(a_message(), facts=[denial])
    assert "anybody - Gulf Wire" in body_of(message)
    assert "Killed: anybody (Gulf Wire, denied)" in plain_text(view(message), "")


@pytest.mark.parametrize("name", ["console.j2", "telegram.j2", "mattermost.j2", "email.txt.j2"])
@pytest.mark.parametrize(("kind", "mark"), [("drill", "DRILL"), ("test", "TEST")])
def test_drills_and_tests_are_marked_beyond_doubt(name: str, kind: str, mark: str) -> None:
    """At the top, in capitals, and with a sentence."""
    text = body_of(a_message(kind), name)
    assert mark in text[:120]
    assert "Nothing has happened" in text


def test_a_drill_about_an_incident_is_marked_too() -> None:
    """A drill may carry the text of an attack: the mark is what matters."""
    shown = view(a_message(drill=True))
    assert shown.mark == "DRILL"
    assert "DRILL" in plain_text(shown)


def test_a_summary_lists_its_incidents_once() -> None:
    """The lines of the notice say the same and are left out."""
    message = told(a_message("summary"), lines=["#214 Roadside bomb"])
    text = body_of(message)
    assert text.count("Roadside bomb") == 1
    assert view(message).reason_label == "Summary"


@pytest.mark.parametrize(
    ("km", "bearing", "text"),
    [
        (0.0, "N", "at Embassy"),
        (4.24, "NE", "4.2 km NE of Embassy"),
        (4.24, None, "4.2 km from Embassy"),
        (112.0, "S", "112.0 km S of Embassy"),
    ],
)
def test_distances_read_like_directions(km: float, bearing: str | None, text: str) -> None:
    """As one says it over the radio."""
    row = {"mission": "m", "name": "Embassy", "km": km, "bearing": bearing}
    assert view(told(a_message(), distances=[row])).distances[0].text == text


@pytest.mark.parametrize(
    ("km", "text"),
    [
        (4.24, "somewhere in Baghdad, where Embassy is"),
        (352.4, "Baghdad is 352 km N of Embassy"),
    ],
)
def test_a_place_known_by_its_city_gives_no_false_distance(km: float, text: str) -> None:
    """The middle of a city is not where it happened."""
    row = {"mission": "m", "name": "Embassy", "km": km, "bearing": "N"}
    place = {"country": "IQ", "city": "Baghdad", "lat": 33.3, "lon": 44.4, "radius_km": 12.0}
    message = told(a_message(), distances=[row], place=place)
    assert view(message).distances[0].text == text


@pytest.mark.parametrize(
    ("probability", "shown"), [(1.0, "99"), (0.0, "1"), (0.964, "96"), (None, ""), ("x", "")]
)
def test_a_probability_is_never_certain(probability: object, shown: str) -> None:
    """Nothing read in the news is."""
    assert view(told(a_message(), probability=probability)).probability.rstrip("\u00a0%") == shown


@pytest.mark.parametrize(
    ("when", "zone", "text"),
    [
        (
            "2026-05-12T07:03:00Z",
            "Asia/Baghdad",
            "12 May 2026, 07:03 UTC (10:03 Baghdad time, UTC+3)",
        ),
        (
            "2026-05-11T22:30:00Z",
            "Asia/Kabul",
            "11 May 2026, 22:30 UTC (12 May 2026, 03:00 Kabul time, UTC+4:30)",
        ),
        ("2026-01-01T12:00:00+01:00", "UTC", "1 Jan 2026, 11:00 UTC"),
        (
            "2026-01-01T03:00:00Z",
            "America/New_York",
            "1 Jan 2026, 03:00 UTC (31 Dec 2025, 22:00 New York time, UTC-5)",
        ),
    ],
)
def test_times_are_in_utc_and_in_the_time_of_the_place(when: str, zone: str, text: str) -> None:
    """With the day where it is another one there."""
    found = moment(when, ZoneInfo(zone), NOW)
    assert found is not None
    assert found.text == text


@pytest.mark.parametrize("value", [None, "", "yesterday", 7, "9999-99-99"])
def test_an_unknown_time_is_unknown(value: object) -> None:
    """Never now."""
    assert moment(value, ZoneInfo("UTC"), NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "km", "name", "url", "kind", "value", "title", "lat", "country"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KEYS = (*sample_messages()["alert"].payload["incident"], "incidents")


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=12), st.sampled_from(DETAILS))
def test_no_payload_can_break_what_is_built_on_it(about: dict[str, Any], detail: Any) -> None:
    """A view, pictures and every template come of any JSON whatever."""
    message = told(a_message(), **about)
    values = values_of(replace(message, payload={**message.payload, **about}), detail)
    pictures(message)
    for name, spec in TEMPLATES.items():
        if not spec.digest:
            Templates().blocks(name, spec.blocks, {**values, "pictures": {}})


# Templates of the operator.


def test_a_template_is_replaced_alone_and_may_build_on_ours(tmp_path: Path) -> None:
    """The others stay; blocks that are not given are inherited."""
    text = '{% extends "ours/email.txt.j2" %}{% block subject %}#{{ number }}{% endblock %}'
    (tmp_path / "email.txt.j2").write_text(text)
    mine = Templates(tmp_path)
    parts = mine.blocks("email.txt.j2", ("subject", "body"), values_of(a_message()))
    assert parts["subject"] == "##214"
    assert parts["body"] == body_of(a_message())
    assert body_of(a_message(), "telegram.j2", mine) == body_of(a_message(), "telegram.j2")


def test_values_are_escaped_and_what_templates_make_is_not(tmp_path: Path) -> None:
    """Also inside macros, loops and filters that join."""
    (tmp_path / "slack.j2").write_text(
        "{% macro b(x) %}*{{ x }}*{% endmacro %}"
        "{% block title %}{{ b(headline) }} {{ [headline, 'x'] | join('|') }}{% endblock %}"
    )
    message = told(a_message(), headline="<!here> *x* & `y`")
    shown = Templates(tmp_path).blocks("slack.j2", ("title",), values_of(message))["title"]
    inert = "&lt;!here&gt; \u2217x\u2217 &amp; \u02cby\u02cb"
    assert shown == f"*{inert}* {inert}|x"


def test_a_template_of_a_headline_is_text() -> None:
    """Foreign text is a value and never a template."""
    text = body_of(told(a_message(), headline="{{ 7 * 7 }} {% raw %}", summary=""))
    assert "{{ 7 * 7 }} {% raw %}" in text


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_unknown_variables_are_errors(name: str, tmp_path: Path) -> None:
    """A typing mistake does not become an empty line."""
    (tmp_path / name).write_text("{{ headlin }}")
    with pytest.raises(TemplateError, match="headlin"):
        Templates(tmp_path).blocks(name, (), values_of(a_message()))


@pytest.mark.parametrize("limit", [60, 300, 1_000, 4_000])
def test_what_is_too_long_is_told_in_less_detail(limit: int) -> None:
    """Whole sentences with a note, not the first part of a page."""
    about = a_message().payload["incident"]
    message = told(a_message(), sources=about["sources"] * 30, evidence=about["evidence"] * 5)
    text = compose(
        message,
        templates=Templates(),
        name="telegram.j2",
        parts=("body",),
        build=lambda _, parts: parts["body"],
        plain=lambda _, text: text,
        fits=lambda text: len(text) <= limit,
    )
    assert len(text) <= limit
    assert "SEVERE" in text
    if limit == 1_000:
        assert "Shortened to fit; all of it: https://alerter.example.org/incidents/inc-7f3c" in text


# Text messages.


@pytest.mark.parametrize("name", sorted(sample_messages()))
def test_a_text_message_has_160_letters_of_gsm(name: str) -> None:
    """Every kind, on every phone."""
    text = sms(a_message(name), Templates())
    assert 0 < len(text) <= 160
    assert text.isascii()
    assert not set("[]{}~^`|\\") & set(text)


def test_a_text_message_in_another_script_says_what_kind_of_event() -> None:
    """Question marks would tell nothing."""
    text = sms(told(a_message(), headline="انفجار عبوة ناسفة على طريق المطار"), Templates())
    assert "Bombing" in text
    assert "6.6 km E of Airport liaison house" in text


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=400))
def test_no_headline_breaks_a_text_message(headline: str) -> None:
    """Any text at all."""
    text = sms(told(a_message(), headline=headline, url=None), Templates())
    assert 0 < len(text) <= 160


# The documentation.


def test_the_documentation_names_every_variable_template_and_block() -> None:
    """Who writes a template has nothing else to go by."""
    text = re.sub(r"```.*?```", "", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = set(re.findall(r"`([^`]+)`", text))
    variables = {field.name for field in fields(AlertView)}
    report = digest.digest_values(a_message("digest"), DETAILS[0])
    assert report is not None
    assert not variables - named
    assert not set(report) - named
    for name, spec in TEMPLATES.items():
        assert {name, *spec.blocks} <= named


def test_reasons_and_scales_have_words() -> None:
    """A reason that is added needs a label before it is sent."""
    for reason in Reason:
        assert (
            view(a_message(reason=reason)).reason_label != reason.value or reason.value == "drill"
        )
