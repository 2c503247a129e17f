"""Writing down that a person is not to be written to, where no one of the staff says so."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.models import MailKind, Suppression, SuppressionReason


def suppress(person_id: int, kind: MailKind | None, reason: SuppressionReason, *, source: str) -> bool:
    """Let a person be written nothing of a kind, or nothing of any, from now on; in the caller's transaction.

    Return whether that is new: where it stands already, for whatever reason, it stays as it is.
    """
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    of_a_kind = Suppression.kind.is_(None) if kind is None else Suppression.kind.is_not(None)
    statement = (
        dialect.insert(Suppression)
        .values(person_id=person_id, kind=kind, reason=reason, source=source, since=clock.now())
        .on_conflict_do_nothing(
            index_elements=[Suppression.person_id] if kind is None else [Suppression.person_id, Suppression.kind],
            index_where=Suppression.lifted_at.is_(None) & of_a_kind,
        )
        .returning(Suppression.id)
    )
    return db.session.scalar(statement) is not None
