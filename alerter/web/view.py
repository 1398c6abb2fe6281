"""What every page needs: the store to read, the settings, the clock, and how to render."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from alerter import __version__
from alerter.config.settings import AlerterSettings
from alerter.notify import words
from alerter.pipeline.progress import Progress
from alerter.store import Store

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  (compared with, not listened on)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("alerter.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["utc"] = utc
    environment.filters["ago"] = ago
    environment.filters["safe_link"] = safe_link
    environment.filters["country"] = words.country
    environment.filters["percent"] = percent
    for name, table in (
        ("category", words.CATEGORIES),
        ("status", words.STATUSES),
        ("target", words.TARGETS),
    ):
        environment.filters[name] = partial(words.label, table)
    return environment


def utc(moment: datetime | None) -> str:
    """A time as the console shows it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "-"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that is not nought."""
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def percent(probability: float) -> str:
    """As messages say it: never nought nor a hundred, which nothing read in the news is."""
    return f"{round(min(max(probability, 0.01), 0.99) * 100)} %"


def safe_link(url: str | None) -> str | None:
    """The URL if it leads to the web; feeds may say `javascript:`."""
    if url is None:
        return None
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in ("http", "https") else None


@dataclass(frozen=True, kw_only=True)
class View:
    """Handed to every page."""

    store: Store
    settings: AlerterSettings
    progress: Progress
    clock: Callable[[], datetime]
    _templates: Environment = field(default_factory=_environment)

    def hosts(self) -> list[str]:
        """The names under which browsers may ask for us; others are a rebinding attack."""
        host = self.settings.web.listen.rpartition(":")[0].strip("[]")
        if host in WILDCARDS:
            return ["*"]
        named = urlsplit(self.settings.web.url or "").hostname
        return [host, f"[{host}]", "localhost", *([named] if named else [])]

    def page(self, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Render one page."""
        template = self._templates.get_template(name)
        shown = template.render(
            now=self.clock(),
            version=__version__,
            reload_error=self.progress.reload_error,
            failed=self.progress.failed,
            **values,
        )
        return HTMLResponse(shown, status_code=status)
