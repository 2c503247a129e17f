"""Writing the mails with certificates in lots, shortly before they leave."""

from __future__ import annotations

import logging

from webinar.catalogue.queries import find_session_by_id
from webinar.certificates.mails import write_certificate, write_that_it_cannot_be_written
from webinar.certificates.queries import Lot, certificates_in, hold_to_write, is_any_to_write, who_still_came
from webinar.foundation.db import db, transaction
from webinar.mail.lots import write_each
from webinar.mail.outbox import enqueue_all
from webinar.registration.queries import places_of

logger = logging.getLogger(__name__)

LOT = 50
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""


def write_due(most: int = LOT) -> int:
    """Write to some whose certificates are to be sent, and return how many it took in hand; 0 at the end.

    Who by now has not come, or has no address any more, is written nothing. Whose mail cannot be written is in the
    mail log with the reason, and the others get theirs.
    """
    is_any = is_any_to_write()
    db.session.rollback()
    if not is_any:
        return 0
    with transaction():
        lot = hold_to_write(most)
        if lot is None:
            return 0
        write_each(
            lot.registration_ids,
            lambda ids: _write_together(lot._replace(registration_ids=ids)),
            lambda registration_id, why: _give_up(lot.session_id, registration_id, why),
            about=f"session {lot.session_id}, registration",
        )
    return len(lot.registration_ids)


def _write_together(lot: Lot) -> None:
    certificates = certificates_in(lot.registration_ids)
    person_ids = [one.registration.person_id for one in certificates]
    came = who_still_came(lot.session_id, person_ids)
    places = places_of(lot.session_id, person_ids)
    mails = []
    for certificate in certificates:
        place = places[certificate.registration.person_id]
        if place.person_id not in came or place.person.email is None:
            certificate.to_mail_since = None
        else:
            certificate.mail = write_certificate(place)
            mails.append(certificate.mail)
    enqueue_all(mails)
    logger.info("session %s: %s mails with certificates written", lot.session_id, len(mails))


def _give_up(session_id: int, registration_id: int, why: str) -> None:
    for certificate in certificates_in([registration_id]):
        session = find_session_by_id(session_id)
        certificate.mail = write_that_it_cannot_be_written(certificate.registration, session, why)
