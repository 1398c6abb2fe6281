"""Whether alerts could go out as it is configured: found now, not in the first night. Pure.

Every channel is built as the daemon would build it, every address is looked at, every template is
rendered. Nothing is sent and no name is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from typing import Final

import httpx
from pydantic import BaseModel, SecretStr

from alerter.config.base import resolve_secret
from alerter.config.receivers import EmailSettings, ReceiverSettings
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import AlerterError, Problem, ReceiverError, TemplateError
from alerter.domain.scales import Reason
from alerter.net import Guard
from alerter.notify.channels import make_channel
from alerter.notify.render import values_of
from alerter.notify.samples import sample_messages
from alerter.notify.templates import TEMPLATES, Templates
from alerter.reach import Reach
from alerter.resources import bundled

# Where each channel sends to, by the key that says so. Apprise reads its own address.
ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "slack": ("webhook_url", "api_url"),
    "webhook": ("url",),
    "teams": ("webhook_url",),
    "mattermost": ("webhook_url",),
    "telegram": ("api_url",),
    "ntfy": ("url",),
    "pagerduty": ("api_url",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """One mistake: the path of its key in the main file, and what is wrong, without any secret."""

    path: tuple[str | int, ...]
    message: str


def unfit(settings: AlerterSettings) -> Iterator[Unfit]:
    """Every reason for which a receiver, the heartbeat or a link to the console cannot work."""
    guard = Guard(allow=settings.poll.allow_networks)
    try:
        reach = Reach.of(settings.poll)
    except AlerterError:
        yield Unfit(path=("poll", "proxy", "password_file"), message=_UNREADABLE)
        reach = Reach()
    for i, receiver in enumerate(settings.receivers):
        for path, message in _receiver(receiver, settings.templates, reach, guard):
            yield Unfit(path=("receivers", i, receiver.channel, *path), message=message)
    if settings.heartbeat is not None:
        for path, message in _address(settings.heartbeat, "url", guard):
            yield Unfit(path=("heartbeat", *path), message=message)
    if settings.web.url is not None:
        message = why_unusable(settings.web.url, None) or ""
        if message:
            yield Unfit(path=("web", "url"), message=message)


_Found = tuple[tuple[str, ...], str]
_UNREADABLE: Final = "the file cannot be read as text"


def _receiver(
    receiver: ReceiverSettings, templates: Path | None, reach: Reach, guard: Guard
) -> Iterator[_Found]:
    try:
        make_channel(receiver, templates, reach).close()
    except ReceiverError as error:
        yield error.key, error.what
        return
    for key in ADDRESSES.get(receiver.channel, ()):
        yield from _address(receiver.channel_settings, key, guard)
    if isinstance(receiver.channel_settings, EmailSettings):
        yield from _mail(receiver.channel_settings)


def _address(settings: BaseModel, key: str, guard: Guard) -> Iterator[_Found]:
    """What is wrong with the address under `key`, or in its `_file` twin."""
    given, file = getattr(settings, key), getattr(settings, f"{key}_file", None)
    at = key if given is not None else f"{key}_file"
    if isinstance(given, str):
        given = SecretStr(given)
    try:
        url = resolve_secret(given, file)
    except (OSError, UnicodeDecodeError):
        yield (at,), _UNREADABLE
        return
    wrong = None if url is None else why_unusable(url.get_secret_value(), guard)
    if wrong is not None:
        yield (at,), wrong


def why_unusable(url: str, guard: Guard | None) -> str | None:
    """Why nothing can be sent to `url`, without quoting it; None when nothing speaks against it.

    Without a `guard` it may lead anywhere: it is a link for people.
    """
    if url != url.strip() or any(not letter.isprintable() or letter == " " for letter in url):
        return "is not a URL: it holds a space or a line break"
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return "is not a URL"
    if parsed.scheme not in {"http", "https"}:
        return "is not a URL of http or https; write https://HOST/PATH"
    if not parsed.host:
        return "names no host; write https://HOST/PATH"
    if guard is not None and guard.bars(parsed.host):
        return "leads into a private network; poll.allow_networks can allow it"
    return None


def _mail(settings: EmailSettings) -> Iterator[_Found]:
    for key, given in (
        *((f"to.{i}", each) for i, each in enumerate(settings.to)),
        ("from", settings.from_),
        ("reply_to", settings.reply_to),
    ):
        if given is not None and not _is_address(given):
            yield tuple(key.split(".")), "is not one e-mail address; write NAME@HOST or Name <...>"
    if not settings.smtp.host.strip():
        yield ("smtp", "host"), "is empty"


def _is_address(text: str) -> bool:
    """Whether this is exactly one address with something on both sides of its `@`."""
    if not text.isprintable():
        return False
    found = getaddresses([text])
    name, at, host = found[0][1].rpartition("@") if len(found) == 1 else ("", "", "")
    return bool(at and name and host) and " " not in found[0][1]


def check_templates(folder: Path | None) -> list[Problem]:
    """Every mistake in the templates of `folder`: each rendered against sample messages.

    Each names the sample where it shows. Files that no channel uses are named too; those whose
    name begins with an underscore are for others to include.
    """
    if folder is None:
        return []
    files = sorted(path.name for path in folder.glob("*.j2"))
    shared = any(name.startswith("_") for name in files)  # which of ours use them is not known
    problems = [
        _problem(folder, name, None, f"no channel uses this name; allowed: {', '.join(TEMPLATES)}")
        for name in files
        if name not in TEMPLATES and not name.startswith("_")
    ]
    templates = Templates(folder)
    for name in TEMPLATES:
        if name in files or shared:
            problems += _mistakes(folder, templates, name)
    return sorted(set(problems), key=lambda each: (each.file, each.line, each.message))


def _mistakes(folder: Path, templates: Templates, name: str) -> Sequence[Problem]:
    """The different mistakes of one template, each with the first sample that shows it."""
    found: dict[str, Problem] = {}
    spec = TEMPLATES[name]
    for sample, message in sample_messages().items():
        if (message.reason is Reason.DIGEST) is not spec.digest:
            continue
        values = values_of(message) | {"pictures": {}}
        try:
            templates.blocks(name, spec.blocks, values)
        except TemplateError as error:
            what = f"{error.what} (sample: {sample})"
            found.setdefault(str(error), _problem(folder, error.file, error.line, what))
    return list(found.values())


def _problem(folder: Path, name: str, line: int | None, what: str) -> Problem:
    """A mistake at the first letter of its line: the engine of templates knows no columns."""
    place = folder / Path(name).name
    if not place.is_file() and (bundled("templates") / place.name).is_file():
        place = bundled("templates") / place.name  # ours, misled by a part of theirs
    return Problem(
        file=str(place), line=line or 1, column=_column(place, line or 1), key="", message=what
    )


def _column(place: Path, line: int) -> int:
    try:
        text = place.read_text(encoding="utf-8", errors="replace").splitlines()[line - 1]
    except (OSError, IndexError):
        return 1
    return len(text) - len(text.lstrip()) + 1
