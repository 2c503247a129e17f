"""A file that was looked into and may be kept, or the sentence why not."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from webinar.foundation.errors import DomainError

MOST_OF_A_NAME = 80

# What Persian and emoji need to be written right; all other invisible characters go, above all those that turn text
# round, so that "gpj.exe" reads "exe.jpg".
_JOINERS = "\u200c\u200d"


class FileRefused(DomainError):
    """A file is not what it has to be; the sentence says what it is and what to do."""


@dataclass(frozen=True)
class CheckedFile:
    """A file as it will be served: its media type is what it is, whatever it was called.

    ``width`` and ``height`` are pixels, of pictures only.
    """

    file_name: str
    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, as it stands in addresses."""
        return hashlib.sha256(self.content).hexdigest()


def file_name(written: str, extension: str) -> str:
    """Return a name fit for an address and for every file system, ending in what the file is.

    ``C:\\Temp\\my photo.svg``, a JPEG, is ``my-photo.jpg``. Letters of all scripts stay.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", written))[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", last)
    visible = "".join(one for one in stem if one in _JOINERS or one.isspace() or unicodedata.category(one)[0] != "C")
    joined = re.sub(r"[\s<>:\"'|?*#%&;=]+", "-", visible)[:MOST_OF_A_NAME].strip(".-" + _JOINERS)
    return f"{joined or 'file'}.{extension}"
