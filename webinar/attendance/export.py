"""The attendance export: one line a person and session, as CSV, XLSX or JSON, written while it is read.

An XLSX file has further sheets, with figures by member and by language, and what one must know to read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO, TypeVar

from webinar.attendance.chosen_columns import EVERYTHING, Choice, chosen
from webinar.attendance.language_sheet import Minutes, language_sheet
from webinar.attendance.member_sheet import Members, member_sheet
from webinar.attendance.participants import (
    COLUMNS,
    LOCAL_COLUMNS,
    AnswerColumns,
    Participant,
    answer_columns,
    local_times,
    participant,
)
from webinar.attendance.queries import Stay, Stays
from webinar.attendance.summary_sheet import summary_sheet
from webinar.foundation.db import Code
from webinar.foundation.spreadsheet import Cell, Sheet, csv_lines, write_xlsx


class ExportFormat(Code):
    """How an export is written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """Return the media type of a file in this format."""
        return MEDIA_TYPES[self]


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON: "application/json",
}

SHEET = "Participants"  # as fixed as the columns, so not translated

BLOCK = 64 * 1024

Line = Sequence[Cell]
Done = TypeVar("Done")


@dataclass(frozen=True)
class Export:
    """What is exported: a part of the record, what was asked in it, and which columns are wanted."""

    stays: Stays
    answers: AnswerColumns
    choice: Choice = EVERYTHING

    def columns(self, how: ExportFormat) -> list[str]:
        """Return the names of the columns in a format.

        Raises:
            NoSuchColumn: one of them cannot be there, or there is none.
        """
        return chosen(self.choice, self.answers.names, with_local_times=how is ExportFormat.XLSX)

    def lines(self, columns: Sequence[str], minutes: Minutes | None = None) -> Iterator[Line]:
        """Yield a line a registration with a cell for each column, while they are read; ``minutes`` are added up.

        What is without personal data is in an order that follows from what the lines say: the order in which people
        registered would tell who they are to whoever has another list of them.
        """
        with_answers = any(name in columns for name in self.answers.names)
        with_local_times = any(name in columns for name in LOCAL_COLUMNS)
        every = (*COLUMNS, *(self.answers.names if with_answers else ()), *(LOCAL_COLUMNS if with_local_times else ()))
        pick = _picked([every.index(column) for column in columns], len(every))
        first = _for_passing_on if self.choice.without_personal_data else participant

        def line(stay: Stay) -> Line:
            if minutes is not None:
                minutes.add(stay)
            whole: tuple[Cell, ...] = first(stay)
            if with_answers:
                whole = (*whole, *self.answers.cells(stay.answers))
            if with_local_times:
                whole = (*whole, *local_times(stay))
            return pick(whole)

        stays = self.stays.with_answers() if with_answers else iter(self.stays)
        if not self.choice.without_personal_data:
            return map(line, stays)
        by_session = groupby(stays, attrgetter("session"))
        return chain.from_iterable(sorted(map(line, of_one), key=_as_texts) for _session, of_one in by_session)


def _picked(numbers: Sequence[int], count: int) -> Callable[[tuple[Cell, ...]], Line]:
    if list(numbers) == list(range(count)):
        return lambda whole: whole
    if len(numbers) == 1:
        return lambda whole: (whole[numbers[0]],)
    return itemgetter(*numbers)


def _for_passing_on(stay: Stay) -> Participant:
    """Return a line with whole minutes: to the second they could be found in a platform's report."""
    whole = participant(stay)
    return whole._replace(minutes=whole.minutes.quantize(Decimal(1), ROUND_FLOOR))


def _as_texts(line: Line) -> list[str]:
    return [str(value) for value in line]


def export(stays: Stays, choice: Choice = EVERYTHING) -> Export:
    """Return the export of a part of the record; lines are read while one goes through them.

    Six queries at the most, whatever the rows; some more for the figures of an XLSX file.
    """
    return Export(stays, answer_columns(stays), choice)


def blocks_of_csv(whole: Export) -> Iterator[bytes]:
    """Return an export as CSV, block by block.

    Raises:
        NoSuchColumn: before the first one.
    """
    columns = whole.columns(ExportFormat.CSV)
    return csv_lines(columns, whole.lines(columns))


def blocks_of_json(whole: Export) -> Iterator[bytes]:
    """Return an export as a JSON array of objects, one a line, block by block; empty texts where CSV has empty cells.

    Raises:
        NoSuchColumn: before the first one.
    """
    columns = whole.columns(ExportFormat.JSON)
    return _in_blocks(columns, whole.lines(columns))


def _in_blocks(columns: Sequence[str], lines: Iterable[Line]) -> Iterator[bytes]:
    block = bytearray(b"[")
    before = "\n"
    for line in lines:
        fields = {name: _in_json(value) for name, value in zip(columns, line, strict=True)}
        block += f"{before}{json.dumps(fields, ensure_ascii=False)}".encode()
        before = ",\n"
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block) + b"\n]\n"


def _in_json(value: Cell) -> str | float:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ" if value.tzinfo else "%Y-%m-%dT%H:%M:%S")
    return value or ""


def write(whole: Export, how: ExportFormat, target: IO[bytes]) -> int:
    """Write an export into an open file and return how many lines it has.

    Raises:
        NoSuchColumn: nothing was written.
    """
    columns = whole.columns(how)
    minutes = Minutes()
    lines = whole.lines(columns, minutes)
    if how is ExportFormat.XLSX:
        part = whole.stays.part
        members = Members(part)
        write_xlsx(
            target,
            [
                Sheet(SHEET, columns, lines),
                member_sheet(members),
                language_sheet(part, minutes, in_whole=whole.choice.without_personal_data),
                summary_sheet(members, whole.choice, columns, minutes),
            ],
        )
    elif how is ExportFormat.CSV:
        target.writelines(csv_lines(columns, lines))
    else:
        target.writelines(_in_blocks(columns, lines))
    return minutes.lines


def write_file(whole: Export, how: ExportFormat, path: Path) -> int:
    """Write an export to a path and return how many lines it has; until it is whole, the path stays as it was.

    Raises:
        OSError: the file cannot be written there.
        NoSuchColumn: nothing was written.
    """
    return write_whole(path, lambda target: write(whole, how, target))


def write_whole(path: Path, job: Callable[[IO[bytes]], Done]) -> Done:
    """Let a job write a file and return what it returns; until the file is whole, the path stays as it was.

    Raises:
        OSError: the file cannot be written there.
    """
    if path.exists() and not path.is_file():  # a terminal or a pipe, which cannot be written beside
        with path.open("wb") as target:
            return job(target)
    where = path.resolve()
    beside = where.with_name(f".{where.name}.{os.getpid()}")
    try:
        with beside.open("xb") as target:
            done = job(target)
        beside.replace(where)
    finally:
        beside.unlink(missing_ok=True)
    return done
