"""Copying a session, a webinar with its sessions, or a series with its webinars, to be held again on other days.

The copy begins as a draft with new addresses, keys, tokens and calendar identities. All dates move by the same number
of days, counted from the first session: the hour on the wall stays as it was, in each session's own zone. Nobody's
data is copied, nor what was of that day: the join addresses (the room of last year would still open), the further ways
to follow it, its notice, cancelled sessions, former questions; who spoke is not confirmed to speak again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.orm import InstrumentedAttribute

from webinar.accounts import audit
from webinar.catalogue.models import (
    AgendaItem,
    LanguageVersion,
    Material,
    Question,
    QuestionChoice,
    Series,
    SessionStatus,
    Speaker,
    Webinar,
    WebinarSession,
)
from webinar.catalogue.queries import (
    addresses_like,
    all_sessions_of,
    find_series,
    find_session_of_any_status,
    find_webinar,
    find_whole_session,
    next_series_position,
    next_webinar_position,
    whole_webinars,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_series import AddressTaken, NoSuchSeries, flush_address
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.revisions import Edited, subject_of
from webinar.catalogue.services.times import set_registration_window, set_times, wall_time
from webinar.foundation.db import Model, db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)
Day = TypeVar("Day", date, datetime)

MOST_OF_A_NAME = 80
"""How much of an address goes into the one made from it, so that a day still has room behind it."""

OF_THAT_DAY = (
    "key", "starts_wall", "ends_wall", "starts_at", "ends_at", "registration_opens", "registration_closes", "join_url",
    "status", "is_provisional", "access_token", "uid", "sequence", "changed_at", "revision",
)  # fmt: skip
"""What a copy of a session has of its own."""


def copy_session(key: str, new_key: str, first_day: date | None) -> None:
    """Copy a session of a webinar to another day, where it is held at the same hour.

    Raises:
        NoSuchSession: there is no session of this key any more.
        EditRefused: the new key is taken, or the day cannot be; its ``field`` says which.
    """
    with transaction():
        session = find_whole_session(key)
        if session is None:
            raise NoSuchSession(key)
        if find_session_of_any_status(new_key) is not None:
            raise AddressTaken(new_key)
        copy = _copied_session(session, new_key, _shift([session], first_day))
        copy.webinar = session.webinar
        db.session.add(copy)
        flush_address(new_key)
        _record(copy, session)
    logger.info("session %s copied as %s", key, new_key)


def copy_webinar(slug: str, new_slug: str, first_day: date | None) -> None:
    """Copy a webinar with everything that belongs to it, and its sessions; ``first_day`` is that of the first one.

    Raises:
        NoSuchWebinar: there is no webinar of this web address any more.
        EditRefused: the new address is taken, or a day cannot be; its ``field`` says which.
    """
    with transaction():
        found = find_webinar(slug)
        if found is None:
            raise NoSuchWebinar(slug)
        if find_webinar(new_slug) is not None:
            raise AddressTaken(new_slug)
        [webinar] = whole_webinars(found)
        sessions = _to_copy(found)
        shift = _shift(sessions, first_day)
        position = next_webinar_position(found.series_id)
        copy = _copied_webinar(webinar, found.series, new_slug, shift, position=position)
        db.session.add(copy)
        flush_address(new_slug)
        _record(copy, webinar)
        _copy_sessions(sessions, copy, shift)
    logger.info("webinar %s copied as %s", slug, new_slug)


def copy_series(slug: str, new_slug: str, first_day: date | None) -> None:
    """Copy a series with its webinars and their sessions; ``first_day`` is that of the first session of all.

    Raises:
        NoSuchSeries: there is no series of this web address any more.
        EditRefused: the new address is taken, or a day cannot be; its ``field`` says which.
    """
    with transaction():
        series = find_series(slug)
        if series is None:
            raise NoSuchSeries(slug)
        if find_series(new_slug) is not None:
            raise AddressTaken(new_slug)
        sessions = _to_copy(series)
        shift = _shift(sessions, first_day)
        copy = _twin(series, "slug", "revision", slug=new_slug, position=next_series_position())
        copy.texts = [_twin(text, "series_id") for text in series.texts]
        db.session.add(copy)
        flush_address(new_slug)
        _record(copy, series)
        year = first_day.year if sessions and first_day else None
        for webinar in whole_webinars(series):
            its_copy = _copied_webinar(
                webinar, copy, proposed_copy(Webinar.slug, webinar.slug, year), shift, position=webinar.position
            )
            db.session.add(its_copy)
            flush_address(its_copy.slug)
            _record(its_copy, webinar)
            _copy_sessions([session for session in sessions if session.webinar_id == webinar.id], its_copy, shift)
    logger.info("series %s copied as %s", slug, new_slug)


def proposed_copy(column: InstrumentedAttribute[str], slug: str, year: int | None) -> str:
    """Return a free address for a copy: ``heat-2026`` becomes ``heat-2027``, or ``heat-2027-2`` where that is taken."""
    name = re.sub(r"-(19|20|21)\d\d(-\d{1,2})?$", "", slug)[:MOST_OF_A_NAME]
    return _free(column, name if year is None else f"{name}-{year}")


def proposed_key(webinar_slug: str, day: date) -> str:
    """Return a free key for a session of a webinar on a day."""
    return _free(WebinarSession.key, f"{webinar_slug[:MOST_OF_A_NAME]}-{day:%Y-%m-%d}")


def _free(column: InstrumentedAttribute[str], wanted: str) -> str:
    taken: Collection[str] = addresses_like(column, wanted)
    number = 1
    address = wanted
    while address in taken:
        number += 1
        address = f"{wanted}-{number}"
    return address


def _to_copy(whole: Series | Webinar) -> Sequence[WebinarSession]:
    return [session for session in all_sessions_of(whole) if session.status is not SessionStatus.CANCELLED]


def _shift(sessions: Sequence[WebinarSession], first_day: date | None) -> timedelta:
    if not sessions:
        return timedelta(0)
    if first_day is None:
        raise EditRefused("first_day", _l("Choose the day of the first session."))
    first = min(sessions, key=lambda session: session.starts_at)
    return first_day - first.starts_wall.date()


def _twin(row: Row, *but: str, **other: Any) -> Row:
    """Return a new row with the same values; it gets its own number, and ``other`` values in place of the old ones."""
    columns = {attribute.key for attribute in inspect(type(row)).column_attrs} - {"id", *but}
    return type(row)(**{**{name: getattr(row, name) for name in columns}, **other})


def _copied_webinar(webinar: Webinar, series: Series, slug: str, shift: timedelta, *, position: int) -> Webinar:
    copy = _twin(webinar, "slug", "series_id", "revision", slug=slug, position=position)
    copy.series = series
    copy.texts = [_twin(text, "webinar_id") for text in webinar.texts]
    copy.agenda = [_copied_item(item) for item in webinar.agenda]
    copy.materials = [_copied_material(material) for material in webinar.materials]
    copy.co_hosts = [_twin(co_host, "webinar_id") for co_host in webinar.co_hosts]
    copy.questions = [_copied_question(one, shift) for one in webinar.questions if one.retired_at is None]
    return copy


def _copied_item(item: AgendaItem) -> AgendaItem:
    copy = _twin(item, "webinar_id")
    copy.texts = [_twin(text, "agenda_item_id") for text in item.texts]
    return copy


def _copied_material(material: Material) -> Material:
    copy = _twin(material, "webinar_id")
    copy.texts = [_twin(text, "material_id") for text in material.texts]
    return copy


def _copied_question(question: Question, shift: timedelta) -> Question:
    copy = _twin(question, "webinar_id", keep_until=_moved(question.keep_until, shift))
    copy.texts = [_twin(text, "question_id") for text in question.texts]
    copy.choices = [_copied_choice(choice) for choice in question.asked_choices()]
    return copy


def _copied_choice(choice: QuestionChoice) -> QuestionChoice:
    copy = _twin(choice, "question_id")
    copy.texts = [_twin(text, "choice_id") for text in choice.texts]
    return copy


def _copy_sessions(sessions: Iterable[WebinarSession], webinar: Webinar, shift: timedelta) -> None:
    for session in sessions:
        copy = _copied_session(session, proposed_key(webinar.slug, _moved(session.starts_wall, shift)), shift)
        copy.webinar = webinar
        db.session.add(copy)
        flush_address(copy.key)
        _record(copy, session)


def _copied_session(session: WebinarSession, key: str, shift: timedelta) -> WebinarSession:
    copy = _twin(session, "webinar_id", *OF_THAT_DAY, key=key)
    window = [
        wall_time(moment, session.timezone) for moment in (session.registration_opens, session.registration_closes)
    ]
    try:
        set_times(copy, _moved(session.starts_wall, shift), _moved(session.ends_wall, shift), session.timezone)
        set_registration_window(copy, *(None if wall is None else _moved(wall, shift) for wall in window))
    except DomainError as refusal:
        raise EditRefused(
            "first_day",
            _l("The copy of “%(key)s” cannot be then. %(reason)s", key=session.key, reason=refusal.message),
        ) from None
    copy.language_versions = [_copied_version(version) for version in session.language_versions]
    copy.speakers = [_copied_speaker(speaker) for speaker in session.speakers]
    return copy


def _copied_version(version: LanguageVersion) -> LanguageVersion:
    copy = _twin(version, "session_id", join_url="")
    copy.texts = [_twin(text, "language_version_id") for text in version.texts]
    return copy


def _copied_speaker(speaker: Speaker) -> Speaker:
    copy = _twin(speaker, "session_id", "join_token", is_confirmed=False)
    copy.texts = [_twin(text, "speaker_id") for text in speaker.texts]
    return copy


def _moved(day: Day, shift: timedelta) -> Day:
    try:
        return day + shift
    except OverflowError:
        raise EditRefused("first_day", _l("This year is too far off.")) from None


def _record(copy: Edited, source: Edited) -> None:
    audit.record("copied", subject_of(copy), copied_from=subject_of(source).partition(" ")[2])
