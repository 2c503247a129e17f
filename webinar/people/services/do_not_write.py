"""That somebody is not to be written to: saying so, and taking it back."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.people.models import Contact, MailKind, Person, Suppression, SuppressionReason
from webinar.people.queries import lock_contact, suppressed_kinds
from webinar.people.services.edit_contact import NoSuchContact
from webinar.people.services.revisions import record_edit
from webinar.people.services.suppress import suppress

logger = logging.getLogger(__name__)

SOURCE_BY_HAND = "staff"


class NotWrittenAlready(DomainError):
    """It has been said already that a person is not to be written this."""

    def __init__(self) -> None:
        super().__init__(_l("It is noted already: nothing of this is sent to them."))


def do_not_write(contact_id: int, kind: MailKind | None, reason: SuppressionReason) -> None:
    """Say that a contact is not to be written to: nothing of a kind, or nothing at all.

    Raises:
        NoSuchContact: there is none of this number.
        NotWrittenAlready: it has been said already.
    """
    with transaction():
        contact = lock_contact(contact_id)
        if contact is None:
            raise NoSuchContact
        present = suppressed_kinds([contact.person_id]).get(contact.person_id, set())
        # Somebody may unsubscribe just now, which waits for nobody.
        if None in present or not suppress(contact.person_id, kind, reason, source=SOURCE_BY_HAND):
            raise NotWrittenAlready
        record_edit(contact, {"do_not_write": ["", _told(kind, reason)]})
    logger.info("contact %s is not to be written to", contact_id)


def lift(contact_id: int, suppression_id: int) -> bool:
    """Let a contact be written to again, and tell whether that was new; it stays known that they were not.

    Raises:
        NoSuchContact: there is none of this number.
    """
    with transaction():
        contact = lock_contact(contact_id)
        if contact is None:
            raise NoSuchContact
        return _lift(suppression_id, contact.person_id, contact)


def lift_of_anybody(suppression_id: int) -> bool:
    """Let a person be written to again, contact or not, and tell whether that was new."""
    with transaction():
        row = db.session.execute(
            select(Suppression.person_id, Contact.id)
            .outerjoin(Contact, Contact.person_id == Suppression.person_id)
            .where(Suppression.id == suppression_id)
        ).one_or_none()
        if row is None:
            return False
        person_id, contact_id = row
        return _lift(suppression_id, person_id, lock_contact(contact_id) if contact_id else None)


def _lift(suppression_id: int, person_id: int, contact: Contact | None) -> bool:
    suppression = db.session.scalar(
        select(Suppression)
        .where(Suppression.id == suppression_id, Suppression.person_id == person_id, Suppression.lifted_at.is_(None))
        .with_for_update()
    )
    if suppression is None:
        return False
    suppression.lifted_at = clock.now()
    change = [_told(suppression.kind, suppression.reason), ""]
    if contact is not None:
        record_edit(contact, {"do_not_write": change})
    else:
        address = db.session.scalar(select(Person.email).where(Person.id == person_id)) or ""
        audit.record("changed", f"person {person_id}", address=address, do_not_write=change)
    logger.info("person %s may be written to again", person_id)
    return True


def _told(kind: MailKind | None, reason: SuppressionReason) -> str:
    """Return how the audit log has it, in codes: ``history`` puts it into words."""
    return f"{reason.value} {kind.value if kind else 'all'}"
