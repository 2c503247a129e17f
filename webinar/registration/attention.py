"""What needs a hand before the coming sessions: read for the staff's first page, a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, and_, func, or_, select, union
from sqlalchemy.orm import joinedload

from webinar.calendars.models import KeptReply
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    LanguageVersion,
    LanguageVersionText,
    Material,
    MaterialText,
    Platform,
    Question,
    QuestionChoice,
    QuestionChoiceText,
    QuestionText,
    SessionStatus,
    Speaker,
    SpeakerText,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import IN_LINE, IS_ASKED

NEAR = timedelta(days=60)
"""How long before its day a provisional date is to be decided."""


class Unready(NamedTuple):
    """A coming session that lacks something: a join URL, a date that is sure, or texts in one of its languages."""

    session: WebinarSession
    lacks_link: bool
    is_unsure: bool
    missing: tuple[str, ...]


def unready_sessions(now: datetime) -> list[Unready]:
    """Return the sessions to come that are not ready, the soonest first, with their webinars; one query.

    A public session leads nowhere where neither it nor one of its languages has a join URL; one in a hall needs
    none. A provisional date counts when it is NEAR.
    """
    lacks_link = and_(
        WebinarSession.status == SessionStatus.PUBLISHED,
        WebinarSession.platform != Platform.ROOM,
        WebinarSession.join_url == "",
        LanguageVersion.join_url == "",
    )
    is_unsure = and_(WebinarSession.is_provisional, WebinarSession.starts_at < now + NEAR)
    is_written = (
        select(WebinarText.webinar_id)
        .where(WebinarText.webinar_id == WebinarSession.webinar_id, WebinarText.language == LanguageVersion.code)
        .exists()
    )
    lacks_texts = and_(LanguageVersion.code.is_not(None), ~is_written)
    rows = db.session.execute(
        select(WebinarSession, LanguageVersion.code, lacks_link, is_unsure, lacks_texts)
        .outerjoin(LanguageVersion, LanguageVersion.session_id == WebinarSession.id)
        .where(
            WebinarSession.ends_at > now,
            WebinarSession.status != SessionStatus.CANCELLED,
            or_(lacks_link, is_unsure, lacks_texts),
        )
        .options(joinedload(WebinarSession.webinar, innerjoin=True))
        .order_by(WebinarSession.starts_at, WebinarSession.id, LanguageVersion.position)
    )
    found: dict[int, Unready] = {}
    for session, code, without_link, unsure, untold in rows:
        before = found.get(session.id, Unready(session, False, False, ()))
        found[session.id] = Unready(
            session,
            before.lacks_link or bool(without_link),
            before.is_unsure or bool(unsure),
            (*before.missing, code) if untold else before.missing,
        )
    return list(found.values())


class Outdated(NamedTuple):
    """A webinar with sessions to come, and the languages in which a text's original has changed since."""

    webinar: Webinar
    languages: tuple[str, ...]


def outdated_translations(now: datetime) -> list[Outdated]:
    """Return the webinars with sessions to come whose translations are to be looked at, soonest first; one query."""
    marked = union(*_outdated_texts()).subquery()
    soonest = (
        select(WebinarSession.webinar_id, func.min(WebinarSession.starts_at).label("starts_at"))
        .where(WebinarSession.ends_at > now, WebinarSession.status != SessionStatus.CANCELLED)
        .group_by(WebinarSession.webinar_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Webinar, marked.c.language)
        .join(marked, marked.c.webinar_id == Webinar.id)
        .join(soonest, soonest.c.webinar_id == Webinar.id)
        .order_by(soonest.c.starts_at, Webinar.id, marked.c.language)
    )
    found: dict[int, Outdated] = {}
    for webinar, language in rows:
        before = found.get(webinar.id, Outdated(webinar, ()))
        found[webinar.id] = Outdated(webinar, (*before.languages, language))
    return list(found.values())


def _outdated_texts() -> list[Select[int, str]]:
    """Return the statements for webinars and languages with such a text, one for each kind of text.

    Whose text it is, is looked up for the few that are marked; a join would walk through all speakers there are.
    """
    of_speaker = select(WebinarSession.webinar_id).join(Speaker, Speaker.session_id == WebinarSession.id)
    of_version = select(WebinarSession.webinar_id).join(
        LanguageVersion, LanguageVersion.session_id == WebinarSession.id
    )
    of_question = select(Question.webinar_id).where(Question.retired_at.is_(None))
    of_choice = of_question.join(QuestionChoice, QuestionChoice.question_id == Question.id)
    whose: list[tuple[Select[int], type[Any]]] = [
        (select(AgendaItem.webinar_id).where(AgendaItem.id == AgendaItemText.agenda_item_id), AgendaItemText),
        (of_question.where(Question.id == QuestionText.question_id), QuestionText),
        (
            of_choice.where(QuestionChoice.id == QuestionChoiceText.choice_id, QuestionChoice.retired_at.is_(None)),
            QuestionChoiceText,
        ),
        (select(Material.webinar_id).where(Material.id == MaterialText.material_id), MaterialText),
        (of_speaker.where(Speaker.id == SpeakerText.speaker_id), SpeakerText),
        (of_version.where(LanguageVersion.id == LanguageVersionText.language_version_id), LanguageVersionText),
    ]
    return [
        select(WebinarText.webinar_id, WebinarText.language).where(WebinarText.is_outdated),
        *(
            select(webinar_id.correlate(kind).scalar_subquery(), kind.language).where(kind.is_outdated)
            for webinar_id, kind in whose
        ),
    ]


class Waiting(NamedTuple):
    """A session to come, how many wait for a seat in it, and how many for being let in."""

    session: WebinarSession
    in_line: int
    asked: int


def waiting_by_session(now: datetime) -> list[Waiting]:
    """Count who waits in each session to come, the soonest first; one query."""
    rows = db.session.execute(
        select(WebinarSession, func.count().filter(IN_LINE), func.count().filter(IS_ASKED))
        .join(Registration, Registration.session_id == WebinarSession.id)
        .where(
            Registration.status == RegistrationStatus.WAITING,
            WebinarSession.status == SessionStatus.PUBLISHED,
            WebinarSession.starts_at > now,
        )
        .group_by(WebinarSession.id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [Waiting(*row) for row in rows]


class MailToSettle(NamedTuple):
    """How many mails were refused or given up and can still be tried again, and how many answers wait for a person."""

    refused: int
    given_up: int
    kept: int


def mail_to_settle() -> MailToSettle:
    """Count what went wrong with mail and a person has to settle; one query."""

    def count(state: MailState) -> ScalarSelect[int]:
        return (
            select(func.count())
            .select_from(OutboxMail)
            .where(OutboxMail.state == state, OutboxMail.message.is_not(None))
            .scalar_subquery()
        )

    kept = select(func.count()).select_from(KeptReply).scalar_subquery()
    return MailToSettle(*db.session.execute(select(count(MailState.REFUSED), count(MailState.GIVEN_UP), kept)).one())


class Title(NamedTuple):
    """What a webinar is called in one language."""

    language: str
    title: str


def titles_of(webinar_ids: Iterable[int]) -> dict[int, list[Title]]:
    """Return what webinars are called, without the other texts; one query."""
    rows = db.session.execute(
        select(WebinarText.webinar_id, WebinarText.language, WebinarText.title).where(
            WebinarText.webinar_id.in_(set(webinar_ids))
        )
    )
    found: dict[int, list[Title]] = {}
    for webinar_id, language, title in rows:
        found.setdefault(webinar_id, []).append(Title(language, title))
    return found
