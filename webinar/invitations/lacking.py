"""Whom a mailing does not reach as it is written: who lacks a personal detail of the text, and who gets an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, case, cast, func, or_, outerjoin, select

from webinar.foundation.db import db
from webinar.invitations.details import Prepared, prepared
from webinar.invitations.mails import session_of_entry
from webinar.invitations.models import Mailing
from webinar.invitations.queries import Planned, audience_of
from webinar.people.models import Contact
from webinar.registration.models import Registration


class Lacking(NamedTuple):
    """How many of those who get the text in a language lack a detail of it, and what stands there instead, if any."""

    language: str
    detail: str
    otherwise: str
    people: int


def lacking_of(mailing: Mailing, only_in: str = "") -> list[Lacking]:
    """Count who gets a mailing and lacks a personal detail of its text; by language, or ``only_in`` one.

    One query, none where the texts have no details.
    """
    texts = {
        written.language: prepared(written.subject, written.body)
        for written in mailing.texts
        if only_in in ("", written.language)
    }
    details = sorted({detail for text in texts.values() for detail, _otherwise in text.details})
    if not details:
        return []
    counts = _counts(mailing, details)
    return [
        Lacking(language, detail, otherwise, people)
        for language, text in texts.items()
        for detail, otherwise in _of_each(text)
        if (people := counts.get((language, detail), 0))
    ]


def _of_each(text: Prepared) -> Iterable[tuple[str, str]]:
    """Return each detail once with what stands instead; nothing counts, if it is nothing in one place."""
    instead: dict[str, set[str]] = {}
    for detail, otherwise in text.details:
        instead.setdefault(detail, set()).add(otherwise)
    return ((detail, "" if "" in read else min(read)) for detail, read in instead.items())


def _counts(mailing: Mailing, details: Sequence[str]) -> dict[tuple[str, str], int]:
    """Count who lacks each detail by the language they read it in; known as ``queries.known_as`` says."""
    those = audience_of(mailing).subquery("those")
    among: FromClause = outerjoin(those, Contact, Contact.person_id == those.c.person_id)
    known: dict[str, ColumnElement[Any]] = {name: getattr(Contact, name) for name in _COLUMNS}
    if mailing.kind.is_about_places:
        last = _last_registrations([shown.session_id for shown in mailing.sessions]).subquery("last")
        among = outerjoin(among, last, and_(last.c.person_id == those.c.person_id, last.c.place == 1))
        known = {name: case((Contact.id.is_not(None), column), else_=last.c[name]) for name, column in known.items()}
    lacks = {detail: and_(*(_is_empty(known[name]) for name in names)) for detail, names in _MADE_OF.items()}
    rows = db.session.execute(
        select(those.c.language, *(func.count().filter(lacks[detail]) for detail in details))
        .select_from(among)
        .where(those.c.left_out.is_(None))
        .group_by(those.c.language)
    )
    return {
        (language, detail): people
        for language, *numbers in rows
        for detail, people in zip(details, numbers, strict=True)
    }


_MADE_OF = {
    "given name": ("given_name",),
    "family name": ("family_name",),
    "full name": ("given_name", "family_name"),
    "member": ("member_id",),
    "organisation": ("organisation",),
    "role": ("role",),
}
_COLUMNS = sorted({name for names in _MADE_OF.values() for name in names})


def _last_registrations(session_ids: Sequence[int]) -> Select[Any]:
    later_first = func.row_number().over(
        partition_by=Registration.person_id, order_by=Registration.registered_at.desc()
    )
    columns = [getattr(Registration, name) for name in _COLUMNS]
    return select(Registration.person_id, *columns, later_first.label("place")).where(
        Registration.session_id.in_(session_ids)
    )


def _is_empty(value: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(value.is_(None), cast(value, String) == "")


def people_with_entry(mailing: Mailing, planned: Iterable[Planned]) -> int:
    """Return how many of those who get a mailing find an entry for their calendar in it; no query."""
    if not (mailing.kind.is_asking and mailing.with_entry):
        return 0
    sessions = [shown.session for shown in mailing.sessions]
    return sum(
        one.people for one in planned if one.left_out is None and session_of_entry(sessions, one.language) is not None
    )
