"""What the page of a place needs of certificates (``registration.certified.Certificates``)."""

from __future__ import annotations

from datetime import datetime

from webinar.certificates.queries import answer_of, certificate_of, is_over
from webinar.certificates.services.issue import NoCertificate, refuse_without_right
from webinar.registration.certified import Certified
from webinar.registration.models import Registration


class SessionsCertificates:
    """Answers what it asks."""

    def of(self, place: Registration, now: datetime) -> Certified | None:
        """Return what the page of a place says about its certificate; no query before the session is over."""
        if not is_over(place.session, now):
            return None
        certificate = certificate_of(place.id)
        try:
            refuse_without_right(place, answer_of(place), certificate, now)
        except NoCertificate:
            return None
        return Certified(certificate is not None)
