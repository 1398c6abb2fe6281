"""`alerter train`: fit the classifier on labelled JSON Lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alerter.cli.context import Context
from alerter.cli.score import settings_or_defaults
from alerter.domain.errors import AlerterError
from alerter.understand.assess import WITH_VECTORS, WITHOUT_VECTORS
from alerter.understand.card import Json, corpus_alone, describe, write_card
from alerter.understand.classifier import Classifier
from alerter.understand.embed import Embedder, Matrix, Remembering, find_embedder
from alerter.understand.items import Reader
from alerter.understand.labelled import CORPUS, THREAT, Labelled, read_labelled
from alerter.understand.lexicon import shipped
from alerter.understand.model import load_model
from alerter.understand.train import Trained, train
from alerter.understand.vectors import embed_many

Report = Callable[[str, float], None]
REMEMBERED: Final = 100_000  # texts whose vectors are kept from one step to the next: 150 MB


@click.command()
@click.argument("data", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the model files and the model card.",
)
@click.option("--label", default=THREAT, show_default=True, help="Field that holds 1 or 0.")
@click.option("--seed", default=7, show_default=True, help="Same seed, same data, same bytes.")
@click.option("--no-vectors", is_flag=True, help="Only the model that needs no embedder.")
@click.pass_obj
def command(
    context: Context, data: tuple[Path, ...], out: Path, label: str, seed: int, *, no_vectors: bool
) -> None:  # fmt: skip
    """Train on DATA (JSON Lines; the package's own corpus when none is given)."""
    settings = settings_or_defaults(context)
    try:
        rows = read_labelled(data or (CORPUS,), label=label)
        embedder = None
        if not no_vectors and label == THREAT:
            embedder = find_embedder(use=settings.embedder.use, onnx=settings.embedder.onnx)
        _train_all(
            rows, out, embedder, settings.embedder.onnx, label=label, seed=seed, now=context.now()
        )
    except AlerterError as error:
        raise click.ClickException(str(error)) from error


def _train_all(
    rows: list[Labelled], out: Path, embedder: Embedder | None, onnx: Path | None, *,
    label: str, seed: int, now: datetime,
) -> None:  # fmt: skip
    """One model without vectors, and one with them where there is an embedder."""
    cards = []
    for name, own in ((WITHOUT_VECTORS, None), (WITH_VECTORS, embedder)):
        if name == WITH_VECTORS and own is None:
            continue
        with _reporter(name) as report:
            vectors = own and Remembering(_Spread(own, onnx, report), most=REMEMBERED)
            lesson = _Lesson(Reader(shipped()), vectors, report, seed)
            trained = lesson.fit(rows, label)
            model = trained.save(out / name)
            alone = lesson.alone(rows, out / name) if label == THREAT else None
        cards.append(describe(trained, model, now=now, alone=alone))
        click.echo(f"{out / name}: {model.version}, held out: {cards[-1].summary}")
    write_card(out, cards)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What both runs share: the one on everything and the one on our corpus alone."""

    reader: Reader
    vectors: Embedder | None
    report: Report
    seed: int

    def fit(self, rows: list[Labelled], label: str) -> Trained:
        embed = self.vectors.embed if self.vectors else None
        return train(
            rows, self.reader, embed=embed, seed=self.seed, progress=self.report, label=label
        )

    def alone(self, rows: list[Labelled], path: Path) -> Json | None:
        """How the news is judged by what our corpus alone teaches; None without one of the two."""
        corpus = [row for row in rows if not row.shared]
        news = [row for row in rows if row.shared and not row.background]
        if not corpus or not news:
            return None
        beside = path.with_name(f".{path.name}")
        try:
            self.fit(corpus, THREAT).save(beside)
            return corpus_alone(Classifier(load_model(beside), self.vectors), news, self.reader)
        finally:
            beside.unlink(missing_ok=True)


class _Spread:
    """The embedder over many texts, on every core."""

    def __init__(self, inner: Embedder, onnx: Path | None, report: Report) -> None:
        self.name, self.dim = inner.name, inner.dim
        self._inner, self._onnx, self._report = inner, onnx, report

    def embed(self, texts: Sequence[str]) -> Matrix:
        """The rows that the inner embedder gives, in order."""
        return embed_many(texts, self._inner, onnx=self._onnx, progress=self._report)


@contextmanager
def _reporter(name: str) -> Iterator[Report]:
    """A bar on a terminal, a line for each new step elsewhere."""
    if not sys.stderr.isatty():
        yield _StepLines(name)
        return
    columns = (TextColumn("{task.description:40}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda step, share: bar.update(task, description=f"{name}: {step}", completed=share)


class _StepLines:
    """Says each step once."""

    def __init__(self, name: str) -> None:
        self._name, self._last = name, ""

    def __call__(self, step: str, share: float) -> None:
        if step != self._last:
            click.echo(f"{self._name}: {step}", err=True)
        self._last = step
