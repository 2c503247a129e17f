"""Documents from outside: recognised by their content alone, whatever they are called."""

from __future__ import annotations

import io
import zipfile
import zlib

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.files.checked import CheckedFile, FileRefused, file_name
from webinar.files.pictures import POSTER, checked_picture, is_picture

MOST_PARTS = 10_000
MOST_UNPACKED = 1024**3
"""Bytes that an office file may unpack to, for the sake of those who open it; we never unpack one."""

_MOST_OF_A_PART = 4096
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_BY_PART = {
    "word/document.xml": ("docx", f"{_OFFICE}wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", f"{_OFFICE}spreadsheetml.sheet"),
    "ppt/presentation.xml": ("pptx", f"{_OFFICE}presentationml.presentation"),
}
_BY_MIMETYPE = {
    f"{_ODF}text": "odt",
    f"{_ODF}presentation": "odp",
    f"{_ODF}spreadsheet": "ods",
}


def checked_document(content: bytes, name: str) -> CheckedFile:
    """Return a PDF, an office file or a picture under a name that says what it is.

    Pictures are drawn anew (see ``checked_picture``); documents are kept as they are and only ever handed out to be
    saved, never shown as a page of ours.

    Raises:
        FileRefused: it is something else, broken, holds macros, or unpacks to more than anybody wants to open.
    """
    if is_picture(content):
        return checked_picture(content, name, POSTER)
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-65536:]:
            raise FileRefused(_l("This PDF is cut short. Save it again and choose it again."))
        return CheckedFile(file_name(name, "pdf"), "application/pdf", content)
    if content.startswith(b"PK\x03\x04"):
        extension, media_type = _office_file(content)
        return CheckedFile(file_name(name, extension), media_type, content)
    raise FileRefused(_something_else(content))


def _office_file(content: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise FileRefused(_l("This file unpacks to more than anybody can open. Save it again as a PDF."))
            names = {part.filename for part in parts}
            if any(_is_macro(name) for name in names):
                raise FileRefused(_l("This file holds macros. Save it without them, or as a PDF."))
            if "[Content_Types].xml" in names:
                for part, kind in _BY_PART.items():
                    if part in names:
                        return kind
            if "mimetype" in names:
                with packed.open("mimetype") as opened:
                    media_type = opened.read(_MOST_OF_A_PART).decode("ascii", "replace").strip()
                if media_type in _BY_MIMETYPE:
                    return _BY_MIMETYPE[media_type], media_type
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise FileRefused(_l("This file is broken and cannot be opened. Save it again and choose it again.")) from None
    raise FileRefused(_l("This is a ZIP archive. Choose the files in it one by one: PDF, office files or pictures."))


def _is_macro(name: str) -> bool:
    # An open document may hold empty libraries, which are but lists.
    is_basic = name.startswith("Basic/") and not name.endswith(("/", "script-lc.xml", "script-lb.xml"))
    return is_basic or name.lower().endswith("vbaproject.bin")


def _something_else(content: bytes) -> LazyString:
    if not content:
        return _l("This file is empty. Choose another one.")
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _l("This is an office file of the old kind. Save it as DOCX, XLSX, PPTX or PDF and choose it again.")
    return _l("This is neither a PDF nor an office file nor a picture, whatever it is called. Save it as a PDF.")
