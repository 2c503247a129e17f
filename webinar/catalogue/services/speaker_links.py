"""The links with which speakers come in earlier: looked at by an organiser, or made anew."""

from __future__ import annotations

import logging
import secrets

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.catalogue.models import Speaker
from webinar.catalogue.queries import lock_whole_session
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


class NoSuchSpeaker(DomainError):
    """Nobody of this number speaks in the session."""

    def __init__(self) -> None:
        super().__init__(_l("This speaker is not in the session any more."))


def show_speaker_link(session_key: str, speaker_id: int) -> str:
    """Return the token of a speaker's link, to be handed to them, and write down who looked.

    Raises:
        NoSuchSpeaker: nobody of this number speaks in a session of this key.
    """
    with transaction():
        speaker = _locked(session_key, speaker_id)
        audit.record("showed the link of", f"session {session_key}", speaker=speaker.name)
    return speaker.join_token


def renew_speaker_link(session_key: str, speaker_id: int) -> None:
    """Make a speaker a new link; the one before leads nowhere from now on.

    Raises:
        NoSuchSpeaker: nobody of this number speaks in a session of this key.
    """
    with transaction():
        speaker = _locked(session_key, speaker_id)
        speaker.join_token = secrets.token_urlsafe()
        audit.record("made a new link for", f"session {session_key}", speaker=speaker.name)
    logger.info("speaker %s of session %s has a new link", speaker_id, session_key)


def _locked(session_key: str, speaker_id: int) -> Speaker:
    session = lock_whole_session(session_key)
    speakers = session.speakers if session is not None else []
    found = next((speaker for speaker in speakers if speaker.id == speaker_id), None)
    if found is None:
        raise NoSuchSpeaker
    return found
