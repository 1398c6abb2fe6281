"""The daily report made ready for templates: cleaned, worded, cut. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerter.notify import words
from alerter.notify.geography import zone_or_utc
from alerter.notify.message import Message
from alerter.notify.moment import moment
from alerter.notify.report import DigestReport
from alerter.notify.text import clean, safe_url
from alerter.notify.view_parts import Detail

ARROWS: Final = {"up": "\u2191", "down": "\u2193", "same": "\u2192"}
# Values that are times (RFC 3339) in the report, wherever they stand.
_TIMES: Final = {"start", "end", "oldest_item", "newest_item", "since", "until", "first_seen"}
_MOMENTS: Final = _TIMES | {"last_drill"}


def digest_values(message: Message, detail: Detail) -> dict[str, Any] | None:
    """`digest` for templates: the fields of the report by name, or None where there is none.

    Every text is clean, every list holds at most `detail.lines` rows (`more_...` counts the
    rest), and times are moments in the reader's zone. Incidents have colour, sign, place and
    label, risks have a sign for their arrow.
    """
    raw = message.payload.get("digest")
    if not isinstance(raw, Mapping):
        return None
    try:
        report = DigestReport.from_json(raw)
    except TypeError:
        return None
    return report_values(report, now=message.now, detail=detail)


def report_values(report: DigestReport, *, now: datetime, detail: Detail) -> dict[str, Any]:
    """The same, for a report that is not on its way to a receiver."""
    zone = zone_or_utc(report.zone)
    watch, watch_text = _watch(report)
    values: dict[str, Any] = {
        "headline": clean(report.headline, limit=detail.headline),
        "watch": watch,
        "watch_text": watch_text,
    }
    for name, value in report.as_json().items():
        if isinstance(value, list | tuple):
            values[f"more_{name}"] = max(len(value) - detail.lines, 0)
            values[name] = [_row(row, zone, now, detail) for row in value[: detail.lines]]
        else:
            values[name] = _value(name, value, zone, now, detail)
    values["hosts"] = [words.country(code) for code in values["hosts"]]
    values["incidents"] = [_incident(row) for row in values["incidents"]]
    values["risks"] = [row | {"sign": ARROWS.get(row["arrow"], "")} for row in values["risks"]]
    values["ahead"] = [row | {"place": _place(row)} for row in values["ahead"]]
    return values


def _watch(report: DigestReport) -> tuple[str, str]:
    """Whether the watch was kept, in a word and a sentence: silence without sight is no news."""
    if report.feeds_total and report.feeds_polled >= report.feeds_total:
        return "kept", "The watch was kept; this is the proof:"
    if report.feeds_polled:
        missing = report.feeds_total - report.feeds_polled
        return (
            "partly",
            f"The watch was kept in part: {missing} of {report.feeds_total} feeds were not read.",
        )
    return "not", "The watch was NOT kept: no feed was read, so nothing could be seen."


def _row(row: Any, zone: ZoneInfo, now: datetime, detail: Detail) -> Any:
    if isinstance(row, Mapping):
        return {name: _value(name, value, zone, now, detail) for name, value in row.items()}
    if isinstance(row, Sequence) and not isinstance(row, str):
        return [_value("", value, zone, now, detail) for value in row]
    return _value("", row, zone, now, detail)


def _value(name: str, value: Any, zone: ZoneInfo, now: datetime, detail: Detail) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name == "url":
        return safe_url(value)
    if name in _MOMENTS and (when := moment(value, zone, now)):
        return when
    return clean(value, limit=detail.headline)


def _incident(row: dict[str, Any]) -> dict[str, Any]:
    tint = words.TINTS.get(row["severity"], words.TINTS["Unknown"])
    return row | {
        "number": f"#{row['number']}",
        "place": _place(row),
        "category_label": words.label(words.CATEGORIES, row["category"]),
        "color": tint.strong,
        "sign": tint.sign,
    }


def _place(row: Mapping[str, Any]) -> str:
    state = words.country(row.get("host"))
    return ", ".join(part for part in (row.get("city"), state) if part)
