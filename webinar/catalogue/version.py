"""A mark that is another one whenever something public changed, so that what was made of it before can be kept."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from webinar.catalogue import models
from webinar.foundation import clock
from webinar.foundation.db import Model, db
from webinar.members import models as members

PUBLIC = {models.__name__, members.__name__}


class CatalogueVersion(Model):
    """The one mark, in one row, and when it was set.

    It is random and does not count: a restored backup never repeats one.
    """

    __tablename__ = "catalogue_version"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(32))
    set_at: Mapped[datetime]


MARK = select(CatalogueVersion.mark)
_LAST_CHANGE = select(CatalogueVersion.mark, CatalogueVersion.set_at)


def last_change() -> tuple[str, datetime] | None:
    """Return the mark as it is now and when it was set; None while there is none."""
    row = db.session.execute(_LAST_CHANGE).one_or_none()
    return None if row is None else (row.mark, row.set_at)


def current_mark() -> str | None:
    """Return the mark as it is now; None while there is none."""
    return db.session.scalar(MARK)


@event.listens_for(Session, "before_flush")
def _mark_changes(session: Session, _context: Any, _instances: Any) -> None:
    """Set another mark in the transaction that changes the catalogue or a member, wherever they are changed."""
    touched = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    if any(type(row).__module__ in PUBLIC for row in touched):
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(CatalogueVersion).values(id=1, mark=secrets.token_hex(16), set_at=clock.now())
        another = {"mark": statement.excluded.mark, "set_at": statement.excluded.set_at}
        session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=another))
