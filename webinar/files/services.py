"""Keeping files that were checked, once each, and letting go of those that nothing refers to any more."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from webinar.files.checked import CheckedFile
from webinar.files.models import StoredFile
from webinar.foundation.db import Model, db


def keep(checked: CheckedFile) -> StoredFile:
    """Return the stored file of a content, stored now if it is new; in the caller's transaction.

    Its row is held until that ends, so that nobody lets go of it before the caller has referred to it.
    """
    held = select(StoredFile).where(StoredFile.digest == checked.digest).with_for_update()
    if (known := db.session.scalar(held)) is not None:
        return known
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(StoredFile)
        .values(
            digest=checked.digest,
            file_name=checked.file_name,
            media_type=checked.media_type,
            size=len(checked.content),
            width=checked.width,
            height=checked.height,
            content=checked.content,
        )
        .on_conflict_do_nothing(index_elements=["digest"])  # somebody else has stored the same at this moment
    )
    return db.session.scalars(held).one()


def let_go(file_ids: Iterable[int | None]) -> None:
    """Delete those of some files that nothing refers to any more; in the transaction that dropped the references.

    Whatever refers to a file does so by a foreign key, so this knows every feature without importing one.
    """
    ids = {file_id for file_id in file_ids if file_id is not None}
    if not ids:
        return
    db.session.flush()
    # Held first: whoever is about to refer to one of them has done so, or will find it gone.
    db.session.execute(select(StoredFile.id).where(StoredFile.id.in_(ids)).with_for_update())
    db.session.execute(
        delete(StoredFile).where(StoredFile.id.in_(ids), ~or_(*_references())),
        execution_options={"synchronize_session": False},
    )


def _references() -> list[ColumnElement[bool]]:
    stored = StoredFile.__table__
    return [
        exists().where(column == StoredFile.id)
        for table in Model.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table is stored
    ]
