"""The attendance export: one line a person and session, as CSV, XLSX or JSON, written while it is read.

The first columns, their names and their order are fixed: other programs read them. Behind them stands a column for
each question that organisers have asked. An XLSX file has a second sheet, with figures by language.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, NamedTuple

from webinar.attendance.by_language import Part
from webinar.attendance.language_sheet import Minutes, language_sheet
from webinar.attendance.queries import Stay, Stays, Told
from webinar.attendance.stays import in_minutes
from webinar.catalogue.models import Question
from webinar.catalogue.texts import text_in
from webinar.foundation.db import Code
from webinar.foundation.spreadsheet import Cell, Sheet, csv_lines, write_xlsx
from webinar.registration.answer_columns import cell, column_names


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


class Participant(NamedTuple):
    """The fixed cells of one line; the fields are the columns. What is not known is empty."""

    series: str
    webinar: str
    session: str
    session_start_utc: datetime
    language: str
    given_name: str
    family_name: str
    email: str
    affiliation: str
    member: str
    country: str
    region: str
    organisation: str
    role: str
    status: str
    registered_at_utc: datetime
    calendar_answer: str
    attended: str
    first_join_utc: datetime | None
    last_leave_utc: datetime | None
    minutes: Decimal
    sources: str
    mail_language: str
    watching_with: int


COLUMNS = Participant._fields
SHEET = "Participants"  # as fixed as the columns, so not translated

BLOCK = 64 * 1024


def participants(stays: Iterable[Stay]) -> Iterator[Participant]:
    """Yield one line a person and session."""
    return map(_participant, stays)


def _participant(stay: Stay) -> Participant:
    """Return the line of one registration.

    The first join and the last leave are as they were told, for who was there too shortly to have come as well; the
    join link alone knows no leave and no minutes.
    """
    return Participant(
        series=stay.series,
        webinar=stay.webinar,
        session=stay.session,
        session_start_utc=stay.starts_at,
        language=stay.language,
        given_name=stay.given_name,
        family_name=stay.family_name,
        email=stay.email or "",
        affiliation=stay.affiliation.value,
        member=stay.member or "",
        country=stay.country or "",
        region=stay.region or "",
        organisation=stay.organisation,
        role=stay.role,
        status=stay.status.value,
        registered_at_utc=stay.registered_at,
        calendar_answer=stay.answer.value if stay.answer else "",
        attended="yes" if stay.came else "no",
        first_join_utc=stay.first_join_at,
        last_leave_utc=stay.last_leave_at,
        minutes=in_minutes(timedelta(seconds=stay.seconds or 0 if stay.came else 0)),
        sources=stay.sources or "",
        mail_language=stay.mail_language,
        watching_with=stay.watching_with,
    )


class Export(NamedTuple):
    """What is exported: the names of the columns, lines with a cell for each, and of what there are figures."""

    columns: Sequence[str]
    lines: Iterable[Sequence[Cell]]
    part: Part


def export(stays: Stays) -> Export:
    """Return the export of a part of the record; lines are read while one goes through them.

    Six queries at the most, whatever the rows; three more for the figures of an XLSX file.
    """
    questions = stays.questions()
    if not questions:
        return Export(COLUMNS, participants(stays), stays.part)
    columns = _Columns(questions, stays.original_languages())
    return Export((*COLUMNS, *columns.names), _with_answers(stays, columns), stays.part)


def _with_answers(stays: Stays, columns: _Columns) -> Iterator[Sequence[Cell]]:
    for stay in stays.with_answers():
        yield (*_participant(stay), *columns.cells(stay.answers))


class _Columns:
    """The columns of questions. Questions of the same name in several webinars of a series share one."""

    def __init__(self, questions: Sequence[Question], original_languages: Mapping[int, str]) -> None:
        self.names: list[str] = []
        self.numbers: dict[int, int] = {}
        self.choices: dict[int, str] = {}
        known: dict[str, int] = {}
        for webinar_id, of_webinar in groupby(questions, attrgetter("webinar_id")):
            original, asked = original_languages[webinar_id], list(of_webinar)
            for question_id, name in column_names(asked, original, COLUMNS).items():
                self.numbers[question_id] = known.setdefault(name.casefold(), len(self.names))
                if self.numbers[question_id] == len(self.names):
                    self.names.append(name)
            self.choices |= {
                choice.id: text_in(choice.texts, original).title for question in asked for choice in question.choices
            }

    def cells(self, answers: Iterable[Told]) -> list[str]:
        """Return the cells of one line; what was asked only since the columns were read is left out."""
        cells = [""] * len(self.names)
        for question_id, of_one in groupby(answers, attrgetter("question_id")):
            told = list(of_one)
            made = {one.choice_id for one in told}
            if question_id in self.numbers:
                chosen = (title for choice_id, title in self.choices.items() if choice_id in made)
                cells[self.numbers[question_id]] = cell(chosen, told[0].text)
        return cells


def blocks_of_csv(whole: Export) -> Iterator[bytes]:
    """Yield an export as CSV, block by block."""
    return csv_lines(whole.columns, whole.lines)


def blocks_of_json(whole: Export) -> Iterator[bytes]:
    """Yield an export as a JSON array of objects, one a line; empty texts where CSV has empty cells."""
    block = bytearray(b"[")
    before = "\n"
    for line in whole.lines:
        fields = {name: _in_json(value) for name, value in zip(whole.columns, line, strict=True)}
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
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value or ""


def write(whole: Export, how: ExportFormat, target: IO[bytes]) -> None:
    """Write an export into an open file."""
    if how is ExportFormat.XLSX:
        minutes = Minutes(whole.lines, whole.columns)
        write_xlsx(target, [Sheet(SHEET, whole.columns, minutes), language_sheet(whole.part, minutes)])
        return
    blocks: Callable[[Export], Iterator[bytes]] = blocks_of_csv if how is ExportFormat.CSV else blocks_of_json
    target.writelines(blocks(whole))


def write_file(whole: Export, how: ExportFormat, path: Path) -> int:
    """Write an export to a path and return how many lines it has; until it is whole, the path stays as it was.

    Raises:
        OSError: the file cannot be written there.
    """
    counted = _Counted(whole.lines)
    if path.exists() and not path.is_file():  # a terminal or a pipe, which cannot be written beside
        with path.open("wb") as target:
            write(whole._replace(lines=counted), how, target)
        return counted.lines
    where = path.resolve()
    beside = where.with_name(f".{where.name}.{os.getpid()}")
    try:
        with beside.open("xb") as target:
            write(whole._replace(lines=counted), how, target)
        beside.replace(where)
    finally:
        beside.unlink(missing_ok=True)
    return counted.lines


class _Counted:
    """Lines that are counted as they pass."""

    def __init__(self, passing: Iterable[Sequence[Cell]]) -> None:
        self.passing = passing
        self.lines = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for line in self.passing:
            self.lines += 1
            yield line
