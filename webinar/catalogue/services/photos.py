"""Giving a speaker a photo, or taking it away."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.files.checked import CheckedFile
from webinar.files.models import StoredFile
from webinar.files.services import keep, let_go
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)


class NoSuchSpeaker(DomainError):
    """Somebody has taken the speaker out of the session."""

    def __init__(self) -> None:
        super().__init__(_l("This speaker is not in the session any more."))


def set_photo(key: str, speaker_id: int, photo: CheckedFile | None) -> bool:
    """Give somebody who speaks in a session a photo, or take theirs away, and tell whether that changed anything.

    It does not count as an edit of the session: a page on which somebody writes about it stays good.

    Raises:
        NoSuchSession: there is no session of this key.
        NoSuchSpeaker: the speaker is not in it any more.
    """
    with transaction():
        session = lock_whole_session(key)
        if session is None:
            raise NoSuchSession(key)
        speaker = next((one for one in session.speakers if one.id == speaker_id), None)
        if speaker is None:
            raise NoSuchSpeaker
        before = db.session.get_one(StoredFile, speaker.photo_id) if speaker.photo_id else None
        after = keep(photo) if photo else None
        if before is after:
            return False
        speaker.photo_id = after.id if after else None
        session.changed_at = clock.now()
        names = [file.file_name if file else "" for file in (before, after)]
        audit.record("changed", f"session {key}", **{f"photo ({speaker.name})": names})
        let_go([before.id if before else None])
    logger.info("session %s: photo of speaker %s %s", key, speaker_id, "set" if photo else "taken away")
    return True
