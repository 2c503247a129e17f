"""Reading the catalogue, always with the texts, language versions and speakers that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from webinar.catalogue.models import AgendaItem, Series, SessionStatus, Webinar, WebinarSession
from webinar.foundation.db import db


def with_webinar() -> tuple[_AbstractLoad, ...]:
    """Return the options that load a session's webinar and series with their texts, its languages and speakers."""
    webinar = joinedload(WebinarSession.webinar)
    return (
        webinar.selectinload(Webinar.texts),
        webinar.joinedload(Webinar.series).selectinload(Series.texts),
        selectinload(WebinarSession.language_versions),
        selectinload(WebinarSession.speakers),
    )


def _sessions() -> Select[WebinarSession]:
    return select(WebinarSession).options(*with_webinar())


def _public_sessions() -> Select[WebinarSession]:
    return _sessions().where(WebinarSession.status != SessionStatus.DRAFT)


def find_session(key: str) -> WebinarSession | None:
    """Return the session of a key that the public may see, or None."""
    return db.session.scalar(_public_sessions().where(WebinarSession.key == key))


def find_session_of_any_status(key: str) -> WebinarSession | None:
    """Return the session of a key, drafts too, or None: for the staff and for commands."""
    return db.session.scalar(_sessions().where(WebinarSession.key == key))


def coming_sessions(now: datetime) -> Sequence[WebinarSession]:
    """Return the public sessions that are not over, the soonest first."""
    return db.session.scalars(
        _public_sessions().where(WebinarSession.ends_at > now).order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def past_sessions(now: datetime) -> Sequence[WebinarSession]:
    """Return the public sessions that are over, the latest first."""
    return db.session.scalars(
        _public_sessions()
        .where(WebinarSession.ends_at <= now)
        .order_by(WebinarSession.starts_at.desc(), WebinarSession.id)
    ).all()


def sessions_of(webinar_id: int) -> Sequence[WebinarSession]:
    """Return the public sessions of a webinar, the earliest first."""
    return db.session.scalars(
        _public_sessions()
        .where(WebinarSession.webinar_id == webinar_id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def sessions_of_series(series_id: int) -> Sequence[WebinarSession]:
    """Return the public sessions of all webinars of a series, the earliest first."""
    return db.session.scalars(
        _public_sessions()
        .join(WebinarSession.webinar)
        .where(Webinar.series_id == series_id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def find_webinar(slug: str) -> Webinar | None:
    """Return the webinar of a web address with its texts, agenda and series, or None."""
    return db.session.scalar(
        select(Webinar)
        .where(Webinar.slug == slug)
        .options(
            selectinload(Webinar.texts),
            joinedload(Webinar.series).selectinload(Series.texts),
            selectinload(Webinar.agenda).selectinload(AgendaItem.texts),
        )
    )


def find_series(slug: str) -> Series | None:
    """Return the series of a web address with its texts, or None."""
    return db.session.scalar(select(Series).where(Series.slug == slug).options(selectinload(Series.texts)))


def find_session_to_register_for(key: str) -> WebinarSession | None:
    """Return the session of a key that the public may see, with its title and languages only, in one statement."""
    return (
        db.session.scalars(
            _with_title_and_languages().where(WebinarSession.key == key, WebinarSession.status != SessionStatus.DRAFT)
        )
        .unique()
        .one_or_none()
    )


def lock_session(key: str) -> WebinarSession | None:
    """Return the session of a key with its title and languages, its row held until the transaction ends; or None.

    Whoever changes who has a seat holds this row, so such changes happen one after the other. On SQLite the
    whole database is held already, because transaction() begins as a writer.
    """
    return (
        db.session.scalars(
            _with_title_and_languages()
            .where(WebinarSession.key == key)
            .with_for_update(of=WebinarSession)
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )


def _with_title_and_languages() -> Select[WebinarSession]:
    # Joined, not read one after the other: it is the path of every registration, and the rows are few.
    return select(WebinarSession).options(
        joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.texts),
        joinedload(WebinarSession.language_versions),
    )
