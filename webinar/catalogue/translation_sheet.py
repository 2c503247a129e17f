"""The texts of a webinar as a table for a translator elsewhere, and what comes back of it as the fields of its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from flask_babel import lazy_gettext as _l

from webinar.catalogue.translations import Piece, State, mark_of
from webinar.foundation.errors import DomainError
from webinar.foundation.spreadsheet import Cell, Sheet, read_table

COLUMNS = ("key", "about", "original", "translation", "seen")
LONGEST_CELL = 32_000
"""A cell of a spreadsheet holds 32,767 characters; what is longer is written on the page."""
MOST_ROWS = 5_000


class NoTranslations(DomainError):
    """A table has not the columns of a file of texts to translate, or it is longer than any of ours."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "This is not the file of texts of this page: it needs the columns “key” and “translation”. Download it "
                "once more, and write into the column “translation” only."
            )
        )


def seen(state: State) -> str:
    """Return what a page, or a file, remembers of a piece as it shows it: the marks of its source and of its text."""
    return f"{mark_of(state.piece.source)}-{mark_of(state.text)}"


def sheet_of(states: Iterable[State], language: str, revision: int, called: Callable[[Piece], str]) -> Sheet:
    """Return the table of texts to translate into a language; ``called`` says what a piece is.

    The last column holds what the webinar was when the table was made, for who reads the table again.
    """
    rows: list[list[Cell]] = [
        [state.piece.key, called(state.piece), state.piece.source, state.text, f"{seen(state)}-{revision}"]
        for state in states
        if max(len(state.piece.source), len(state.text)) <= LONGEST_CELL
    ]
    return Sheet(language, COLUMNS, rows)


def fields_of(content: bytes) -> dict[str, str]:
    """Return what stands in a table, CSV or XLSX, as the page of the translation would send it.

    Raises:
        UnreadableTable: it is no table.
        NoTranslations: it is another one.
    """
    fields: dict[str, str] = {}
    rows = list(islice(read_table(content), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS or not rows or not {"key", "translation"} <= rows[0].values.keys():
        raise NoTranslations
    for row in rows:
        key = row.values["key"].strip()
        marks, _dash, revision = row.values.get("seen", "").strip().rpartition("-")
        fields[key] = row.values["translation"]
        fields[f"seen-{key}"] = marks
        fields.setdefault("revision", revision)
    return fields
