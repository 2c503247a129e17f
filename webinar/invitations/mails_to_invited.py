"""The mails to one person about their invitation: after a no or a yes, when a no is taken back, when it is withdrawn.

The calendar part shows what everybody may know, because entries are passed on; the links that are a person's own stand
only in the words.
"""

from __future__ import annotations

from webinar.calendars.models import CalendarEntry
from webinar.calendars.occasions import public_occasion
from webinar.calendars.services import cancellation_part, request_part
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import clock
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import of_pages, speaking
from webinar.foundation.when import When
from webinar.invitations.models import Invitation
from webinar.invitations.one_invitation import known_of
from webinar.mail.message import CalendarPart
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable, write
from webinar.mail.rendering import render
from webinar.registration.mails import shown_text, topic_of

DECLINED = "invitation declined"
INVITED_AGAIN = "invitation again"
WITHDRAWN = "invitation withdrawn"
CALENDAR_YES = "calendar yes"


def register_url(invitation: Invitation, session: WebinarSession, language: str) -> str:
    """Return where the personal button of an invitation leads: the form, filled in with what is known."""
    return absolute("registration.register", lang=of_pages(language), key=session.key, invitation=invitation.token)


def invitation_url(invitation: Invitation, language: str) -> str:
    """Return the page on which somebody says that they cannot come."""
    return absolute("invitations.invitation", lang=of_pages(language), token=invitation.token)


def write_declined(entry: CalendarEntry, invitation: Invitation, session: WebinarSession) -> OutboxMail:
    """Confirm to somebody that they said they cannot come, and take the entry out of their calendar."""
    return _write(DECLINED, "declined", entry, session, invitation, _taken_out(entry, session))


def write_invited_again(entry: CalendarEntry, invitation: Invitation, session: WebinarSession) -> OutboxMail:
    """Tell somebody who said no and took it back that they are invited, and put the entry back into their calendar."""
    return _write(INVITED_AGAIN, "invited_again", entry, session, invitation, _put_in(entry, session))


def write_withdrawn(entry: CalendarEntry, session: WebinarSession) -> OutboxMail:
    """Tell somebody that the organisers took the invitation back, and take the entry out of their calendar."""
    return _write(WITHDRAWN, "withdrawn", entry, session, None, _taken_out(entry, session))


def write_answer_to_yes(entry: CalendarEntry, invitation: Invitation, session: WebinarSession) -> OutboxMail:
    """Tell somebody that a "Yes" in a calendar gives no place yet, and give them the button that does.

    It carries no calendar part: programs must not answer each other (RFC 5546, 6).
    """
    return _write(CALENDAR_YES, "said_yes", entry, session, invitation, None)


def write_that_it_cannot_be_written(entry: CalendarEntry, session: WebinarSession, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody who cannot be told of a withdrawal, with the reason."""
    webinar = session.webinar
    return unwritable(
        WITHDRAWN,
        why,
        to=entry.address or "",
        subject=text_in(webinar.texts, entry.language, webinar.original_language).title,
        person_id=entry.person_id,
        topic=topic_of(session),
        language=entry.language,
        keep_until=entry.erase_after,
    )


def _put_in(entry: CalendarEntry, session: WebinarSession) -> CalendarPart:
    with speaking(of_pages(entry.language)):
        occasion = public_occasion(session, of_pages(entry.language), follows=True)
        return request_part(entry, occasion, clock.now())


def _taken_out(entry: CalendarEntry, session: WebinarSession) -> CalendarPart:
    with speaking(of_pages(entry.language)):
        occasion = public_occasion(session, of_pages(entry.language), follows=True)
        return cancellation_part(entry, occasion, clock.now())


def _write(
    kind: str,
    template: str,
    entry: CalendarEntry,
    session: WebinarSession,
    invitation: Invitation | None,
    part: CalendarPart | None,
) -> OutboxMail:
    language, webinar = entry.language, session.webinar
    known = known_of(invitation) if invitation else None
    zone = known.timezone if known else None
    words = render(
        f"invitations/{template}",
        language,
        {
            "name": entry.name or "",
            "register_url": register_url(invitation, session, language) if invitation else "",
            "invitation_url": invitation_url(invitation, language) if invitation else "",
        },
        text=shown_text(text_in(webinar.texts, language, webinar.original_language)),
        when=When(
            session.starts_at, session.ends_at, zone or session.timezone, session.timezone, is_guess=zone is None
        ),
        webinar_url=absolute("registration.webinar", lang=of_pages(language), slug=webinar.slug, **session.way_in()),
    )
    return write(
        kind,
        words,
        to=entry.address or "",
        to_name=entry.name or "",
        person_id=entry.person_id,
        topic=topic_of(session),
        language=language,
        order_key=entry.uid if part else None,
        calendar=part,
        urgent=session.is_soon(clock.now()),
        references=entry.first_message_id,
        keep_until=entry.erase_after,
    )
