"""One question to one feed: what comes back, and what it may cost."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from alerter.collect.auth import Credentials
from alerter.collect.fetch import Asked, Fetched, Fetcher, FetchFailed, Trouble, Unchanged
from tests.fakes import FeedServer, Item

MakeFetcher = Callable[..., Fetcher]


def failure(answer: object) -> FetchFailed:
    """The failure that this answer must be."""
    assert isinstance(answer, FetchFailed), answer
    return answer


def success(answer: object) -> Fetched:
    """The body that this answer must be."""
    assert isinstance(answer, Fetched), answer
    return answer


def test_a_body_comes_with_its_validators(server: FeedServer, fetcher: Fetcher) -> None:
    """What the next question must quote."""
    server.feed("/", Item("one"), etag='"v1"', last_modified="Tue, 15 Sep 2020 12:00:00 GMT")
    answer = success(fetcher.fetch(Asked(url=server.url("/"))))
    assert (answer.etag, answer.last_modified) == ('"v1"', "Tue, 15 Sep 2020 12:00:00 GMT")
    assert b"<title>one</title>" in answer.body
    assert answer.charset == "utf-8"


def test_an_unchanged_feed_costs_one_304(server: FeedServer, fetcher: Fetcher) -> None:
    """The validators are sent back as they came, and kept when the 304 does not repeat them."""
    server.feed("/", Item("one"), etag='"v1"')
    answer = fetcher.fetch(Asked(url=server.url("/"), etag='"v1"', last_modified="then"))
    assert answer == Unchanged(etag='"v1"', last_modified="then")
    assert server.requests("/")[0].headers["If-Modified-Since"] == "then"


def test_the_same_body_again_is_unchanged(server: FeedServer, fetcher: Fetcher) -> None:
    """For servers that know no validators."""
    server.feed("/", Item("one"))
    first = success(fetcher.fetch(Asked(url=server.url("/"))))
    again = fetcher.fetch(Asked(url=server.url("/"), body_hash=first.body_hash))
    assert isinstance(again, Unchanged)


def test_an_etag_as_long_as_a_book_is_not_kept(server: FeedServer, fetcher: Fetcher) -> None:
    """It would be stored, and sent with every poll."""
    server.feed("/", Item("one"), etag='"' + "x" * 5000 + '"')
    assert success(fetcher.fetch(Asked(url=server.url("/")))).etag is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cache-Control": "public, max-age=600"}, timedelta(minutes=10)),
        ({"Cache-Control": "max-age=600", "Age": "100"}, timedelta(seconds=500)),
        ({"Cache-Control": "no-cache"}, None),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Expires": "Tue, 15 Sep 2020 13:00:00 GMT"}, timedelta(hours=1)),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
        ({}, None),
    ],
)
def test_freshness_is_read_from_the_headers(
    server: FeedServer, fetcher: Fetcher, headers: dict[str, str], expected: timedelta | None
) -> None:
    """max-age less Age, else Expires against the server's own clock."""
    date = {"Date": "Tue, 15 Sep 2020 12:00:00 GMT"}
    server.feed("/", Item("one"), headers=date | headers)
    assert success(fetcher.fetch(Asked(url=server.url("/")))).fresh_for == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("Tue, 15 Sep 2020 12:30:00 GMT", timedelta(minutes=30)),
        ("Tue, 15 Sep 2020 11:30:00 GMT", timedelta()),
        ("soon", None),
        ("9" * 30, timedelta(seconds=10**8)),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    server: FeedServer, fetcher: Fetcher, value: str, expected: timedelta | None
) -> None:
    """Both forms of RFC 9110, and nonsense."""
    date = {"Date": "Tue, 15 Sep 2020 12:00:00 GMT"}
    server.feed("/", status=429, headers=date | {"Retry-After": value})
    answer = failure(fetcher.fetch(Asked(url=server.url("/"))))
    assert (answer.retry_after, answer.trouble) == (expected, Trouble.HTTP)
    assert answer.reason == "HTTP 429 Too Many Requests"


def test_gone_is_told_apart_from_other_errors(server: FeedServer, fetcher: Fetcher) -> None:
    """410 is a statement, 404 may be an accident."""
    server.feed("/gone", status=410)
    assert failure(fetcher.fetch(Asked(url=server.url("/gone")))).trouble is Trouble.GONE
    assert failure(fetcher.fetch(Asked(url=server.url("/nowhere")))).trouble is Trouble.HTTP


def test_a_permanent_redirect_says_where_to(server: FeedServer, fetcher: Fetcher) -> None:
    """301 and 308 count, as long as everything before them is permanent too."""
    server.feed("/old", status=301, location="/new")
    server.feed("/new", status=308, location="/newest")
    server.feed("/newest", Item("one"))
    assert success(fetcher.fetch(Asked(url=server.url("/old")))).moved_to == server.url("/newest")


def test_what_follows_a_temporary_redirect_is_temporary(
    server: FeedServer, fetcher: Fetcher
) -> None:
    """302 then 301: nothing to remember."""
    server.feed("/old", status=302, location="/new")
    server.feed("/new", status=301, location="/newest")
    server.feed("/newest", Item("one"))
    assert success(fetcher.fetch(Asked(url=server.url("/old")))).moved_to is None


def test_a_redirect_loop_ends(server: FeedServer, fetcher: Fetcher) -> None:
    """Six requests, then a reason."""
    server.feed("/a", status=302, location="/b")
    server.feed("/b", status=302, location="/a")
    answer = failure(fetcher.fetch(Asked(url=server.url("/a"))))
    assert answer.reason == "more than 5 redirects"
    assert len(server.requests()) == 6


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://x.example/", "gopher://x/", "http://", "http://[::1"]
)
def test_a_redirect_out_of_the_web_is_refused(
    server: FeedServer, fetcher: Fetcher, location: str
) -> None:
    """Only http and https, and only with a host."""
    server.feed("/", status=302, location=location)
    answer = failure(fetcher.fetch(Asked(url=server.url("/"))))
    assert answer.trouble in (Trouble.REFUSED, Trouble.CONTENT)


def test_a_redirect_to_a_private_address_is_refused(
    server: FeedServer, fetcher_with: MakeFetcher
) -> None:
    """The first hop is allowed, the second is not."""
    with FeedServer(host="127.0.0.9") as inner:
        inner.feed("/", Item("secret"))
        server.feed("/", status=302, location=inner.url("/"))
        fetcher = fetcher_with(allow_networks=("127.0.0.1/32",))
        answer = failure(fetcher.fetch(Asked(url=server.url("/"))))
        assert answer.trouble is Trouble.REFUSED
        assert "127.0.0.9 is not a public address" in answer.reason
        assert inner.requests() == []


def test_secrets_are_shown_to_the_feeds_own_host_only(server: FeedServer, fetcher: Fetcher) -> None:
    """Neither an Authorization, nor a cookie, nor a header of the file follows a redirect away."""
    secret = {"Authorization": "Bearer s3cret", "Cookie": "id=s3cret", "X-Key": "s3cret"}
    with FeedServer() as elsewhere:
        elsewhere.feed("/", Item("one"))
        server.feed("/", status=302, location="/same-host")
        server.feed("/same-host", status=302, location=elsewhere.url("/"))
        asked = Asked(url=server.url("/"), credentials=Credentials(headers=secret))
        success(fetcher.fetch(asked))
        for path in ("/", "/same-host"):
            assert secret.items() <= server.requests(path)[0].headers.items()
        assert "s3cret" not in str(elsewhere.requests("/")[0].headers)


def test_no_cookie_is_kept(server: FeedServer, fetcher: Fetcher) -> None:
    """Ten thousand feeds would fill a jar, and be recognised by it."""
    server.feed("/", Item("one"), headers={"Set-Cookie": "track=1"})
    for _ in range(2):
        fetcher.fetch(Asked(url=server.url("/")))
    assert "Cookie" not in server.requests("/")[1].headers


# Hostile servers: each costs its own feed, for no longer than the deadline.


@pytest.mark.parametrize(
    "script",
    [
        {"hang": 30.0},
        {"drip_headers": True},
        {"drip_body": True},
    ],
    ids=["hang", "drip-headers", "drip-body"],
)
def test_a_slow_server_is_cut_at_the_total_deadline(
    server: FeedServer, fetcher_with: MakeFetcher, script: dict[str, object]
) -> None:
    """Each byte may come in time; the whole must, too."""
    server.feed("/", Item("x" * 2000), **script)
    fetcher = fetcher_with(timeout=timedelta(seconds=0.5))
    start = time.monotonic()
    answer = failure(fetcher.fetch(Asked(url=server.url("/"))))
    assert time.monotonic() - start < 2.5
    assert answer.trouble is Trouble.NETWORK
    assert "no complete answer within 0.5s" in answer.reason


def test_an_endless_body_ends_at_the_cap(server: FeedServer, fetcher_with: MakeFetcher) -> None:
    """It is dropped, not parsed: what is cut off is no document."""
    server.feed("/", body=b"x" * 65_536, endless=True)
    answer = failure(fetcher_with(max_bytes=1_000_000).fetch(Asked(url=server.url("/"))))
    assert answer.reason == "longer than 1,000,000 bytes"


def test_a_hundred_megabytes_are_not_read(server: FeedServer, fetcher_with: MakeFetcher) -> None:
    """The cap holds for honest lengths as well."""
    server.feed("/", body=bytes(100_000_000))
    start = time.monotonic()
    answer = failure(fetcher_with(max_bytes=1_000_000).fetch(Asked(url=server.url("/"))))
    assert "longer than" in answer.reason
    assert time.monotonic() - start < 5


def _brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=3)
    return packed


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_bomb_is_refused(server: FeedServer, fetcher_with: MakeFetcher, encoding: str) -> None:
    """20 MB of nothing in a few kB."""
    nothing = bytes(20_000_000)
    script = server.feed("/", headers={"Content-Encoding": encoding})
    if encoding == "gzip":
        script.headers, script.body, script.gzipped = {}, nothing, True
    else:
        maker = _brotli if encoding == "br" else zstandard.ZstdCompressor().compress
        script.body = maker(nothing)
    answer = failure(fetcher_with(max_bytes=1_000_000).fetch(Asked(url=server.url("/"))))
    assert answer.reason == "longer than 1,000,000 bytes when unpacked"


def test_a_connection_that_breaks_in_the_middle_is_a_failure(
    server: FeedServer, fetcher: Fetcher
) -> None:
    """Half a document is never taken for the whole."""
    server.feed("/", Item("one"), reset_after=50)
    assert "broken answer" in failure(fetcher.fetch(Asked(url=server.url("/")))).reason


def test_a_closed_port_is_a_network_failure(fetcher: Fetcher) -> None:
    """Nobody there: may be us, may be them."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answer = failure(fetcher.fetch(Asked(url=f"http://127.0.0.1:{port}/")))
    assert answer.trouble is Trouble.NETWORK
    assert "refused" in answer.reason.lower()


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nX" * 9000])
def test_what_is_no_http_is_a_failure(fetcher: Fetcher, raw: bytes) -> None:
    """Any bytes may come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert failure(fetcher.fetch(Asked(url=url))).reason
        thread.join()


@pytest.mark.parametrize("url", ["http://", "not a url", "http://a b/", "file:///x", "http://[/"])
def test_a_bad_url_is_a_reason(fetcher: Fetcher, url: str) -> None:
    """It never raises."""
    assert failure(fetcher.fetch(Asked(url=url))).trouble is Trouble.REFUSED


def test_an_unknown_certificate_is_a_tls_failure(tls: ssl.SSLContext, fetcher: Fetcher) -> None:
    """Nobody vouches for it, so nothing is asked."""
    with FeedServer(tls=tls) as secure:
        secure.feed("/", Item("one"))
        answer = failure(fetcher.fetch(Asked(url=secure.url("/"))))
        assert "certificate refused: self-signed" in answer.reason
        assert secure.requests() == []


def test_an_authority_of_the_system_is_trusted(
    tls: ssl.SSLContext,
    certificate: Path,
    fetcher_with: MakeFetcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An operator's own authority works as everywhere: OpenSSL's SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    with FeedServer(tls=tls) as secure:
        secure.feed("/", Item("one"))
        assert b"one" in success(fetcher_with().fetch(Asked(url=secure.url("/")))).body


def test_a_client_certificate_lets_us_in(
    tls: ssl.SSLContext,
    certificate: Path,
    fetcher_with: MakeFetcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With it the server answers, without it the handshake fails."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(certificate.with_suffix(".crt"))
    with FeedServer(tls=tls) as secure:
        secure.feed("/", Item("one"))
        fetcher = fetcher_with()
        shown = Credentials(certificate=str(certificate))
        assert success(fetcher.fetch(Asked(url=secure.url("/"), credentials=shown)))
        assert failure(fetcher.fetch(Asked(url=secure.url("/"))))


def test_a_client_certificate_that_is_not_there_is_a_reason(
    server: FeedServer, fetcher: Fetcher
) -> None:
    """The file is named."""
    shown = Credentials(certificate="/nowhere/client.pem")
    answer = failure(fetcher.fetch(Asked(url=server.url("/"), credentials=shown)))
    assert "/nowhere/client.pem" in answer.reason
