"""Seeing a mailing before it is confirmed: the very mail of somebody who would get it, or a test to oneself.

It is written by what writes it for everybody. Nothing is stored of a look, and no link in it is anybody's own, so
whoever presses one registers or unsubscribes nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts import acting
from webinar.calendars.services import new_entry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.languages import of_pages, speaking
from webinar.invitations.choosing import example_reader
from webinar.invitations.mails import Writing, session_of_entry, topic_of
from webinar.invitations.models import Invitation, Mailing, MailingKind, MailingText
from webinar.invitations.queries import Reader, find_mailing, held_again, sessions_to_tell
from webinar.invitations.services.held import NoSuchMailing
from webinar.invitations.services.write_texts import TextsDraft
from webinar.mail.message import OpenedMail, open_message
from webinar.mail.outbox import enqueue, write
from webinar.registration.models import Registration

logger = logging.getLogger(__name__)

EXAMPLE = "example"
"""What stands in links in place of a token; it is nobody's."""

TESTS_KEPT_FOR = timedelta(days=30)


class NothingWritten(DomainError):
    """There is no text in any language, so there is nothing to look at or to send."""

    def __init__(self) -> None:
        super().__init__(_l("Nothing is written yet. Write subject and text in at least one language."))


def rehearsed_mail(
    mailing: Mailing, language: str, reader: Reader | None = None, draft: TextsDraft | None = None
) -> OpenedMail:
    """Return the mail in a language as somebody would get it, or as an invented person would.

    ``reader`` is somebody of those who would get the mailing; ``draft`` is what is being written and not stored.

    Raises:
        NothingWritten: there is no text in this language.
        UndeliverableAddress: ordinary mail servers cannot be given this person's address.
    """
    sessions = _sessions(mailing, draft)
    if draft is not None:
        mailing = _as_drafted(mailing, draft)
    if mailing.text_in(language) is None:
        raise NothingWritten
    reader = _without_own_links(reader or example_reader(mailing, language), sessions)
    writing = _writing(mailing, sessions, reader)
    session = session_of_entry(sessions, language) if mailing.kind.is_asking and mailing.with_entry else None
    entry = None
    if session is not None:
        address = reader.recipient.person.email or ""
        entry = new_entry(address=address, name=reader.full_name, language=language, keep_until=session.ends_at)
        entry.session_id = session.id
    mail = writing.write(reader, entry)
    return open_message(mail.message or b"")


def send_test(mailing_id: int) -> int:
    """Send the mail in all its languages to whoever is signed in, and return how many mails that are.

    They are those of an invented person, and carry no calendar entry: nothing would ever take it out again.

    Raises:
        NoSuchMailing: there is none of this number.
        NothingWritten: there is no text.
        LookupError: nobody is signed in.
    """
    account = acting.account()
    if account is None:
        raise LookupError("a test goes to whoever is signed in, and nobody is")
    with transaction():
        mailing = find_mailing(mailing_id)
        if mailing is None:
            raise NoSuchMailing
        if not mailing.texts:
            raise NothingWritten
        sessions = _sessions(mailing)
        for text in mailing.texts:
            reader = _without_own_links(example_reader(mailing, text.language), sessions)
            session = session_of_entry(sessions, text.language)
            has_entry = mailing.kind.is_asking and mailing.with_entry and session is not None
            words = _writing(mailing, sessions, reader).words(reader, session.id if has_entry and session else None)
            with speaking(of_pages(text.language)):
                words = replace(words, subject=_("Test: %(subject)s", subject=words.subject))
            mail = write(
                "mailing: test",
                words,
                to=account.email,
                to_name=account.name,
                person_id=None,
                topic=f"{topic_of(mailing)} test",
                language=text.language,
                keep_until=clock.now() + TESTS_KEPT_FOR,
                urgent=True,
            )
            enqueue(mail)
        count = len(mailing.texts)
    logger.info("mailing %s: test in %s languages to account %s", mailing_id, count, account.id)
    return count


def _as_drafted(mailing: Mailing, draft: TextsDraft) -> Mailing:
    """Return a mailing as it would be, of which nothing is known to the database."""
    return Mailing(
        id=mailing.id,
        kind=mailing.kind,
        state=mailing.state,
        name=draft.name,
        conditions=mailing.conditions,
        with_entry=draft.with_entry,
        yes_registers=draft.yes_registers,
        texts=[
            MailingText(language=language, subject=text.subject, body=text.body)
            for language, text in draft.texts.items()
        ],
    )


def _sessions(mailing: Mailing, draft: TextsDraft | None = None) -> list[WebinarSession]:
    """Return the sessions that a mailing shows, or would show, in the order in which they are held."""
    sessions = [shown.session for shown in mailing.sessions]
    if draft is not None and set(draft.session_ids) != {session.id for session in sessions}:
        sessions = sessions_to_tell(draft.session_ids)
    told = [session for session in sessions if session.status is not SessionStatus.CANCELLED]
    return sorted(told, key=lambda session: (session.starts_at, session.id))


def _without_own_links(reader: Reader, sessions: Sequence[WebinarSession]) -> Reader:
    shown = [session for session in sessions if session.id in reader.places] or sessions
    return reader._replace(places={session.id: Registration(token=EXAMPLE) for session in shown})


def _writing(mailing: Mailing, sessions: Sequence[WebinarSession], reader: Reader) -> Writing:
    person_id = reader.recipient.person_id
    return Writing(
        mailing=mailing,
        sessions=sessions,
        invitations={(session.id, person_id): Invitation(token=EXAMPLE) for session in sessions},
        unsubscribe_tokens={} if mailing.kind.mail_kind is None else {person_id: EXAMPLE},
        now=clock.now(),
        further=held_again(sessions, clock.now()) if mailing.kind is MailingKind.MISSED else (),
    )
