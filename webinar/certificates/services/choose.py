"""Choosing how the certificates of a session look, and whether people can make theirs."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass

from webinar.accounts import audit
from webinar.catalogue.queries import lock_session
from webinar.certificates.queries import choices_of
from webinar.foundation.db import db, transaction
from webinar.registration.mails import topic_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choices:
    """How the certificates of a session look; the texts are of one line each and may be empty."""

    is_open: bool
    shows_minutes: bool
    signer_name: str
    signer_role: str
    place: str


def choose(session_key: str, wanted: Choices) -> None:
    """Let the certificates of a session look so from now on, those made before too.

    Raises:
        NoSuchSession: there is none of this key.
    """
    with transaction():
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        choices = choices_of(session.id)
        changed = {}
        for name, value in asdict(wanted).items():
            before = getattr(choices, name)
            if before != value:
                changed[f"certificates_{name}"] = [before, value]
                setattr(choices, name, value)
        if changed:
            db.session.add(choices)
            audit.record("changed", topic_of(session), **changed)
    logger.info("certificates of session %s: %s", session_key, "open" if wanted.is_open else "not open")
