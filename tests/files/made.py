"""Files as people choose them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
A_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
AN_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
A_PAGE = b"<!DOCTYPE html><title>Paper</title><script>alert(1)</script>"


def a_picture(
    width: int = 40, height: int = 30, *, kind: str = "JPEG", mode: str = "RGB", colour: object = None, **more: object
) -> bytes:
    """Return a picture of one colour; ``more`` is given to Pillow as it is."""
    written = io.BytesIO()
    Image.new(mode, (width, height), colour).save(written, kind, **more)  # type: ignore[arg-type]
    return written.getvalue()


def a_png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it has so many pixels, in some hundred bytes, without any."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def a_zip(*parts: str, **written: bytes) -> bytes:
    """Return a ZIP file with empty parts, and some with content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {**written, **dict.fromkeys(parts, b"")}.items():
            file.writestr(name, content)
    return packed.getvalue()


def an_office_file(extension: str, *parts: str) -> bytes:
    """Return a DOCX, XLSX or PPTX with nothing in it but its parts' names."""
    return a_zip("[Content_Types].xml", OFFICE[extension], *parts)


def an_open_document(media_type: str, *parts: str) -> bytes:
    """Return an ODT, ODP or ODS with nothing in it but what it is."""
    return a_zip("content.xml", *parts, mimetype=media_type.encode())
