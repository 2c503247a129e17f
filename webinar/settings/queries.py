"""Reading what an admin saved."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from webinar.files.models import StoredFile
from webinar.foundation.db import db
from webinar.settings.models import Setting

MARK = "MARK"
"""The name under which the network's mark is kept; it is a picture, and no setting of the environment."""


class Mark(NamedTuple):
    """The network's mark: what makes its address, and its size in pixels."""

    digest: str
    file_name: str
    width: int
    height: int


class Kept(NamedTuple):
    """One setting as it is kept."""

    name: str
    value: str
    changed_at: datetime
    mark: Mark | None


_KEPT = (
    select(
        Setting.name,
        Setting.value,
        Setting.changed_at,
        StoredFile.digest,
        StoredFile.file_name,
        StoredFile.width,
        StoredFile.height,
    )
    .outerjoin(StoredFile, StoredFile.id == Setting.file_id)
    .order_by(Setting.name)
)


def kept_settings() -> tuple[Kept, ...]:
    """Return everything that was saved, by name; one query, on a connection of its own.

    It is asked in the middle of whatever a request does, and must neither see nor end a transaction of its.
    """
    with db.engine.connect() as connection:
        return tuple(
            Kept(name, value, changed_at, Mark(digest, file_name, width or 0, height or 0) if digest else None)
            for name, value, changed_at, digest, file_name, width, height in connection.execute(_KEPT)
        )


def kept_by_name() -> dict[str, Kept]:
    """Return everything that was saved, by name."""
    return {kept.name: kept for kept in kept_settings()}
