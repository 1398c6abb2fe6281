"""The benchmarks' own tools: the server behaves as asked, costs and ratios are counted right."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("psutil", reason="needs the extra `dev`")

from benchmarks import __main__ as program
from benchmarks.daemon import Sink, write_config
from benchmarks.hostile_bench import mixed
from benchmarks.measure import Failed, Result, run
from benchmarks.ours import poll_once
from benchmarks.serve import WINDOW, Web
from benchmarks.texts import entry, report


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """The server in a process of its own."""
    with Web() as started:
        yield started


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_a_feed_is_unchanged_until_it_grows(web: Web) -> None:
    """An ETag gives 304; a new entry gives the same feed with one entry more at its top."""
    web.control(entries=3, grown=0, validators=1)
    (url,) = web.feeds(1)
    status, headers, body = get(url)
    assert (status, body.count(b"<item>")) == (200, 3)
    assert get(url, If_None_Match=headers["ETag"])[0] == 304
    web.control(grown=1)
    status, _, grown = get(url, If_None_Match=headers["ETag"])
    assert (status, grown.count(b"<item>")) == (200, 4)
    assert grown.endswith(body[body.index(b"<item>") :])
    web.control(grown=40)
    assert get(url)[2].count(b"<item>") == WINDOW
    web.control(validators=0, grown=0)
    assert "ETag" not in get(url)[1]


def test_a_report_stands_at_the_top_and_the_log_says_who_asked(web: Web) -> None:
    """What the latency is measured from."""
    web.control(entries=2, grown=0)
    web.log()
    url = web.feeds(1, first=5)[0]
    web.report(5, 12)
    assert get(url)[2].index(b"/report/12") < get(url)[2].index(b"/a/5/1")
    assert [(path, status) for _, path, status in web.log()] == [("/f/5.xml", 200)] * 2
    assert web.log() == []


def test_hostile_feeds_are_hostile(web: Web) -> None:
    """Those that answer at once; the others hang, which is their point."""
    for kind, status in (("error", 500), ("missing", 404)):
        assert get(web.hostile(1, (kind,))[0])[0] == status
    bomb = get(web.hostile(1, ("bomb",))[0])
    assert bomb[1]["Content-Encoding"] == "gzip"
    assert len(bomb[2]) < 2**20
    assert len(mixed(web.feeds(18), web.hostile(2))) == 20


def test_texts_are_the_same_each_time_and_reports_are_all_different() -> None:
    """So that a server need not remember what it served."""
    assert entry(3, 7) == entry(3, 7) != entry(3, 8)
    assert len({report(number).title for number in range(800)}) == 800


def test_our_poll_is_measured_step_by_step(web: Web, tmp_path: Path) -> None:
    """The child polls every feed once; the second time nothing is new."""
    web.control(entries=2, grown=0, validators=1)
    urls = web.feeds(3)
    web.log()
    cost, steps = poll_once(tmp_path, urls, days=0, scoring=False)
    assert steps["poll"]["done"] == 3
    assert cost.cpu > steps["poll"]["cpu"] > 0
    poll_once(tmp_path, urls, days=1, scoring=False)
    assert sorted(status for _, _, status in web.log()) == [200] * 3 + [304] * 3


def test_costs_count_children_and_failures_are_told() -> None:
    """CPU of a grandchild counts; an exit status other than 0 raises with what was said."""
    burn = "x = sum(i * i for i in range(600_000)); print('{\"x\": 1}')"
    cost = run(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])",
        ]
    )
    assert cost.cpu > 0.02
    assert cost.lines() == [{"x": 1}]
    with pytest.raises(Failed, match="sorry"):
        run([sys.executable, "-c", "import sys; sys.exit('sorry')"])


def test_a_result_holds_ratios_of_rounds_against_goals(tmp_path: Path) -> None:
    """The median of the ratios, not the ratio of the medians; a miss is a miss."""
    result = Result(name="x")
    for ours, theirs in ((1, 1), (30, 10), (4, 2)):
        result.add("ours", cpu=ours)
        result.add("theirs", cpu=theirs)
    assert result.ratio("ours cpu", "theirs cpu") == 2
    result.goal("twice", result.ratio("ours cpu", "theirs cpu"), 1.5)
    result.goal("enough", 0.99, 0.95, least=True)
    written = json.loads(result.save(tmp_path).read_text())
    assert [goal["met"] for goal in written["goals"]] == [False, True]
    assert written["measured"]["ours cpu"]["rounds"] == [1, 30, 4]
    assert "MISS      2.000 <= 1.5" in program.table(result)


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that there are."""
    assert program.main(["nonsense"]) == 2
    assert "poll" in capsys.readouterr().err


def test_the_daemons_configuration_is_one_that_loads(tmp_path: Path) -> None:
    """Written as a user would, read by the loader; the sink notes what arrives."""
    from alerter.config.load import load

    with Sink() as sink:
        settings = load(
            write_config(tmp_path, ["http://127.1.0.1:1/f/0.xml"], sink.url, every="5m")
        )
        request = urllib.request.Request(sink.url, data=b'{"key": 1}', method="POST")
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 204
    assert settings.receivers[0].name == "soc"
    assert [body for _, body in sink.got] == [{"key": 1}]
