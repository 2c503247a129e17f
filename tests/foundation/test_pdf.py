"""PDFs: texts stay texts, every letter is drawn or named, whatever fonts a machine has."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from webinar.foundation.pdf import fonts_of_ours, letters_missing, pdf_of

# In no font of any machine: nothing has been written with it yet.
UNASSIGNED = "\u0378"


def the_text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def data(name: str, **more: Any) -> dict[str, Any]:
    number = {"label": "Number", "number": "AAAA-BBBB", "check": "Check", "address": "https://x.example", "shown": "x"}
    return {
        "title": "Certificate", "language": "en", "direction": "ltr", "accent": "#1d3fbb", "network": "Cities",
        "plan": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', "mark": None, "weekday": "Wednesday",
        "day": "22", "month": "July 2020", "heading": "Certificate of attendance", "certifies": "We certify that",
        "name": name, "organisation": "", "attended": "attended", "webinar": {"title": "Heat", "language": "en"},
        "when": "22 July", "minutes": "", "signer": {"name": "", "role": ""}, "issued": "", "number": number,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["#panic(1) $x^2$ *bold* <label> @ref", "=1+2", "\\u{41} // no comment", '"]; #sys.inputs', "Ana Đặng Ångström"],
)
def test_a_name_is_no_markup_and_no_code(name: str) -> None:
    paper = pdf_of("certificate.typ", data(name))

    assert name in the_text_of(paper.content)
    assert paper.respelt == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "Đặng Thị Hồng",
        "Ελένη",
        "Владимир",
        "محمد الأمين",
        "پژمان گلچین",
        "אבי",
        "김민준",
        "王小明",
        "さくら 髙橋",
        "李鷗",
    ],
)
def test_a_machine_without_any_fonts_prints_these_scripts(name: str) -> None:
    assert letters_missing(name, fonts=fonts_of_ours()) == set()


def test_letters_that_no_font_has_are_named_and_printed_in_latin() -> None:
    paper = pdf_of("certificate.typ", data("สมชาย Ana", organisation=f"City {UNASSIGNED}"), fonts=fonts_of_ours())

    assert letters_missing("สมชาย Ana", fonts=fonts_of_ours()) == set("สมชาย")
    assert letters_missing(f"Ana {UNASSIGNED}") == {UNASSIGNED}
    assert paper.respelt == {"สมชาย Ana", f"City {UNASSIGNED}"}
    assert "smchay Ana" in the_text_of(paper.content)


def test_what_turns_a_line_round_and_what_is_no_letter_is_left_out() -> None:
    paper = pdf_of("certificate.typ", data("Ana \u202esuoS\x00\x07 Ferreira"))

    assert "Ana suoS Ferreira" in the_text_of(paper.content)


def test_a_page_is_made_for_reading_aloud_in_its_language() -> None:
    reader = PdfReader(BytesIO(pdf_of("certificate.typ", data("أنا", language="ar", direction="rtl")).content))

    assert str(reader.root_object["/Lang"]) == "ar"
    assert "/StructTreeRoot" in reader.root_object
    assert reader.metadata is not None
    assert reader.metadata.title == "Certificate"


def test_a_certificate_is_one_page_of_a4_across_whatever_stands_on_it() -> None:
    long = data("Ana " * 50, organisation="Lisboa " * 43, webinar={"title": "Heat " * 60, "language": "en"})

    [page] = PdfReader(BytesIO(pdf_of("certificate.typ", long).content)).pages

    assert (round(page.mediabox.width), round(page.mediabox.height)) == (842, 595)
