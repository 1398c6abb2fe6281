"""The model card: what a model was made of, what it is for, and how good it is on unseen events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from alerter.understand.classifier import Classifier
from alerter.understand.evaluate import Said, evaluate
from alerter.understand.items import Reader
from alerter.understand.labelled import Labelled
from alerter.understand.model import Model
from alerter.understand.train import Trained

USE: Final = (
    "Picks news items that bear on the safety of diplomatic missions, for people who guard them. "
    "It orders what people read and wakes them; it is no proof of anything, and nobody should "
    "act against a person because of what it says."
)
LIMITS: Final = (
    "Judges title and lead; irony, riddles and hints escape it.",
    "Weak on espionage, harassment by states and on events told in passing.",
    "Languages without a lexicon rest on the sentence vector alone; without an embedder they are "
    "read poorly.",
    "News of 1987 to 2026; words that arise later are unknown to it until it is trained again.",
    "Figures are of items picked to be hard; a daily stream is easier.",
)
BATCH: Final = 128
Json = Mapping[str, Any]
_HALVES: Final = (("English", "english"), ("other languages", "other_languages"))
SHOWN: Final = ("average_precision", "f1", "precision", "recall", "calibration_error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The facts of one model, ready to be written. `heldout` are metrics on unseen events."""

    facts: Mapping[str, Any]

    @property
    def summary(self) -> str:
        """One line for a terminal."""
        held = self.facts["held_out"]
        return ", ".join(f"{name} {held[name]}" for name in SHOWN)


def corpus_alone(classifier: Classifier, rows: Sequence[Labelled], reader: Reader) -> Json:
    """Metrics on rows that are not of our corpus, of a classifier that learned from it alone."""
    said: list[Said] = []
    for start in range(0, len(rows), BATCH):
        reads = [reader.read(row.item) for row in rows[start : start + BATCH]]
        verdicts = classifier.judge(reads)
        said += [_said(verdict.probability, classifier.threshold) for verdict in verdicts]
    return _slim(evaluate(rows, said))


def describe(
    trained: Trained, model: Model, *, now: datetime, alone: Json | None = None
) -> Card:  # fmt: skip
    """The card of a model that was just trained, with metrics of its held-out predictions.

    `alone` is what `corpus_alone` gave, for the column beside them.
    """
    threshold = float(trained.header["threshold"])
    rows = list(trained.rows)
    said = [_said(p, threshold) for p in trained.held_out]
    news = [at for at, row in enumerate(rows) if row.shared and not row.background]
    beside = None
    if alone is not None:
        own = evaluate([rows[at] for at in news], [said[at] for at in news])
        beside = {"all_data": _slim(own), "corpus_alone": alone}
    return Card(
        facts={
            "version": model.version,
            "sha256": model.header["sha256"],
            "trained_at": now.isoformat(timespec="seconds"),
            "label": trained.header["label"],
            "seed": trained.header["seed"],
            "threshold": threshold,
            "intended_use": USE,
            "limits": list(LIMITS),
            "training": {
                "items": len(rows),
                "threats": int(sum(row.label for row in rows)),
                "background": sum(row.background for row in rows),
                "languages": dict(Counter(row.lang for row in rows).most_common()),
                "years": f"{_first(rows)} to {_last(rows)}",
            },
            "held_out": _slim(evaluate(rows, said)),
            "news": beside,
        }
    )


def write_card(folder: Path, cards: Sequence[Card]) -> None:
    """`card.json` for programs and `card.md` for people, beside the model files."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = [dict(card.facts) for card in cards]
    (folder / "card.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    text = "\n".join(_markdown(card) for card in facts)
    (folder / "card.md").write_text(text, encoding="utf-8")


def _said(probability: float, threshold: float) -> Said:
    known = 0.0 if np.isnan(probability) else round(float(probability), 4)
    return Said(probability=known, threat=known >= threshold)


def _slim(result: dict[str, Any]) -> dict[str, Any]:
    """Without texts and without what held-out probabilities cannot tell."""
    dropped = {"worst", "category", "status", "target", "host", "sending"}
    return {name: value for name, value in result.items() if name not in dropped}


def _first(rows: Sequence[Any]) -> str:
    return min((row.year for row in rows if row.year), default="?")


def _last(rows: Sequence[Any]) -> str:
    return max((row.year for row in rows if row.year), default="?")


def _markdown(facts: Mapping[str, Any]) -> str:
    training, held = facts["training"], facts["held_out"]
    lines = [
        f"# Model {facts['version']}",
        "",
        f"Trained {facts['trained_at'][:10]} for `{facts['label']}`, seed {facts['seed']}, on "
        f"{training['items']} items ({training['threats']} positive, {training['background']} "
        f"background) of {training['years']} in {len(training['languages'])} languages. "
        f"Decision threshold {facts['threshold']}. Content digest `{facts['sha256']}`.",
        "",
        f"**Intended use.** {facts['intended_use']}",
        "",
        "**Limits.**",
        "",
        *(f"- {limit}" for limit in facts["limits"]),
        "",
        "**On held-out events** (five folds; no event, nor a near copy, on both sides; parts, "
        "blend and calibration fitted without the fold):",
        "",
        "| slice | items | threats | AP | F1 | precision | recall | ECE |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        _line("all", held),
        _line("English", held["english"]),
        _line("other languages", held["other_languages"]),
        *(_line(f"language {name}", part) for name, part in held["by"]["language"].items() if name),
        *(_line(f"category {name}", part) for name, part in held["by"]["category"].items()),
        "",
        *(_beside(facts["news"]) if facts["news"] else ()),
    ]
    return "\n".join(lines)


def _beside(news: Mapping[str, Json]) -> list[str]:
    """The labelled news alone: learned from everything, and from our corpus only."""
    full, alone = news["all_data"], news["corpus_alone"]
    rows = [("all", full, alone)]
    rows += [(name, full[key], alone[key]) for name, key in _HALVES]
    for kind in ("language", "category"):
        others = alone["by"][kind]
        rows += [
            (f"{kind} {name}", part, others[name])
            for name, part in full["by"][kind].items()
            if name in others
        ]
    return [
        "**On the labelled news alone, none of it seen:** trained on everything (held out by "
        "event), and beside it trained on our own corpus only.",
        "",
        "| slice | items | threats | AP | F1 | recall | corpus only: AP | F1 | recall |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_pair(*row) for row in rows),
        "",
    ]


def _pair(name: str, full: Json, alone: Json) -> str:
    keys = ("average_precision", "f1", "recall")
    cells = [full["items"], full["threats"], *(part[key] for part in (full, alone) for key in keys)]
    return f"| {name} | " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |"


def _line(name: str, part: Mapping[str, Any]) -> str:
    cells = [part["items"], part["threats"], *(part[key] for key in SHOWN)]
    return f"| {name} | " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |"
