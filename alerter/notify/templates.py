"""Templates: found in the operator's folder or in ours, rendered in a sandbox, escaped by channel.

A template is a Jinja2 file with named blocks, the parts that its channel puts into a message.
What it prints is escaped for its channel unless a template made it (a macro, the `link` filter).
An unknown variable is an error, not an empty string.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerter.domain.errors import TemplateError
from alerter.notify.escape import CHAT, HTML, PLAIN, SLACK, Dialect
from alerter.resources import bundled

# What a template can do wrong: its own errors, and those of Python on values used wrongly.
BROKEN: Final = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One template: how it escapes and which blocks its channel asks for."""

    dialect: Dialect
    blocks: tuple[str, ...]
    digest: bool = False


TEMPLATES: Final[Mapping[str, Spec]] = {
    "console.j2": Spec(dialect=PLAIN, blocks=("body",)),
    "slack.j2": Spec(
        dialect=SLACK,
        blocks=("text", "title", "lead", "details", "body", "sources", "footer", "update"),
    ),
    "email.txt.j2": Spec(dialect=PLAIN, blocks=("subject", "body")),
    "email.html.j2": Spec(dialect=HTML, blocks=("page",)),
    "teams.j2": Spec(dialect=PLAIN, blocks=("title", "lead", "details", "body", "footer")),
    "mattermost.j2": Spec(dialect=CHAT, blocks=("body",)),
    "telegram.j2": Spec(dialect=HTML, blocks=("body",)),
    "ntfy.j2": Spec(dialect=PLAIN, blocks=("title", "body")),
    "pagerduty.j2": Spec(dialect=PLAIN, blocks=("summary", "details")),
    "apprise.j2": Spec(dialect=PLAIN, blocks=("title", "body")),
    "sms.j2": Spec(dialect=PLAIN, blocks=("body",)),
    "digest.txt.j2": Spec(dialect=PLAIN, blocks=("subject", "body"), digest=True),
    "digest.html.j2": Spec(dialect=HTML, blocks=("page",), digest=True),
    "digest.slack.j2": Spec(dialect=SLACK, blocks=("text", "title", "body", "footer"), digest=True),
}


class Templates:
    """The templates of one configuration: those in `folder` go before ours of the same name.

    A template may build on ours: `{% extends "ours/slack.j2" %}`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._environments = _environments(folder)

    def blocks(self, name: str, wanted: Sequence[str], values: Mapping[str, Any]) -> dict[str, str]:
        """The wanted blocks of a template by name, without white space around them.

        A block that the template does not have is empty. Raises TemplateError, which says where.
        """
        environment = self._environments[id(TEMPLATES[name].dialect)]
        try:
            return _blocks(environment, environment.get_template(name), wanted, values)
        except BROKEN as error:
            raise _located(name, error) from error


@lru_cache(maxsize=8)
def _environments(folder: Path | None) -> Mapping[int, jinja2.Environment]:
    """One for each dialect, shared by all channels: compiling takes longer than rendering.

    A file that is edited is compiled anew.
    """
    ours = bundled("templates")
    loader = jinja2.ChoiceLoader(
        [
            jinja2.PrefixLoader({"ours": jinja2.FileSystemLoader(ours)}),
            jinja2.FileSystemLoader([ours] if folder is None else [folder, ours]),
        ]
    )
    return {id(dialect): _environment(dialect, loader) for dialect in (PLAIN, HTML, SLACK, CHAT)}


def _blocks(
    environment: jinja2.Environment,
    template: jinja2.Template,
    wanted: Sequence[str],
    values: Mapping[str, Any],
) -> dict[str, str]:
    context = template.new_context(dict(values))
    try:
        # Runs what stands outside of blocks: `extends`, `import` and `set` are known only then.
        for _ in template.root_render_func(context):
            pass
        return {
            block: "".join(context.blocks[block][0](context)).strip()
            if block in context.blocks
            else ""
            for block in wanted
        }
    except BROKEN:
        environment.handle_exception()  # raises it again, with the lines of the template


def _environment(dialect: Dialect, loader: jinja2.BaseLoader) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        finalize=dialect.show,
        autoescape=True,  # finalize escapes for the channel; this keeps what macros made
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["link"] = dialect.linked
    environment.filters["wrap"] = _wrap
    return environment


def _wrap(text: object, width: int = 76, indent: str = "", first: str | None = None) -> str:
    """`text` in lines of `width` characters, each after `indent`, the first after `first`."""
    start = indent if first is None else first
    return textwrap.fill(
        str(text),
        width=width,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _located(name: str, error: BaseException) -> TemplateError:
    """The error with its place: file and line, where the line is known."""
    if isinstance(error, jinja2.TemplateNotFound):
        return TemplateError(name, None, f"there is no template {error.name}")
    if isinstance(error, jinja2.TemplateSyntaxError):
        return TemplateError(error.name or name, error.lineno, _one_line(error.message))
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    what = _one_line(str(error)) or type(error).__name__
    if not frames:
        return TemplateError(name, None, what)
    return TemplateError(Path(frames[-1].filename).name, frames[-1].lineno, what)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
