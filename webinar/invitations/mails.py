"""The mails of a mailing: what was written for all, with what is one person's own in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webinar.calendars.models import CalendarEntry
from webinar.calendars.occasions import public_occasion
from webinar.calendars.services import request_part
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import name_of, of_pages, speaking
from webinar.foundation.when import When
from webinar.invitations.details import Prepared, prepared
from webinar.invitations.models import Invitation, Mailing
from webinar.invitations.queries import Reader
from webinar.mail.message import CalendarPart
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable, write
from webinar.mail.rendering import render
from webinar.people.services.unsubscribe import unsubscribe_url


def topic_of(mailing: Mailing) -> str:
    """Return how the mail log names a mailing."""
    return f"mailing {mailing.id}"


def session_of_entry(sessions: Sequence[WebinarSession], language: str) -> WebinarSession | None:
    """Return the one session whose entry an invitation puts into the calendar of somebody who reads a language.

    A calendar takes one entry a message (RFC 5546, 3.2.2), and nobody wants four days of one topic in theirs: so it is
    the only session, or the only one that can be heard in their language; else none, and the mail offers each.
    """
    if len(sessions) == 1:
        return sessions[0]
    heard = [session for session in sessions if any(version.code == language for version in session.language_versions)]
    return heard[0] if len(heard) == 1 else None


@dataclass
class Writing:
    """A lot of one mailing being written: what is the same for all is worked out once a language.

    ``invitations`` are by session and person. Nothing is stored; the entries given to ``write`` must be held.
    """

    mailing: Mailing
    sessions: Sequence[WebinarSession]
    invitations: Mapping[tuple[int, int], Invitation]
    unsubscribe_tokens: Mapping[int, str]
    now: datetime
    _texts: dict[str, Prepared] = field(default_factory=dict)

    def write(self, reader: Reader, entry: CalendarEntry | None) -> OutboxMail:
        """Write one person's mail, with the entry for their calendar if one goes with it."""
        recipient, mailing = reader.recipient, self.mailing
        language = recipient.language
        text = self._text_in(language)
        details = self._details(reader)
        part = None if entry is None else self._part(entry, language)
        token = self.unsubscribe_tokens.get(recipient.person_id)
        stops_at = None if token is None else unsubscribe_url(token)
        words = render(
            "invitations/mailing",
            language,
            written_subject=text.subject_for(details),
            body_text=text.text_for(details),
            body_html=text.html_for(details),
            blocks=[self._block(session, reader) for session in self.sessions],
            mailing=mailing,
            has_entry=part is not None,
            unsubscribe_url=stops_at,
        )
        mail = write(
            f"mailing: {mailing.kind.value}",
            words,
            to=recipient.person.email or "",
            to_name=reader.full_name,
            person_id=recipient.person_id,
            topic=topic_of(mailing),
            language=language,
            order_key=entry.uid if entry else None,
            calendar=part,
            references=entry.first_message_id if entry else None,
            keep_until=recipient.person.erase_after,
            unsubscribe_url=stops_at,
        )
        if entry is not None and entry.first_message_id is None:
            entry.first_message_id = mail.message_id
        return mail

    def _text_in(self, language: str) -> Prepared:
        if language not in self._texts:
            written = self.mailing.text_in(language)
            if written is None:
                raise LookupError(f"mailing {self.mailing.id} has no text in {language}")
            self._texts[language] = prepared(written.subject, written.body)
        return self._texts[language]

    def _details(self, reader: Reader) -> dict[str, str]:
        return {
            "given name": reader.given_name,
            "family name": reader.family_name,
            "full name": reader.full_name,
            "member": reader.member.name if reader.member else "",
            "organisation": reader.organisation,
            "role": reader.role,
        }

    def _block(self, session: WebinarSession, reader: Reader) -> dict[str, Any]:
        recipient = reader.recipient
        language, pages_in = recipient.language, of_pages(recipient.language)
        invitation = self.invitations.get((session.id, recipient.person_id))
        return {
            "text": text_in(session.webinar.texts, language, session.webinar.original_language),
            "when": When(session.starts_at, session.ends_at, recipient.timezone, session.timezone),
            "languages": [name_of(version.code, language) for version in session.language_versions],
            "register_url": absolute(
                "registration.register",
                lang=pages_in,
                key=session.key,
                **({"invitation": invitation.token} if invitation else session.way_in()),
            ),
        }

    def _part(self, entry: CalendarEntry, language: str) -> CalendarPart:
        session = next(session for session in self.sessions if session.id == entry.session_id)
        with speaking(of_pages(language)):
            return request_part(entry, public_occasion(session, of_pages(language), follows=True), self.now)


def write_that_it_cannot_be_written(mailing: Mailing, reader: Reader, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody whose mail cannot be written, with the reason; nothing is sent."""
    recipient = reader.recipient
    written = mailing.text_in(recipient.language)
    return unwritable(
        f"mailing: {mailing.kind.value}",
        why,
        to=recipient.person.email or "",
        subject=written.subject if written else mailing.name,
        person_id=recipient.person_id,
        topic=topic_of(mailing),
        language=recipient.language,
        keep_until=recipient.person.erase_after,
    )
