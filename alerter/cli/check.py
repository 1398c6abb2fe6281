"""`alerter check`: every error in the configuration and in the templates; nothing else runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from alerter.cli.context import Context
from alerter.collect.fit import why_locked_out
from alerter.config.document import Document, read_document
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import Problem
from alerter.notify.fit import check_templates, unfit


@click.command()
@click.pass_obj
def command(context: Context) -> None:
    """Find every error: FILE:LINE:COLUMN: key: what is wrong. Exit status 2 when there are any.

    Every channel is built and every template of your own is rendered against sample incidents.
    Nothing is sent; `alerter test-receiver NAME` does that.
    """
    settings = context.settings()
    document = read_document(context.config_path())
    problems = [
        *_settings(settings, document),
        *_feeds(settings, document),
        *_templates(settings, document),
    ]
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(2)
    click.echo(
        f"{context.config_path()}: ok, {len(settings.feeds)} feeds, "
        f"{len(settings.missions)} missions, {len(settings.receivers)} receivers, "
        f"{len(settings.routes)} routes"
    )


def _settings(settings: AlerterSettings, document: Document) -> Iterator[Problem]:
    found = [document.problem(each.path, each.message) for each in unfit(settings)]
    yield from sorted(found, key=lambda each: (each.line, each.column))


def _feeds(settings: AlerterSettings, document: Document) -> Iterator[Problem]:
    """What feeds are shown to let us in, at the place where the feed is written down."""
    wrong = {feed.url: why_locked_out(feed.auth) for feed in settings.feeds if feed.auth}
    if not any(wrong.values()):
        return
    files = [file for file in settings.feeds_from if file.suffix in {".yaml", ".yml"}]
    for each in (document, *map(read_document, files)):
        for i, feed in enumerate((each.value or {}).get("feeds") or ()):
            message = wrong.get(feed.get("url"))
            if message and "auth" in feed:
                yield each.problem(("feeds", i, "auth"), message)


def _templates(settings: AlerterSettings, document: Document) -> Iterator[Problem]:
    if settings.templates is not None and not settings.templates.is_dir():
        yield document.problem(("templates",), f"there is no folder {settings.templates}")
        return
    yield from check_templates(settings.templates)
