"""The way out: straight or by the proxy of the house, and what never goes to a proxy."""

from __future__ import annotations

import ssl
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from alerter.collect.fetch import Asked, Fetched, Fetcher, FetchFailed
from alerter.config.feeds import PollSettings
from alerter.domain.errors import AlerterError
from alerter.net import was_refused
from alerter.reach import Proxy, Reach, guarded_client
from tests.fakes import FakeProxy, FeedServer, Item

LOOPBACK = ip_network("127.0.0.0/8")


def test_public_names_are_asked_of_the_proxy_and_never_looked_up_here(tmp_path: Path) -> None:
    """In a closed network the proxy alone knows the names of the world."""
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")
    with FeedServer() as server, FakeProxy(server.port) as proxy:
        server.feed("/rss", Item("Rockets near the embassy"))
        given = {"url": proxy.url, "username": "alerter", "password_file": secret}
        fetcher = Fetcher(PollSettings.model_validate({"proxy": given}))
        answer = fetcher.fetch(Asked(url="http://news.invalid/rss"))
        fetcher.close()
    assert isinstance(answer, Fetched)
    assert b"Rockets near" in answer.body
    method, target, auth = proxy.seen[0]
    assert (method, target) == ("GET", "http://news.invalid/rss")
    assert auth == httpx.BasicAuth("alerter", "open sesame")._auth_header


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "[::1]", "169.254.169.254", "localhost", "a.localhost"]
)
def test_what_is_private_by_name_never_goes_to_the_proxy(host: str) -> None:
    """The proxy stands in the network that a hostile feed would like to look into."""
    with FakeProxy(9) as proxy, guarded_client(Reach(proxy=Proxy(url=proxy.url))) as client:
        with pytest.raises(httpx.ConnectError) as raised:
            client.get(f"http://{host}/")
        assert was_refused(raised.value) or "resolve" in str(raised.value)
        assert proxy.seen == []


def test_allowed_networks_and_hosts_that_are_named_are_reached_straight() -> None:
    """The chat server of the house is not behind the proxy."""
    with FeedServer() as server, FakeProxy(9) as proxy:
        server.feed("/", Item("here"))
        reach = Reach(allow=(LOOPBACK,), proxy=Proxy(url=proxy.url))
        with guarded_client(reach) as client:
            assert b"here" in client.get(server.url("/")).content
        assert proxy.seen == []


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("news.example", True),
        ("8.8.8.8", True),
        ("chat.mfa.example", False),
        ("CHAT.mfa.example.", False),
        ("mfa.example", True),
        ("a.b.intern", False),
        ("intern", True),
        ("notintern", True),
    ],
)
def test_a_name_is_direct_whole_and_an_ending_with_its_dot(host: str, *, served: bool) -> None:
    """As in the settings: `chat.mfa.example` is one host, `.intern` is all below it."""
    proxy = Proxy(url="http://p:1", direct=("chat.mfa.example", ".intern"))
    assert proxy.serves(host) is served


def test_https_goes_through_a_tunnel_whose_end_must_show_its_certificate() -> None:
    """The proxy carries bytes; it cannot read or change them."""
    with FeedServer() as server, FakeProxy(server.port) as proxy:
        with (
            guarded_client(Reach(proxy=Proxy(url=proxy.url))) as client,
            pytest.raises(httpx.ConnectError, match="TLS"),
        ):
            client.get("https://news.invalid/")  # behind the tunnel nobody speaks TLS
        assert proxy.seen == [("CONNECT", "news.invalid:443", None)]


def test_a_feed_of_https_comes_whole_through_the_tunnel(
    certificate: Path, tls: ssl.SSLContext
) -> None:
    """TLS begins behind the proxy, with the server itself."""
    trusting = ssl.create_default_context(cafile=certificate)
    trusting.check_hostname = False  # the certificate is of localhost
    with FeedServer(tls=tls) as server, FakeProxy(server.port) as proxy:
        server.feed("/", Item("behind the tunnel"))
        transport = Reach(proxy=Proxy(url=proxy.url)).transport(tls=trusting)
        with httpx.Client(transport=transport, trust_env=False) as client:
            assert b"behind the tunnel" in client.get("https://news.invalid/").content
        assert [method for method, _, _ in proxy.seen] == ["CONNECT"]


@pytest.mark.parametrize("url", ["https://news.invalid/rss", "http://news.invalid/rss"])
def test_a_proxy_that_refuses_fails_the_feed_with_its_answer(url: str) -> None:
    """407: the password is wrong; the reason says so."""
    with FakeProxy(9, refuse=407) as proxy:
        fetcher = Fetcher(PollSettings.model_validate({"proxy": {"url": proxy.url}}))
        answer = fetcher.fetch(Asked(url=url))
        fetcher.close()
    assert isinstance(answer, FetchFailed)
    assert "407" in answer.reason


@pytest.mark.parametrize(
    "url", ["https://p:1", "socks5://p:1", "http://user:secret@p:1", "http://p:1/path", "p:1", ""]
)
def test_an_address_of_a_proxy_that_cannot_serve_is_refused_with_what_to_write(url: str) -> None:
    """A password in the address would come into logs."""
    with pytest.raises(ValidationError, match="write http://HOST:PORT") as raised:
        PollSettings.model_validate({"proxy": {"url": url}})
    assert "user and password" in raised.value.errors(include_input=False)[0]["msg"]


def test_a_password_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """With its reason."""
    given = {"url": "http://p:1", "username": "a", "password_file": tmp_path / "none"}
    with pytest.raises(AlerterError, match=r"poll\.proxy: password_file"):
        Reach.of(PollSettings.model_validate({"proxy": given}))
