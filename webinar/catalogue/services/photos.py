"""Giving a speaker a photo, or taking it away."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l

from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.revisions import check_revision, record_edit
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


def set_photo(key: str, speaker_id: int, photo: CheckedFile | None, made_from: int | None = None) -> bool:
    """Give somebody who speaks in a session a photo, or take theirs away, and tell whether that changed anything.

    Raises:
        NoSuchSession: there is no session of this key.
        NoSuchSpeaker: the speaker is not in it any more.
        ChangedMeanwhile: somebody has changed a photo since the revision that the page was made from.
    """
    with transaction():
        session = lock_whole_session(key)
        if session is None:
            raise NoSuchSession(key)
        speaker = next((one for one in session.speakers if one.id == speaker_id), None)
        if speaker is None:
            raise NoSuchSpeaker
        check_revision(session, made_from, "photo")
        before = db.session.get_one(StoredFile, speaker.photo_id) if speaker.photo_id else None
        after = keep(photo) if photo else None
        if before is after:
            return False
        speaker.photo_id = after.id if after else None
        session.changed_at = clock.now()
        names = [file.file_name if file else "" for file in (before, after)]
        record_edit(session, {f"photo ({speaker.name})": names})
        let_go([before.id if before else None])
    logger.info("session %s: photo of speaker %s %s", key, speaker_id, "set" if photo else "taken away")
    return True
