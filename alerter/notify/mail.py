"""A message as an e-mail: text and HTML, pictures inside, one thread per incident. Pure.

Headers follow RFC 5322 (identification, threads), RFC 2919 (List-Id) and RFC 3834 (automatic
mail). Every value that came from a feed is one clean line before it gets near a header.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Final

from markupsafe import escape

from alerter.config.receivers import EmailSettings
from alerter.domain.scales import Reason
from alerter.notify.chart import Picture, pictures
from alerter.notify.keys import header_key
from alerter.notify.message import Limits, Message
from alerter.notify.render import compose
from alerter.notify.templates import Templates
from alerter.notify.text import clean, clip
from alerter.notify.view import AlertView

LIMITS: Final = Limits(title=150, body=100_000, bytes=5_000_000)
URGENT: Final = {"Extreme", "Severe"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    subject: str
    body: str


def compose_mail(
    message: Message, settings: EmailSettings, *, name: str, templates: Templates
) -> EmailMessage:
    """The mail to all addresses of the receiver `name`.

    Message-ID comes from the delivery key alone, so a mail that is sent twice can be recognised.
    """
    domain = domain_of(settings.from_)
    shown = pictures(message)
    text = _text(message, templates)
    mail = EmailMessage(policy=SMTP)
    subject = subject_of(message.thread) or text.subject
    for header, value in _headers(message, settings, name, domain, subject):
        mail[header] = value
    mail.set_content(text.body + "\n", cte="quoted-printable")
    page = html_page(
        message, templates, {picture.name: f"cid:{picture.name}@{domain}" for picture in shown}
    )
    mail.add_alternative(page + "\n", subtype="html", cte="quoted-printable")
    _attach(mail, page, shown, domain)
    return mail


def html_page(message: Message, templates: Templates, addresses: Mapping[str, str]) -> str:
    """The HTML part. `addresses` says where each picture is found by its name."""
    images = {
        picture.name: {"src": addresses[picture.name], "alt": picture.alt}
        for picture in pictures(message)
        if picture.name in addresses
    }
    return compose(
        message,
        templates=templates,
        name="digest.html.j2" if message.reason is Reason.DIGEST else "email.html.j2",
        parts=("page",),
        build=lambda _, parts: parts["page"],
        plain=lambda _, text: _plain_page(text),
        fits=lambda page: len(page) <= (LIMITS.body or 0),
        more={"pictures": images},
    )


def preview(message: Message, templates: Templates) -> str:
    """The HTML part as one file that a browser shows, pictures inside."""
    inside = {
        picture.name: f"data:image/png;base64,{b64encode(picture.png).decode('ascii')}"
        for picture in pictures(message)
    }
    return html_page(message, templates, inside)


def _plain_page(text: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Alert</title></head>'
        f'<body><pre style="white-space:pre-wrap;font-family:monospace">{escape(text)}</pre>'
        "</body></html>"
    )


def _text(message: Message, templates: Templates) -> _Text:
    made = compose(
        message,
        templates=templates,
        name="digest.txt.j2" if message.reason is Reason.DIGEST else "email.txt.j2",
        parts=("subject", "body"),
        build=lambda _, parts: _Text(subject=parts["subject"], body=parts["body"]),
        plain=lambda view, text: _Text(subject=_plain_subject(view), body=text),
        fits=lambda text: len(text.body) <= (LIMITS.body or 0),
    )
    return replace(made, subject=clip(clean(made.subject), LIMITS.title or 0))


def _plain_subject(view: AlertView) -> str:
    return " ".join(filter(None, (f"[{view.mark or 'Alerter'}]", view.number, view.headline)))


def _headers(
    message: Message, settings: EmailSettings, name: str, domain: str, subject: str
) -> list[tuple[str, str]]:
    severity = clean(message.incident.get("severity"), limit=20) or "Unknown"
    urgent = severity in URGENT and not message.drill
    root, thread = make_id("subject", message.subject, domain), id_of(message.thread)
    headers: list[tuple[str, str | None]] = [
        ("From", settings.from_),
        ("To", ", ".join(settings.to)),
        ("Reply-To", settings.reply_to),
        ("Subject", subject),
        ("Date", format_datetime(message.now)),
        ("Message-ID", make_id("key", message.key, domain)),
        ("In-Reply-To", thread),
        ("References", " ".join(filter(None, (root, thread)))),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Id", f"Alerter <{_label(name)}.alerter.{domain}>"),
        ("Idempotency-Key", header_key(message.key)),
        ("X-Alerter-Incident", header_key(message.subject)),
        ("X-Alerter-Reason", message.reason.value),
        ("X-Alerter-Severity", severity),
        ("X-Priority", "1 (Highest)" if urgent else None),
        ("Importance", "high" if urgent else None),
    ]
    return [(header, value) for header, value in headers if value]


def _attach(mail: EmailMessage, page: str, shown: Sequence[Picture], domain: str) -> None:
    """The pictures that the page refers to, inside the HTML alternative (RFC 2392)."""
    html = mail.get_payload()[1]  # type: ignore[index]
    for picture in shown:
        cid = f"{picture.name}@{domain}"
        if f"cid:{cid}" in page:
            html.add_related(  # type: ignore[union-attr]
                picture.png,
                maintype="image",
                subtype="png",
                cid=f"<{cid}>",
                filename=f"{picture.name}.png",
                disposition="inline",
            )


def external_id(mail: EmailMessage) -> str:
    """How the mail is remembered: its Message-ID and, after a space, its subject.

    Every mail about one incident bears the subject of the first, for mail programs split threads
    where it changes.
    """
    return f"{mail['Message-ID']} {mail['Subject']}"


def id_of(external: str | None) -> str | None:
    """The Message-ID in an external id."""
    found = _EXTERNAL.match(external or "")
    return found[1] if found else None


def subject_of(external: str | None) -> str:
    """The subject in an external id; empty where there is none."""
    found = _EXTERNAL.match(external or "")
    return clean(found[2], limit=LIMITS.title) if found else ""


_EXTERNAL: Final = re.compile(r"(<[!-;=?-~]{1,250}>)(?:\s(.*))?")


def make_id(kind: str, text: str, domain: str) -> str:
    """A message id that is the same for the same text, and tells nothing of it."""
    digest = hashlib.sha256(f"{kind}:{text}".encode("utf-8", "replace")).hexdigest()[:32]
    return f"<{kind}.{digest}@{domain}>"


def domain_of(sender: str) -> str:
    """The domain of an address, for ids of messages."""
    domain = parseaddr(sender)[1].rpartition("@")[2].casefold()
    return domain if _DOMAIN.fullmatch(domain) else "alerter.invalid"


_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")


def _label(name: str) -> str:
    """The name of a receiver as part of a domain name."""
    return re.sub(r"[^a-z0-9-]+", "-", name.casefold()).strip("-") or "receiver"


def addresses_of(to: Sequence[str]) -> list[str]:
    """The bare addresses, without names."""
    return [address for _, address in getaddresses(list(to)) if address]
