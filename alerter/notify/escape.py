"""One escape for each way of marking up text: values come out as they went in, to the eye.

Slack and Mattermost have no escape for some of their signs. Those are replaced by characters that
look alike and mean nothing there; a stranger's headline can then neither shout nor link nor call
the whole channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from markupsafe import escape as escape_html

# ` * ~ start formatting; an underscore and a colon only at the edge of a word.
_LOOK_ALIKES: Final = str.maketrans({"`": "\u02cb", "*": "\u2217", "~": "\u223c"})
_UNDERSCORE: Final = re.compile(r"(?<!\w)_+|_+(?!\w)")
_EMOJI: Final = re.compile(r"(?<!\w):(?=[\w+-]+:)")


def _inert(text: str) -> str:
    text = text.translate(_LOOK_ALIKES)
    text = _UNDERSCORE.sub(lambda match: "\u02cd" * len(match[0]), text)
    return _EMOJI.sub("\u2236", text)


def escape_slack(text: str) -> str:
    """For Slack's mrkdwn: no mention, link, quote, emoji or formatting comes through."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _inert(text)


def escape_chat(text: str) -> str:
    """For Mattermost and Rocket.Chat: the same, for Markdown with `@all` and `<url|text>`."""
    text = text.replace("<", "\u2039").replace(">", "\u203a").replace("@", "\uff20")
    text = text.replace("[", "(").replace("]", ")").replace("|", "\u2223").replace("\\", "\u2216")
    text = text.replace("#", "\uff03") if text.startswith("#") else text
    return _inert(text)


def escape_nothing(text: str) -> str:
    """For plain text, where signs mean nothing."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one family of channels writes text: its escape, and a link with a label."""

    escape: Callable[[str], str]
    link: Callable[[str, str], str]

    def show(self, value: object) -> Markup:
        """What a template prints: markup made by a template as it is, all else escaped."""
        if value is None:
            return Markup()  # what is not known leaves no trace
        if hasattr(value, "__html__"):
            return Markup(value)  # noqa: S704  escaped already, by whoever made it
        return Markup(self.escape(str(value)))  # noqa: S704  escaped for its channel

    def linked(self, label: object, url: str | None) -> Markup:
        """`label` as a link to `url`, or alone where there is none."""
        shown = self.show(label)
        return shown if not url else Markup(self.link(str(shown), url))  # noqa: S704


def _html_link(label: str, url: str) -> str:
    return f'<a href="{escape_html(url)}">{label}</a>'


def _slack_link(label: str, url: str) -> str:
    return f"<{url.replace('&', '&amp;')}|{label.replace('|', chr(0x2223))}>"


PLAIN: Final = Dialect(escape=escape_nothing, link=lambda label, url: f"{label} <{url}>")
HTML: Final = Dialect(escape=lambda text: str(escape_html(text)), link=_html_link)
SLACK: Final = Dialect(escape=escape_slack, link=_slack_link)
CHAT: Final = Dialect(escape=escape_chat, link=lambda label, url: f"[{label}]({url})")
