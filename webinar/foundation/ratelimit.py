"""How often something may be done: counted in the database, so that all server processes count together."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import String, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation.db import Model, db


class RateLimit(Model):
    """How often one thing was asked for by one subject since its window began.

    ``key`` is a keyed hash of both: nobody can read from the table which address or account it was.
    """

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def allow(name: str, subject: str, *, limit: int, per: timedelta, now: datetime) -> bool:
    """Count one attempt, and tell whether the subject may go on: ``limit`` times in a window of length ``per``.

    The window begins with the first attempt and ends for all at once; what is refused counts too. One statement in
    a transaction of its own: call it before the use case, never inside its ``transaction()``. What is counted stays
    counted, whatever becomes of the use case.
    """
    session = db.session()
    if session.in_nested_transaction():
        raise RuntimeError("allow() must not be called inside a transaction()")
    # As in transaction(): a read that turns into a write fails at once on SQLite, so the read ends here.
    session.commit()
    session.connection(execution_options={"immediate": True})
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    attempt = insert(RateLimit).values(key=_key(name, subject), count=1, ends_at=now + per)
    is_over = RateLimit.ends_at <= now
    count = session.scalar(
        attempt.on_conflict_do_update(
            index_elements=[RateLimit.key],
            set_={
                "count": case((is_over, 1), else_=RateLimit.count + 1),
                "ends_at": case((is_over, attempt.excluded.ends_at), else_=RateLimit.ends_at),
            },
        ).returning(RateLimit.count)
    )
    if count == 1:
        _remove_old(now)
    session.commit()
    return count is not None and count <= limit


def _remove_old(now: datetime) -> None:
    # Whoever opens a window clears some that are over. Rows that others hold are left to them: two that wait for
    # each other's row would be a deadlock.
    old = select(RateLimit.key).where(RateLimit.ends_at <= now).limit(100).with_for_update(skip_locked=True)
    db.session.execute(
        delete(RateLimit).where(RateLimit.key.in_(old)), execution_options={"synchronize_session": False}
    )


def _key(name: str, subject: str) -> str:
    secret: str = current_app.config["SECRET_KEY"]
    # A length in front of the name: no two pairs of name and subject read the same.
    return hmac.new(secret.encode(), f"{len(name)}:{name}:{subject}".encode(), hashlib.sha256).hexdigest()
