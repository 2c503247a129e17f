"""Ending the newsletter for who has told the secretariat so, and writing down who takes its addresses away."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.newsletter.queries import reader_of_address
from webinar.people.models import SuppressionReason
from webinar.people.services.newsletter import end_newsletter

logger = logging.getLogger(__name__)

SUBJECT = "newsletter"
SOURCE = "staff"


class NotAReader(DomainError):
    """The newsletter does not go to an address."""

    def __init__(self) -> None:
        super().__init__(_l("The newsletter does not go to this address. Look whether it is written as they write it."))


def end_by_hand(email: str) -> None:
    """Let an address, as it is stored, get the newsletter no more, because its owner has told the secretariat so.

    Raises:
        NotAReader: it does not get it.
    """
    with transaction():
        reader = reader_of_address(email)
        if reader is None:
            raise NotAReader
        end_newsletter(reader.person_id, SuppressionReason.BY_HAND, source=SOURCE)
        audit.record("stopped", SUBJECT, person=reader.person_id)
    logger.info("person %s: no more newsletter, by the staff", reader.person_id)


def note_export(how: str) -> None:
    """Write down that somebody of the staff took the addresses away as a file, in what format."""
    with transaction():
        audit.record("exported", SUBJECT, format=how)
