"""The mail that brings somebody the link to their certificate.

The PDF itself does not go along: a mail may be read by many, ten thousand of them would carry 300 MB, and what an
organiser corrects afterwards would not reach who keeps the mail.
"""

from __future__ import annotations

from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable
from webinar.registration.mails import topic_of, write_about
from webinar.registration.models import Registration

CERTIFICATE = "certificate"


def write_certificate(place: Registration) -> OutboxMail:
    """Write to somebody that their certificate is ready; it is not stored."""
    return write_about(CERTIFICATE, "certificates/ready", place)


def write_that_it_cannot_be_written(place: Registration, session: WebinarSession, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody whose certificate cannot be sent, with the reason."""
    webinar = session.webinar
    return unwritable(
        CERTIFICATE,
        why,
        to=place.person.email or "",
        subject=text_in(webinar.texts, place.language, webinar.original_language).title,
        person_id=place.person_id,
        topic=topic_of(session),
        language=place.language,
        keep_until=place.erase_after,
    )
