"""A file that was looked into and kept."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation.db import Line, Model


class StoredFile(Model):
    """One file, kept once however often it is put somewhere: its SHA-256 is its name in addresses.

    It stands in the database, so that it is saved and restored with what refers to it, and every machine serves it.
    ``width`` and ``height`` are pixels, of pictures only. ``content`` is loaded when it is asked for.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_is_sha256"),
        CheckConstraint("(width IS NULL) = (height IS NULL)", name="pictures_have_both_sides"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[str] = mapped_column(Line)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
