"""`alerter score`: what the classifier says of texts, in the order they came."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, Final

import click

from alerter.cli.context import SEARCHED, Context
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.errors import AlerterError
from alerter.understand.assess import Assessor
from alerter.understand.items import sound

BATCH: Final = 256
MAX_LINE: Final = 2**22  # a longer line is no article


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
@click.option("--jsonl", is_flag=True, help="One JSON object a line, in and out.")
@click.option("--explain", is_flag=True, help="Also say why, and what each part of the model says.")
@click.pass_obj
def command(context: Context, file: IO[str], *, jsonl: bool, explain: bool) -> None:
    """Score FILE (or standard input): a text, or JSON Lines with --jsonl."""
    settings = settings_or_defaults(context)
    now = context.now()
    try:
        assessor = Assessor.load(settings)
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    if jsonl:
        sys.exit(_score_lines(file, assessor, now=now, explain=explain))
    _score_text(file.read(), assessor, now=now, explain=explain)


def settings_or_defaults(context: Context) -> AlerterSettings:
    """The configured ones, or the defaults where nothing is configured: scoring needs no config."""
    given = context.config is not None or "ALERTER_CONFIG" in os.environ
    if given or any(path.exists() for path in SEARCHED):
        return context.settings()
    return AlerterSettings()


def _score_lines(file: IO[str], assessor: Assessor, *, now: datetime, explain: bool) -> int:
    """Stream: a batch in, a batch out. Answers the exit status."""
    failed = False
    lines = (line for line in file if line.strip())
    while batch := list(islice(lines, BATCH)):
        parsed = [_parse(line, now) for line in batch]
        articles = [one for one in parsed if isinstance(one, Article)]
        scored = iter(_scored(articles, assessor, now=now, explain=explain))
        for one in parsed:
            row = next(scored) if isinstance(one, Article) else one
            failed = failed or "error" in row
            click.echo(json.dumps(row, ensure_ascii=False))
        sys.stdout.flush()
    return int(failed)


def _scored(
    articles: list[Article], assessor: Assessor, *, now: datetime, explain: bool
) -> Iterator[dict[str, Any]]:
    if not explain:
        for assessment in assessor.assess(articles, now=now):
            yield as_row(assessment)
        return
    for article in articles:
        assessment, margins = assessor.explain(article, now=now)
        parts = {name: round(value, 3) for name, value in margins.items()}
        yield {**as_row(assessment), "why": assessment.why, "parts": parts}


def _parse(line: str, now: datetime) -> Article | dict[str, Any]:
    """The article of a line, or the row that says why it is none."""
    identity: Any = None
    try:
        raw = _object(line)
        identity = raw.get("id")
        return _article(raw, now)
    except (ValueError, RecursionError) as error:
        known = sound(identity) if isinstance(identity, str) else identity
        return {
            "id": known if isinstance(known, str | int) else None,
            "error": f"no item to score: {error}",
        }


def _object(line: str) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise ValueError("the line is too long")
    raw = json.loads(line)
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - wrong input, not a wrong call
    return raw


def _article(raw: dict[str, Any], now: datetime) -> Article:
    texts: dict[str, Any] = {name: raw.get(name) or "" for name in ("title", "summary", "body")}
    wrong = [name for name, value in texts.items() if not isinstance(value, str)]
    if wrong:
        raise ValueError(f"{wrong[0]} is not text")
    if not any(value.strip() for value in texts.values()):
        raise ValueError("there is no text in title, summary or body")
    lang = raw.get("lang")
    return Article(
        id="" if raw.get("id") is None else sound(str(raw["id"])),
        feed="score",
        lang=lang if isinstance(lang, str) and lang else None,
        published=_time(raw.get("published")),
        first_seen=now,
        title=sound(texts["title"]),
        summary=sound(texts["summary"]),
        body=sound(texts["body"]),
    )


def _time(value: Any) -> datetime | None:
    """A date that cannot be read is unknown, and no reason to refuse the text."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def as_row(assessment: Assessment) -> dict[str, Any]:
    """The line of the contract for one assessment."""
    one = assessment
    return {
        "id": one.article_id,
        "probability": one.probability,
        "threat": one.threat,
        "status": one.status.value,
        "category": one.category.value if one.category else None,
        "categories": {
            name.value: p
            for name, p in sorted(one.categories.items(), key=lambda pair: -pair[1])
            if p >= 0.01
        },
        "target": one.target.value if one.target else None,
        "severity": one.severity.value,
        "urgency": one.urgency.value,
        "certainty": one.certainty.value,
        "host": one.host,
        "sending": list(one.sending),
        "missions": [
            {
                "text": m.text, "kind": m.kind, "sending": m.sending, "host": m.host,
                "city": m.city, "mission": m.mission,
            }
            for m in one.missions
        ],
        "places": [
            {"text": p.text, "country": p.country, "city": p.city, "lat": p.lat, "lon": p.lon}
            for p in one.places
        ],
        "event_time": one.event_time.isoformat() if one.event_time else None,
        "lang": one.lang,
        "evidence": [{"text": e.text, "weight": e.weight} for e in one.evidence],
        "model": one.model,
    }  # fmt: skip


def _score_text(text: str, assessor: Assessor, *, now: datetime, explain: bool) -> None:
    """A readable verdict on one text: its first line is the title."""
    title, _, body = text.strip().partition("\n")
    if not title:
        raise click.ClickException("there is no text to score")
    article = Article(id="text", feed="score", title=title, body=body.strip(), first_seen=now)
    assessment, margins = assessor.explain(article, now=now)
    verdict = "THREAT" if assessment.threat else "no threat"
    click.echo(f"{verdict}, probability {assessment.probability:.2f}")
    for name, value in _facts(assessment):
        click.echo(f"  {name:10} {value}")
    click.echo(f"  {'why':10} {assessment.why}")
    for one in assessment.evidence:
        click.echo(f"  {one.weight:10.2f} {one.text}")
    if explain:
        for name, margin in margins.items():
            click.echo(f"  part {name:10} {margin:+.2f}")


def _facts(assessment: Assessment) -> Iterator[tuple[str, str]]:
    if assessment.threat:
        yield "what", f"{assessment.category}, {assessment.status}, target {assessment.target}"
        scales = (assessment.severity, assessment.urgency, assessment.certainty)
        yield "CAP", ", ".join(str(scale) for scale in scales)
    if assessment.host or assessment.sending:
        yield "where", f"host {assessment.host or '?'}, of {', '.join(assessment.sending) or '?'}"
    for mention in assessment.missions[:3]:
        yield "mission", f"{mention.text} ({mention.kind})"
    if assessment.lang:
        yield "language", assessment.lang
