"""Taking back that somebody wants the newsletter, and the other way round."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.models import Consent, MailKind, Person, Purpose, Suppression, SuppressionReason
from webinar.people.queries import suppressed_kinds
from webinar.people.services.suppress import suppress
from webinar.people.services.who_is_who import has_agreed, withdraw_consent

BY_UNDOING = "undone: "
"""How the source of a consent begins that somebody gave again, by undoing that they had unsubscribed."""


def end_newsletter(person_id: int, reason: SuppressionReason, *, source: str) -> bool:
    """Let a person get the newsletter no more, and tell whether that is new; in the caller's transaction.

    What they agreed to is taken back, and no list that is brought in later gets it to them again.
    """
    is_new = suppress(person_id, MailKind.NEWSLETTER, reason, source=source)
    # After it, so that undoing it finds what was taken back since.
    withdraw_consent(db.session.get_one(Person, person_id), Purpose.NEWSLETTER, now=clock.now())
    return is_new


def undo_end_of_newsletter(person_id: int, ended_at: datetime, *, now: datetime) -> None:
    """Let count again what a person agreed to before they ended the newsletter, in the caller's transaction.

    As a consent of its own, from now on: that they had taken it back stays known.
    """
    if has_agreed(person_id, Purpose.NEWSLETTER):
        return
    before = db.session.scalar(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.purpose == Purpose.NEWSLETTER, Consent.withdrawn_at >= ended_at)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    if before is not None:
        db.session.add(
            Consent(
                person_id=person_id,
                purpose=before.purpose,
                text_version=before.text_version,
                text_language=before.text_language,
                text_hash=before.text_hash,
                source=f"{BY_UNDOING}{before.source.removeprefix(BY_UNDOING)}",
                given_at=now,
                erase_after=before.erase_after,
            )
        )


def take_newsletter_along(person_id: int, into_id: int, now: datetime) -> None:
    """Let who is merged into somebody else bring along that they asked for the newsletter, in the caller's transaction.

    To be called when what stands against writing to either of them stands against the other: whoever ended it under one
    address does not get it at that one because of the other.
    """
    stopped = suppressed_kinds([into_id]).get(into_id, set()) & {None, MailKind.NEWSLETTER}
    given = db.session.scalars(
        select(Consent).where(
            Consent.person_id == person_id, Consent.purpose == Purpose.NEWSLETTER, Consent.withdrawn_at.is_(None)
        )
    ).one_or_none()
    if given is None:
        return
    if stopped or has_agreed(into_id, Purpose.NEWSLETTER):
        given.withdrawn_at = now
    else:
        given.person_id = into_id


def let_newsletter_through(person_id: int, now: datetime) -> None:
    """Lift what stands against the newsletter, because the person asks for it out of their own mailbox.

    In the caller's transaction. Their address works, then. Whoever wanted nothing at all is written the newsletter and
    still nothing else.
    """
    standing = db.session.scalars(
        select(Suppression)
        .where(Suppression.person_id == person_id, Suppression.lifted_at.is_(None))
        .order_by(Suppression.id)
        .with_for_update()
    ).all()
    stopped = {one.kind for one in standing}
    for one in standing:
        if one.reason is SuppressionReason.DOES_NOT_WORK or one.kind in {None, MailKind.NEWSLETTER}:
            one.lifted_at = now
        if one.kind is None and one.reason is not SuppressionReason.DOES_NOT_WORK:
            for kind in set(MailKind) - {MailKind.NEWSLETTER} - stopped:
                db.session.add(
                    Suppression(person_id=person_id, kind=kind, reason=one.reason, source=one.source, since=one.since)
                )
