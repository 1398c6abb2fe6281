"""The floor: the least that a poller with httpx and SQLite can do. `python -m benchmarks.bare`.

Conditional GET, body hash, feedparser on what changed, one row per entry. No deadline, no cap, no
guard, no identity, no health: what Alerter costs beyond this is what those cost.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import sqlite3
import sys
from pathlib import Path
from typing import Final

import feedparser
import httpx

from benchmarks.measure import Phase

WORKERS: Final = 32
Row = tuple[str, str | None, str | None, str | None]


async def _worker(client: httpx.AsyncClient, db: sqlite3.Connection, rows: list[Row]) -> None:
    while rows:
        url, etag, modified, known = rows.pop()
        asked = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in asked.items() if value}
        got = await client.get(url, headers=headers)
        digest = hashlib.blake2b(got.content, digest_size=16).hexdigest()
        if got.status_code == 304 or digest == known:
            db.execute("UPDATE feeds SET polled = polled + 1 WHERE url = ?", (url,))
        elif got.status_code == 200:
            _keep(db, url, got, digest)


def _keep(db: sqlite3.Connection, url: str, got: httpx.Response, digest: str) -> None:
    parsed = feedparser.parse(
        io.BytesIO(got.content), sanitize_html=False, resolve_relative_uris=False
    )
    rows = [
        (url, e.get("id"), e.get("title"), e.get("summary"), e.get("link")) for e in parsed.entries
    ]
    db.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?)", rows)
    db.execute(
        "UPDATE feeds SET etag = ?, modified = ?, hash = ?, polled = polled + 1 WHERE url = ?",
        (got.headers.get("etag"), got.headers.get("last-modified"), digest, url),
    )


async def _poll(db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT url, etag, modified, hash FROM feeds").fetchall()
    limits = httpx.Limits(max_connections=WORKERS)
    async with httpx.AsyncClient(limits=limits, timeout=20, trust_env=False) as client:
        await asyncio.gather(*(_worker(client, db, rows) for _ in range(WORKERS)))


def main(folder: Path, urls: list[str]) -> None:
    """Poll all feeds once and print what that took."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE IF NOT EXISTS feeds (url PRIMARY KEY, etag, modified, hash, polled DEFAULT 0);"
        "CREATE TABLE IF NOT EXISTS entries (feed, guid, title, summary, link, UNIQUE (feed, guid));"
    )
    db.executemany("INSERT OR IGNORE INTO feeds (url) VALUES (?)", [(url,) for url in urls])
    with Phase() as phase:
        asyncio.run(_poll(db))
    count = db.execute("SELECT count(*) FROM entries").fetchone()[0]
    print(json.dumps({"step": "poll", "cpu": phase.cpu, "wall": phase.wall, "stored": count}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text().split())
