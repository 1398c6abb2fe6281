"""`alerter evaluate`: measure the classifier on labelled JSON Lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from alerter.cli.context import Context
from alerter.cli.score import settings_or_defaults
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.errors import AlerterError
from alerter.understand.assess import Assessor, load_classifier
from alerter.understand.curve import curve_svg
from alerter.understand.embed import find_embedder
from alerter.understand.evaluate import Said, evaluate
from alerter.understand.items import Reader
from alerter.understand.labelled import THREAT, Labelled, read_labelled
from alerter.understand.lexicon import shipped

BATCH: Final = 128
_MAIN: Final = ("average_precision", "f1", "precision", "recall", "best_f1", "calibration_error")


@click.command()
@click.argument("data", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Every metric as JSON on standard output.")
@click.option("--label", default=THREAT, show_default=True, help="Field that holds 1 or 0.")
@click.option(
    "--model",
    type=click.Path(exists=True, path_type=Path),
    help="Folder or file of a model; default: the configured or shipped one.",
)
@click.option(
    "--curve",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the precision-recall curve as SVG.",
)
@click.pass_obj
def command(
    context: Context, data: tuple[Path, ...], label: str, model: Path | None, curve: Path | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Score labelled DATA and compare with its labels."""
    settings = settings_or_defaults(context)
    if model is not None:
        settings = settings.model_copy(update={"model": model})
    try:
        rows = read_labelled(data, label=label)
        said = _judge(rows, settings, label=label, now=context.now())
    except AlerterError as error:
        raise click.ClickException(str(error)) from error
    result = evaluate(rows, said)
    if curve is not None:
        curve.write_text(_draw(rows, said, label), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        _show(result)


def _judge(
    rows: Sequence[Labelled], settings: AlerterSettings, *, label: str, now: datetime
) -> list[Said]:
    said: list[Said] = []
    if label != THREAT:
        return _judge_plainly(rows, settings)
    assessor = Assessor.load(settings)
    articles = [_article(row, now) for row in rows]
    parts = [articles[start : start + BATCH] for start in range(0, len(articles), BATCH)]
    with click.progressbar(parts, label="scoring", file=sys.stderr) as shown:
        for part in shown:
            said += [Said.of(one) for one in assessor.assess(part, now=now, evidence=False)]
    return said


def _judge_plainly(rows: Sequence[Labelled], settings: AlerterSettings) -> list[Said]:
    """Under another label there is a probability and nothing about missions."""
    embedder = find_embedder(use=settings.embedder.use, onnx=settings.embedder.onnx)
    classifier = load_classifier(settings.model, embedder)
    reader = Reader(shipped())
    verdicts = classifier.judge([reader.read(row.item) for row in rows])
    return [
        Said(probability=verdict.probability, threat=verdict.probability >= classifier.threshold)
        for verdict in verdicts
    ]


def _article(row: Labelled, now: datetime) -> Article:
    published = datetime(int(row.year), 7, 1, tzinfo=UTC) if row.year else None
    return Article(
        id=row.id, feed=row.source or "evaluate", title=row.item.title, summary=row.item.lead,
        body=row.body, lang=row.lang or None, published=published, first_seen=now,
    )  # fmt: skip


def _draw(rows: Sequence[Labelled], said: Sequence[Said], label: str) -> str:
    labels = np.array([row.label for row in rows], dtype=np.int64)
    scores = np.array([one.probability for one in said], dtype=np.float64)
    english = np.array([row.lang == "en" for row in rows], dtype=np.bool_)
    lines = [
        ("all", labels, scores),
        ("English", labels[english], scores[english]),
        ("other languages", labels[~english], scores[~english]),
    ]
    return curve_svg(lines, title=f"Precision and recall for {label}")


def _show(result: dict[str, Any]) -> None:
    click.echo(f"{result['items']} items, {result['threats']} positive, {result['events']} events")
    for name in _MAIN:
        spread = result["intervals"].get(name)
        around = f"  (95 %: {spread[0]} to {spread[1]})" if spread else ""
        click.echo(f"  {name:20} {result[name]}{around}")
    for name in ("english", "other_languages"):
        part = result[name]
        click.echo(f"  {name:20} AP {part['average_precision']}, F1 {part['f1']} ({part['items']})")
    click.echo(f"  false alarms per 1000 {result['background']['alarms_per_1000']}")
    click.echo(f"  retrospective above   {result['retrospective_above_threshold']}")
    for name in ("category", "status", "target", "host", "sending"):
        click.echo(f"  {name:20} {result[name]}")
    for slice_name in ("language", "category"):
        for name, part in result["by"][slice_name].items():
            click.echo(
                f"    {slice_name} {name:18} n {part['items']:5} AP {part['average_precision']} "
                f"precision {part['precision']} recall {part['recall']}"
            )
    for one in result["worst"][:10]:
        click.echo(f"  {one['probability']:.2f} {one['label']} {one['text'][:160]}")
