"""The mails about what a focal point does: to the colleague, to whose place it was, and the link to their own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from webinar.calendars.services import hold_entry
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import of_pages
from webinar.invitations.models import FocalPointLink
from webinar.mail.message import sender
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import render
from webinar.members.models import Member
from webinar.people.models import Contact
from webinar.people.services.revisions import subject_of
from webinar.registration.mails import (
    CANCELLATION,
    CONFIRMATION,
    REQUEST,
    WAITING,
    entry_of,
    write_about,
    write_with_entry,
    write_without_entry,
)
from webinar.registration.models import Registration, RegistrationStatus

FOCAL_POINT_PAGE = "focal point page"


def enqueue_registered_by(place: Registration, giver: str, now: datetime) -> None:
    """Tell a colleague that a focal point has registered them, what they have now, and how their data are used."""
    if place.status is RegistrationStatus.REGISTERED:
        enqueue(write_with_entry(CONFIRMATION, "focal_points/registered", place, entry_of(place), now, giver=giver))
    elif place.is_asked:
        enqueue(write_about(REQUEST, "focal_points/asked", place, giver=giver))
    else:
        enqueue(write_about(WAITING, "focal_points/waiting", place, giver=giver))


def enqueue_given_on_by(giver: str) -> Callable[[Registration, datetime], None]:
    """Return what tells somebody that a focal point has given their place to a colleague."""
    return lambda place, now: _enqueue_left("focal_points/given_on", place, giver, now)


def enqueue_given_back(place: Registration, giver: str, now: datetime) -> None:
    """Tell somebody that a focal point has given their place up."""
    _enqueue_left("focal_points/given_back", place, giver, now)


def _enqueue_left(template: str, place: Registration, giver: str, now: datetime) -> None:
    entry = hold_entry(place.session_id, place.person_id)
    enqueue(write_without_entry(CANCELLATION, template, place, entry, now, giver=giver))


def write_link(link: FocalPointLink, contact: Contact, member: Member) -> OutboxMail:
    """Write the mail with the link to their own page, in the language that the focal point is written to."""
    if contact.person.email is None:
        raise ValueError(f"contact {contact.id} was erased")
    language = of_pages(contact.language or contact.person.language or "")
    words = render(
        "focal_points/link",
        language,
        name=contact.full_name,
        member=member.name,
        page_url=absolute("focal_points.page", lang=language, token=link.token),
        network=sender().name,
    )
    return write(
        FOCAL_POINT_PAGE,
        words,
        to=contact.person.email,
        to_name=contact.full_name,
        person_id=contact.person_id,
        topic=subject_of(contact.id),
        language=language,
        keep_until=contact.erase_after,
        urgent=True,
    )
