"""Pictures from outside: recognised by their content and drawn anew, so that nothing that came in is served."""

from __future__ import annotations

import io
import struct
import threading
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from PIL import Image, ImageOps

from webinar.files.checked import CheckedFile, FileRefused, file_name

MOST_PIXELS = 50_000_000
MOST_PIXELS_BUT_JPEG = 20_000_000
"""A JPEG is unpacked no larger than needed; of the others every pixel is, with some eight to sixteen bytes each."""

FORMATS = ("JPEG", "PNG", "WEBP")
JPEGS = ("JPEG", "MPO")

# Ours is the lower limit, and a refusal in words; Pillow's own would be a warning, or an error, while opening.
Image.MAX_IMAGE_PIXELS = None

# What Pillow raises over files that were made to break it, besides its own errors, which are OSErrors.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error, MemoryError)

# A picture of the largest size takes 200 MB and more while it is drawn: two at once are too many on a small server.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Shape:
    """What a picture is for: the largest side it may have, in pixels, and whether its lines must stay sharp."""

    largest_side: int
    is_drawing: bool = False


PICTURE = Shape(1600)
PHOTO = Shape(320)
LOGO = Shape(480, is_drawing=True)
POSTER = Shape(2400, is_drawing=True)


def checked_picture(content: bytes, name: str, shape: Shape) -> CheckedFile:
    """Return a picture brought down to its shape and turned upright, as JPEG, or as PNG where it is transparent.

    Of what came in nothing but the pixels is left: no place where it was taken, no camera, no hidden text.

    Raises:
        FileRefused: it is no JPEG, PNG or WebP, moves, is broken, or has more than 50 million pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _refuse_by_header(opened)
            with _one_at_a_time:
                return _drawn_anew(opened, name, shape)
    except _BROKEN:
        raise FileRefused(_not_a_picture(content)) from None


def is_picture(content: bytes) -> bool:
    """Tell whether a file begins as one of the pictures that can be taken."""
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or content[:4] + content[8:12] == b"RIFFWEBP"


def _refuse_by_header(opened: Image.Image) -> None:
    """Refuse by what the first bytes say, before a single pixel is unpacked."""
    width, height = opened.size
    if width * height > (MOST_PIXELS if opened.format in JPEGS else MOST_PIXELS_BUT_JPEG):
        raise FileRefused(
            _l(
                "This picture has %(width)s × %(height)s pixels, which is too many. Bring it down to at most "
                "4000 × 4000 and choose it again.",
                width=width,
                height=height,
            )
        )
    # Phones put a second, smaller picture behind a JPEG; that is no film.
    if getattr(opened, "is_animated", False) and opened.format not in JPEGS:
        raise FileRefused(_l("This picture moves. Choose one that stands still: JPEG, PNG or WebP."))


def _drawn_anew(opened: Image.Image, name: str, shape: Shape) -> CheckedFile:
    was_jpeg = opened.format in JPEGS
    side = (shape.largest_side, shape.largest_side)
    opened.draft("RGB", side)  # a JPEG is then unpacked no larger than needed
    upright: Image.Image = opened
    if upright.mode.startswith("I"):  # 16 bits a pixel, which would all become white
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.mode not in {"RGB", "RGBA", "L"}:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail(side, Image.Resampling.LANCZOS)  # before anything else: each step makes a copy
    ImageOps.exif_transpose(upright, in_place=True)
    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if upright.mode == "RGBA" and upright.getchannel("A").getextrema()[0] == 255:
        upright = upright.convert("RGB")
    upright.info.clear()  # comments, profiles and what else could be written along
    as_png = upright.mode == "RGBA" or (shape.is_drawing and not was_jpeg)
    drawn = io.BytesIO()
    if as_png:
        upright.save(drawn, "PNG", optimize=True)
    else:
        upright.save(drawn, "JPEG", quality=82, optimize=True, progressive=True)
    return CheckedFile(
        file_name=file_name(name, "png" if as_png else "jpg"),
        media_type="image/png" if as_png else "image/jpeg",
        content=drawn.getvalue(),
        width=upright.width,
        height=upright.height,
    )


def _not_a_picture(content: bytes) -> LazyString:
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content:
        return _l("This file is empty. Choose another one.")
    if start.startswith(b"%pdf-"):
        return _l("This is a PDF, not a picture. Save the picture as JPEG, PNG or WebP and choose it again.")
    if b"<svg" in start or start.startswith((b"<?xml", b"<!doctype", b"<html")):
        return _l("This is a drawing or a page (SVG, HTML), not a picture. Save it as PNG or WebP and choose it again.")
    if is_picture(content):
        return _l("This picture is broken and cannot be opened. Save it again and choose it again.")
    return _l("This is no picture that we can take. Choose a JPEG, PNG or WebP file.")
