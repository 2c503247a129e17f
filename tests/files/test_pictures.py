"""Pictures are recognised by their content and drawn anew."""

from __future__ import annotations

import io
import random

import pytest
from flask import Flask
from PIL import Image

from tests.files.made import A_PAGE, A_PDF, AN_SVG, a_picture, a_png_of
from webinar.files.checked import FileRefused
from webinar.files.pictures import LOGO, PHOTO, PICTURE, checked_picture

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_jpeg_whatever_it_was_and_was_called(kind: str) -> None:
    checked = checked_picture(a_picture(kind=kind), "Ana López.svg", PHOTO)

    assert (checked.file_name, checked.media_type) == ("Ana-López.jpg", "image/jpeg")
    assert (checked.width, checked.height) == (40, 30)
    assert opened(checked.content).format == "JPEG"


def test_a_large_picture_is_brought_down_and_keeps_its_sides_in_proportion() -> None:
    checked = checked_picture(a_picture(4000, 2000), "square.jpg", PICTURE)

    assert (checked.width, checked.height) == (1600, 800)
    assert opened(checked.content).size == (1600, 800)


def test_a_photo_from_a_phone_is_turned_upright_and_tells_no_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "A telephone"
    exif.get_ifd(0x8825)[2] = (41.0, 22.0, 0.0)
    sent = a_picture(40, 30, exif=exif, comment=b"taken at home")
    assert b"A telephone" in sent

    checked = checked_picture(sent, "photo.jpg", PHOTO)

    assert (checked.width, checked.height) == (30, 40)
    assert dict(opened(checked.content).getexif()) == {}
    assert b"A telephone" not in checked.content
    assert b"taken at home" not in checked.content


def test_what_stands_behind_a_picture_is_gone() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        checked = checked_picture(a_picture(kind=kind) + A_PAGE, "photo.jpg", LOGO)

        assert b"script" not in checked.content


def test_a_logo_stays_transparent() -> None:
    sent = a_picture(900, 300, kind="PNG", mode="RGBA", colour=(200, 0, 0, 0), pnginfo=None)

    checked = checked_picture(sent, "logo.png", LOGO)

    assert (checked.file_name, checked.media_type, checked.width) == ("logo.png", "image/png", 480)
    assert opened(checked.content).getchannel("A").getextrema() == (0, 0)


def test_a_picture_whose_transparency_is_not_used_is_a_jpeg() -> None:
    assert checked_picture(a_picture(kind="PNG", mode="RGBA", colour=(9, 9, 9, 255)), "a", PICTURE).file_name == "a.jpg"


@pytest.mark.parametrize(("mode", "kind"), [("L", "PNG"), ("P", "PNG"), ("1", "PNG"), ("CMYK", "JPEG"), ("LA", "PNG")])
def test_pictures_in_other_colours_are_taken(mode: str, kind: str) -> None:
    assert checked_picture(a_picture(mode=mode, kind=kind), "a", PICTURE).width == 40


def test_a_grey_picture_of_sixteen_bits_stays_grey() -> None:
    checked = checked_picture(a_picture(kind="PNG", mode="I;16", colour=30000), "a", PHOTO)

    assert abs(int(opened(checked.content).convert("L").getextrema()[0]) - 117) < 3  # type: ignore[arg-type]


def test_two_pictures_in_one_file_as_phones_make_them_are_one_photo() -> None:
    written = io.BytesIO()
    first, second = Image.new("RGB", (40, 30)), Image.new("RGB", (8, 6))
    first.save(written, "MPO", save_all=True, append_images=[second])

    assert checked_picture(written.getvalue(), "photo.jpg", PHOTO).width == 40


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (AN_SVG, "This is a drawing or a page (SVG, HTML), not a picture."),
        (b"\xef\xbb\xbf<?xml version='1.0'?>" + AN_SVG, "This is a drawing or a page (SVG, HTML), not a picture."),
        (A_PAGE, "This is a drawing or a page (SVG, HTML), not a picture."),
        (A_PDF, "This is a PDF, not a picture."),
        (b"", "This file is empty."),
        (b"GIF89a" + bytes(50), "This is no picture that we can take."),
        (a_picture()[:300], "This picture is broken and cannot be opened."),
        (b"\xff\xd8\xff\xe0" + A_PAGE, "This picture is broken and cannot be opened."),
        (a_picture(kind="GIF"), "This is no picture that we can take."),
    ],
)
def test_what_is_no_picture_is_refused_for_what_it_is(content: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        checked_picture(content, "photo.jpg", PHOTO)

    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("size", [(10_000, 10_000), (65_000, 65_000), (20_000_001, 1)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(FileRefused, match=f"{size[0]:,} × {size[1]:,} pixels, which is too many"):
        checked_picture(a_png_of(*size), "photo.png", PICTURE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])

    with pytest.raises(FileRefused, match="This picture moves"):
        checked_picture(written.getvalue(), "film.png", PHOTO)


def test_a_picture_with_any_byte_wrong_is_taken_or_refused_in_words(app: Flask) -> None:
    dice = random.Random(5)
    sent = [a_picture(kind=kind, mode=mode) for kind, mode in (("JPEG", "RGB"), ("PNG", "P"), ("WEBP", "RGB"))]
    for _ in range(400):
        broken = bytearray(dice.choice(sent))
        for _ in range(dice.randint(1, 4)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            checked_picture(bytes(broken), "photo.jpg", PHOTO)
        except FileRefused:
            continue


def test_a_jpeg_may_have_more_pixels_because_it_is_unpacked_smaller() -> None:
    assert checked_picture(a_picture(6000, 5000), "photo.jpg", PICTURE).width == 1600
