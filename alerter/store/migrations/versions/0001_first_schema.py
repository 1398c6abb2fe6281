"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alerter.store import engine as types

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "acks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("until", types.UtcTime(), nullable=False),
        sa.Column("ended_at", types.UtcTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("token", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acks")),
        sa.UniqueConstraint("token", name=op.f("uq_acks_token")),
    )
    op.create_index(op.f("ix_acks_subject"), "acks", ["subject"], unique=False)
    op.create_table(
        "acts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_at"), "acts", ["at"], unique=False)
    op.create_index(op.f("ix_acts_subject"), "acts", ["subject"], unique=False)
    op.create_table(
        "article_keys",
        sa.Column("feed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("feed", "key", name=op.f("pk_article_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("lang", sa.String(), nullable=True),
        sa.Column("published", types.UtcTime(), nullable=True),
        sa.Column("first_seen", types.UtcTime(), nullable=False),
        sa.Column("backlog", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("same_as", sa.String(length=20), nullable=True),
        sa.Column("linked_by", sa.LargeBinary(), nullable=False),
        sa.Column("listed_at", types.UtcTime(), nullable=False),
        sa.Column("assessed_by", sa.String(), nullable=False),
        sa.Column("fulltext", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index("ix_articles_feed", "articles", ["feed", "first_seen"], unique=False)
    op.create_index(
        "ix_articles_fulltext",
        "articles",
        ["first_seen"],
        unique=False,
        sqlite_where=sa.text("fulltext = 'wanted'"),
        postgresql_where=sa.text("fulltext = 'wanted'"),
    )
    op.create_index("ix_articles_listed", "articles", ["listed_at"], unique=False)
    op.create_index(
        "ix_articles_unassessed",
        "articles",
        ["first_seen"],
        unique=False,
        sqlite_where=sa.text("assessed_by = ''"),
        postgresql_where=sa.text("assessed_by = ''"),
    )
    op.create_table(
        "assessments",
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("assessed_at", types.UtcTime(), nullable=False),
        sa.Column("said_at", types.UtcTime(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=True),
        sa.Column("shown", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_assessments")),
    )
    op.create_index("ix_assessments_shown", "assessments", ["shown", "said_at"], unique=False)
    op.create_index("ix_assessments_waiting", "assessments", ["waiting", "said_at"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "coverage_days",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("host", sa.String(length=2), nullable=False),
        sa.Column("feed_hours", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "host", name=op.f("pk_coverage_days")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("delivery_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_at"), "decisions", ["at"], unique=False)
    op.create_index("ix_decisions_subject_id", "decisions", ["subject", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("next_try", types.UtcTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("first_try", types.UtcTime(), nullable=True),
        sa.Column("sent_at", types.UtcTime(), nullable=True),
        sa.Column("lease_until", types.UtcTime(), nullable=True),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("held_until", types.UtcTime(), nullable=True),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=True),
        sa.Column("fallback", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    op.create_index("ix_deliveries_created", "deliveries", ["created_at"], unique=False)
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["receiver", "next_try", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_deliveries_group",
        "deliveries",
        ["group", "created_at"],
        unique=False,
        sqlite_where=sa.text('"group" IS NOT NULL'),
        postgresql_where=sa.text('"group" IS NOT NULL'),
    )
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["held_until"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_deliveries_leased",
        "deliveries",
        ["leased_by"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND lease_until IS NOT NULL"),
        postgresql_where=sa.text("state = 'pending' AND lease_until IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_line",
        "deliveries",
        ["subject", "receiver", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_deliveries_told", "deliveries", ["subject", "receiver", "id"], unique=False)
    op.create_table(
        "escalations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("delivery_key", sa.String(), nullable=False),
        sa.Column("due_at", types.UtcTime(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("delivery_key", "step", name=op.f("uq_escalations_delivery_key_step")),
    )
    op.create_index(
        "ix_escalations_due",
        "escalations",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_index(
        "ix_escalations_of",
        "escalations",
        ["subject"],
        unique=False,
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.create_table(
        "feed_memory",
        sa.Column("feed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_feed_memory")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_incident_id", "feedback", ["incident_id"], unique=False)
    op.create_table(
        "feeds",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("configured_url", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("next_poll", types.UtcTime(), nullable=False),
        sa.Column(
            "health",
            sa.Enum(
                "new",
                "ok",
                "slow",
                "failing",
                "empty",
                "frozen",
                "gap",
                "gone",
                name="feedhealth",
                native_enum=False,
                length=10,
            ),
            nullable=False,
        ),
        sa.Column("health_reason", sa.Text(), nullable=False),
        sa.Column("health_since", types.UtcTime(), nullable=True),
        sa.Column("last_polled", types.UtcTime(), nullable=True),
        sa.Column("last_ok", types.UtcTime(), nullable=True),
        sa.Column("last_changed", types.UtcTime(), nullable=True),
        sa.Column("last_entry", types.UtcTime(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("entries_last", sa.Integer(), nullable=False),
        sa.Column("entries_usual", sa.Float(), nullable=False),
        sa.Column("rhythm", types.Span(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("moved_first_seen", types.UtcTime(), nullable=True),
        sa.Column("moved_polls", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("ttl", types.Span(), nullable=True),
        sa.Column("skip_hours", types.JsonText(), nullable=False),
        sa.Column("skip_days", types.JsonText(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column(
            "told",
            sa.Enum(
                "new",
                "ok",
                "slow",
                "failing",
                "empty",
                "frozen",
                "gap",
                "gone",
                name="feedhealth",
                native_enum=False,
                length=10,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_feeds")),
        sa.UniqueConstraint("name", name=op.f("uq_feeds_name")),
    )
    op.create_index("ix_feeds_due", "feeds", ["active", "next_poll"], unique=False)
    op.create_table(
        "health_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column(
            "old",
            sa.Enum(
                "new",
                "ok",
                "slow",
                "failing",
                "empty",
                "frozen",
                "gap",
                "gone",
                name="feedhealth",
                native_enum=False,
                length=10,
            ),
            nullable=False,
        ),
        sa.Column(
            "new",
            sa.Enum(
                "new",
                "ok",
                "slow",
                "failing",
                "empty",
                "frozen",
                "gap",
                "gone",
                name="feedhealth",
                native_enum=False,
                length=10,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_changes")),
    )
    op.create_index("ix_health_changes_feed", "health_changes", ["feed", "id"], unique=False)
    op.create_index("ix_health_changes_untold", "health_changes", ["told_at", "id"], unique=False)
    op.create_table(
        "incident_keys",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("news_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", "incident_id", name=op.f("pk_incident_keys")),
    )
    op.create_index("ix_incident_keys_incident_id", "incident_keys", ["incident_id"], unique=False)
    op.create_index("ix_incident_keys_key", "incident_keys", ["key", "news_at"], unique=False)
    op.create_table(
        "incident_points",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_points")),
    )
    op.create_index("ix_incident_points_at", "incident_points", ["at"], unique=False)
    op.create_table(
        "incident_revisions",
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "revision", name=op.f("pk_incident_revisions")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=2), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("first_seen", types.UtcTime(), nullable=False),
        sa.Column("last_seen", types.UtcTime(), nullable=False),
        sa.Column("event_time", types.UtcTime(), nullable=True),
        sa.Column("told_at", types.UtcTime(), nullable=True),
        sa.Column("next_turn", types.UtcTime(), nullable=True),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("number", name=op.f("uq_incidents_number")),
    )
    op.create_index("ix_incidents_event_time", "incidents", ["event_time"], unique=False)
    op.create_index("ix_incidents_host", "incidents", ["host", "last_seen"], unique=False)
    op.create_index("ix_incidents_last_seen", "incidents", ["last_seen", "id"], unique=False)
    op.create_index("ix_incidents_next_turn", "incidents", ["next_turn"], unique=False)
    op.create_table(
        "inhibitors",
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("values", types.JsonText(), nullable=False),
        sa.Column("until", types.UtcTime(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("rule", "subject", name=op.f("pk_inhibitors")),
    )
    op.create_index(op.f("ix_inhibitors_until"), "inhibitors", ["until"], unique=False)
    op.create_table(
        "keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_keys")),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "rejections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejections")),
    )
    op.create_index(op.f("ix_rejections_at"), "rejections", ["at"], unique=False)
    op.create_index("ix_rejections_feed_at", "rejections", ["feed", "at"], unique=False)
    op.create_table(
        "reminders",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("due_at", types.UtcTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "receiver", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_due_at"), "reminders", ["due_at"], unique=False)
    op.create_table(
        "risk_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("incident_ids", types.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_changes")),
    )
    op.create_index("ix_risk_changes_area", "risk_changes", ["kind", "key", "id"], unique=False)
    op.create_table(
        "risk_now",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_risk_now")),
    )
    op.create_table(
        "sightings",
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("incident_id", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_sightings")),
    )
    op.create_index("ix_sightings_incident_id", "sightings", ["incident_id", "at"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("matcher", types.JsonText(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", types.UtcTime(), nullable=False),
        sa.Column("until", types.UtcTime(), nullable=False),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_index(op.f("ix_silences_until"), "silences", ["until"], unique=False)
    op.create_table(
        "storms",
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("summary_at", types.UtcTime(), nullable=False),
        sa.Column("summaries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", name=op.f("pk_storms")),
    )
    op.create_table(
        "targets",
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", types.UtcTime(), nullable=True),
        sa.Column("paused_until", types.UtcTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("last_ok", types.UtcTime(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("receiver", name=op.f("pk_targets")),
    )
    op.create_table(
        "tempo_alerts",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("raised_at", types.UtcTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("told_at", types.UtcTime(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("incident_ids", types.JsonText(), nullable=False),
        sa.Column("ended_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", "raised_at", name=op.f("pk_tempo_alerts")),
    )
    op.create_index("ix_tempo_alerts_ended_at", "tempo_alerts", ["ended_at"], unique=False)
    op.create_table(
        "threads",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "receiver", name=op.f("pk_threads")),
    )
    op.create_table(
        "vitals",
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("step", name=op.f("pk_vitals")),
    )
