"""Adding a contact by hand, and changing one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.models import Member
from webinar.members.queries import member_of_key
from webinar.people.mail_address import normalise
from webinar.people.models import Contact, LegalBasis, MailKind, found_by, role_found_by
from webinar.people.queries import contact_of_address, lock_contact, people_of
from webinar.people.services.keeping import NewPerson, keep_people, keep_until, make_people
from webinar.people.services.revisions import check_revision, record_edit, subject_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ContactDraft:
    """What somebody wrote about a contact, each value checked for its shape."""

    given_name: str
    family_name: str
    member_key: str | None
    organisation: str
    role: str
    language: str | None
    is_focal_point: bool
    kinds: tuple[MailKind, ...]
    source: str
    basis: LegalBasis

    def columns(self) -> dict[str, Any]:
        """Return what stands in the contact's own columns, but for the member and the kinds of mail."""
        names = ("given_name", "family_name", "organisation", "role", "language", "is_focal_point", "source", "basis")
        return {name: getattr(self, name) for name in names}


class ContactRefused(DomainError):
    """What was written about a contact cannot be stored; ``field`` says which part of it."""

    def __init__(self, field: str, message: str | LazyString) -> None:
        super().__init__(message)
        self.field = field


class AlreadyContact(ContactRefused):
    """The address belongs to a contact that there is."""

    def __init__(self, contact_id: int) -> None:
        super().__init__("email", _l("This address is a contact already. Change that one instead."))
        self.contact_id = contact_id


class NoSuchContact(DomainError):
    """There is no such contact, or it was merged into another meanwhile."""

    def __init__(self) -> None:
        super().__init__(_l("This contact is not there any more. Look at the list."))


def add_contact(email: str, draft: ContactDraft) -> int:
    """Add somebody to the contacts, whether or not they ever registered, and return the contact's number.

    Raises:
        NoMailAddress: nobody can have this address.
        AlreadyContact: it is a contact's.
        ContactRefused: the member is none, or a focal point has none.
    """
    address = normalise(email)
    with transaction():
        known = contact_of_address(address)
        if known is not None:
            raise AlreadyContact(known.id)
        member = _member(draft)
        now = clock.now()
        until = keep_until(now)
        person_id = people_of([address]).get(address)
        if person_id is None:
            person_id = make_people([NewPerson(address, draft.language, member.timezone if member else None)], until)[
                address
            ]
        keep_people([person_id], until)
        contact = Contact(
            person_id=person_id,
            **draft.columns(),
            **_wants(draft),
            member=member,
            folded=found_by(draft.family_name, draft.given_name, draft.organisation, address),
            folded_role=role_found_by(draft.role),
            erase_after=until,
        )
        db.session.add(contact)
        db.session.flush()
        audit.record("added", subject_of(contact.id), name=contact.full_name, source=draft.source)
    logger.info("contact %s added", contact.id)
    return contact.id


def edit_contact(contact_id: int, draft: ContactDraft, made_from: int) -> bool:
    """Change a contact, and tell whether anything changed; who is changed by hand is kept from then on anew.

    Raises:
        NoSuchContact: there is none of this number.
        ChangedMeanwhile: somebody has changed it since the revision ``made_from``.
        ContactRefused: the member is none, or a focal point has none.
    """
    with transaction():
        contact = lock_contact(contact_id)
        if contact is None:
            raise NoSuchContact
        check_revision(contact, made_from)
        member = _member(draft)
        changes: dict[str, Any] = {
            column: [before, value]
            for column, value in draft.columns().items()
            if (before := getattr(contact, column)) != value
        }
        if (before_ := contact.member) is not member:
            changes["member"] = [before_.name if before_ else "", member.name if member else ""]
        if tuple(contact.kinds) != draft.kinds:
            changes["kinds"] = [list(contact.kinds), list(draft.kinds)]
        if not changes:
            return False
        for column, value in {**draft.columns(), **_wants(draft)}.items():
            setattr(contact, column, value)
        contact.member = member
        take_up(contact)
        record_edit(contact, changes)
    logger.info("contact %s edited: %s", contact_id, ", ".join(changes))
    return True


def take_up(contact: Contact) -> None:
    """Let a contact that was changed, whose person is loaded, be found by what it is now and kept from now on anew."""
    address = contact.person.email or ""
    contact.folded = found_by(contact.family_name, contact.given_name, contact.organisation, address)
    contact.folded_role = role_found_by(contact.role)
    contact.erase_after = keep_until(clock.now())
    keep_people([contact.person_id], contact.erase_after)


def _member(draft: ContactDraft) -> Member | None:
    member = member_of_key(draft.member_key) if draft.member_key else None
    if draft.member_key and member is None:
        raise ContactRefused("member", _l("This member is not there any more. Choose another one."))
    if draft.is_focal_point and member is None:
        raise ContactRefused("member", _l("A focal point is somebody of a member. Write which one."))
    return member


def _wants(draft: ContactDraft) -> dict[str, bool]:
    return {f"wants_{kind.value}": kind in draft.kinds for kind in MailKind}
