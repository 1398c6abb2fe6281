"""Assessments: what each article says, which of them wait for folding, which for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Column, Float, Index, Integer, String, Table, Text, delete, select, update
from sqlalchemy.engine import Connection

from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.scales import Status
from alerter.store.articles import Articles
from alerter.store.engine import METADATA, UtcTime, insert

ASSESSMENTS: Final = Table(
    "assessments",
    METADATA,
    Column("article_id", String(64), primary_key=True),
    Column("model", String(64), nullable=False),
    Column("probability", Float, nullable=False),
    Column("assessed_at", UtcTime, nullable=False),
    Column("said_at", UtcTime, nullable=False),
    Column("waiting", Integer),
    Column("shown", Integer),
    Column("body", Text),
    # Both marks are null for nearly all rows; what is asked for lies together at one end.
    Index("ix_assessments_waiting", "waiting", "said_at"),
    Index("ix_assessments_shown", "shown", "said_at"),
)
_CHUNK: Final = 400  # ids in one statement: SQLite's limit on parameters is 999 in old builds


class Assessments:
    """Statements about assessments. What will not be folded keeps its probability and no more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_many(
        self, pairs: Sequence[tuple[Assessment, Article]], *, review: float, now: datetime
    ) -> None:
        """Keep what was said of each article, in place of what an older model said.

        From `review` on, and where it takes something back, the assessment is kept whole and
        waits to be folded; a person is shown those from `review` on.
        """
        rows = [_row(assessment, article, review, now) for assessment, article in pairs]
        if not rows:
            return
        statement = insert(self._connection, ASSESSMENTS)
        fresh = {
            name: statement.excluded[name]
            for name in (
                "model",
                "probability",
                "assessed_at",
                "said_at",
                "waiting",
                "shown",
                "body",
            )
        }
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["article_id"], set_=fresh), rows
        )

    def unfolded(self, limit: int) -> list[tuple[Assessment, Article]]:
        """Assessments that wait to be folded with their articles, oldest news first."""
        rows = self._connection.execute(
            select(ASSESSMENTS)
            .where(ASSESSMENTS.c.waiting == 1)
            .order_by(ASSESSMENTS.c.said_at, ASSESSMENTS.c.article_id)
            .limit(limit)
        ).all()
        return self._with_articles(rows)

    def mark_folded(self, article_ids: Iterable[str]) -> None:
        """These were dealt with; they do not come again."""
        for part in _chunks(list(article_ids)):
            self._connection.execute(
                update(ASSESSMENTS).where(ASSESSMENTS.c.article_id.in_(part)).values(waiting=None)
            )

    def review_queue(self, *, below: float, limit: int) -> list[tuple[Assessment, Article]]:
        """What a person should look at, newest first: from review to `below`."""
        rows = self._connection.execute(
            select(ASSESSMENTS)
            .where(ASSESSMENTS.c.shown == 1, ASSESSMENTS.c.probability < below)
            .order_by(ASSESSMENTS.c.said_at.desc(), ASSESSMENTS.c.article_id)
            .limit(limit)
        ).all()
        return self._with_articles(rows)

    def mark_reviewed(self, article_ids: Iterable[str]) -> None:
        """A person has looked at these; they leave the review queue."""
        for part in _chunks(list(article_ids)):
            self._connection.execute(
                update(ASSESSMENTS).where(ASSESSMENTS.c.article_id.in_(part)).values(shown=None)
            )

    def get(self, article_id: str) -> Assessment | None:
        """What was said of an article; status none and no details where that was not kept."""
        row = self._connection.execute(
            select(ASSESSMENTS).where(ASSESSMENTS.c.article_id == article_id)
        ).one_or_none()
        return None if row is None else _assessment(row)

    def forget(self, article_ids: Iterable[str]) -> None:
        """Delete the assessments of articles that retention removes."""
        for part in _chunks(list(article_ids)):
            self._connection.execute(delete(ASSESSMENTS).where(ASSESSMENTS.c.article_id.in_(part)))

    def _with_articles(self, rows: Sequence[Any]) -> list[tuple[Assessment, Article]]:
        found = Articles(self._connection).get([row.article_id for row in rows])
        articles = {article.id: article for article in found}
        return [
            (_assessment(row), articles[row.article_id])
            for row in rows
            if row.article_id in articles
        ]


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _row(assessment: Assessment, article: Article, review: float, now: datetime) -> dict[str, Any]:
    shown = assessment.probability >= review
    kept = shown or assessment.takes_back
    return {
        "article_id": assessment.article_id,
        "model": assessment.model,
        "probability": assessment.probability,
        "assessed_at": now,
        "said_at": article.when,
        "waiting": 1 if kept else None,
        "shown": 1 if shown else None,
        "body": _codec().dump_json(assessment).decode() if kept else None,
    }


def _assessment(row: Any) -> Assessment:
    if row.body is not None:
        return _codec().validate_json(row.body)
    return Assessment(
        article_id=row.article_id, probability=row.probability, threat=False, status=Status.NONE,
        model=row.model,
    )  # fmt: skip


@cache
def _codec() -> TypeAdapter[Assessment]:
    return TypeAdapter(Assessment)
