"""Letting the public see a session, and taking it back as long as nobody is registered."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from webinar.accounts import audit
from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.revisions import record_edit
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


class CannotPublish(DomainError):
    """Something that the public needs is missing."""


class CannotUnpublish(DomainError):
    """People are registered, or the session is cancelled: it cannot become a draft again."""


def publish(key: str) -> None:
    """Let the public see a session; one that is public already stays so.

    Raises:
        NoSuchSession: there is no session of this key.
        CannotPublish: it is cancelled, its date may still change, it has no language, or its webinar has no title in
            one of its languages.
    """
    with transaction():
        session = _locked(key)
        if session.status is SessionStatus.PUBLISHED:
            return
        if session.status is SessionStatus.CANCELLED:
            raise CannotPublish(_l("This session is cancelled, and cannot be published again."))
        if session.is_provisional:
            raise CannotPublish(_l("The date is still provisional. Confirm the date, then publish."))
        original = session.webinar.original_language
        if original not in {text.language for text in session.webinar.texts}:
            raise CannotPublish(
                _l(
                    "The webinar has no title in %(language)s, its original language. Write it before you publish.",
                    language=languages.in_words(original),
                )
            )
        if not session.language_versions:
            raise CannotPublish(_l("The session has no language. Say in which language it is held."))
        if missing := session.languages_without_title():
            raise CannotPublish(
                _l(
                    "The webinar has no title in %(languages)s. Write it on the page “Translations”, then publish.",
                    languages=formats.joined([languages.in_words(code) for code in missing]),
                )
            )
        session.status = SessionStatus.PUBLISHED
        session.changed_at = clock.now()
        audit.record("published", f"session {key}")
    logger.info("session %s published", key)


def unpublish(key: str) -> None:
    """Make a session a draft again, which the public does not see.

    Raises:
        NoSuchSession: there is no session of this key.
        CannotUnpublish: people are registered, waiting or invited, or the session is cancelled.
    """
    with transaction():
        session = _locked(key)
        if session.status is SessionStatus.DRAFT:
            return
        if session.status is SessionStatus.CANCELLED:
            raise CannotUnpublish(_l("This session is cancelled; its page says so to whoever has its address."))
        if people := bookings().people_in(session.id):
            raise CannotUnpublish(
                lazy_ngettext(
                    "It cannot become a draft again: %(num)s person is registered, waiting or invited.",
                    "It cannot become a draft again: %(num)s people are registered, waiting or invited.",
                    people,
                )
            )
        session.status = SessionStatus.DRAFT
        session.changed_at = clock.now()
        audit.record("unpublished", f"session {key}")
    logger.info("session %s is a draft again", key)


def confirm_date(key: str) -> None:
    """Let a provisional date stand, so that the session can be published; a sure one stays so.

    Raises:
        NoSuchSession: there is no session of this key.
    """
    with transaction():
        session = _locked(key)
        changes = Changes()
        changes.assign(session, is_provisional=False)
        if changes:
            session.changed_at = clock.now()
            record_edit(session, changes)
    logger.info("the date of session %s is sure", key)


def _locked(key: str) -> WebinarSession:
    session = lock_whole_session(key)
    if session is None:
        raise NoSuchSession(key)
    return session
