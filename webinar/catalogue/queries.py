"""Reading the catalogue, always with the texts, language versions and speakers that go with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from webinar.catalogue.models import (
    AgendaItem,
    LanguageVersion,
    Platform,
    Series,
    SessionStatus,
    Webinar,
    WebinarSession,
)
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


def find_session_to_register(key: str) -> WebinarSession | None:
    """Return the session of a key that the public may see with its title and languages, or None; one query."""
    return (
        db.session.scalars(
            _with_title_and_languages().where(WebinarSession.key == key, WebinarSession.status != SessionStatus.DRAFT)
        )
        .unique()
        .one_or_none()
    )


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


def sessions_of(webinar: Webinar) -> Sequence[WebinarSession]:
    """Return the public sessions of a webinar, which has its texts already, the earliest first; two queries."""
    return (
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.webinar_id == webinar.id, WebinarSession.status != SessionStatus.DRAFT)
            .options(joinedload(WebinarSession.language_versions), selectinload(WebinarSession.speakers))
            .order_by(WebinarSession.starts_at, WebinarSession.id)
        )
        .unique()
        .all()
    )


def sessions_of_series(series_id: int) -> Sequence[WebinarSession]:
    """Return the public sessions of all webinars of a series, the earliest first."""
    return db.session.scalars(
        _public_sessions()
        .join(WebinarSession.webinar)
        .where(Webinar.series_id == series_id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def find_webinar(slug: str) -> Webinar | None:
    """Return the webinar of a web address with its texts, agenda and series, or None; three queries."""
    return (
        db.session.scalars(
            select(Webinar)
            .where(Webinar.slug == slug)
            .options(
                selectinload(Webinar.texts),
                joinedload(Webinar.series).joinedload(Series.texts),
                selectinload(Webinar.agenda).joinedload(AgendaItem.texts),
            )
        )
        .unique()
        .one_or_none()
    )


def find_series(slug: str) -> Series | None:
    """Return the series of a web address with its texts, or None."""
    return db.session.scalar(select(Series).where(Series.slug == slug).options(selectinload(Series.texts)))


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


def lock_whole_session(key: str) -> WebinarSession | None:
    """Return the session of a key with everything one can edit, its row held as by ``lock_session``; or None."""
    return db.session.scalar(
        _sessions()
        .where(WebinarSession.key == key)
        .with_for_update(of=WebinarSession)
        .execution_options(populate_existing=True)
    )


class SeriesLine(NamedTuple):
    """One series in the staff's list: how many webinars and sessions it has."""

    series: Series
    webinars: int
    sessions: int


def all_series() -> list[SeriesLine]:
    """Return all series with their texts, in their order, counted by the database."""
    webinars = select(Webinar.series_id, func.count().label("count")).group_by(Webinar.series_id).subquery()
    sessions = (
        select(Webinar.series_id, func.count().label("count"))
        .join(WebinarSession, WebinarSession.webinar_id == Webinar.id)
        .group_by(Webinar.series_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Series, func.coalesce(webinars.c.count, 0), func.coalesce(sessions.c.count, 0))
        .outerjoin(webinars, webinars.c.series_id == Series.id)
        .outerjoin(sessions, sessions.c.series_id == Series.id)
        .options(selectinload(Series.texts))
        .order_by(Series.position, Series.id)
    )
    return [SeriesLine(*row) for row in rows]


def webinars_of(series_id: int) -> Sequence[Webinar]:
    """Return the webinars of a series with their texts, in their order."""
    return db.session.scalars(
        select(Webinar)
        .where(Webinar.series_id == series_id)
        .options(selectinload(Webinar.texts))
        .order_by(Webinar.position, Webinar.id)
    ).all()


def sessions_of_webinars(webinar_ids: Iterable[int]) -> Sequence[WebinarSession]:
    """Return the sessions of webinars, drafts too, with their languages, the earliest first."""
    return db.session.scalars(
        select(WebinarSession)
        .where(WebinarSession.webinar_id.in_(list(webinar_ids)))
        .options(selectinload(WebinarSession.language_versions))
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


class SessionsPage(NamedTuple):
    """Some sessions of any status, and how many there are in all; pages count from 1."""

    sessions: Sequence[WebinarSession]
    page: int
    pages: int
    total: int


def sessions_page(now: datetime, *, past: bool, page: int, lines: int) -> SessionsPage:
    """Return a page of the sessions of any status: those not over, the soonest first, or those over, the latest first.

    A page beyond the last is the last one.
    """
    which = WebinarSession.ends_at <= now if past else WebinarSession.ends_at > now
    order = WebinarSession.starts_at.desc() if past else WebinarSession.starts_at
    total = db.session.scalar(select(func.count()).select_from(WebinarSession).where(which)) or 0
    pages = max(1, -(-total // lines))
    page = min(max(page, 1), pages)
    sessions = db.session.scalars(
        _sessions().where(which).order_by(order, WebinarSession.id).limit(lines).offset((page - 1) * lines)
    ).all()
    return SessionsPage(sessions, page, pages, total)


def sessions_without_link(now: datetime) -> Sequence[WebinarSession]:
    """Return the public sessions that are not over and lead nowhere: some language has no join URL, nor the session.

    The soonest comes first, without anything loaded beside it; a session in a hall needs none.
    """
    unlinked = (
        select(LanguageVersion.id)
        .where(LanguageVersion.session_id == WebinarSession.id, LanguageVersion.join_url == "")
        .exists()
    )
    return db.session.scalars(
        select(WebinarSession)
        .where(
            WebinarSession.status == SessionStatus.PUBLISHED,
            WebinarSession.ends_at > now,
            WebinarSession.join_url == "",
            WebinarSession.platform != Platform.ROOM,
            unlinked,
        )
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def is_series_public(series_id: int) -> bool:
    """Tell whether any session of a series is one that the public may see."""
    return _exists(Webinar.series_id == series_id)


def is_webinar_public(webinar_id: int) -> bool:
    """Tell whether any session of a webinar is one that the public may see."""
    return _exists(Webinar.id == webinar_id)


def _exists(which: ColumnElement[bool]) -> bool:
    found = (
        select(WebinarSession.id)
        .join(WebinarSession.webinar)
        .where(which, WebinarSession.status != SessionStatus.DRAFT)
        .limit(1)
    )
    return db.session.scalar(found) is not None


def next_series_position() -> int:
    """Return the place behind all series."""
    return (db.session.scalar(select(func.max(Series.position))) or 0) + 1


def next_webinar_position(series_id: int) -> int:
    """Return the place behind all webinars of a series."""
    last = db.session.scalar(select(func.max(Webinar.position)).where(Webinar.series_id == series_id))
    return (last or 0) + 1
