"""Numbered migrations, append-only; together they equal the schema of the topics (tested)."""
