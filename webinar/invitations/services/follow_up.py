"""Following up a city that nobody has registered for: who does, what it has said, and notes."""

from __future__ import annotations

import logging
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from webinar.accounts import acting, audit
from webinar.accounts.models import StaffAccount
from webinar.accounts.revisions import refuse_older
from webinar.catalogue.queries import find_webinar
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.audience import About, Condition
from webinar.invitations.choosing import coming_of_webinar
from webinar.invitations.models import CityAnswer, CityFollowUp, CityNote, MailingKind
from webinar.invitations.services.write_texts import make_mailing
from webinar.members.queries import find_member

logger = logging.getLogger(__name__)

MOST_OF_A_NOTE = 2_000


class NoSuchCity(DomainError):
    """There is no such webinar, or no such member of the network."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such webinar or member."))


def subject_of(webinar_slug: str, member_key: str) -> str:
    """Return what the audit log calls the follow-up of a member."""
    return f"follow-up {webinar_slug} {member_key}"


def follow_up(
    webinar_slug: str,
    member_key: str,
    *,
    responsible_id: int | None,
    answer: CityAnswer | None,
    made_from: int,
    note: str = "",
) -> None:
    """Say who of the staff follows a member up, what the member has said outside of the program, and write a note.

    ``made_from`` is the revision that was edited; 0 where there was none yet. A note of blanks is none.

    Raises:
        NoSuchCity: there is no such webinar or member.
        ChangedMeanwhile: somebody has changed it since.
    """
    with transaction():
        webinar_id, member_id = _ids(webinar_slug, member_key)
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        db.session.execute(
            dialect.insert(CityFollowUp)
            .values(webinar_id=webinar_id, member_id=member_id, revision=0)
            .on_conflict_do_nothing()
        )
        held = db.session.get_one(CityFollowUp, (webinar_id, member_id), with_for_update=True, populate_existing=True)
        subject = subject_of(webinar_slug, member_key)
        refuse_older(subject, held.revision, made_from)
        changes: dict[str, list[Any]] = {}
        if held.responsible_id != responsible_id:
            if responsible_id is not None and db.session.get(StaffAccount, responsible_id) is None:
                raise NoSuchCity
            changes["responsible"] = [held.responsible_id, responsible_id]
        if held.answer is not answer:
            changes["answer"] = [held.answer and held.answer.value, answer and answer.value]
        if note.strip():
            _write_down(webinar_id, member_id, note.strip())
        if not changes:
            return
        held.responsible_id, held.answer = responsible_id, answer
        held.revision += 1
        audit.record_edit(subject, held.revision, changes)
    logger.info("%s: %s", subject, ", ".join(changes))


def write_to_cities(webinar_slug: str, kind: MailingKind, name: str, member_key: str | None = None) -> int:
    """Make a draft of a mailing to the focal points of the members that nobody is registered for; return its id.

    It is about the sessions of the webinar to which people can still be invited; ``member_key`` names the only member.

    Raises:
        NoSuchCity: there is no such webinar or member.
    """
    webinar = find_webinar(webinar_slug)
    if webinar is None or (member_key is not None and find_member(member_key) is None):
        raise NoSuchCity
    conditions = [
        Condition(About.FOCAL_POINT),
        Condition(About.CITY_REGISTERED, (f"webinar {webinar.id}",), holds=False),
    ]
    if member_key is not None:
        conditions.append(Condition(About.MEMBER, (member_key,)))
    return make_mailing(kind, name, coming_of_webinar(webinar_slug, clock.now()), conditions=conditions)


def note_export(webinar_slug: str, how: str) -> None:
    """Write down that somebody of the staff took the board of a webinar away as a file."""
    with transaction():
        audit.record("exported", f"webinar {webinar_slug}", what="cities", format=how)


def _write_down(webinar_id: int, member_id: int, note: str) -> None:
    account = acting.account()
    account_id = None if account is None else account.id
    db.session.add(
        CityNote(webinar_id=webinar_id, member_id=member_id, account_id=account_id, at=clock.now(), text=note)
    )


def _ids(webinar_slug: str, member_key: str) -> tuple[int, int]:
    webinar, member = find_webinar(webinar_slug), find_member(member_key)
    if webinar is None or member is None:
        raise NoSuchCity
    return webinar.id, member.id
