"""The step that reads the whole text of promising articles, for feeds with `fulltext: true`."""

from __future__ import annotations

from typing import Final

import structlog

from alerter.collect.fetch import Fetched
from alerter.collect.fulltext import is_available
from alerter.collect.poller import Poller, host_of
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.errors import FeedError
from alerter.store import Store

log = structlog.get_logger()

LONG_ENOUGH: Final = 2_000  # characters: a feed with such a body publishes whole articles
A_STORY: Final = 200  # characters: less is a notice that one must subscribe, or a banner
AT_ONCE: Final = 100  # articles that are looked at in one call


def enrich(*, store: Store, settings: AlerterSettings, poller: Poller, limit: int = 10) -> int:
    """Fetch pages of up to `limit` articles that were asked for; answers how many were read.

    Ask with `tx.articles.want_fulltext(ids)`. Polite: newest first, one page of a host in a call,
    each article once. Where nothing is found (a paywall, an error, no `fulltext` extra) the
    article stays as its feed had it; with a text it waits to be assessed again.
    """
    with store.read() as tx:
        wanted = tx.articles.fulltext_wanted(AT_ONCE)
    if not wanted:
        return 0
    allowed = {feed.name for feed in settings.feeds if feed.fulltext} if is_available() else set()
    hosts: set[str] = set()
    read = 0
    for article in wanted:
        if read >= limit:
            break
        host = host_of(article.url) if article.url else ""
        if host and host in hosts:
            continue
        hosts.add(host)
        text = _read(article, poller) if article.feed in allowed else ""
        read += bool(text)
        with store.begin() as tx:
            tx.articles.set_fulltext(article.id, text)
    return read


def _read(article: Article, poller: Poller) -> str:
    """The text of the page, or "" with the reason in the log."""
    if article.url is None or len(article.body) >= LONG_ENOUGH:
        return ""
    page = poller.page(article.url)
    if not isinstance(page, Fetched):
        log.info("fulltext_failed", article=article.id, reason=getattr(page, "reason", "no page"))
        return ""
    try:
        text = poller.full_text(page.body, url=page.url)
    except FeedError as error:
        log.info("fulltext_failed", article=article.id, reason=str(error))
        return ""
    enough = max(A_STORY, len(article.summary) + len(article.body))
    return text if len(text) > enough else ""
