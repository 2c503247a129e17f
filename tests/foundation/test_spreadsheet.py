"""Tables that come in and go out: every name arrives as it left, and no cell runs as a formula."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from webinar.foundation.spreadsheet import (
    Cell,
    Row,
    Sheet,
    UnreadableTable,
    csv_lines,
    read_csv,
    read_table,
    read_xlsx,
    write_xlsx,
)

NASTY = [
    '=HYPERLINK("http://x","y")',
    "@SUM(A1)",
    "\tx",
    "\rx",
    "+cmd",
    "-",
    "+34 93 123",
    "-5.00",
    "'=x",
    "''=x",
    "'quoted'",
    "a\r\nb",
    'say "hi"',
    "a;b,c",
    "محمد",
    "서울",
    "🎉",
    "+٣",
    "_x0041_",
    "\x01",
]
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(NASTY)


def csv_of(*rows: Sequence[Cell], columns: list[str] | None = None) -> bytes:
    return b"".join(csv_lines(columns or ["a", "b"], rows))


def xlsx_of(*rows: Sequence[Cell], columns: list[str] | None = None) -> bytes:
    file = io.BytesIO()
    write_xlsx(file, [Sheet("People", columns or ["a", "b"], rows)])
    return file.getvalue()


def refusal_of(content: bytes) -> str:
    with pytest.raises(UnreadableTable) as refused:
        list(read_table(content))
    return str(refused.value)


@given(st.lists(st.tuples(cells, cells)))
def test_what_is_written_as_csv_is_read_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    kept = [list(row) for row in rows if any(cell.strip() for cell in row)]

    read = [list(row.values.values()) for row in read_csv(csv_of(*rows))]

    assert read == kept


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", '"\'\rx"'),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("-", "'-"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+34 93", "+34 93"),
        ("-5", "-5"),
        ("a=b", "a=b"),
        (" =x", " =x"),
        ("'t Hart", "'t Hart"),
    ],
)
def test_a_cell_that_would_run_as_a_formula_is_preceded_by_an_apostrophe(text: str, cell: str) -> None:
    assert csv_of([text], columns=["a"]).decode("utf-8-sig") == f"a\r\n{cell}\r\n"


def test_csv_begins_with_a_byte_order_mark_and_its_lines_end_in_crlf() -> None:
    assert csv_of(["x", None], [1, 2.5]) == b"\xef\xbb\xbfa,b\r\nx,\r\n1,2.5\r\n"


def test_a_moment_is_written_in_utc_with_a_z() -> None:
    moment = datetime.fromisoformat("2020-04-03T16:30:00+02:00")

    assert csv_of([moment, ""]).decode("utf-8-sig").splitlines()[1] == "2020-04-03T14:30:00Z,"
    assert [row.values["a"] for row in read_xlsx(xlsx_of([moment, ""]))] == ["2020-04-03T14:30:00"]


def test_a_wall_time_is_written_as_it_is() -> None:
    wall = datetime.fromisoformat("2020-04-03T16:30:00.999999")

    assert csv_of([wall, ""]).decode("utf-8-sig").splitlines()[1] == "2020-04-03T16:30:00,"
    assert [row.values["a"] for row in read_xlsx(xlsx_of([wall, ""]))] == ["2020-04-03T16:30:00"]


@pytest.mark.parametrize("second", range(1, 86_400, 7_919))
def test_a_date_in_xlsx_is_exact_to_the_second(second: int) -> None:
    wall = datetime.fromisoformat("2096-02-29T00:00:00") + timedelta(seconds=second)

    assert [row.values["a"] for row in read_xlsx(xlsx_of([wall, "x"]))] == [wall.isoformat()]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a & b < c > d",
            "  spaces  ",
            "line\nline",
            "tab\there",
            "cr\r\nlf",
            "\x01\x1f\x7f",
            "_x0041_",
            "😀",
        ),
        *("x" * 32_767, "الشريف", "]]>", "&amp;"),
    ],
)
def test_every_text_comes_back_from_xlsx_as_it_was(text: str) -> None:
    with CalamineWorkbook.from_filelike(io.BytesIO(xlsx_of([text, "b"]))) as workbook:
        assert workbook.get_sheet_by_index(0).to_python()[1][0] == text


def test_a_text_that_is_too_long_for_a_cell_is_cut_and_does_not_break_the_file() -> None:
    with CalamineWorkbook.from_filelike(io.BytesIO(xlsx_of(["<" * 40_000, "b"]))) as workbook:
        assert workbook.get_sheet_by_index(0).to_python()[1] == ["<" * 32_767, "b"]


def test_csv_is_written_block_by_block() -> None:
    blocks = list(csv_lines(["a"], (["x" * 100] for _ in range(5_000))))

    assert len(blocks) > 5
    assert max(map(len, blocks)) < 70_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_csv_is_understood(encoding: str, delimiter: str, line_end: str) -> None:
    lines = [" Name ", "City"], ["Ana", "São Paulo"], ["", ""], ['"Kim\nLee"', "서울"]
    text = line_end.join(delimiter.join(line) for line in lines)

    assert list(read_table(text.encode(encoding))) == [
        Row(2, {"name": "Ana", "city": "São Paulo"}),
        Row(4, {"name": "Kim\nLee", "city": "서울"}),
    ]


def test_a_delimiter_in_quotes_does_not_count() -> None:
    assert list(read_csv(b'"a,b,c";"d"\n1;2')) == [Row(2, {"a,b,c": "1", "d": "2"})]


def test_a_line_is_counted_where_it_begins_though_cells_hold_several_lines() -> None:
    assert [row.line for row in read_csv(b'a,b\n"1\n2\n3",x\n4,y')] == [2, 5]


def test_empty_columns_behind_the_last_are_left_out() -> None:
    assert list(read_csv(b"a,b,,\n1,2,,\n,,,\n")) == [Row(2, {"a": "1", "b": "2"})]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (b"a,b\n1\0,2", "Line 2 holds a NUL"),
        ("a,b\n1,2".encode("utf-16-le"), "Line 1 holds a NUL"),
        (b"a,b\n1,S\xe3o", "Line 2 is not written in UTF-8"),
        (b"a,b\n1,2\n1,2,3", "Line 3 has 3 cells, but the first line names 2 columns"),
        (b"a,b\n1", "Line 2 has 1 cells"),
        (b"a,,b\n1,2,3", "Line 1 gives column 2 no name"),
        (b"a,b,A\n1,2,3", "Line 1 names the column “a” twice"),
        (b'a,b\n1,2\n"3,4\n5,6', "The cells of line 3 cannot be told apart"),
        (b'a,b\n"x"y,2', "The cells of line 2 cannot be told apart"),
        (b"a\n" + b"x" * 200_000, "The cells of line 2 cannot be told apart"),
        (b"PK\x03\x04 and no archive", "This is no XLSX file"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence_and_the_line(content: bytes, says: str) -> None:
    assert refusal_of(content).startswith(says)


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_what_is_written_as_xlsx_is_read_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    kept = [list(row) for row in rows if any(cell.strip() for cell in row)]

    read = [list(row.values.values()) for row in read_xlsx(xlsx_of(*rows))]

    assert read == kept


def test_xlsx_holds_text_and_numbers_but_no_formula_and_no_link() -> None:
    content = xlsx_of(["=1+1", 5], ["https://example.org", 2.5])

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        assert workbook.sheet_names == ["People"]
        rows = workbook.get_sheet_by_index(0).to_python()
    page = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")

    assert rows == [["a", "b"], ["=1+1", 5.0], ["https://example.org", 2.5]]
    assert (b"<f>" in page, b"<hyperlink" in page) == (False, False)
    assert (b'state="frozen"' in page, b'<autoFilter ref="A1:B3"' in page) == (True, True)


def test_xlsx_is_written_to_a_path_with_several_sheets_whose_names_are_made_valid(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "x.xlsx", [Sheet("a/b: " + "x" * 40, ["a"], [["1"]]), Sheet("'", ["a"], [])])

    with CalamineWorkbook.from_path(tmp_path / "x.xlsx") as workbook:
        assert workbook.sheet_names == ["a b  " + "x" * 26, "Sheet2"]


def test_days_numbers_and_leading_empty_rows_of_a_sheet_are_read_as_typed() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        page = workbook.add_worksheet()
        page.write_row(2, 0, ["Name", "Number", "Day"])
        page.write_row(4, 0, ["Ana", 5])
        page.write_datetime(4, 2, datetime(2020, 4, 3), workbook.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001

    assert list(read_xlsx(file.getvalue())) == [Row(5, {"name": "Ana", "number": "5", "day": "2020-04-03"})]


def test_a_small_file_that_unpacks_to_too_much_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))

    assert refusal_of(file.getvalue()).startswith("This file is too large")


def test_a_nul_character_that_a_sheet_writes_in_its_own_way_is_refused() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_of(("Anna", "1")))) as parts, zipfile.ZipFile(whole, "w") as changed:
        for part in parts.namelist():
            changed.writestr(part, parts.read(part).replace(b"Anna", b"An_x0000_na"))

    assert refusal_of(whole.getvalue()).startswith("Line 2 holds a NUL")


def test_many_columns_are_looked_through_in_no_time() -> None:
    begin = time.process_time()

    refusal_of(",".join(f"c{number}" for number in range(30_000)).encode() + b"\n1")

    assert time.process_time() - begin < 2


def test_a_cell_far_out_is_refused_before_memory_is_asked_for_all_cells_before_it() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        workbook.add_worksheet().write_string(1_048_575, 16_383, "x")

    assert refusal_of(file.getvalue()).startswith("This file is too large")


def test_ten_thousand_people_are_written_fast_enough() -> None:
    person: list[Cell] = [
        "نام",
        "family",
        "x@example.org",
        "member",
        "Tehran",
        61.25,
        datetime(2020, 4, 3, tzinfo=UTC),
    ] * 3
    columns = [f"c{number}" for number in range(21)]

    started = time.process_time()
    list(csv_lines(columns, (person for _ in range(10_000))))
    as_csv = time.process_time() - started
    write_xlsx(io.BytesIO(), [Sheet("People", columns, (person for _ in range(10_000)))])
    as_xlsx = time.process_time() - started - as_csv

    assert (as_csv < 1, as_xlsx < 4) == (True, True), (as_csv, as_xlsx)
