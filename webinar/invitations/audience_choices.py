"""Which values a condition can take, to choose from, and how each is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload

from webinar.catalogue.models import Series, Webinar, WebinarSession, WebinarText
from webinar.foundation import languages
from webinar.foundation.db import db
from webinar.invitations.audience import SHOWN, About
from webinar.invitations.models import PeopleList
from webinar.invitations.sentences import series_named, session_named, webinar_named, words_of_shown
from webinar.members.matching import fold, in_latin, words_of
from webinar.members.queries import member_names, members_by_region
from webinar.people.contact_list import languages_of_contacts

MOST_SESSIONS = 25
"""So many sessions are offered, the latest first, with their webinars; others are found by a word of their title."""


class Choice(NamedTuple):
    """A value of a condition and what it is called."""

    value: str
    label: str


class Group(NamedTuple):
    """Some values under one heading, which may be empty."""

    heading: str
    choices: Sequence[Choice]


def choices_for(about: About, search: str = "") -> list[Group]:
    """Return what can be chosen for a condition; ``search`` is looked for in the titles of webinars.

    Nothing of a role, whose words are typed, and of focal points.
    """
    if about.is_of_sessions:
        return _occasions(search)
    offered: Mapping[About, Callable[[], Sequence[Choice]]] = {
        About.MEMBER: _members,
        About.REGION: lambda: [Choice(region, region) for region in members_by_region()],
        About.LANGUAGE: _languages,
        About.LISTED: _lists,
    }
    choices = offered[about]() if about in offered else []
    return [Group("", choices)] if choices else []


def _members() -> list[Choice]:
    members = sorted(member_names().members.values(), key=lambda member: languages.in_alphabet(member.name))
    return [*(Choice(member.key, member.name) for member in members), Choice("", _("Of no member"))]


def _languages() -> list[Choice]:
    codes = {*languages.offered(), *languages_of_contacts()}
    named = [Choice(code, languages.name_here(code)) for code in codes]
    return [*sorted(named, key=lambda one: languages.in_alphabet(one.label)), Choice("", _("Not known"))]


def _lists() -> list[Choice]:
    rows = db.session.execute(select(PeopleList.id, PeopleList.name).order_by(PeopleList.made_at.desc()))
    return [Choice(str(list_id), name) for list_id, name in rows]


def _occasions(search: str) -> list[Group]:
    which: ColumnElement[bool] = WebinarSession.webinar_id.in_(_webinars_called(search)) if search else true()
    statement = (
        select(WebinarSession)
        .where(which)
        .options(joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.texts))
        .order_by(WebinarSession.starts_at.desc(), WebinarSession.id.desc())
        .limit(MOST_SESSIONS)
    )
    sessions = db.session.scalars(statement).unique().all()
    webinars = {session.webinar_id: session.webinar for session in sessions}
    all_series = select(Series).options(joinedload(Series.texts)).order_by(Series.position, Series.id)
    series = db.session.scalars(all_series).unique().all()
    groups = [
        Group(_("This mailing"), [Choice(value, _begun(words_of_shown(value))) for value in SHOWN]),
        Group(_("Sessions"), [Choice(f"session {one.id}", session_named(one)) for one in sessions]),
        Group(_("Webinars"), [Choice(f"webinar {one.id}", webinar_named(one)) for one in webinars.values()]),
        Group(_("Series"), [Choice(f"series {one.id}", _begun(series_named(one))) for one in series]),
    ]
    return [group for group in groups if group.choices]


def _begun(words: str) -> str:
    """Return words of a sentence as they stand by themselves."""
    return words[:1].upper() + words[1:]


def _webinars_called(search: str) -> list[int]:
    wanted = words_of(search)
    rows = db.session.execute(select(WebinarText.webinar_id, WebinarText.title)) if wanted else ()
    return list({webinar_id for webinar_id, title in rows if _has(fold(title), wanted)})


def _has(title: str, words: Sequence[str]) -> bool:
    latin = in_latin(title)
    return all(word in title or word in latin for word in words)
