"""How often something may be done: counted in the database, so that all server processes count together."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from functools import cache

from flask import current_app
from sqlalchemy import String, UpdateBase, bindparam, case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation.db import Model, UtcDateTime, as_writer, db


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
    attempt = _attempt(db.engine.dialect.name)
    with as_writer() as session:
        count = session.connection().scalar(attempt, {"subject": _key(name, subject), "until": now + per, "now": now})
    return count is not None and count <= limit


@cache  # it stands before every registration, and building it takes longer than running it
def _attempt(dialect: str) -> UpdateBase:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    attempt = insert(RateLimit).values(key=bindparam("subject"), count=1, ends_at=bindparam("until"))
    is_over = RateLimit.ends_at <= bindparam("now", type_=UtcDateTime)
    return attempt.on_conflict_do_update(
        index_elements=[RateLimit.key],
        set_={
            "count": case((is_over, 1), else_=RateLimit.count + 1),
            "ends_at": case((is_over, attempt.excluded.ends_at), else_=RateLimit.ends_at),
        },
    ).returning(RateLimit.count)


def remove_old(now: datetime) -> int:
    """Delete the windows that are over, and return how many; for the worker, from time to time."""
    with as_writer() as session:
        removed = session.scalars(delete(RateLimit).where(RateLimit.ends_at <= now).returning(RateLimit.key)).all()
    return len(removed)


def _key(name: str, subject: str) -> str:
    secret: str = current_app.config["SECRET_KEY"]
    # A length in front of the name: no two pairs of name and subject read the same.
    return hmac.new(secret.encode(), f"{len(name)}:{name}:{subject}".encode(), hashlib.sha256).hexdigest()
