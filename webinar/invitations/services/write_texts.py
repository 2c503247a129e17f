"""Writing a mailing: making a draft, changing what it says and which sessions it shows, copying an earlier one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from webinar.accounts import acting, audit
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import languages
from webinar.foundation.db import db, transaction
from webinar.invitations.audience import Condition
from webinar.invitations.details import is_in_address, unknown_in
from webinar.invitations.models import Mailing, MailingKind, MailingSession, MailingText
from webinar.invitations.queries import find_mailing
from webinar.invitations.services.held import NoSuchMailing, held_draft
from webinar.invitations.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)

ABOUT = ("name", "subject", "body", "sessions", "others", "with_entry", "yes_registers")
"""What ``edit_texts`` changes, by the names in the audit log."""

LEAVE_OUT = "nobody"
"""What is said of people who read another language where they get nothing; a language where they get its text."""


@dataclass(frozen=True)
class Written:
    """What a mailing says in one language; the text is Markdown."""

    subject: str
    body: str


@dataclass(frozen=True)
class TextsDraft:
    """What an organiser has written: texts by language, the sessions it shows, and how it is sent.

    ``others`` is the language whose text they get who read another one, ``LEAVE_OUT``, or empty: not said yet.
    """

    name: str
    texts: Mapping[str, Written]
    session_ids: Sequence[int]
    others: str = ""
    with_entry: bool = True
    yes_registers: bool = False

    def is_written_in(self, language: str) -> bool:
        """Tell whether anything is written in a language."""
        text = self.texts.get(language)
        return text is not None and bool(text.subject or text.body)


def make_mailing(
    kind: MailingKind,
    name: str,
    session_ids: Sequence[int],
    copied_from: int | None = None,
    conditions: Sequence[Condition] = (),
) -> int:
    """Make a draft of a mailing and return its id.

    From the one that is copied come its texts, its conditions and what is said of other languages.

    Raises:
        NoSuchMailing: the one to copy is not there.
        EditRefused: a session is not there.
    """
    with transaction():
        account = acting.account()
        mailing = Mailing(kind=kind, name=name, made_by_id=None if account is None else account.id)
        mailing.conditions = [condition.stored() for condition in conditions]
        if copied_from is not None:
            _take_over(mailing, copied_from)
        mailing.sessions = _shown(session_ids)
        db.session.add(mailing)
        db.session.flush()
        action, more = ("created", {}) if copied_from is None else ("copied", {"from": subject_of(copied_from)})
        audit.record(action, subject_of(mailing.id), name=name, **more)
        mailing_id = mailing.id
    logger.info("%s is made", subject_of(mailing_id))
    return mailing_id


def edit_texts(mailing_id: int, draft: TextsDraft, made_from: int) -> bool:
    """Store what a mailing says and shows, and tell whether anything changed; what is missing may come later.

    A language in which neither subject nor text is written is taken out. ``made_from`` is the revision that was edited.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
        EditRefused: something in it cannot be stored; its ``field`` says what.
    """
    _check(draft)
    with transaction():
        mailing = held_draft(mailing_id, made_from, *ABOUT)
        changes = Changes()
        others = None if draft.others in ("", LEAVE_OUT) else draft.others
        changes.note("others", _others(mailing), draft.others)
        mailing.others_language, mailing.leaves_others_out = others, draft.others == LEAVE_OUT
        changes.assign(mailing, name=draft.name, with_entry=draft.with_entry, yes_registers=draft.yes_registers)
        _write(mailing, draft, changes)
        _show(mailing, draft.session_ids, changes)
        if changes:
            record_edit(mailing, changes)
    logger.info("%s: %s", subject_of(mailing_id), ", ".join(changes) or "nothing changed")
    return bool(changes)


def what_is_wrong(text: str, *, is_body: bool = False) -> LazyString | None:
    """Return why a subject or a text cannot be stored, naming the detail that may be meant; None if it can."""
    if unknown := unknown_in(text):
        written, nearest = unknown[0]
        if nearest:
            return _l(
                "%(detail)s is no personal detail. Do you mean %(nearest)s?",
                detail=f"{{{written}}}",
                nearest=f"{{{nearest}}}",
            )
        return _l(
            "%(detail)s is no personal detail. Choose one from the menu, or take the braces away.",
            detail=f"{{{written}}}",
        )
    if is_body and is_in_address(text):
        return _l("A personal detail cannot stand in the address of a link: it would tell another site who reads.")
    return None


def _check(draft: TextsDraft) -> None:
    for language, text in draft.texts.items():
        if not languages.is_known(language):
            raise EditRefused("add_language", _l("Choose a language."))
        for field, why in (("subject", what_is_wrong(text.subject)), ("body", what_is_wrong(text.body, is_body=True))):
            if why is not None:
                raise EditRefused(f"{field} ({language})", why)
    if draft.others not in ("", LEAVE_OUT) and not draft.is_written_in(draft.others):
        raise EditRefused("others", _l("There is no text in this language. Write one, or choose another."))


def _others(mailing: Mailing) -> str:
    return LEAVE_OUT if mailing.leaves_others_out else mailing.others_language or ""


def _write(mailing: Mailing, draft: TextsDraft, changes: Changes) -> None:
    known = {text.language: text for text in mailing.texts}
    for language in {**known, **draft.texts}:
        wanted = draft.texts.get(language, Written("", ""))
        row = known.get(language)
        for name, value in (("subject", wanted.subject), ("body", wanted.body)):
            changes.note(f"{name} ({language})", "" if row is None else getattr(row, name), value)
        if not draft.is_written_in(language):
            if row is not None:
                mailing.texts.remove(row)
        elif row is None:
            mailing.texts.append(MailingText(language=language, subject=wanted.subject, body=wanted.body))
        else:
            row.subject, row.body = wanted.subject, wanted.body


def _show(mailing: Mailing, session_ids: Sequence[int], changes: Changes) -> None:
    known = {shown.session_id: shown for shown in mailing.sessions}
    if set(known) == set(session_ids):
        return
    shown = _shown(session_ids)
    sessions = {one.session_id: one.session for one in shown} | {one.session_id: one.session for one in known.values()}
    changes.note("sessions", [sessions[one].key for one in known], [sessions[one.session_id].key for one in shown])
    for session_id in known.keys() - set(session_ids):
        mailing.sessions.remove(known[session_id])
    for one in shown:
        if one.session_id in known:
            known[one.session_id].position = one.position
        else:
            mailing.sessions.append(one)


def _shown(session_ids: Sequence[int]) -> list[MailingSession]:
    """Return sessions as a mailing shows them, in the order in which they are held.

    Raises:
        EditRefused: one of them is not there.
    """
    wanted = set(session_ids)
    found = db.session.scalars(
        select(WebinarSession)
        .where(WebinarSession.id.in_(wanted))
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()
    if len(found) != len(wanted):
        raise EditRefused("sessions", _l("A session is not there any more. Choose again."))
    return [MailingSession(session_id=one.id, session=one, position=number) for number, one in enumerate(found)]


def _take_over(mailing: Mailing, copied_from: int) -> None:
    earlier = find_mailing(copied_from)
    if earlier is None:
        raise NoSuchMailing
    mailing.conditions = list(earlier.conditions)
    mailing.others_language, mailing.leaves_others_out = earlier.others_language, earlier.leaves_others_out
    mailing.with_entry, mailing.yes_registers = earlier.with_entry, earlier.yes_registers
    mailing.texts = [
        MailingText(language=text.language, subject=text.subject, body=text.body) for text in earlier.texts
    ]
