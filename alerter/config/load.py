"""Read the configuration: the main file and those it names, into one frozen value."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from alerter.config.absolute import make_absolute
from alerter.config.base import Settings
from alerter.config.checks import Names, check
from alerter.config.document import Document, read_document
from alerter.config.document import Path as KeyPath
from alerter.config.feeds import FeedSettings
from alerter.config.merge import Placed, merge_feeds, merge_missions
from alerter.config.missions import MissionSettings
from alerter.config.opml import read_opml
from alerter.config.problems import problems_of, prunable
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import ConfigError, Problem

OPML_ENDINGS: Final = (".opml", ".xml")
MAX_OPML_BYTES: Final = 20 * 2**20

S = TypeVar("S", bound=Settings)


class FeedsFile(Settings):
    """A file of feeds, named under `feeds_from`."""

    feeds: tuple[FeedSettings, ...] = ()


class MissionsFile(Settings):
    """A file of missions, named under `missions_from`."""

    missions: tuple[MissionSettings, ...] = ()


def load(path: Path) -> AlerterSettings:
    """The settings that `path` describes: paths absolute, named files merged, names filled in.

    Raises ConfigError with every mistake found in all files, in order of position.
    """
    files = _Files()
    document, settings = files.settings(read_document(path), AlerterSettings)
    feeds = _placed(settings.feeds, document, "feeds")
    for i, file in enumerate(settings.feeds_from):
        feeds += files.feeds(file, document, ("feeds_from", i))
    missions = _placed(settings.missions, document, "missions")
    for i, file in enumerate(settings.missions_from):
        missions += files.missions(file, document, ("missions_from", i))
    merged = settings.model_copy(
        update={
            "feeds": merge_feeds(feeds, files.problems),
            "missions": merge_missions(missions, files.problems),
        }
    )
    files.problems.extend(check(merged, document, files.names))
    if files.problems:
        raise ConfigError(_in_order(files.problems))
    return merged


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.key)))


def _placed(items: tuple[S, ...], document: Document, key: str) -> list[Placed[S]]:
    return [Placed(item, document, (key, i)) for i, item in enumerate(items)]


class _Files:
    """Reads file after file and gathers what is wrong with them and which names they give."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.names = Names()

    def settings(self, document: Document, model: type[S]) -> tuple[Document, S]:
        """One file as settings with absolute paths, without the parts that are wrong."""
        self.problems.extend(document.problems)
        if document.value is None:
            document.value = {}
        if not isinstance(document.value, dict):
            message = "must be keys with values, not a list or a text"
            self.problems.append(document.problem((), message))
            document.value = {}
        self.names.note(document.value)
        document, settings = self._valid_part(document, model)
        folder = Path(document.file).absolute().parent
        return document, make_absolute(settings, folder, document, self.problems)

    def _valid_part(self, document: Document, model: type[S]) -> tuple[Document, S]:
        """Only the first round of mistakes is reported: pruning may make others."""
        noted = len(self.problems)
        while True:
            try:
                return document, model.model_validate(document.value)
            except ValidationError as error:
                if len(self.problems) == noted:
                    self.problems.extend(problems_of(error, document, model))
                document = document.without(prunable(error, document))

    def _exists(self, file: Path, main: Document, at: KeyPath) -> bool:
        if not file.is_file():
            self.problems.append(main.problem(at, f"there is no file {file}"))
            return False
        return True

    def feeds(self, file: Path, main: Document, at: KeyPath) -> list[Placed[FeedSettings]]:
        """The feeds of a YAML file or of a subscription list."""
        if not self._exists(file, main, at):
            return []
        try:
            if file.suffix.lower() in OPML_ENDINGS:
                return _feeds_of_opml(file)
            document, found = self.settings(read_document(file), FeedsFile)
        except ConfigError as error:
            self.problems.extend(error.problems)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.problems.append(main.problem(at, f"{file}: {reason}"))
        else:
            return _placed(found.feeds, document, "feeds")
        return []

    def missions(self, file: Path, main: Document, at: KeyPath) -> list[Placed[MissionSettings]]:
        """The missions of a YAML file."""
        if not self._exists(file, main, at):
            return []
        try:
            document, found = self.settings(read_document(file), MissionsFile)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return []
        return _placed(found.missions, document, "missions")


def _feeds_of_opml(file: Path) -> list[Placed[FeedSettings]]:
    """Feeds of a subscription list. Their problems are placed at the list as a whole."""
    if file.stat().st_size > MAX_OPML_BYTES:
        raise ValueError(f"larger than {MAX_OPML_BYTES // 2**20} MiB")
    document = Document(file=str(file))
    return [
        Placed(
            FeedSettings(url=feed.url, name=feed.title or "", lang=feed.lang),
            document,
            (),
            soft=True,
        )
        for feed in read_opml(file.read_bytes())
    ]
