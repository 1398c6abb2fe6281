"""An alert in one text message: 160 characters that every phone can show."""

from __future__ import annotations

from typing import Final

import structlog

from alerter.domain.errors import TemplateError
from alerter.notify.message import Message
from alerter.notify.render import values_of
from alerter.notify.templates import Templates
from alerter.notify.text import clip, fold_ascii
from alerter.notify.view import view

log = structlog.get_logger()
LENGTH: Final = 160  # of GSM 03.38, where one letter outside of it halves the message
# ASCII that GSM 03.38 lacks, or sends as two.
_GSM: Final = str.maketrans(
    {"[": "(", "]": ")", "{": "(", "}": ")", "~": "-", "^": "-", "`": "'", "|": "/", "\\": "/"}
)
HEADLINES: Final = (110, 80, 60, 45)
MIN_KEPT: Final = 0.6  # of a headline's letters; with fewer it is in another script


def sms(message: Message, templates: Templates) -> str:
    """The message in at most 160 characters of the GSM alphabet. Never raises.

    Where it is too long the headline is cut first, then the link is left out, then the place;
    severity, number and the nearest post stay.
    """
    headline = latin_headline(message)
    values = values_of(message)
    for left_out in ({}, {"url": None}, {"url": None, "place": ""}):
        for length in HEADLINES:
            try:
                text = gsm(
                    templates.blocks(
                        "sms.j2",
                        ("body",),
                        values | left_out | {"headline": clip(headline, length)},
                    )["body"]
                )
            except TemplateError as error:
                log.warning("template_broken", problem=str(error), key=message.key)
                return _plain(message, headline)
            if 0 < len(text) <= LENGTH:
                return text
    return _plain(message, headline)


def _plain(message: Message, headline: str) -> str:
    shown = view(message)
    head = " ".join(filter(None, (shown.mark, shown.severity.upper(), shown.number, headline)))
    return gsm(clip(gsm(head), LENGTH - len("...")))


def latin_headline(message: Message) -> str:
    """The headline in Latin letters, or what kind of event it is where it has none."""
    shown = view(message)
    folded = gsm(shown.headline)
    letters = sum(letter.isalnum() for letter in shown.headline)
    kept = sum(letter.isalnum() for letter in folded)
    if kept >= letters * MIN_KEPT:
        return folded
    return gsm(shown.category_label or shown.reason_label)


def gsm(text: str) -> str:
    """`text` with nothing but letters of the GSM 03.38 alphabet, on one line."""
    return fold_ascii(text).translate(_GSM)
