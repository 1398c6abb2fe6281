"""What waits to be assessed is read newest first, and backlog last."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index anew; only rows that wait are in it."""
    op.drop_index("ix_articles_unassessed", "articles")
    op.create_index(
        "ix_articles_unassessed",
        "articles",
        ["backlog", "first_seen", "published"],
        unique=False,
        sqlite_where=text("assessed_by = ''"),
        postgresql_where=text("assessed_by = ''"),
    )
