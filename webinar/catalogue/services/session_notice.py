"""The notice of a session: a line in each language that stands at once on its pages, and is taken down again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.catalogue.models import NoticeText, SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line

logger = logging.getLogger(__name__)

MOST_OF_A_NOTICE = 300
"""How many characters a line may have: what people read in passing."""


class NothingToSay(DomainError):
    """A notice stands on the pages of a session that is held; this one is not, or not any more."""


def put_up_notice(key: str, lines: Mapping[str, str], made_from: int | None = None) -> None:
    """Put a notice up on the pages of a session, in place of the one there is; the same again changes nothing.

    ``lines`` has a line by the code of its language; that in the original language of the webinar is needed, because
    readers of a language without one get it. ``made_from`` is the revision that was edited.

    Raises:
        NoSuchSession: there is no session of this key.
        NothingToSay: it is not public, cancelled, or over.
        ChangedMeanwhile: somebody has put up or taken down a notice since that revision.
        EditRefused: a line cannot be; its ``field`` says which, as ``line (fr)``.
    """
    wanted = {code: line for code, written in lines.items() if (line := one_line(written))}
    with transaction():
        session = _locked(key)
        now = clock.now()
        if why_not := why_no_notice(session, now):
            raise NothingToSay(why_not)
        check_revision(session, made_from, "notice")
        _check(wanted, session.webinar.original_language)
        known = {text.language: text for text in session.notice}
        changes = Changes()
        for code in [*known, *(code for code in wanted if code not in known)]:
            before = known[code].line if code in known else None
            changes.note(f"notice ({code})", before, wanted.get(code))
        if changes:
            session.notice = [known.get(code) or NoticeText(language=code) for code in wanted]
            for text in session.notice:
                text.line, text.put_up_at = wanted[text.language], now
            record_edit(session, changes)
    logger.info("notice on session %s: %s", key, ", ".join(changes) or "as it was")


def take_down_notice(key: str, made_from: int | None = None) -> None:
    """Take the notice of a session down; where there is none, nothing changes.

    Raises:
        NoSuchSession: there is no session of this key.
        ChangedMeanwhile: somebody has put up or taken down a notice since the revision ``made_from``.
    """
    with transaction():
        session = _locked(key)
        check_revision(session, made_from, "notice")
        if session.notice:
            changes = Changes()
            for text in session.notice:
                changes.note(f"notice ({text.language})", text.line, None)
            session.notice = []
            record_edit(session, changes)
    logger.info("no notice on session %s", key)


def _locked(key: str) -> WebinarSession:
    session = lock_whole_session(key)
    if session is None:
        raise NoSuchSession(key)
    return session


def why_no_notice(session: WebinarSession, now: datetime) -> LazyString | None:
    """Return why no notice can stand on the pages of a session at a moment; None where one can."""
    if session.status is SessionStatus.DRAFT:
        return _l("The public does not see this session yet. Publish it, then put up a notice.")
    if session.status is SessionStatus.CANCELLED:
        return _l("This session is cancelled: its pages say so, and nothing else.")
    if session.ends_at <= now:
        return _l("This session is over, so nobody would see a notice on its pages.")
    return None


def _check(lines: Mapping[str, str], original: str) -> None:
    for code, line in lines.items():
        field = f"line ({code})"
        if code != original and code not in languages.offered():
            raise EditRefused(
                field, _l("Our pages are not offered in “%(code)s”, so nobody would read this line.", code=code)
            )
        if len(line) > MOST_OF_A_NOTICE:
            raise EditRefused(field, _l("Write at most %(max)s characters.", max=formats.number(MOST_OF_A_NOTICE)))
    if original not in lines:
        raise EditRefused(
            f"line ({original})",
            _l(
                "Write the notice in %(language)s, the original language of the webinar: whoever reads in a language "
                "without a line of its own gets this one.",
                language=languages.in_words(original),
            ),
        )
