"""Reading files; their content only when it is handed out."""

from __future__ import annotations

from sqlalchemy import select

from webinar.files.models import StoredFile
from webinar.foundation.db import db


def find_file(digest: str) -> StoredFile | None:
    """Return the file of a digest without its content, or None."""
    return db.session.scalar(select(StoredFile).where(StoredFile.digest == digest))


def content_of(file_id: int) -> bytes:
    """Return what is in a file, which exists."""
    return db.session.scalars(select(StoredFile.content).where(StoredFile.id == file_id)).one()
