"""The configuration: what loads, and how every mistake is told with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerter.config.base import resolve_secret
from alerter.config.load import load
from alerter.domain.errors import ConfigError
from alerter.domain.scales import Severity

MINIMAL = "feeds:\n  - url: https://example.org/rss.xml\n"


def write(folder: Path, text: str, name: str = "alerter.yaml") -> Path:
    """A configuration file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    """The problems that loading reports, without the folder in front of the file's name."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(problem).replace(f"{path.parent}/", "") for problem in caught.value.problems]


def test_one_url_is_a_whole_configuration(tmp_path: Path) -> None:
    """Everything but the feeds has a default, and the feed gets a readable name."""
    loaded = load(write(tmp_path, MINIMAL))
    assert loaded.feeds[0].name == "example-org"
    assert loaded.poll.every == timedelta(minutes=5)
    assert loaded.receivers[0].name == "console"


def test_norway_is_a_state_and_not_a_boolean(tmp_path: Path) -> None:
    """YAML 1.2: NO, on and 010 mean what they say."""
    text = "feeds:\n  - {url: https://example.org/a, covers: [NO, IQ], name: on}\n"
    feed = load(write(tmp_path, text)).feeds[0]
    assert feed.covers == ("NO", "IQ")
    assert feed.name == "on"


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    """A wrong value does not hide an undefined name elsewhere, nor the other way round."""
    text = """\
feeds:
  - url: https://example.org/rss.xml
    wieght: 3
  - url: ftp://example.org/
    every: 5 minutes
receivers:
  - {name: mail, email: {to: [a@example.org], from: b@example.org, smtp: {port: 99999}}}
routes:
  - match: {severity: [Extrem]}
    receiver: nobody
"""
    assert mistakes(write(tmp_path, text)) == [
        "alerter.yaml:3:5: feeds.0.wieght: unknown key; allowed: url, name, every, lang, region,"
        " trust, covers, auth, json, fulltext, kind",
        "alerter.yaml:4:10: feeds.1.url: not a URL of a feed; allowed: http, https, file",
        "alerter.yaml:5:12: feeds.1.every: not a duration; write a number with s, m, h, d, w or y,"
        " such as 5m",
        "alerter.yaml:7:81: receivers.0.email.smtp.port: input should be less than or equal to"
        " 65535",
        "alerter.yaml:9:24: routes.0.match.severity.0: input should be 'Unknown', 'Minor',"
        " 'Moderate', 'Severe' or 'Extreme'",
        "alerter.yaml:10:15: routes.0.receiver: there is no receiver 'nobody'; allowed: mail",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fedes: []\n", "alerter.yaml:1:1: fedes: unknown key; did you mean 'feeds'? allowed: "),
        ("poll: {every: 1m}\npoll: {}\n", "alerter.yaml:2:1: poll: is given twice; keep one"),
        ("feeds: [\n", "alerter.yaml:2:1: not YAML: "),
        ("- a\n", "alerter.yaml:1:1: must be keys with values, not a list or a text"),
        ("state: mysql://x\n", "alerter.yaml:1:8: state: not a state; allowed: "),
        (MINIMAL + "web: {listen: 8480}\n", "alerter.yaml:3:15: web.listen: input should be"),
        (
            "feeds:\n  - url: https://u:p@example.org/\n",
            "alerter.yaml:2:10: feeds.0.url: a password in the URL would be logged",
        ),
        (
            "feeds:\n  - {url: https://a.org/1, name: x}\n  - {url: https://a.org/2, name: x}\n",
            "alerter.yaml:3:34: feeds.1.name: the name 'x' is given to two feeds",
        ),
        (
            "receivers: [{name: a, console: {}}, {name: a, console: {}}]\n",
            "alerter.yaml:1:44: receivers.1.name: the name 'a' is given to two receivers",
        ),
        (
            "receivers: [{name: a, slack: {channel: '#x'}}]\n",
            "alerter.yaml:1:30: receivers.0.slack: needs webhook_url or token and channel",
        ),
        (
            "receivers: [{name: a, webhook: {url_file: none}}]\n",
            "alerter.yaml:1:43: receivers.0.webhook.url_file: the file none cannot be read",
        ),
        ("feeds_from: [none.yaml]\n", "alerter.yaml:1:14: feeds_from.0: there is no file none"),
        (
            "routes: [{match: {within: 5km}, receiver: console}]\n",
            "alerter.yaml:1:27: routes.0.match.within: needs a mission with a location",
        ),
        (
            "thresholds: {alert: 0.4, review: 0.5}\n",
            "alerter.yaml:1:13: thresholds: review must not be above alert",
        ),
    ],
)
def test_each_mistake_says_what_is_allowed(tmp_path: Path, text: str, expected: str) -> None:
    """One small file for each mistake."""
    assert mistakes(write(tmp_path, text))[0].startswith(expected)


def test_a_mistake_in_a_named_file_is_placed_in_that_file(tmp_path: Path) -> None:
    """Positions count in the file where the mistake stands, also behind another mistake."""
    text = "feeds:\n  - {name: a}\n  - {url: https://b.org/, trust: G}\n"
    write(tmp_path, text, "more.yaml")
    assert mistakes(write(tmp_path, "feeds_from: [more.yaml]\n")) == [
        "more.yaml:2:5: feeds.0.url: is missing and required",
        "more.yaml:3:34: feeds.1.trust: input should be 'A', 'B', 'C', 'D', 'E' or 'F'",
    ]


def test_a_subscription_list_brings_its_feeds(tmp_path: Path) -> None:
    """Names of a list may clash; they are made unique, and a known URL is not taken twice."""
    opml = (
        '<opml version="2.0"><body><outline text="News">'
        '<outline text="Post" xmlUrl="https://a.org/rss"/>'
        '<outline text="Post" xmlUrl="https://b.org/rss"/>'
        '<outline text="Known" xmlUrl="https://example.org/rss.xml"/>'
        "</outline></body></opml>"
    )
    write(tmp_path, opml, "list.opml")
    loaded = load(write(tmp_path, MINIMAL + "feeds_from: [list.opml]\n"))
    assert [feed.name for feed in loaded.feeds] == ["example-org", "Post", "Post-2"]


def test_relative_paths_start_at_the_file_they_stand_in(tmp_path: Path) -> None:
    """Also in a file that another one names."""
    (tmp_path / "sub" / "secrets").mkdir(parents=True)
    (tmp_path / "sub" / "secrets" / "pw").write_text("hush\n", encoding="utf-8")
    text = "feeds:\n  - url: https://a.org/\n    auth: {username: u, password_file: secrets/pw}\n"
    write(tmp_path / "sub", text, "feeds.yaml")
    main = "state: sqlite:///../state/a.db\nfeeds_from: [sub/feeds.yaml]\n"
    loaded = load(write(tmp_path, main))
    auth = loaded.feeds[0].auth
    assert auth is not None
    secret = resolve_secret(auth.password, auth.password_file)
    assert secret is not None
    assert secret.get_secret_value() == "hush"
    assert loaded.state == f"sqlite:///{tmp_path.parent / 'state' / 'a.db'}"


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`${NAME}` is looked up; a name that is not set is a mistake with its place."""
    text = "receivers: [{name: a, webhook: {url: '${HOOK}'}}]\n"
    path = write(tmp_path, text)
    assert mistakes(path) == [
        "alerter.yaml:1:38: receivers.0.webhook.url: the environment variable HOOK is not set"
    ]
    monkeypatch.setenv("HOOK", "https://example.org/s3cr3t")
    webhook = load(path).receivers[0].webhook
    assert webhook is not None
    assert webhook.url is not None
    assert webhook.url.get_secret_value().endswith("s3cr3t")


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    """Neither by the settings' text nor by an error about the key beside it."""
    text = "receivers: [{name: a, webhook: {url: 'https://example.org/s3cr3t', secret: k3y}}]\n"
    shown = repr(load(write(tmp_path, text)))
    broken = write(tmp_path, text.replace("secret:", "secert:"))
    assert "s3cr3t" not in shown
    assert "k3y" not in shown
    assert not any("s3cr3t" in line or "k3y" in line for line in mistakes(broken))


def test_a_secret_file_may_be_a_systemd_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not where the configuration points is looked up among the credentials."""
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "slack").write_text("https://hooks.example.org/x", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    text = "receivers: [{name: a, slack: {webhook_url_file: secrets/slack}}]\n"
    slack = load(write(tmp_path, text)).receivers[0].slack
    assert slack is not None
    secret = resolve_secret(slack.webhook_url, slack.webhook_url_file)
    assert secret is not None
    assert secret.get_secret_value() == "https://hooks.example.org/x"


def test_quiet_hours_and_severities_are_read_as_values(tmp_path: Path) -> None:
    """What the settings hold is typed: times of day, zones, scales."""
    text = """\
receivers: [{name: desk, console: {}}]
routes:
  - receiver: desk
    quiet_hours: {from: "22:00", to: "06:00", zone: Asia/Baghdad, except: [Extreme]}
"""
    quiet = load(write(tmp_path, text)).routes[0].quiet_hours
    assert quiet is not None
    assert quiet.from_.hour == 22
    assert quiet.zone.key == "Asia/Baghdad"
    assert quiet.except_ == (Severity.EXTREME,)


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_load_or_give_a_config_error(tmp_path: Path, content: bytes) -> None:
    """A broken file is a readable error, never a traceback."""
    path = tmp_path / "alerter.yaml"
    path.write_bytes(content)
    try:
        load(path)
    except ConfigError as error:
        assert error.problems
