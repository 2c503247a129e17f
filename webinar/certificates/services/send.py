"""Sending the certificates of a session to everybody who came."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext
from sqlalchemy import insert, update

from webinar.accounts import audit
from webinar.catalogue.queries import lock_session
from webinar.certificates.models import Certificate, new_number
from webinar.certificates.queries import is_over, to_send
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.registration.mails import topic_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


class NotOver(DomainError):
    """Who came is known when the session is over."""

    def __init__(self) -> None:
        super().__init__(_l("Certificates can be sent when the session is over."))


class AnotherNumber(DomainError):
    """As many people as the organiser was shown are not those who would get one now; nothing is sent."""

    def __init__(self, people: int) -> None:
        super().__init__(
            lazy_ngettext(
                "Meanwhile it is %(num)s person who would get a certificate. Nothing was sent; press again to send.",
                "Meanwhile it is %(num)s people who would get a certificate. Nothing was sent; press again to send.",
                people,
            )
        )


def send_to_all(session_key: str, people: int) -> int:
    """Have a mail written to everybody who came and was not sent theirs yet, and return how many they are.

    Each gets a number at once, unless they have one; the mails are written by the worker in lots. ``people`` is how
    many the organiser agreed to.

    Raises:
        NoSuchSession: there is none of this key.
        NotOver: the session is still to come, or under way.
        AnotherNumber: by now it would be more people, or fewer.
    """
    with transaction():
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        now = clock.now()
        if not is_over(session, now):
            raise NotOver
        theirs = to_send(session.id)
        if len(theirs) != people:
            raise AnotherNumber(len(theirs))
        if theirs:
            new = [
                {"registration_id": one.registration_id, "number": new_number(), "issued_at": now, "to_mail_since": now}
                for one in theirs
                if not one.is_made
            ]
            if new:
                db.session.execute(insert(Certificate), new)
            made = [{"registration_id": one.registration_id, "to_mail_since": now} for one in theirs if one.is_made]
            if made:
                db.session.execute(update(Certificate), made)
            audit.record("sent the certificates of", topic_of(session), people=len(theirs))
    logger.info("session %s: the certificates of %s people are to be sent", session_key, len(theirs))
    return len(theirs)
