"""Making one person of two contacts that are the same one with two addresses, for good."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.people.models import Contact, Person, Suppression, SuppressionReason
from webinar.people.queries import lock_contact, suppressed_kinds
from webinar.people.services.edit_contact import NoSuchContact, take_up
from webinar.people.services.newsletter import take_newsletter_along
from webinar.people.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)

TAKEN = ("given_name", "family_name", "organisation", "role", "language")


class TheSameContact(DomainError):
    """A contact cannot be merged into itself."""

    def __init__(self) -> None:
        super().__init__(_l("This is the contact itself. Write the address of the other one."))


class ContactMerge(NamedTuple):
    """What a merge takes along: values that the other has not yet, and what the person is not to be written.

    ``becomes_focal_point`` says that the other becomes one, being of the same member or of none before.
    """

    taken: dict[str, Any]
    member: str
    becomes_focal_point: bool
    suppressions: Sequence[Suppression]


def plan_merge(contact: Contact, into: Contact) -> ContactMerge:
    """Return what becomes of a contact that is merged into another; both with person and member loaded.

    That an address does not work says nothing about the other one; what the person wished or complained about does.
    """
    member = into.member or contact.member
    present = suppressed_kinds([into.person_id]).get(into.person_id, set())
    suppressions = db.session.scalars(
        select(Suppression)
        .where(
            Suppression.person_id == contact.person_id,
            Suppression.lifted_at.is_(None),
            Suppression.reason != SuppressionReason.DOES_NOT_WORK,
        )
        .order_by(Suppression.id)
    ).all()
    return ContactMerge(
        taken={name: value for name in TAKEN if (value := getattr(contact, name)) and not getattr(into, name)},
        member=member.name if member is not None and into.member is None else "",
        becomes_focal_point=contact.is_focal_point and not into.is_focal_point and member is contact.member,
        suppressions=[one for one in suppressions if None not in present and one.kind not in present],
    )


def merge_contacts(contact_id: int, into_id: int) -> None:
    """Merge a contact into another one: both addresses are one person from then on, who is written to at the other's.

    The merged contact goes; its person counts as the other, also in past sessions and when registering again.

    Raises:
        NoSuchContact: there is none of one of the numbers.
        TheSameContact: they are the same.
    """
    if contact_id == into_id:
        raise TheSameContact
    with transaction():
        # Always in the same order: two who merge the same two the other way round do not wait for each other for ever.
        two = {number: lock_contact(number) for number in sorted((contact_id, into_id))}
        contact, into = two[contact_id], two[into_id]
        if contact is None or into is None:
            raise NoSuchContact
        plan = plan_merge(contact, into)
        for name, value in plan.taken.items():
            setattr(into, name, value)
        if plan.member:
            into.member = contact.member
        into.is_focal_point = into.is_focal_point or plan.becomes_focal_point
        for one in plan.suppressions:
            db.session.add(
                Suppression(
                    person_id=into.person_id, kind=one.kind, reason=one.reason, source=one.source, since=one.since
                )
            )
        db.session.flush()
        take_newsletter_along(contact.person_id, into.person_id, clock.now())
        person = db.session.get_one(Person, contact.person_id, with_for_update=True)
        address, other = person.email or "", into.person.email or ""
        person.merged_into_id = into.person_id
        db.session.delete(contact)
        take_up(into)
        audit.record("merged", subject_of(contact_id), into=other, address=address)
        told = {name: ["", value] for name, value in plan.taken.items()}
        if plan.member:
            told["member"] = ["", plan.member]
        if plan.becomes_focal_point:
            told["is_focal_point"] = [False, True]
        record_edit(into, {"merged": address, **told})
    logger.info("contact %s merged into %s", contact_id, into_id)
