"""`alerter feeds`: what is polled, how it is, and how feeds are added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerter.cli import main
from alerter.config.load import load
from alerter.config.opml import read_opml
from alerter.domain.scales import FeedHealth
from alerter.store import Store
from tests.fakes import FeedServer, Item

CONFIG = """
state: sqlite:///{folder}/alerter.db
poll: {{allow_networks: [127.0.0.0/8]}}
feeds:
  - {{name: iraq, url: "https://iraq.example/rss", lang: ar, covers: [IQ]}}
  - {{name: world, url: "https://world.example/rss"}}
feeds_from: [more.yaml]
"""
MORE = """# Our own feeds
feeds:
    - name: first
      url: "https://first.example/rss"
"""


@dataclass
class Desk:
    """A configuration in a folder, and the command line."""

    folder: Path
    server: FeedServer

    def run(self, *arguments: str) -> Result:
        """`alerter --config ... feeds ARGUMENTS`."""
        config = str(self.folder / "alerter.yaml")
        return CliRunner().invoke(main, ["--config", config, "feeds", *arguments])

    def names(self) -> list[str]:
        """The configured feeds."""
        return [feed.name for feed in load(self.folder / "alerter.yaml").feeds]

    def know(self, name: str, **known: Any) -> None:
        """Let the store know this of a feed."""
        settings = load(self.folder / "alerter.yaml")
        store = Store.open(settings.state)
        with store.begin() as tx:
            tx.feeds.sync(settings.feeds)
            state = tx.feeds.get(name)
            assert state is not None
            tx.feeds.save([replace(state, **known)])
        store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three feeds, none of them polled."""
    (tmp_path / "alerter.yaml").write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    (tmp_path / "more.yaml").write_text(MORE, encoding="utf-8")
    with FeedServer() as server:
        yield Desk(tmp_path, server)


def test_json_lists_every_feed_with_its_health(desk: Desk) -> None:
    """The contract: name, url, health, reason, last_ok and next_poll, in an array."""
    now = datetime.now(UTC).replace(microsecond=0)
    desk.know(
        "world",
        health=FeedHealth.FAILING,
        health_reason="HTTP 500",
        last_ok=now,
        next_poll=now + timedelta(minutes=5),
    )
    result = desk.run("--json")
    assert result.exit_code == 0
    feeds = {feed["name"]: feed for feed in json.loads(result.stdout)}
    assert set(feeds) == {"iraq", "world", "first"}
    world = feeds["world"]
    assert (world["url"], world["health"], world["reason"]) == (
        "https://world.example/rss",
        "failing",
        "HTTP 500",
    )
    assert world["last_ok"] == now.isoformat().replace("+00:00", "Z")
    assert world["next_poll"] > world["last_ok"]
    assert (feeds["iraq"]["health"], feeds["iraq"]["reason"]) == ("new", "not polled yet")


def test_passwords_in_urls_are_never_shown(desk: Desk) -> None:
    """The configuration refuses them; a redirect may still bring one."""
    desk.know("iraq", url="https://u:secret@moved.example/")
    for arguments in ([], ["--json"], ["--coverage"], ["export"]):
        result = desk.run(*arguments)
        assert result.exit_code == 0
        assert "secret" not in result.output


def test_the_table_shows_what_is_not_ok_first(desk: Desk) -> None:
    """With its reason; and only what was asked for."""
    desk.know("iraq", health=FeedHealth.OK)
    desk.know("world", health=FeedHealth.FROZEN, health_reason="nothing new for 3 d")
    lines = desk.run().stdout.splitlines()
    assert lines[0].split()[:2] == ["feed", "health"]
    assert lines[-1].startswith("iraq")
    assert any(line.startswith("world") and "nothing new for 3 d" in line for line in lines)
    only = desk.run("--health", "frozen", "--json")
    assert [feed["name"] for feed in json.loads(only.stdout)] == ["world"]
    assert desk.run("--health", "sleepy").exit_code == 2


def test_coverage_says_what_is_not_seen(desk: Desk) -> None:
    """Per host state and language."""
    desk.know("iraq", health=FeedHealth.FAILING)
    rows = json.loads(desk.run("--coverage", "--json").stdout)
    iraq = next(row for row in rows if row["host"] == "IQ")
    assert (iraq["lang"], iraq["live"], iraq["feeds"], iraq["blind"]) == ("ar", 0, 1, ["iraq"])
    assert "IQ" in desk.run("--coverage").stdout


def test_a_feed_is_added_by_its_url(desk: Desk) -> None:
    """Printed as YAML that could be pasted."""
    desk.server.feed("/rss", Item("one"), channel="<language>no</language>")
    result = desk.run("add", desk.server.url("/rss"), "--name", "oslo")
    assert result.stdout == f'  - {{name: "oslo", url: "{desk.server.url("/rss")}", lang: "no"}}\n'


def test_feeds_of_a_page_are_found_and_appended(desk: Desk) -> None:
    """To a file that the configuration reads, as that file is indented."""
    page = b'<link rel="alternate" type="application/rss+xml" href="/rss">'
    desk.server.feed("/", body=b"<html><head>" + page + b"</head></html>")
    result = desk.run("add", desk.server.url("/"), "--to", str(desk.folder / "more.yaml"))
    assert result.exit_code == 0, result.output
    text = (desk.folder / "more.yaml").read_text(encoding="utf-8")
    assert text.startswith(MORE)
    assert f'    - {{url: "{desk.server.url("/rss")}"}}' in text
    assert len(desk.names()) == 4


def test_what_would_break_the_configuration_is_not_written(desk: Desk) -> None:
    """The file is as it was."""
    desk.server.feed("/rss", Item("one"))
    file = desk.folder / "more.yaml"
    result = desk.run("add", desk.server.url("/rss"), "--name", "world", "--to", str(file))
    assert result.exit_code == 1
    assert "is unchanged" in result.output
    assert file.read_text(encoding="utf-8") == MORE


def test_what_is_no_feed_is_said(desk: Desk) -> None:
    """No feed and no link to one; a refused address; a feed that is there already."""
    desk.server.feed("/", body=b"<html>nothing</html>")
    assert "is no feed and announces none" in desk.run("add", desk.server.url("/")).output
    assert "not a public address" in desk.run("add", "http://10.0.0.1/").output
    desk.server.feed("/rss", Item("one"))
    desk.run("add", desk.server.url("/rss"), "--to", str(desk.folder / "more.yaml"))
    again = desk.run("add", desk.server.url("/rss"))
    assert again.exit_code == 1
    assert "configured already" in again.output


def test_subscriptions_come_in_and_go_out_as_opml(desk: Desk) -> None:
    """What goes out can be read by any reader, ours included."""
    exported = desk.run("export", str(desk.folder / "out.opml"))
    assert exported.exit_code == 0
    opml = (desk.folder / "out.opml").read_bytes()
    assert [feed.title for feed in read_opml(opml)] == ["iraq", "world", "first"]
    new = opml.replace(b"world.example", b"other.example").replace(b'"world"', b'"other"')
    (desk.folder / "in.opml").write_bytes(new)
    result = desk.run(
        "import", str(desk.folder / "in.opml"), "--to", str(desk.folder / "more.yaml")
    )
    assert result.exit_code == 0, result.output
    assert "other" in desk.names()


def test_a_file_that_is_no_opml_is_said(desk: Desk) -> None:
    """And a bomb is refused."""
    bomb = desk.folder / "bomb.opml"
    bomb.write_text('<!DOCTYPE o [<!ENTITY a "x">]><opml>&a;</opml>', encoding="utf-8")
    result = desk.run("import", str(bomb))
    assert result.exit_code == 1
    assert "not OPML" in result.output
