"""Reading a file of addresses: CSV or XLSX with or without names of columns, or one address a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from webinar.foundation import formats
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.spreadsheet import read_cells
from webinar.members.matching import fold
from webinar.people.contact_lines import NAMES_OF_COLUMNS
from webinar.people.mail_address import NoMailAddress, normalise

MOST_LINES = 20_000
MOST_OF_A_CELL = 320

_ADDRESS_COLUMN = frozenset(NAMES_OF_COLUMNS["email"])
# As mail programs write it: Ana Costa <ana@lisbon.example>
_IN_BRACKETS = re.compile(r"<([^<>]+)>\s*$")


class NotAddresses(DomainError):
    """A file is no list of addresses; the message says what is missing."""


class Fault(NamedTuple):
    """Why a line of the file is left out, and what stands in it."""

    line: int
    written: str
    reason: str


class Addresses(NamedTuple):
    """The addresses of a file, as they are stored, each once; how many stood in it again; and what is left out."""

    found: Sequence[str]
    doubles: int
    faults: Sequence[Fault]


def read_addresses(content: bytes) -> Addresses:
    """Read the addresses of a file: of each line the cell below a heading that names them, else the first with an @.

    Raises:
        UnreadableTable: it is no table.
        NotAddresses: there is no address in it, or it has more lines than are read at once.
    """
    found: dict[str, None] = {}
    faults: list[Fault] = []
    column: int | None = None
    doubles = lines = 0
    for line, cells in read_cells(content):
        lines += 1
        if lines > MOST_LINES:
            raise NotAddresses(_l("The file has more than %(most)s lines. Split it.", most=formats.number(MOST_LINES)))
        if lines == 1:
            column = next((number for number, cell in enumerate(cells) if fold(cell) in _ADDRESS_COLUMN), None)
            if column is not None or (len(cells) > 1 and not any("@" in cell for cell in cells)):
                continue  # the names of the columns
        try:
            address = _address(cells, column)
        except NoMailAddress as refusal:
            faults.append(Fault(line, one_line(" ".join(cells))[:80], str(refusal)))
            continue
        if address in found:
            doubles += 1
        found[address] = None
    if not found:
        raise NotAddresses(_l("There is no mail address in this file."))
    return Addresses(list(found), doubles, faults)


def _address(cells: Sequence[str], column: int | None) -> str:
    if column is not None and column < len(cells):
        written = cells[column]
    else:
        written = next((cell for cell in cells if "@" in cell), cells[0])
    written = written.strip()[: MOST_OF_A_CELL + 1]
    in_brackets = _IN_BRACKETS.search(written)
    return normalise(in_brackets[1] if in_brackets else written.strip("<>,; "))
