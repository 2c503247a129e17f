"""A catalogue made up from the source, every text between marks, and finding what is shown without them.

Written as a catalogue of Hebrew: it runs from right to left, has more plurals than English, and Babel writes its dates,
cities and countries in its own letters, so that a word in Latin letters is a text of ours or somebody's data.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from config import PROJECT
from tests.translations.catalogues import as_forms, asked_for

LANGUAGE = "he"
OPEN, CLOSE = "⟦", "⟧"

WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ’'-]+")
CODES = {*(str(code).upper() for code in Locale("en").languages), *map(str, Locale("en").territories)}
READ_OUT = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
# What scripts put on the page.
SPOKEN_BY_SCRIPTS = {"data-list", "data-none", "data-count", "data-copied", "data-too-large"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def write_catalogue(folder: Path) -> None:
    """Write and compile the catalogue below a folder, as somebody does who adds a language."""
    catalogue = Catalog(locale=LANGUAGE)
    for text in asked_for():
        forms = tuple(f"{OPEN}{form}{CLOSE}" for form in as_forms(text))
        plurals = (forms[0], *forms[-1:] * (catalogue.num_plurals - 1))
        catalogue.add(text, plurals if isinstance(text, tuple) else forms[0])
    path = folder / LANGUAGE / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    subprocess.run([sys.executable, PROJECT / "translations" / "compile.py", path], check=True)


class _Shown(HTMLParser):
    """Collects what a page shows outside all marks, and outside what it says is in another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.depth = 0
        self.elements: list[tuple[str, bool]] = []  # with whether what they hold is ours to translate

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        above = self.elements[-1][1] if self.elements else True
        is_ours = (given["lang"] == LANGUAGE if "lang" in given else above) and tag not in {"script", "style", "bdi"}
        if is_ours:
            said = [value for name, value in given.items() if name in READ_OUT | SPOKEN_BY_SCRIPTS]
            said += [given.get("value", "")] if tag == "input" and given.get("type") in {"submit", "button"} else []
            self.found += [outside_marks(text) for text in said]
        if tag not in VOID:
            self.elements.append((tag, is_ours))

    def handle_endtag(self, tag: str) -> None:
        while self.elements and self.elements.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        rest, self.depth = _outside(data, self.depth)
        if not self.elements or self.elements[-1][1]:
            self.found.append(rest)


def _outside(text: str, depth: int) -> tuple[str, int]:
    rest = []
    for character in text:
        if character == CLOSE:
            depth -= 1
        if depth == 0:
            rest.append(" " if character in OPEN + CLOSE else character)
        if character == OPEN:
            depth += 1
    return "".join(rest), depth


def outside_marks(text: str) -> str:
    """Return what of a text stands outside all marks."""
    return _outside(text, 0)[0]


def shown_unmarked(page: str) -> str:
    """Return what a page of HTML shows or reads out outside all marks."""
    parser = _Shown()
    parser.feed(page)
    return "\n".join(parser.found)


def words_of_ours(text: str, data: Iterable[str]) -> list[str]:
    """Return the words in Latin letters that are left when everything that is somebody's data is taken out."""
    text = re.sub(r"https?://\S+|\S+@\S+", " ", text)
    for known in sorted(data, key=len, reverse=True):
        text = text.replace(known, " ")
    return [word for word in WORD.findall(text) if word not in CODES]
