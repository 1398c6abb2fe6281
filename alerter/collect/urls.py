"""Links: resolved, safe to click, and in a form that can be compared."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

MAX_URL: Final = 2000
# Parameters that say who clicked where, not what is shown.
_TRACKING: Final = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|"
    r"ns_\w+|at_(?:medium|campaign|custom\d|link_\w+|bbc_\w+|ptr_name|format)|wt[._]\w+|"
    r"cmpid|cmp|ocid|ftag|ito|partner|ref_src|smid|spm|xtor|__twitter_impression|feedtype",
    re.IGNORECASE,
)
_SPACES: Final = re.compile(r"[\x00-\x20\x7f]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Most links are plain, and taking those apart and putting them together again changes nothing.
_PLAIN: Final = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?:/[A-Za-z0-9._~%/-]*)?(?:\?[A-Za-z0-9._~%=&+-]+)?"
)
_PAGE: Final = re.compile(  # no query, no fragment, no port: host without `www.`, path
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)((?:/[A-Za-z0-9._~%-]+)*)/?"
)


def absolute(link: str | None, base: str) -> str | None:
    """`link` against `base`, or None where it is no web address (`javascript:`, `data:`)."""
    cleaned = _SPACES.sub("", link or "")
    if not cleaned or len(cleaned) > MAX_URL:
        return None
    if _PLAIN.fullmatch(cleaned):
        return cleaned
    try:
        url = urljoin(base, cleaned)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return None
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]") if usable and len(url) <= MAX_URL else None


def canonical(url: str) -> str:
    """The same for every way to write the address of one page. For comparing, not for clicking.

    Drops the scheme, `www.`, the fragment, tracking parameters, the order of parameters and a
    trailing slash.
    """
    if page := _PAGE.fullmatch(url):
        return page[1] + page[2]
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
        port = parts.port
    except ValueError:
        return url
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    kept = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    )
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")
    return urlunsplit(("", host, path, urlencode(kept), "")).removeprefix("//")


def is_front_page(url: str) -> bool:
    """Whether it is the root of a site: what feeds without article pages link to."""
    if page := _PAGE.fullmatch(url):
        return not page[2]
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def without_secrets(url: str) -> str:
    """The address without user name and password, for showing."""
    scheme, slashes, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"
