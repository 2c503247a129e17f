"""The catalogues as files, and what the source asks to be translated, extracted as ``make catalogues`` does."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, cast

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from config import INTERFACE_LANGUAGES, PROJECT

SOURCE_LANGUAGE = "en"
TRANSLATED = [code for code in INTERFACE_LANGUAGES if code != SOURCE_LANGUAGE]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_ngettext": (1, 2)}

MessageId = str | tuple[str, ...]


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it is in the repository."""
    path = PROJECT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


class Translation(NamedTuple):
    """One text of the source, its singular and plural where it has both, and what stands for it."""

    id: MessageId
    forms: tuple[str, ...]
    is_guess: bool

    @property
    def source_forms(self) -> tuple[str, ...]:
        """The text of the source as one or two."""
        return as_forms(self.id)


def as_forms(text: object) -> tuple[str, ...]:
    """Return a text, or the singular and plural of one, as several."""
    return tuple(text) if isinstance(text, tuple | list) else (str(text or ""),)


def translations(language: str) -> list[Translation]:
    """Return what a catalogue translates, without its header."""
    return [
        Translation(cast(MessageId, message.id), as_forms(message.string), message.fuzzy)
        for message in catalogue(language)
        if message.id
    ]


@cache
def asked_for() -> frozenset[MessageId]:
    """Return every text that the source marks for translation."""
    with (PROJECT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(PROJECT, methods, options, KEYWORDS)
    return frozenset(text for _file, _line, text, _comments, _context in found)


@cache
def forms_asked_for() -> frozenset[str]:
    """Return what the source marks, singular and plural each for itself."""
    return frozenset(form for text in asked_for() for form in as_forms(text))
