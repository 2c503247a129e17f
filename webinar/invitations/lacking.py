"""Who lacks a personal detail that the texts of a mailing have, counted together with who gets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    outerjoin,
    select,
)

from webinar.invitations.details import Prepared, prepared
from webinar.invitations.models import Mailing
from webinar.people.models import Contact
from webinar.registration.models import Registration

_MADE_OF = {
    "given name": ("given_name",),
    "family name": ("family_name",),
    "full name": ("given_name", "family_name"),
    "member": ("member_id",),
    "organisation": ("organisation",),
    "role": ("role",),
}
_COLUMNS = sorted({name for names in _MADE_OF.values() for name in names})


class Lacking(NamedTuple):
    """How many of those who get the text in a language lack a detail of it, and what stands there instead, if any."""

    language: str
    detail: str
    otherwise: str
    people: int


def details_of(mailing: Mailing) -> list[str]:
    """Return the personal details that the texts of a mailing have."""
    return sorted({detail for text in _texts(mailing).values() for detail, _otherwise in text.details})


def told_of(mailing: Mailing, counts: Mapping[tuple[str, str], int]) -> list[Lacking]:
    """Return what the texts of a mailing lack, where ``counts`` says how many lack what, by language and detail."""
    return [
        Lacking(language, detail, otherwise, people)
        for language, text in _texts(mailing).items()
        for detail, otherwise in _of_each(text)
        if (people := counts.get((language, detail), 0))
    ]


def _texts(mailing: Mailing) -> dict[str, Prepared]:
    return {written.language: prepared(written.subject, written.body) for written in mailing.texts}


def _of_each(text: Prepared) -> Iterable[tuple[str, str]]:
    """Return each detail once with what stands instead; nothing counts, if it is nothing in one place."""
    instead: dict[str, set[str]] = {}
    for detail, otherwise in text.details:
        instead.setdefault(detail, set()).add(otherwise)
    return ((detail, "" if "" in read else min(read)) for detail, read in instead.items())


def with_who_lacks(
    mailing: Mailing, those: Subquery, details: Sequence[str]
) -> tuple[FromClause, list[ColumnElement[int]]]:
    """Return the people of a mailing joined with what is known of them, and columns that count who lacks each detail.

    They are known as ``queries.known_as`` says.
    """
    if not details:
        return those, []
    among: FromClause = outerjoin(those, Contact, Contact.person_id == those.c.person_id)
    known: dict[str, ColumnElement[Any]] = {name: getattr(Contact, name) for name in _COLUMNS}
    if mailing.kind.is_about_places:
        last = _last_registrations([shown.session_id for shown in mailing.sessions]).subquery("last")
        among = outerjoin(among, last, and_(last.c.person_id == those.c.person_id, last.c.place == 1))
        known = {name: case((Contact.id.is_not(None), column), else_=last.c[name]) for name, column in known.items()}
    return among, [
        func.count().filter(and_(*(_is_empty(known[name]) for name in _MADE_OF[detail]))) for detail in details
    ]


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
