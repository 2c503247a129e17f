"""A mailing, held for a use case that changes it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webinar.foundation.errors import DomainError
from webinar.invitations.models import Mailing
from webinar.invitations.queries import lock_mailing
from webinar.invitations.services.revisions import check_revision


class NoSuchMailing(DomainError):
    """There is no mailing of this number."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such mailing; it may have been deleted."))


class AlreadyConfirmed(DomainError):
    """What is to be done is for drafts, and somebody has confirmed this mailing."""

    def __init__(self) -> None:
        super().__init__(
            _l("This mailing has been confirmed: it cannot be changed any more. Copy it to write another.")
        )


def held_mailing(mailing_id: int) -> Mailing:
    """Return a mailing, its row held.

    Raises:
        NoSuchMailing: there is none of this number.
    """
    mailing = lock_mailing(mailing_id)
    if mailing is None:
        raise NoSuchMailing
    return mailing


def held_draft(mailing_id: int, made_from: int, *about: str) -> Mailing:
    """Return a mailing that can still be changed, its row held; ``made_from`` is the revision that was edited.

    ``about`` are the names, as the audit log has them, of what the page can change: edits of other parts of the
    mailing do not matter to it. Without, all do.

    Raises:
        NoSuchMailing: there is none of this number.
        AlreadyConfirmed: it is no draft any more.
        ChangedMeanwhile: somebody has changed it since.
    """
    mailing = held_mailing(mailing_id)
    if not mailing.is_draft:
        raise AlreadyConfirmed
    check_revision(mailing, made_from, *about)
    return mailing
