"""Structured logs on standard error: one line per unit of work, secrets taken out last."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import structlog

_URL: Final = re.compile(r"https?://[^\s\"'<>]+")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MAX_VALUE: Final = 2_000


def configure_logs(*, level: str = "info", json: bool | None = None) -> None:
    """Send all logs to standard error, as JSON unless it is a terminal.

    Libraries log through the same door, from WARNING on, so that nothing they print can carry the
    URL of a webhook around the redaction.
    """
    as_json = json if json is not None else not sys.stderr.isatty()
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Forward()], force=True)


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Shorten URLs to what is no secret, and keep foreign text from forging lines."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = safe_text(value)
    return event


def safe_text(text: str) -> str:
    """`text` on one line, without control or direction characters, URLs without their secrets."""
    shown = _URL.sub(lambda match: safe_url(match[0]), text)
    return _UNSAFE.sub(" ", shown)[:MAX_VALUE]


def safe_url(url: str) -> str:
    """A URL without user, password, query and fragment; a webhook's path is its secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "[not a URL]"
    path = "/..." if _SECRET_PATH.search(url) else parts.path
    return urlunsplit((parts.scheme, host + port, path, "", ""))


_SECRET_PATH: Final = re.compile(
    r"hooks?\.|/hooks?/|/webhook|/services/|api\.telegram|hc-ping|/ping/|/in(?:coming)?/",
    re.IGNORECASE,
)


class _Forward(logging.Handler):
    """Hands the records of libraries to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, "library", logger=record.name, message=record.getMessage())
