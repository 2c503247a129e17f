"""Registering for several sessions at once: each its own place, told in as few mails as is kind."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from webinar.catalogue.models import RegistrationState
from webinar.catalogue.queries import lock_sessions
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.registration.door import registration_state
from webinar.registration.mails import enqueue_news_of_place, enqueue_reminder_of_place
from webinar.registration.registrant import Registrant
from webinar.registration.services.refusals import NoSuchSession, RegistrationClosed
from webinar.registration.services.register import may_be_reminded, take_place
from webinar.registration.told_together import News, enqueue_told_together

logger = logging.getLogger(__name__)

MOST_MAILS_AT_ONCE = 3
"""How many mails somebody gets for one form; what would be more comes as one (a calendar takes one entry a mail)."""


def register_for_several(series_slug: str, registrants: Mapping[str, Registrant]) -> dict[str, DomainError]:
    """Give a person a place, or a turn on the waiting list, in each session, and return the refusals by session key.

    ``registrants`` say by session key what one person typed for it. A session in which they cannot register keeps
    them from none of the others. As with ``register`` nobody learns here whether the address was known.

    All of it is one transaction, each session's row held in the order of the ids: of two forms at once one is told of
    what the other brought, and nobody has several places without the one mail that tells of them.
    """
    refusals: dict[str, DomainError] = {}
    with transaction():
        now = clock.now()
        sessions = lock_sessions(registrants)
        taken: list[News] = []
        for key, registrant in registrants.items():
            try:
                with db.session.begin_nested():
                    session = sessions.get(key)
                    if session is None:
                        raise NoSuchSession(key)
                    state = registration_state(session, now)
                    if state is not RegistrationState.OPEN:
                        raise RegistrationClosed(state)
                    taken.append(News(*take_place(session, registrant, now)))
            except DomainError as refusal:
                refusals[key] = refusal
        db.session.flush()
        _tell([news for news in taken if news.is_new or may_be_reminded(news.place, now)], series_slug, now)
    for news in taken:
        logger.info("registration %s among several: %s", news.place.id, news.place.status)
    return refusals


def _tell(news: Sequence[News], series_slug: str, now: datetime) -> None:
    if len(news) > MOST_MAILS_AT_ONCE:
        enqueue_told_together(news, topic=f"series {series_slug}", now=now)
        return
    for place, is_new in news:
        if is_new:
            enqueue_news_of_place(place, now)
        else:
            enqueue_reminder_of_place(place, now)
