"""Stopping one kind of mail by the link that stands in it, without a sign-in or a cookie (RFC 8058); and undoing it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.foundation import clock
from webinar.foundation.addresses import absolute
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.people.models import MailKind, Suppression, SuppressionReason, UnsubscribeLink
from webinar.people.queries import who_unsubscribes
from webinar.people.services.newsletter import end_newsletter, undo_end_of_newsletter
from webinar.people.services.suppress import suppress

logger = logging.getLogger(__name__)

SOURCE = "unsubscribe link"
AT_A_TIME = 500


class NoSuchUnsubscribeLink(DomainError):
    """Nobody has been given this link."""

    def __init__(self) -> None:
        super().__init__(_l("This link is not one of ours. Perhaps it was cut off: open it from the mail again."))


def unsubscribe_links(person_ids: Collection[int], kind: MailKind) -> dict[int, str]:
    """Return by person the token with which they stop a kind of mail, in the caller's transaction.

    The missing ones are made, for everybody in one statement; of two processes that do so at once, both get the same.
    """
    wanted = sorted(set(person_ids))  # in one order, so that two processes do not wait for each other for ever
    tokens = _tokens(wanted, kind)
    missing = [person_id for person_id in wanted if person_id not in tokens]
    if not missing:
        return tokens
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"token": secrets.token_urlsafe(), "person_id": person_id, "kind": kind} for person_id in missing]
    db.session.execute(
        dialect.insert(UnsubscribeLink).on_conflict_do_nothing(
            index_elements=[UnsubscribeLink.person_id, UnsubscribeLink.kind]
        ),
        rows,
    )
    return tokens | _tokens(missing, kind)


def _tokens(person_ids: list[int], kind: MailKind) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(person_ids), AT_A_TIME):
        rows = db.session.execute(
            select(UnsubscribeLink.person_id, UnsubscribeLink.token).where(
                UnsubscribeLink.person_id.in_(person_ids[start : start + AT_A_TIME]), UnsubscribeLink.kind == kind
            )
        )
        found.update((person_id, token) for person_id, token in rows)
    return found


def unsubscribe_url(token: str) -> str:
    """Return the absolute address of a token, as it stands in mails."""
    return absolute("people.unsubscribe", token=token)


def unsubscribe(token: str) -> bool:
    """Stop the kind of mail that a token is for, and tell whether that was new.

    For whoever the person counts as now. Mails about their own place go on. Whoever agreed to the newsletter takes that
    back with it.

    Raises:
        NoSuchUnsubscribeLink: nobody has this token.
    """
    with transaction():
        who = who_unsubscribes(token)
        if who is None:
            raise NoSuchUnsubscribeLink
        if who.kind is MailKind.NEWSLETTER:
            is_new = end_newsletter(who.person_id, SuppressionReason.UNSUBSCRIBED, source=SOURCE)
        else:
            is_new = suppress(who.person_id, who.kind, SuppressionReason.UNSUBSCRIBED, source=SOURCE)
    logger.info("person %s: no more %s", who.person_id, who.kind)
    return is_new


def subscribe_again(token: str) -> bool:
    """Take back that a person has unsubscribed, by this link or as a list had it, and tell whether that was new.

    What the staff wrote down, and an address that does not work, stay as they are.

    Raises:
        NoSuchUnsubscribeLink: nobody has this token.
    """
    with transaction():
        who = who_unsubscribes(token)
        if who is None:
            raise NoSuchUnsubscribeLink
        now = clock.now()
        ended_at = db.session.scalars(
            update(Suppression)
            .where(
                Suppression.person_id == who.person_id,
                Suppression.kind == who.kind,
                Suppression.reason == SuppressionReason.UNSUBSCRIBED,
                Suppression.lifted_at.is_(None),
            )
            .values(lifted_at=now)
            .returning(Suppression.since)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if ended_at is not None and who.kind is MailKind.NEWSLETTER:
            undo_end_of_newsletter(who.person_id, ended_at, now=now)
    logger.info("person %s: %s again", who.person_id, who.kind)
    return ended_at is not None
