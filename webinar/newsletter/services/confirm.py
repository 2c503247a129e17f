"""Confirming, from the mailbox, that the newsletter is wanted there."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l

from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.newsletter.queries import lock_request
from webinar.people.models import Purpose
from webinar.people.services.keeping import keep_until
from webinar.people.services.newsletter import let_newsletter_through
from webinar.people.services.who_is_who import give_consent, person_with_address
from webinar.registration.notice import NEWSLETTER

logger = logging.getLogger(__name__)

SOURCE = "newsletter page"


class NoSuchRequest(DomainError):
    """The link belongs to nothing that was asked for, or to something long ago."""

    def __init__(self) -> None:
        super().__init__(_l("This link is not one of ours. Perhaps it was cut off: open it from the mail again."))


class RequestTooOld(DomainError):
    """The newsletter was asked for so long ago that the link does not work any more."""

    def __init__(self) -> None:
        super().__init__(_l("This link does not work any more. Ask for the newsletter again."))


def confirm(token: str, language: str, *, timezone: str | None) -> None:
    """Let an address get the newsletter in a language, because a button was pressed that only its mailbox leads to.

    The text of the page is agreed to in that language. An earlier end of the newsletter is lifted. The same link works
    once: whoever unsubscribes after it is not subscribed by it again. ``timezone`` is that of somebody new, if known.

    Raises:
        NoSuchRequest: nothing was asked for under this token.
        RequestTooOld: it was asked for too long ago.
    """
    with transaction():
        now = clock.now()
        request = lock_request(token)
        if request is None:
            raise NoSuchRequest
        if request.confirmed_at is not None:
            return
        if not request.can_be_confirmed(now):
            raise RequestTooOld
        request.confirmed_at = now
        person = person_with_address(request.email, language=language, timezone=timezone, keep_until=keep_until(now))
        let_newsletter_through(person.id, now)
        give_consent(
            person,
            Purpose.NEWSLETTER,
            text_version=NEWSLETTER.version,
            text_language=language,
            text=NEWSLETTER.shown_in(language),
            source=SOURCE,
            now=now,
        )
    logger.info("person %s gets the newsletter in %s", person.id, language)
