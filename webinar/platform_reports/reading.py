"""Reading a report, whichever platform wrote it: recognised by what stands in it, never by the name of the file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Protocol

from flask_babel.speaklater import LazyString

from webinar.platform_reports import readers, tables
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.lines_of_file import Lines, lines_of
from webinar.platform_reports.report import Columns, DateOrder, Layout, Report, UnknownLayout


class Reader(Protocol):
    """What a module in ``readers`` has."""

    NAME: LazyString

    def recognises(self, lines: Lines) -> bool:
        """Tell whether a file is of this layout, by its content."""

    def read(self, lines: Lines, clues: Clues) -> Report:
        """Read a file of this layout; what cannot be read in it is among the report's faults."""


@cache
def all_readers() -> Mapping[str, Reader]:
    """Return the readers by the names of their modules."""
    names = [module.name for module in pkgutil.iter_modules(readers.__path__)]
    return {name: importlib.import_module(f"{readers.__name__}.{name}") for name in sorted(names)}


def name_of(platform: str) -> LazyString | str:
    """Return what people call the reports of a platform, given ``Report.platform``."""
    if platform == tables.PLATFORM:
        return tables.NAME
    reader = all_readers().get(platform)
    return platform if reader is None else reader.NAME


def read_report(content: bytes, *, expected: datetime | None = None, order: DateOrder | None = None) -> Report:
    """Read a platform's report, or a table whose headings say beyond doubt which column is which.

    ``expected`` is when the session begins, as a naive wall time: it decides whether 4/3/2026 is in April or in March
    where the file does not, and gives the day where the file has times only. ``order`` is what a person decided.

    Raises:
        UnknownLayout: it is a table, but somebody has to name its columns; see ``read_with_columns``.
        UnreadableReport: it is none.
    """
    lines = lines_of(content)
    clues = Clues(expected, order)
    for reader in all_readers().values():
        if reader.recognises(lines):
            return reader.read(lines, clues)
    layout = tables.layout_of(lines)
    named = tables.named_columns(layout.header)
    if not named.are_enough:
        raise UnknownLayout(layout)
    return tables.read(lines, named, clues)


def look_at(content: bytes) -> Layout:
    """Return the header of a table, some rows, and what its columns seem to be, for somebody to name them.

    Raises:
        UnreadableReport: it is no table.
    """
    return tables.layout_of(lines_of(content))


def read_with_columns(
    content: bytes, columns: Columns, *, expected: datetime | None = None, order: DateOrder | None = None
) -> Report:
    """Read a table whose columns a person has named; else as ``read_report``.

    Raises:
        UnreadableReport: it is no table, or the columns do not tell who was there and how long.
    """
    return tables.read(lines_of(content), columns, Clues(expected, order))
