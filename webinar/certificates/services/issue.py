"""Making somebody's certificate: a number is given once, and is the same ever after."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.attendance.models import Attendance
from webinar.certificates.models import Certificate
from webinar.certificates.queries import answer_of, certificate_of, choices_of, is_over
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.registration.models import LeftFor, Registration
from webinar.registration.queries import lock_by_token
from webinar.registration.services.refusals import NoSuchRegistration

logger = logging.getLogger(__name__)


class NoCertificate(DomainError):
    """No certificate can be made, or none that was made is valid now; the sentence says why."""


def issue(token: str) -> Certificate:
    """Return the certificate of a place, which is made now if it was not before.

    Raises:
        NoSuchRegistration: the link belongs to no registration, or to somebody who was erased.
        NoCertificate: as ``refuse_without_right``.
    """
    with transaction():
        place = lock_by_token(token)  # with the session's row held: two at once make one
        if place is None or place.person.erased_at is not None:
            raise NoSuchRegistration
        certificate = certificate_of(place.id)
        refuse_without_right(place, answer_of(place), certificate, clock.now())
        if certificate is None:
            certificate = Certificate(registration_id=place.id)
            db.session.add(certificate)
            logger.info("certificate of registration %s made", place.id)
    return certificate


def refuse_without_right(
    place: Registration, answer: Attendance | None, certificate: Certificate | None, now: datetime
) -> None:
    """Refuse who cannot have a certificate of their place now.

    One that was made can be had again also when the organisers let nobody make any more.

    Raises:
        NoCertificate: the session is not over, they did not come, or the organisers have not opened certificates.
    """
    if not is_over(place.session, now):
        raise NoCertificate(_l("There are certificates when the session is over."))
    if answer is None or not answer.came or place.left_for is LeftFor.HANDED_OVER:
        raise NoCertificate(
            _l("As far as the organisers know, you did not come to this session. If you did, write to the secretariat.")
        )
    if certificate is None and not choices_of(place.session_id).is_open:
        raise NoCertificate(_l("There are no certificates of this session."))
