"""Confirming a mailing: from then on the list of who gets it stands, and the worker writes its mails."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, case, insert, literal, select

from webinar.accounts import acting
from webinar.attendance.queries import has_attendance
from webinar.catalogue.models import SessionStatus
from webinar.foundation import clock, formats
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.languages import in_words
from webinar.foundation.zones import NoSuchTime, in_utc
from webinar.invitations.audience import Condition
from webinar.invitations.details import unknown_in
from webinar.invitations.models import LeftOut, Mailing, MailingKind, MailingRecipient, MailingState
from webinar.invitations.queries import Planned, counted, domain_of, fingerprint_of, plan, planned_zones
from webinar.invitations.sentences import told
from webinar.invitations.services.held import held_draft
from webinar.invitations.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)

NINE = time(9)
LAST_OF_ALL = "Etc/GMT+12"
"""Where it becomes nine o'clock last on earth: twelve hours behind UTC."""


class NotReady(DomainError):
    """A mailing cannot be confirmed as it is; ``about`` names what is to be mended: texts, sessions, time, people."""

    def __init__(self, about: str, message: LazyString) -> None:
        super().__init__(message)
        self.about = about


class AudienceChanged(DomainError):
    """Others would get the mailing than the page showed, or in other languages; ``people`` is how many now."""

    def __init__(self, people: int) -> None:
        super().__init__(
            _ln(
                "The list has changed meanwhile: one person would get it now. Look again, then confirm.",
                "The list has changed meanwhile: %(num)s people would get it now. Look again, then confirm.",
                people,
            )
        )
        self.people = people


def confirm(mailing_id: int, fingerprint: str, made_from: int) -> int:
    """Fix who gets a mailing, exactly those who were shown, and return how many; in a few statements in any case.

    ``fingerprint`` is that of the list which the page showed (see ``fingerprint_of``), ``made_from`` its revision. One
    statement stores the list, and what it has stored is compared: whoever comes on or off it meanwhile is not missed.
    Their mails are written later, in lots.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
        NotReady: something is missing or does not fit.
        AudienceChanged: the list is not the one that was shown.
    """
    with transaction():
        now = clock.now()
        mailing = held_draft(mailing_id, made_from)
        _lock_list(mailing, now)
        mailing.state = MailingState.CONFIRMED
        mailing.confirmed_at = now
        planned = counted(mailing)
        check_ready(mailing, planned, now)
        people = who_get_it(planned)
        if fingerprint_of(planned) != fingerprint:
            raise AudienceChanged(people)
        account = acting.account()
        mailing.confirmed_by_id = None if account is None else account.id
        record_edit(mailing, {"state": ["draft", "confirmed"], "people": people})
    logger.info("%s is confirmed for %s people", subject_of(mailing_id), people)
    return people


def who_get_it(planned: Iterable[Planned]) -> int:
    """Return how many people of an audience get a mailing."""
    return sum(one.people for one in planned if one.left_out is None)


def check_ready(mailing: Mailing, planned: Iterable[Planned], now: datetime) -> None:
    """Refuse a mailing that cannot be confirmed as it is.

    Raises:
        NotReady: something is missing or does not fit.
    """
    for missing in what_is_missing(mailing, planned, now):
        raise missing


def what_is_missing(mailing: Mailing, planned: Iterable[Planned], now: datetime) -> Iterator[NotReady]:
    """Return what is to be mended in a mailing before it can be confirmed, each with a sentence about it."""
    planned = list(planned)
    yield from _missing_of_texts(mailing)
    yield from _missing_of_sessions(mailing, now)
    yield from _missing_of_time(mailing, now)
    if any(one.gone for one in told(Condition.read(stored) for stored in mailing.conditions)):
        # "Is not on the list" of a list that was deleted would let everybody in who was to be kept out.
        yield NotReady("people", _l("A condition names something that is not there any more. Take it out."))
    without = {one.language for one in planned if one.left_out is LeftOut.NO_LANGUAGE}
    if without and mailing.others_language is None and not mailing.leaves_others_out:
        named = sorted(in_words(code) for code in without if code)
        if len(named) == 1:
            yield NotReady(
                "texts",
                _l(
                    "Some people read %(language)s, and there is no text in it. Write one, or say what they get.",
                    language=named[0],
                ),
            )
        elif named:
            yield NotReady(
                "texts",
                _l(
                    "Some people read %(languages)s, and there is no text in these. Write them, or say what they get.",
                    languages=formats.joined(named),
                ),
            )
        if "" in without:
            yield NotReady("texts", _l("Of some people nobody knows in which language they read. Say what they get."))
    if not who_get_it(planned):
        yield NotReady("people", _l("Nobody would get this mailing. Look at the conditions and at who is left out."))


def _missing_of_texts(mailing: Mailing) -> Iterator[NotReady]:
    if not mailing.texts:
        yield NotReady("texts", _l("Write subject and text in at least one language."))
    for written in mailing.texts:
        language = in_words(written.language)
        if not written.subject.strip() or not written.body.strip():
            yield NotReady("texts", _l("Subject or text is missing in %(language)s.", language=language))
        if unknown := unknown_in(f"{written.subject}\n{written.body}"):
            yield NotReady(
                "texts",
                _l(
                    "In %(language)s, %(detail)s is no personal detail that can be filled in.",
                    language=language,
                    detail=f"{{{unknown[0][0]}}}",
                ),
            )


def _missing_of_sessions(mailing: Mailing, now: datetime) -> Iterator[NotReady]:
    sessions = [shown.session for shown in mailing.sessions]
    if not sessions and mailing.kind is not MailingKind.NEWSLETTER:
        yield NotReady("sessions", _l("Choose the sessions that it is about."))
    for session in sessions:
        if session.status is not SessionStatus.PUBLISHED:
            yield NotReady("sessions", _l("A session is not public, or was cancelled. Take it out or publish it."))
        elif mailing.kind.is_asking and session.starts_at <= now:
            yield NotReady("sessions", _l("A session has begun already: nobody can be invited to it any more."))
        elif mailing.kind in {MailingKind.THANKS, MailingKind.MISSED} and session.ends_at > now:
            yield NotReady("sessions", _l("A session is not over yet: nobody knows who came."))
        elif mailing.kind is MailingKind.MISSED and not has_attendance(session.id):
            yield NotReady(
                "sessions", _l("Of a session nobody has recorded who came: everybody would seem to be missing.")
            )


def _missing_of_time(mailing: Mailing, now: datetime) -> Iterator[NotReady]:
    last = mailing.starts_at
    if last is not None and last < now:
        yield NotReady("time", _l("The time to send it is past. Choose another, or send it at once."))
    if mailing.local_day is not None:
        last = nine_in(LAST_OF_ALL, mailing.local_day)
        if last <= now:
            yield NotReady("time", _l("The day to send it is past. Choose another, or send it at once."))
    if last is not None and mailing.kind.is_asking:
        first = min((shown.session.starts_at for shown in mailing.sessions), default=last)
        if now < first < last:
            yield NotReady("time", _l("Some would be invited when a session has begun. Choose an earlier time."))


def _lock_list(mailing: Mailing, now: datetime) -> None:
    planned = plan(mailing).subquery("planned")
    db.session.execute(
        insert(MailingRecipient).from_select(
            ["mailing_id", "person_id", "language", "timezone", "domain", "not_before", "is_ready", "left_out"],
            select(
                literal(mailing.id),
                planned.c.person_id,
                planned.c.language,
                planned.c.timezone,
                domain_of(planned.c.email),
                _moment(mailing, planned.c.timezone, now),
                literal(False) if mailing.kind.is_asking else planned.c.left_out.is_(None),
                planned.c.left_out,
            ),
        )
    )


def _moment(mailing: Mailing, zone: ColumnElement[str], now: datetime) -> ColumnElement[datetime]:
    """Return before when nobody is written to: a moment, or nine o'clock in each one's zone."""
    column = MailingRecipient.not_before.type
    if mailing.local_day is None:
        return literal(mailing.starts_at or now, column)
    nine = _nine_in_each(planned_zones(mailing), mailing.local_day)
    otherwise = nine_in(current_app.config["DEFAULT_TIMEZONE"], mailing.local_day)
    return case(
        *((zone == name, literal(moment, column)) for name, moment in nine.items()), else_=literal(otherwise, column)
    )


def _nine_in_each(zones: Iterable[str], day: date) -> Mapping[str, datetime]:
    return {zone: nine_in(zone, day) for zone in zones}


def nine_in(zone: str, day: date) -> datetime:
    """Return when it is nine o'clock on a day in a zone, in UTC; where the clocks skip it or show it twice, in UTC."""
    wall = datetime.combine(day, NINE)
    try:
        return in_utc(wall, zone)
    except NoSuchTime:
        return in_utc(wall, "UTC")
