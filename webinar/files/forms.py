"""The field by which a form takes a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms.validators import StopValidation

from webinar.files.checked import CheckedFile, FileRefused
from webinar.files.documents import checked_document
from webinar.files.pictures import Shape, checked_picture
from webinar.foundation import formats


class _CheckedFileField(FileField):  # type: ignore[misc]
    """A file that is looked into while the form is validated; then ``data`` is a ``CheckedFile``, or None."""

    accepts = ""
    data: Any
    errors: Sequence[str]

    def __init__(self, label: str, check: Callable[[bytes, str], CheckedFile], **more: Any) -> None:
        most = current_app.config["MAX_FILE_BYTES"]
        attributes = {
            "accept": self.accepts,
            # A script says it before the file is sent, which may take minutes; the server says it again.
            "data-most-bytes": str(most),
            "data-too-large": _too_large(most),
        }
        super().__init__(label, render_kw=attributes, **more)
        self.check = check
        self.most = most

    def pre_validate(self, form: Any) -> None:
        """Look into what was sent."""
        sent, self.data = self.data, None
        if sent is None:
            return
        content = sent.stream.read(self.most + 1)
        if len(content) > self.most:
            raise StopValidation(_too_large(self.most))
        try:
            self.data = self.check(content, sent.filename or "")
        except FileRefused as refusal:
            raise StopValidation(str(refusal)) from None

    def ask_again(self) -> None:
        """Say that the file has to be chosen once more, on the page of a form that was refused for another reason."""
        if self.data is not None and not self.errors:
            self.errors = [_("Choose the file once more: a browser does not keep it.")]


class PictureField(_CheckedFileField):
    """A JPEG, PNG or WebP file, drawn anew in a shape."""

    accepts = "image/jpeg,image/png,image/webp"

    def __init__(self, label: str, shape: Shape, **more: Any) -> None:
        super().__init__(label, lambda content, name: checked_picture(content, name, shape), **more)


class DocumentField(_CheckedFileField):
    """A PDF, an office file or a picture."""

    accepts = ".pdf,.docx,.xlsx,.pptx,.odt,.odp,.ods,image/jpeg,image/png,image/webp"

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, checked_document, **more)


def _too_large(most: int) -> str:
    return str(_("This file is too large. It can have %(most)s at the most.", most=formats.file_size(most)))
