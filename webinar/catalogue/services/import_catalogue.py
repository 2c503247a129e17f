"""Taking a catalogue file: adds what is new, updates what is known, deletes nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webinar.accounts import audit
from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import (
    AgendaItem,
    LanguageVersion,
    Material,
    Series,
    SeriesText,
    SessionStatus,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.queries import lock_series, with_webinar
from webinar.catalogue.services.catalogue_file import (
    CatalogueFileError,
    SeriesEntry,
    SessionEntry,
    WebinarEntry,
    read_catalogue,
)
from webinar.catalogue.services.parts import (
    assign,
    by_language,
    set_agenda,
    set_co_hosts,
    set_links,
    set_seats,
    set_speakers,
    set_text,
    set_texts,
    set_versions,
)
from webinar.catalogue.services.revisions import Edited, record_edit, subject_of
from webinar.catalogue.services.times import PeopleAreComing, set_registration_window, set_times
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


@dataclass
class ImportOutcome:
    """What an import did: how many things it added, changed and found as they were; the names it left out."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    not_understood: tuple[str, ...] = ()
    without_title: list[tuple[str, list[str]]] = field(default_factory=list)
    """The public sessions of the file with the languages in which one can follow them, but their webinar has no title.

    They are taken all the same: records of former years may have none.
    """

    def count(self, thing: Edited, *, is_new: bool, differs: bool) -> None:
        """Count one series, webinar or session, and record it if something became of it."""
        if is_new:
            self.added += 1
            audit.record("imported", subject_of(thing))
        elif differs:
            self.changed += 1
            record_edit(thing, {})
        else:
            self.unchanged += 1


def import_catalogue(content: bytes) -> ImportOutcome:
    """Take a catalogue file as a whole, or refuse it as a whole.

    Series and webinars are known by their slug, sessions by their key. What the file does not name stays as it is.

    Raises:
        CatalogueFileError: the file cannot be read; a session belongs to another webinar, has an impossible time,
            or another one although people are registered.
    """
    file = read_catalogue(content)
    with transaction():
        outcome = ImportOutcome(not_understood=file.not_understood)
        for position, entry in enumerate(file.series):
            _take_series(entry, position, outcome)
    logger.info("catalogue imported: %s added, %s changed", outcome.added, outcome.changed)
    return outcome


def _take_series(entry: SeriesEntry, position: int, outcome: ImportOutcome) -> None:
    series = lock_series(entry.slug)
    is_new = series is None
    if series is None:
        series = Series(slug=entry.slug, position=position, texts=[])
        db.session.add(series)
    differs = False
    for language, title in entry.title.items():
        differs |= set_text(
            series.texts, SeriesText, language, _given(title=title, summary=entry.summary.get(language))
        )
    db.session.flush()
    outcome.count(series, is_new=is_new, differs=differs)
    for number, webinar in enumerate(entry.webinars):
        _take_webinar(webinar, series, number, outcome)


def _take_webinar(entry: WebinarEntry, series: Series, position: int, outcome: ImportOutcome) -> None:
    webinar = db.session.scalar(
        select(Webinar)
        .where(Webinar.slug == entry.slug)
        .with_for_update(of=Webinar)
        .execution_options(populate_existing=True)
        .options(
            selectinload(Webinar.texts),
            selectinload(Webinar.agenda).selectinload(AgendaItem.texts),
            selectinload(Webinar.materials).joinedload(Material.texts),
            selectinload(Webinar.co_hosts),
        )
    )
    is_new = webinar is None
    if webinar is None:
        webinar = Webinar(slug=entry.slug, position=position, texts=[], agenda=[], materials=[], co_hosts=[])
        db.session.add(webinar)
    # Which one is the original is not told by the order of a title when somebody has chosen already.
    original = entry.original_language if is_new or entry.names_original else webinar.original_language
    differs = assign(webinar, series_id=series.id, original_language=original)
    titled = {*entry.title, *(text.language for text in webinar.texts)}
    words = by_language(title=entry.title, summary=entry.summary, description=entry.description)
    texts = {language: values for language, values in words.items() if language in titled}
    differs |= set_texts(webinar.texts, WebinarText, texts, original)
    if entry.agenda is not None:
        differs |= set_agenda(webinar, entry.agenda)
    differs |= set_links(webinar, entry.materials)
    differs |= set_co_hosts(webinar, entry.co_hosts)
    db.session.flush()
    outcome.count(webinar, is_new=is_new, differs=differs)
    for session in entry.sessions:
        _take_session(session, webinar, outcome)


def _take_session(entry: SessionEntry, webinar: Webinar, outcome: ImportOutcome) -> None:
    session = (
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.key == entry.key)
            .options(*with_webinar(), selectinload(WebinarSession.language_versions).joinedload(LanguageVersion.texts))
            .with_for_update(of=WebinarSession)
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    is_new = session is None
    if session is None:
        session = WebinarSession(key=entry.key, webinar=webinar, language_versions=[], speakers=[])
        db.session.add(session)
    elif session.webinar_id != webinar.id:
        raise CatalogueFileError(
            entry.where, _l("this session belongs to the webinar “%(slug)s”.", slug=session.webinar.slug)
        )
    try:
        differs = _set_session(session, entry, webinar.original_language, is_new=is_new)
    except CatalogueFileError:
        raise
    except DomainError as refusal:
        raise CatalogueFileError(entry.where, refusal.message) from None
    db.session.flush()
    if session.status is SessionStatus.PUBLISHED and (missing := session.languages_without_title()):
        outcome.without_title.append((session.key, missing))
    if differs and not is_new:
        session.changed_at = clock.now()
        bookings().promote_waiting(session, clock.now())
        bookings().times_changed(session.id)
    outcome.count(session, is_new=is_new, differs=differs)


def _set_session(session: WebinarSession, entry: SessionEntry, original: str, *, is_new: bool) -> bool:
    differs = False
    if (session.starts_wall, session.ends_wall, session.timezone) != (entry.start, entry.end, entry.timezone):
        if not is_new and (people := bookings().people_in(session.id)):
            raise PeopleAreComing(entry.key, people)
        set_times(session, entry.start, entry.end, entry.timezone)
        differs = True
    if {"registration_opens", "registration_closes"} & entry.given:
        before = (session.registration_opens, session.registration_closes)
        set_registration_window(session, entry.registration_opens, entry.registration_closes)
        differs |= before != (session.registration_opens, session.registration_closes)
    if "seats" in entry.given:
        differs |= set_seats(session, entry.seats)
    if entry.platform is not None:
        differs |= assign(session, platform=entry.platform)
    if entry.join_url is not None:
        differs |= assign(session, join_url=entry.join_url)
    differs |= set_versions(session, entry.languages, original)
    if entry.speakers is not None:
        differs |= set_speakers(session, entry.speakers, original)
    if session.status is not SessionStatus.CANCELLED and (is_new or "published" in entry.given):
        status = SessionStatus.PUBLISHED if entry.published else SessionStatus.DRAFT
        if not is_new and status is SessionStatus.DRAFT and (people := bookings().people_in(session.id)):
            raise CatalogueFileError(
                entry.where,
                _l(
                    "it cannot become a draft again: people are registered, waiting or invited (%(people)s).",
                    people=people,
                ),
            )
        if status is SessionStatus.PUBLISHED:
            differs |= assign(session, is_provisional=False)  # the file states its date
        differs |= assign(session, status=status)
    return differs


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
