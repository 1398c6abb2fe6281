"""The scenario as values, and as the feeds that its outlets would serve at a given time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from importlib.resources import as_file, files
from xml.etree import ElementTree

from alerter.config.document import read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item, and when its outlet publishes it."""

    number: int
    at: datetime
    outlet: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One publisher with one feed."""

    name: str
    title: str
    lang: str
    trust: str = "C"
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All outlets, and all items in order of time."""

    outlets: tuple[Outlet, ...]
    items: tuple[Item, ...]

    def feed(self, outlet: str, now: datetime) -> bytes:
        """What the feed of `outlet` serves at `now`: RSS 2.0, newest first."""
        found = next(known for known in self.outlets if known.name == outlet)
        root = ElementTree.Element("rss", version="2.0")
        channel = ElementTree.SubElement(root, "channel")
        ElementTree.SubElement(channel, "title").text = found.title
        ElementTree.SubElement(channel, "language").text = found.lang
        out = [item for item in self.items if item.outlet == outlet and item.at <= now]
        for item in reversed(out):
            entry = ElementTree.SubElement(channel, "item")
            for tag, text in (
                ("guid", f"{outlet}-{item.number}"),
                ("link", f"https://{outlet}.example/{item.at:%Y/%m/%d}/{item.number}"),
                ("title", item.title),
                ("description", item.summary),
                ("pubDate", format_datetime(item.at)),
            ):
                ElementTree.SubElement(entry, tag).text = text
        document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return document


def load_scenario() -> Scenario:
    """The scenario in the package."""
    with as_file(files("alerter.demo") / "scenario.yaml") as path:
        value = read_document(path).value
    outlets = tuple(
        Outlet(**{**row, "covers": tuple(row.get("covers", ()))}) for row in value["outlets"]
    )
    items = tuple(
        Item(
            number=number,
            at=datetime.fromisoformat(row["at"]),
            outlet=row["outlet"],
            title=row["title"],
            summary=row["summary"],
        )
        for number, row in enumerate(value["items"], start=1)
    )
    return Scenario(outlets=outlets, items=tuple(sorted(items, key=lambda item: item.at)))
