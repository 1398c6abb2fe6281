"""A message as text that fits its channel: less detail where it must be, never no message at all.

A template of the operator that breaks costs no alert. A plain text that no template makes goes out
instead and says which template is broken and where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import structlog

from alerter.domain.errors import TemplateError
from alerter.domain.scales import Reason
from alerter.notify.digest import digest_values
from alerter.notify.message import Message
from alerter.notify.templates import TEMPLATES, Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView, view
from alerter.notify.view_parts import DETAILS, FULL, Detail

log = structlog.get_logger()
T = TypeVar("T")
Parts = Mapping[str, str]
PLAIN_SIZES: Final = (3_000, 1_500, 700, 300, 150, 60)


def values_of(message: Message, detail: Detail = FULL) -> dict[str, Any]:
    """What templates are given: the fields of the view, `digest` (or None), and `all` of them."""
    return _values(view(message, detail), message, detail)


def _values(shown: AlertView, message: Message, detail: Detail) -> dict[str, Any]:
    values = shown.values()
    return {**values, "all": values, "digest": digest_values(message, detail)}


def compose(
    message: Message,
    *,
    templates: Templates,
    name: str,
    parts: Sequence[str],
    build: Callable[[AlertView, Parts], T],
    plain: Callable[[AlertView, str], T],
    fits: Callable[[T], bool],
    more: Mapping[str, Any] | None = None,
) -> T:
    """What a channel sends: `build` of the parts of a template, with as much detail as fits.

    `plain` makes the same of one plain text; it is used when the template is broken, when it is
    too long in every detail, and for a digest where `name` is not made for one. `more` are values
    beyond those of every template.
    """
    if message.reason is Reason.DIGEST and not TEMPLATES[name].digest:
        return compose_text(
            message,
            templates=templates,
            name="digest.txt.j2",
            part="body",
            plain=plain,
            fits=fits,
        )
    for detail in DETAILS:
        shown = view(message, detail)
        values = _values(shown, message, detail) | dict(more or {})
        try:
            made = build(shown, templates.blocks(name, parts, values))
        except TemplateError as error:
            return _plainly(message, str(error), plain, fits)
        if fits(made):
            return made
    return _plainly(message, f"{name}: too long for this channel", plain, fits)


def compose_text(
    message: Message,
    *,
    templates: Templates,
    name: str,
    part: str,
    plain: Callable[[AlertView, str], T],
    fits: Callable[[T], bool],
) -> T:
    """`plain` of one part of a template that makes plain text, cut where it does not fit."""
    for detail in DETAILS:
        shown = view(message, detail)
        try:
            text = templates.blocks(name, (part,), _values(shown, message, detail))[part]
        except TemplateError as error:
            return _plainly(message, str(error), plain, fits)
        made = plain(shown, text)
        if fits(made):
            return made
    return _plainly(message, f"{name}: too long for this channel", plain, fits)


def _plainly(
    message: Message,
    problem: str,
    plain: Callable[[AlertView, str], T],
    fits: Callable[[T], bool],
) -> T:
    log.warning("template_broken", problem=clean(problem, limit=500), key=message.key)
    shown = view(message, DETAILS[1])
    made = plain(shown, plain_text(shown, problem))
    for size in PLAIN_SIZES:
        if fits(made):
            break
        made = plain(shown, clip(plain_text(view(message, DETAILS[-1]), problem), size))
    return made


def plain_text(shown: AlertView, problem: str = "") -> str:
    """An alert as plain text without any template: what goes out when one is broken."""
    head = " ".join(filter(None, (shown.mark, shown.severity.upper(), shown.number)))
    rows = (
        ("", shown.mark_text),
        ("", shown.summary),
        ("Where", "; ".join(filter(None, (shown.place, *(d.text for d in shown.distances))))),
        ("When", shown.event_time.text if shown.event_time else ""),
        ("First seen", shown.first_seen.text if shown.first_seen else ""),
        ("How sure", shown.sure if shown.kind == "alert" else ""),
        *(("", line) for line in shown.lines),
        *(("Evidence", f'"{quote}"') for quote in shown.evidence),
        *((fact.label, _said(fact.statements)) for fact in shown.facts),
        *(("Incident", f"{row.number} {row.severity}: {row.headline}") for row in shown.incidents),
        *(("Source", _source(source)) for source in shown.sources),
        ("What changed", f"{shown.reason_label}: {shown.changed}"),
        ("Page", shown.url or ""),
        ("Acknowledge", shown.ack_url or ""),
        ("", shown.cut_text),
        ("", f"Built-in text, because a template failed: {clean(problem, limit=300)}")
        if problem
        else ("", ""),
    )
    lines = (f"{label}: {text}" if label else text for label, text in rows if text)
    return "\n".join((f"{head}: {shown.headline}", *lines))


def _said(statements: Sequence[Any]) -> str:
    return "; ".join(
        f"{row.value} ({row.source}{', denied' if row.denied else ''})" for row in statements
    )


def _source(source: Any) -> str:
    return " ".join(filter(None, (f"[{source.trust}]", source.feed, source.title, source.url)))
