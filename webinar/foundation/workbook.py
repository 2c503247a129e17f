"""The parts of an XLSX file, written one after the other while their rows are read.

Only what our tables need: texts, numbers and dates in sheets with a first row that stays in view. The sheets of some
fifty thousand people are written in a third of the time that a library for everything takes, and no row is kept.
The source is ECMA-376, Office Open XML, part 1, chapter 18.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import IO, NamedTuple
from xml.sax.saxutils import escape, quoteattr

Value = str | int | float | Decimal | datetime | None

LONGEST_TEXT = 32_767
"""How many characters a cell holds; what is longer would make the whole file one to be repaired."""

_ROWS_FOR_WIDTHS = 1_000
_ROWS_AT_A_TIME = 200
_WIDEST = 48
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet has wall times; the day is that of Excel's count
_DAY = timedelta(days=1)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RIGHT_TO_LEFT, _SELECTED = ' rightToLeft="1"', ' tabSelected="1"'
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# The cell formats in styles.xml, by their number there.
_HEAD, _MOMENT, _WALL_TIME, _HUNDREDTHS, _PROSE, _PROSE_HEAD, _PROSE_WALL_TIME = range(1, 8)

_STYLES = f"""{_DECLARATION}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd&quot;T&quot;hh:mm:ss&quot;Z&quot;"/>\
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="8">\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">\
<alignment horizontal="left" vertical="top"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""

_TO_REWRITE = re.compile(r"[&<>\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^[ \t\n]|[ \t\n]$")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NO_LETTERS = re.compile(r"[\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class _Written(NamedTuple):
    """A sheet that stands in the file: its name on the tab, and the cells that have filters."""

    name: str
    filtered: str


class Workbook:
    """An XLSX file being written into an open file; sheets are added one after the other, then it is closed."""

    def __init__(self, target: IO[bytes]) -> None:
        self._parts = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._sheets: list[_Written] = []

    def add(
        self,
        name: str | None,
        columns: Sequence[str],
        rows: Iterable[Sequence[Value]],
        *,
        is_prose: bool = False,
        right_to_left: bool = False,
    ) -> None:
        """Write a sheet; without a name it has its number.

        A moment (aware) is a date in UTC, shown in ISO 8601 with ``Z``; a wall time (naive) is a date as it is. Prose
        is there to be read: its cells wrap, and it has no filters.
        """
        number = len(self._sheets) + 1
        coming = iter(rows)
        first = list(islice(coming, _ROWS_FOR_WIDTHS))
        last = 1
        with self._parts.open(_part(f"xl/worksheets/sheet{number}.xml"), "w") as part:
            part.write(_head_of_sheet(columns, first, is_first=number == 1, right_to_left=right_to_left).encode())
            part.write(_row(1, columns, _PROSE_HEAD if is_prose else _HEAD).encode())
            numbered = enumerate(chain(first, coming), 2)
            while some := list(islice(numbered, _ROWS_AT_A_TIME)):
                last = some[-1][0]
                part.write("".join([_row(line, row, _PROSE if is_prose else 0) for line, row in some]).encode())
            has_filters = bool(columns) and not is_prose
            reach = f"A1:{_letters(len(columns))}{last}" if has_filters else ""
            part.write(_end_of_sheet(reach).encode())
        filtered = f"$A$1:${_letters(len(columns))}${last}" if has_filters else ""
        self._sheets.append(_Written(name or f"Sheet{number}", filtered))

    def close(self) -> None:
        """Write what names the sheets, and end the file."""
        for name, text in (
            ("xl/workbook.xml", self._workbook()),
            ("xl/_rels/workbook.xml.rels", self._relations()),
            ("xl/styles.xml", _STYLES),
            (
                "_rels/.rels",
                f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
                f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            ),
            ("[Content_Types].xml", self._types()),
        ):
            self._parts.writestr(_part(name), text)
        self._parts.close()

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name={quoteattr(sheet.name)} sheetId="{number}" r:id="rId{number}"/>'
            for number, sheet in enumerate(self._sheets, 1)
        )
        quoted = [(number, sheet.name.replace("'", "''"), sheet.filtered) for number, sheet in enumerate(self._sheets)]
        filters = "".join(
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
            f"'{escape(name)}'!{filtered}</definedName>"
            for number, name, filtered in quoted
            if filtered
        )
        return (
            f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
            f"{f'<definedNames>{filters}</definedNames>' if filters else ''}</workbook>"
        )

    def _relations(self) -> str:
        count = len(self._sheets)
        sheets = "".join(
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, count + 1)
        )
        return (
            f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}'
            f'<Relationship Id="rId{count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        )

    def _types(self) -> str:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        sheets = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}.worksheet+xml"/>'
            for number in range(1, len(self._sheets) + 1)
        )
        return (
            f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{sheets}'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>'
        )


def _part(name: str) -> zipfile.ZipInfo:
    """Return a part that says nothing of when it was written: the same table is the same file."""
    part = zipfile.ZipInfo(name)
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _head_of_sheet(
    columns: Sequence[str], first: Sequence[Sequence[Value]], *, is_first: bool, right_to_left: bool
) -> str:
    view = f"{_RIGHT_TO_LEFT if right_to_left else ''}{_SELECTED if is_first else ''}"
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(_widths(columns, first), 1)
    )
    return (
        f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{view} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"{f'<cols>{widths}</cols>' if widths else ''}<sheetData>"
    )


def _end_of_sheet(filtered: str) -> str:
    filters = f'<autoFilter ref="{filtered}"/>' if filtered else ""
    return f"</sheetData>{filters}</worksheet>"


def _widths(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[int]:
    widths = [len(column) + 2 for column in columns]  # there is a button for the filter in it
    for row in rows:
        for index, value in enumerate(row):
            length = 20 if isinstance(value, datetime) else len(str(value or ""))
            if length > widths[index]:
                widths[index] = length
    return (min(width, _WIDEST) + 2 for width in widths)


def _row(line: int, values: Iterable[Value], style: int = 0) -> str:
    """Return a row; ``style`` is that of its texts, 0 for none."""
    cells = [f'<row r="{line}">']
    styled = f' s="{style}"' if style else ""
    for letters, value in zip(_COLUMNS, values, strict=False):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            text = f">{value}" if not _TO_REWRITE.search(value) and len(value) <= LONGEST_TEXT else _in_xml(value)
            cells.append(f'<c r="{letters}{line}"{styled} t="inlineStr"><is><t{text}</t></is></c>')
        elif isinstance(value, datetime):
            if value.tzinfo is None:
                form, days = (_PROSE_WALL_TIME if style == _PROSE else _WALL_TIME), _days(value)
            else:
                form, days = _MOMENT, _days(value.astimezone(UTC).replace(tzinfo=None))
            cells.append(f'<c r="{letters}{line}" s="{form}"><v>{days}</v></c>')
        elif isinstance(value, Decimal):
            cells.append(f'<c r="{letters}{line}" s="{_HUNDREDTHS}"><v>{value}</v></c>')
        else:
            cells.append(f'<c r="{letters}{line}"{styled}><v>{value}</v></c>')
    cells.append("</row>")
    return "".join(cells)


def _days(wall: datetime) -> float:
    """Return a wall time as Excel counts it, in days; to the second."""
    return (wall.replace(microsecond=0) - _EPOCH) / _DAY


def _in_xml(text: str) -> str:
    """Return the end of a tag and a text, what XML cannot hold in the form that Excel has for it (``_x000D_``)."""
    marked = _LOOKS_ESCAPED.sub("_x005F_", _NO_LETTERS.sub("\ufffd", text[:LONGEST_TEXT]))
    return f' xml:space="preserve">{escape(_NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", marked))}'


def _letters(number: int) -> str:
    """Return how a column is called, the first one having the number 1: A to Z, then AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


_COLUMNS = tuple(_letters(number) for number in range(1, 16_385))
