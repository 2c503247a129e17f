"""Documents are recognised by their content, whatever they are called."""

from __future__ import annotations

import pytest

from tests.files.made import A_PAGE, A_PDF, AN_SVG, a_picture, a_zip, an_office_file, an_open_document
from webinar.files.checked import FileRefused, file_name
from webinar.files.documents import checked_document

ODF = "application/vnd.oasis.opendocument"
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (A_PDF, "paper.pdf", "application/pdf"),
        (
            an_office_file("docx"),
            "paper.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (an_office_file("xlsx"), "paper.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            an_office_file("pptx"),
            "paper.pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (an_open_document(f"{ODF}.text"), "paper.odt", f"{ODF}.text"),
        (an_open_document(f"{ODF}.presentation"), "paper.odp", f"{ODF}.presentation"),
        (an_open_document(f"{ODF}.spreadsheet", "Basic/script-lc.xml"), "paper.ods", f"{ODF}.spreadsheet"),
    ],
)
def test_a_document_is_called_what_it_is_and_kept_as_it_is(content: bytes, name: str, media_type: str) -> None:
    checked = checked_document(content, "paper.jpg")

    assert (checked.file_name, checked.media_type, checked.content) == (name, media_type, content)
    assert checked.width is None


def test_a_picture_among_the_documents_is_drawn_anew() -> None:
    checked = checked_document(a_picture(comment=b"taken at home"), "poster.pdf")

    assert (checked.file_name, checked.media_type, checked.width) == ("poster.jpg", "image/jpeg", 40)
    assert b"taken at home" not in checked.content


def test_what_is_a_document_and_something_else_too_is_that_document() -> None:
    both = A_PDF.replace(b"1 0 obj", A_PAGE + a_zip("index.html") + b"1 0 obj")

    assert checked_document(both, "index.html").media_type == "application/pdf"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (A_PAGE, "This is neither a PDF nor an office file nor a picture"),
        (AN_SVG, "This is neither a PDF nor an office file nor a picture"),
        (b"MZ\x90\0" + A_PDF, "This is neither a PDF nor an office file nor a picture"),
        (A_PDF[:40], "This PDF is cut short."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "This is an office file of the old kind."),
        (a_zip("index.html"), "This is a ZIP archive."),
        (an_open_document("text/html"), "This is a ZIP archive."),
        (an_office_file("docx")[:-30], "This file is broken"),
        (b"PK\x03\x04" + bytes(200), "This file is broken"),
        (an_office_file("docx", "word/vbaProject.bin"), "This file holds macros."),
        (an_open_document(f"{ODF}.text", "Basic/Standard/Module1.xml"), "This file holds macros."),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        checked_document(content, "paper.pdf")

    assert str(refusal.value).startswith(sentence)


def test_an_office_file_that_unpacks_to_gigabytes_is_refused() -> None:
    bomb = an_office_file("docx")
    told = bomb.rindex(b"word/document.xml") - 46 + 24  # where the directory says how large the part is
    bomb = bomb[:told] + (3 * 1024**3).to_bytes(4, "little") + bomb[told + 4 :]

    with pytest.raises(FileRefused, match="unpacks to more than anybody can open"):
        checked_document(bomb, "paper.docx")


def test_an_office_file_of_too_many_parts_is_refused() -> None:
    with pytest.raises(FileRefused, match="unpacks to more than anybody can open"):
        checked_document(an_office_file("docx", *map(str, range(10_001))), "paper.docx")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("paper.pdf", "paper.pdf"),
        ("Issue Paper — Año 2.PDF", "Issue-Paper-—-Año-2.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Temp\\paper.pdf", "paper.pdf"),
        ("a\r\nSet-Cookie: x\0.pdf", "a-Set-Cookie-x.pdf"),
        ("exe.\u202efdp.html", "exe.fdp.pdf"),
        ("نسخه\u200cها.pdf", "نسخه\u200cها.pdf"),
        ("서울.hwp", "서울.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ('<img src="x">?#%.pdf', "img-src-x.pdf"),
        ("x" * 500, "x" * 80 + ".pdf"),
    ],
)
def test_a_name_is_fit_for_an_address_and_ends_in_what_the_file_is(written: str, kept: str) -> None:
    assert file_name(written, "pdf") == kept
