"""Reading the catalogue, always with the texts, language versions and speakers that go with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from webinar.catalogue.models import (
    Access,
    AgendaItem,
    CoHost,
    LanguageVersion,
    LanguageVersionText,
    Material,
    Question,
    QuestionChoice,
    RegistrationState,
    Series,
    SeriesText,
    SessionStatus,
    Speaker,
    Webinar,
    WebinarSession,
)
from webinar.catalogue.version import MARK
from webinar.files.models import StoredFile
from webinar.foundation.db import db

_IS_LISTED = and_(WebinarSession.status != SessionStatus.DRAFT, WebinarSession.access != Access.WITH_LINK)

MOST_PAGES = 2**31 // 1000
"""A page beyond it is none: larger numbers no database counts with."""


def with_webinar() -> tuple[_AbstractLoad, ...]:
    """Return the options that load a session's webinar and series with their texts, its languages and speakers.

    And its notice, which mostly there is none of: it is joined, so whoever reads with these asks for unique rows.
    """
    webinar = joinedload(WebinarSession.webinar)
    return (
        webinar.selectinload(Webinar.texts),
        webinar.joinedload(Webinar.series).selectinload(Series.texts),
        selectinload(WebinarSession.language_versions),
        _speakers(),
        joinedload(WebinarSession.notice),
    )


def _speakers() -> _AbstractLoad:
    return selectinload(WebinarSession.speakers).joinedload(Speaker.texts)


def _notes() -> _AbstractLoad:
    return selectinload(WebinarSession.language_versions).joinedload(LanguageVersion.texts)


def _sessions() -> Select[WebinarSession]:
    return select(WebinarSession).options(*with_webinar())


def _listed_sessions() -> Select[WebinarSession]:
    return _sessions().where(_IS_LISTED)


# The path of every registration: joined, not read one after the other, because the rows are few; and built once.
# Whoever registers is told by mail of all the ways to follow it.
_WITH_TITLE_AND_LANGUAGES = (
    select(WebinarSession)
    .options(
        joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.texts),
        joinedload(WebinarSession.language_versions),
        joinedload(WebinarSession.ways_to_follow),
    )
    .where(WebinarSession.key == bindparam("key"))
)
_TO_REGISTER = _WITH_TITLE_AND_LANGUAGES.where(WebinarSession.status != SessionStatus.DRAFT)
_TO_SHOW = _TO_REGISTER.options(
    joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.questions), joinedload(WebinarSession.notice)
)
_MARKED_TO_REGISTER = _TO_REGISTER.add_columns(MARK.scalar_subquery()).execution_options(populate_existing=True)
# Whoever only stores something that points to a session does not wait: a worker that holds what belongs to some of its
# people gives one of them a calendar entry, while who holds the session waits for that worker.
_LOCKED = _WITH_TITLE_AND_LANGUAGES.with_for_update(of=WebinarSession, key_share=True).execution_options(
    populate_existing=True
)
_LOCKED_ALONE = select(WebinarSession.id).where(WebinarSession.key == bindparam("key")).with_for_update(key_share=True)


def find_session(key: str, access: str = "") -> WebinarSession | None:
    """Return the session of a key that whoever has the token ``access`` in their link may see, or None."""
    session = (
        db.session.scalars(_sessions().where(WebinarSession.key == key, WebinarSession.status != SessionStatus.DRAFT))
        .unique()
        .one_or_none()
    )
    return session if session is not None and session.lets_in(access) else None


def find_session_to_register(key: str, access: str = "") -> WebinarSession | None:
    """Return the session of a key as ``find_session`` does, with title, languages, notice and what is asked; one query.

    Of the questions it is only loaded that they are there: ``catalogue.questions.questions_asked`` has their texts.
    """
    session = db.session.scalars(_TO_SHOW, {"key": key}).unique().one_or_none()
    return session if session is not None and session.lets_in(access) else None


def find_session_by_id(session_id: int) -> WebinarSession:
    """Return a session that is there, with what mails about it show, as it is stored now."""
    session = _sessions().where(WebinarSession.id == session_id).execution_options(populate_existing=True)
    return db.session.scalars(session).unique().one()


def open_days(webinar_id: int, now: datetime, *, with_languages: bool = False) -> list[WebinarSession]:
    """Return the sessions of a webinar that everybody may see and can register for now, the earliest first.

    They are bare, or have the languages in which they can be followed.
    """
    sessions = db.session.scalars(
        select(WebinarSession)
        .where(_IS_LISTED, WebinarSession.webinar_id == webinar_id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
        .options(*([selectinload(WebinarSession.language_versions)] if with_languages else []))
    )
    return [session for session in sessions if session.registration_state(now) is RegistrationState.OPEN]


def other_open_days(session: WebinarSession, now: datetime) -> list[WebinarSession]:
    """Return the other sessions of the same webinar as ``open_days`` does."""
    return [other for other in open_days(session.webinar_id, now) if other.id != session.id]


def find_session_of_any_status(key: str) -> WebinarSession | None:
    """Return the session of a key with everything, drafts too, or None: for the staff and for commands; three queries.

    What has a row a language only is joined, because every page of the staff about a session begins with this.
    """
    return (
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.key == key)
            .options(
                joinedload(WebinarSession.webinar, innerjoin=True).options(
                    joinedload(Webinar.series, innerjoin=True).joinedload(Series.texts),
                    selectinload(Webinar.texts),
                    joinedload(Webinar.questions),
                ),
                joinedload(WebinarSession.language_versions),
                joinedload(WebinarSession.notice),
                _speakers(),
            )
        )
        .unique()
        .one_or_none()
    )


def find_whole_session(key: str) -> WebinarSession | None:
    """Return the session of a key with everything one can edit, practical notes too, drafts too; or None."""
    return db.session.scalars(_whole_sessions().where(WebinarSession.key == key)).unique().one_or_none()


def _whole_sessions() -> Select[WebinarSession]:
    questions = joinedload(WebinarSession.webinar).selectinload(Webinar.questions)  # the frame of the page counts them
    return _sessions().options(_notes(), questions, joinedload(WebinarSession.ways_to_follow))


def coming_sessions(now: datetime, at_most: int | None = None) -> Sequence[WebinarSession]:
    """Return the sessions that everybody may see and that are not over, the soonest first."""
    coming = _listed_sessions().where(WebinarSession.ends_at > now)
    soonest_first = coming.order_by(WebinarSession.starts_at, WebinarSession.id).limit(at_most)
    return db.session.scalars(soonest_first).unique().all()


def past_sessions(now: datetime) -> Sequence[WebinarSession]:
    """Return the sessions that everybody may see and that are over, the latest first."""
    past = _listed_sessions().where(WebinarSession.ends_at <= now)
    return db.session.scalars(past.order_by(WebinarSession.starts_at.desc(), WebinarSession.id)).unique().all()


def sessions_of(webinar: Webinar, access: str = "") -> Sequence[WebinarSession]:
    """Return the sessions of a webinar, which has its texts already, the earliest first; two queries.

    They are those that everybody may see, and those that the token ``access`` of a link leads to.
    """
    sessions = (
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.webinar_id == webinar.id, WebinarSession.status != SessionStatus.DRAFT)
            .options(
                joinedload(WebinarSession.language_versions),
                joinedload(WebinarSession.notice),
                selectinload(WebinarSession.speakers).options(joinedload(Speaker.photo), joinedload(Speaker.texts)),
            )
            .order_by(WebinarSession.starts_at, WebinarSession.id)
        )
        .unique()
        .all()
    )
    return [session for session in sessions if session.lets_in(access)]


def sessions_of_series(series_id: int) -> Sequence[WebinarSession]:
    """Return the sessions of all webinars of a series that everybody may see, the earliest first."""
    of_series = _listed_sessions().join(WebinarSession.webinar).where(Webinar.series_id == series_id)
    return db.session.scalars(of_series.order_by(WebinarSession.starts_at, WebinarSession.id)).unique().all()


def sessions_to_follow(
    *, ended_after: datetime, cancelled_after: datetime, series_id: int | None = None
) -> Sequence[WebinarSession]:
    """Return the sessions that calendars which subscribe are told of, with the webinars' texts; the earliest first.

    They are those that everybody may see, of a series or of all, without those that ended or were cancelled before.
    Two queries.
    """
    statement = (
        select(WebinarSession)
        .join(WebinarSession.webinar)
        .options(contains_eager(WebinarSession.webinar).selectinload(Webinar.texts))
        .where(
            _IS_LISTED,
            WebinarSession.ends_at > ended_after,
            or_(WebinarSession.status != SessionStatus.CANCELLED, WebinarSession.changed_at > cancelled_after),
        )
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    if series_id is not None:
        statement = statement.where(Webinar.series_id == series_id)
    return db.session.scalars(statement).all()


def find_listed_series(slug: str) -> Series | None:
    """Return the series of a web address with its texts, if everybody may see a session of it; or None."""
    has_session = select(WebinarSession.id).join(WebinarSession.webinar).where(Webinar.series_id == Series.id)
    listed = select(Series).where(Series.slug == slug, has_session.where(_IS_LISTED).exists())
    return db.session.scalar(listed.options(selectinload(Series.texts)))


def all_sessions_of(whole: Series | Webinar) -> Sequence[WebinarSession]:
    """Return the sessions of a series or of a webinar, of any status, the earliest first, with practical notes."""
    statement = _sessions().options(_notes()).join(WebinarSession.webinar).where(_belongs_to(whole))
    return db.session.scalars(statement.order_by(WebinarSession.starts_at, WebinarSession.id)).unique().all()


def latest_sessions(whole: Series | Webinar, most: int) -> Sequence[WebinarSession]:
    """Return the last sessions of a series or of a webinar, of any status, the earliest first, and at most so many."""
    latest = (
        _sessions()
        .options(selectinload(WebinarSession.speakers).joinedload(Speaker.photo))
        .join(WebinarSession.webinar)
        .where(_belongs_to(whole))
        .order_by(WebinarSession.starts_at.desc(), WebinarSession.id.desc())
        .limit(most)
    )
    return list(reversed(db.session.scalars(latest).unique().all()))


def _belongs_to(whole: Series | Webinar) -> ColumnElement[bool]:
    return Webinar.series_id == whole.id if isinstance(whole, Series) else Webinar.id == whole.id


class ToCopy(NamedTuple):
    """How many sessions are copied and how many are not, being cancelled, and the first of those that are."""

    sessions: int
    cancelled: int
    first: WebinarSession | None


def sessions_to_copy(whole: Series | Webinar) -> ToCopy:
    """Return what there is to copy of the sessions of a series or of a webinar; two queries, nothing beside loaded."""
    is_cancelled = WebinarSession.status == SessionStatus.CANCELLED
    counts = select(func.count().filter(~is_cancelled), func.count().filter(is_cancelled))
    count, cancelled = db.session.execute(
        counts.select_from(WebinarSession).join(WebinarSession.webinar).where(_belongs_to(whole))
    ).one()
    first = (
        select(WebinarSession)
        .join(WebinarSession.webinar)
        .where(_belongs_to(whole), ~is_cancelled)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
        .limit(1)
    )
    return ToCopy(count, cancelled, db.session.scalar(first))


def find_webinar(slug: str) -> Webinar | None:
    """Return the webinar of a web address with its texts, agenda and series, or None; three queries."""
    return db.session.scalars(_webinars().where(Webinar.slug == slug)).unique().one_or_none()


def find_webinar_to_show(slug: str) -> Webinar | None:
    """Return what ``find_webinar`` does, with picture, materials and co-hosts, or None; four queries."""
    webinars = _webinars().options(
        joinedload(Webinar.picture),
        selectinload(Webinar.materials).options(joinedload(Material.file), joinedload(Material.texts)),
        joinedload(Webinar.co_hosts).joinedload(CoHost.logo),
    )
    return db.session.scalars(webinars.where(Webinar.slug == slug)).unique().one_or_none()


def _webinars() -> Select[Webinar]:
    return select(Webinar).options(
        selectinload(Webinar.texts),
        joinedload(Webinar.series).joinedload(Series.texts),
        selectinload(Webinar.agenda).joinedload(AgendaItem.texts),
    )


def photos_in(session_id: int) -> dict[int, StoredFile]:
    """Return the photos of those who speak in a session, by the number of the speaker."""
    rows = db.session.execute(
        select(Speaker.id, StoredFile)
        .join(StoredFile, StoredFile.id == Speaker.photo_id)
        .where(Speaker.session_id == session_id)
    )
    return {speaker_id: photo for speaker_id, photo in rows}


def find_series(slug: str) -> Series | None:
    """Return the series of a web address with its texts, or None."""
    return db.session.scalar(select(Series).where(Series.slug == slug).options(selectinload(Series.texts)))


def lock_session(key: str) -> WebinarSession | None:
    """Return the session of a key with its title and languages, its row held until the transaction ends; or None.

    Whoever changes who has a seat holds this row, so such changes happen one after the other. On SQLite the
    whole database is held already, because transaction() begins as a writer.
    """
    return db.session.scalars(_LOCKED, {"key": key}).unique().one_or_none()


def lock_sessions(keys: Iterable[str]) -> dict[str, WebinarSession]:
    """Return the sessions of these keys as by ``lock_session``, held in the order of their ids, as everybody does."""
    in_order = select(WebinarSession.key).where(WebinarSession.key.in_(list(keys))).order_by(WebinarSession.id)
    held = (lock_session(key) for key in db.session.scalars(in_order).all())
    return {session.key: session for session in held if session is not None}


def find_marked_session_to_register(key: str) -> tuple[WebinarSession, str | None] | None:
    """Return a session as ``find_session_to_register`` does, and the mark of what it was read from; one query."""
    row = db.session.execute(_MARKED_TO_REGISTER, {"key": key}).unique().one_or_none()
    return None if row is None else (row[0], row[1])


def lock_session_alone(key: str) -> bool:
    """Hold the row of a session as by ``lock_session``, without reading it again; tell whether it is there."""
    return db.session.scalar(_LOCKED_ALONE, {"key": key}) is not None


def lock_whole_session(key: str) -> WebinarSession | None:
    """Return the session of a key with everything one can edit, its row held as by ``lock_session``; or None."""
    return (
        db.session.scalars(
            _whole_sessions()
            .where(WebinarSession.key == key)
            .with_for_update(of=WebinarSession, key_share=True)
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )


def lock_series(slug: str) -> Series | None:
    """Return the series of a web address with its texts, its row held until the transaction ends; or None."""
    return db.session.scalar(
        select(Series)
        .where(Series.slug == slug)
        .options(selectinload(Series.texts))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_webinar(slug: str) -> Webinar | None:
    """Return the webinar of a web address with what ``find_webinar`` loads, its row held; or None."""
    return (
        db.session.scalars(
            _webinars()
            .where(Webinar.slug == slug)
            .with_for_update(of=Webinar)
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )


def whole_webinars(whole: Series | Webinar) -> Sequence[Webinar]:
    """Return the webinars of a series, or one, with everything that belongs to them but sessions, in their order."""
    return db.session.scalars(
        select(Webinar)
        .where(_belongs_to(whole))
        .options(
            selectinload(Webinar.texts),
            selectinload(Webinar.agenda).selectinload(AgendaItem.texts),
            selectinload(Webinar.materials).joinedload(Material.texts),
            selectinload(Webinar.co_hosts),
            selectinload(Webinar.questions).selectinload(Question.texts),
            selectinload(Webinar.questions).selectinload(Question.choices).selectinload(QuestionChoice.texts),
        )
        .order_by(Webinar.position, Webinar.id)
    ).all()


def addresses_like(column: InstrumentedAttribute[str], beginning: str) -> Sequence[str]:
    """Return the web addresses, or keys, that are taken and begin in a way."""
    return db.session.scalars(select(column).where(column.startswith(beginning, autoescape=True))).all()


def find_webinar_with_media(slug: str) -> Webinar | None:
    """Return a webinar by its address with texts, series, picture, materials and co-hosts, or None; four queries."""
    webinars = select(Webinar).options(
        selectinload(Webinar.texts), joinedload(Webinar.series).joinedload(Series.texts), *_media()
    )
    return db.session.scalars(webinars.where(Webinar.slug == slug)).unique().one_or_none()


def lock_webinar_with_media(slug: str) -> Webinar | None:
    """Return the webinar of a web address with picture, materials and co-hosts, its row held; or None."""
    return db.session.scalar(
        select(Webinar)
        .where(Webinar.slug == slug)
        .options(*_media())
        .with_for_update(of=Webinar)
        .execution_options(populate_existing=True)
    )


def _media() -> tuple[_AbstractLoad, ...]:
    return (
        joinedload(Webinar.picture),
        selectinload(Webinar.materials).options(joinedload(Material.file), joinedload(Material.texts)),
        selectinload(Webinar.co_hosts).joinedload(CoHost.logo),
    )


def notes_on(version_id: int) -> Sequence[LanguageVersionText]:
    """Return how one gets to hear a language version, in each language that it is written in; one query."""
    return db.session.scalars(
        select(LanguageVersionText).where(LanguageVersionText.language_version_id == version_id)
    ).all()


def find_speaker(join_token: str) -> tuple[WebinarSession, Speaker] | None:
    """Return the speaker of a personal link with their session and everything its page shows, or None."""
    row = (
        db.session.execute(
            select(WebinarSession, Speaker)
            .join(Speaker, Speaker.session_id == WebinarSession.id)
            .where(Speaker.join_token == join_token)
            .options(*with_webinar())
        )
        .unique()
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])


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


def series_titles() -> dict[str, list[SeriesText]]:
    """Return the texts of all series by web address, series in their order, to choose one; one query."""
    found: dict[str, list[SeriesText]] = {}
    for slug, text_ in db.session.execute(
        select(Series.slug, SeriesText)
        .join(SeriesText, SeriesText.series_id == Series.id)
        .order_by(Series.position, Series.id)
    ):
        found.setdefault(slug, []).append(text_)
    return found


class WebinarsPage(NamedTuple):
    """Some webinars of a series, and how many there are in all; pages count from 1."""

    webinars: Sequence[Webinar]
    page: int
    pages: int
    total: int


def webinars_page(series_id: int, *, page: int, lines: int) -> WebinarsPage:
    """Return a page of the webinars of a series with their texts, in their order; one beyond the last is the last."""
    total = db.session.scalar(select(func.count()).where(Webinar.series_id == series_id)) or 0
    page, pages = _which_page(page, total, lines)
    webinars = db.session.scalars(
        select(Webinar)
        .where(Webinar.series_id == series_id)
        .options(selectinload(Webinar.texts))
        .order_by(Webinar.position, Webinar.id)
        .limit(lines)
        .offset((page - 1) * lines)
    ).all()
    return WebinarsPage(webinars, page, pages, total)


def webinars_with_texts(webinar_ids: Iterable[int]) -> dict[int, Webinar]:
    """Return some webinars with their texts, by their ids; two queries."""
    webinars = db.session.scalars(
        select(Webinar).where(Webinar.id.in_(set(webinar_ids))).options(selectinload(Webinar.texts))
    )
    return {webinar.id: webinar for webinar in webinars}


def _which_page(page: int, total: int, lines: int) -> tuple[int, int]:
    pages = max(1, -(-total // lines))
    return min(max(page, 1), pages), pages


class SomeSessions(NamedTuple):
    """The latest sessions of a webinar, drafts too, the earliest of them first; and how many it has in all."""

    sessions: list[WebinarSession]
    total: int


def latest_sessions_of(webinar_ids: Iterable[int], *, each: int) -> dict[int, SomeSessions]:
    """Return the latest sessions of webinars with their languages, so many of each; two queries.

    A webinar without a session is left out.
    """
    of_webinar = WebinarSession.webinar_id
    latest_first = (WebinarSession.starts_at.desc(), WebinarSession.id.desc())
    numbered = (
        select(
            WebinarSession.id,
            func.row_number().over(partition_by=of_webinar, order_by=latest_first).label("number"),
            func.count().over(partition_by=of_webinar).label("total"),
        )
        .where(WebinarSession.webinar_id.in_(list(webinar_ids)))
        .subquery()
    )
    rows = db.session.execute(
        select(WebinarSession, numbered.c.total)
        .join(numbered, numbered.c.id == WebinarSession.id)
        .where(numbered.c.number <= each)
        .options(selectinload(WebinarSession.language_versions))
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    found: dict[int, SomeSessions] = {}
    for session, total in rows:
        found.setdefault(session.webinar_id, SomeSessions([], total)).sessions.append(session)
    return found


class SessionsPage(NamedTuple):
    """Some sessions of any status, and how many there are in all; pages count from 1."""

    sessions: Sequence[WebinarSession]
    page: int
    pages: int
    total: int


def sessions_page(now: datetime, *, past: bool, page: int, lines: int) -> SessionsPage:
    """Return a page of the sessions of any status: those not over, the soonest first, or those over, the latest first.

    They come with their webinars, without any texts, and with their languages; one query. A page beyond the last is
    the last one, which takes two more.
    """
    which = WebinarSession.ends_at <= now if past else WebinarSession.ends_at > now
    order = WebinarSession.starts_at.desc() if past else WebinarSession.starts_at
    statement = (
        select(WebinarSession, func.count().over())
        .where(which)
        .options(
            joinedload(WebinarSession.webinar, innerjoin=True),
            joinedload(WebinarSession.language_versions),
        )
        .order_by(order, WebinarSession.id)
        .limit(lines)
    )
    page = min(max(page, 1), MOST_PAGES)
    rows = db.session.execute(statement.offset((page - 1) * lines)).unique().all()
    if not rows and page > 1:
        total = db.session.scalar(select(func.count()).select_from(WebinarSession).where(which)) or 0
        page, _ = _which_page(page, total, lines)
        rows = db.session.execute(statement.offset((page - 1) * lines)).unique().all()
    total = rows[0][1] if rows else 0
    return SessionsPage([row[0] for row in rows], *_which_page(page, total, lines), total)


class SessionsOfWebinar(NamedTuple):
    """Some sessions of a webinar, how many it has in all, and how many of these the public may see."""

    sessions: Sequence[WebinarSession]
    page: int
    pages: int
    total: int
    public: int


def sessions_page_of_webinar(webinar_id: int, *, page: int, lines: int) -> SessionsOfWebinar:
    """Return a page of the sessions of a webinar of any status, with their languages; three queries.

    The first page has the latest ones, on each the earliest comes first. One beyond the last is the last one.
    """
    total, public = db.session.execute(
        select(func.count(), func.count().filter(WebinarSession.status != SessionStatus.DRAFT)).where(
            WebinarSession.webinar_id == webinar_id
        )
    ).one()
    page, pages = _which_page(page, total, lines)
    sessions = db.session.scalars(
        select(WebinarSession)
        .where(WebinarSession.webinar_id == webinar_id)
        .options(selectinload(WebinarSession.language_versions))
        .order_by(WebinarSession.starts_at.desc(), WebinarSession.id.desc())
        .limit(lines)
        .offset((page - 1) * lines)
    ).all()
    return SessionsOfWebinar(sessions[::-1], page, pages, total, public)


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
