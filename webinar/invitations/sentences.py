"""Conditions as sentences, in the language of the page: the one place, whether they are chosen, listed or confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webinar.catalogue.models import Series, Webinar, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import formats, languages
from webinar.foundation.db import db
from webinar.foundation.zones import in_zone
from webinar.invitations.audience import SHOWN, About, Condition, Occasions, id_of
from webinar.invitations.models import MailingKind, PeopleList
from webinar.members.matching import Found, MemberNames
from webinar.members.queries import member_names, members_by_region

MOST_NAMED = 12
"""So many values are named in a sentence; of more, all but the last are, and how many others there are."""

FOR_WHOM: Mapping[MailingKind, LazyString] = MappingProxyType(
    {
        MailingKind.INVITATION: _l("The network’s contacts"),
        MailingKind.REMINDER: _l("Contacts who were invited to what this mailing shows"),
        MailingKind.INFORMATION: _l("Those who have a place in what this mailing shows"),
        MailingKind.THANKS: _l("Those who came to what this mailing shows"),
        MailingKind.MISSED: _l("Those who had a place in what this mailing shows, and did not come"),
        MailingKind.NEWSLETTER: _l("Those who read the newsletter"),
    }
)
"""Whom a mailing of a kind is for before any condition narrows that."""

SUBJECTS: Mapping[About, LazyString] = MappingProxyType(
    {
        About.MEMBER: _l("Member"),
        About.REGION: _l("Region"),
        About.LANGUAGE: _l("Language"),
        About.ROLE: _l("Role"),
        About.FOCAL_POINT: _l("Focal points"),
        About.REGISTERED: _l("Registered"),
        About.CITY_REGISTERED: _l("Their city registered"),
        About.CAME: _l("Came"),
        About.CITY_CAME: _l("Their city came"),
        About.SILENT: _l("Invited and silent"),
        About.LISTED: _l("List from a file"),
    }
)
"""What conditions are about, to choose one."""

CHOICES: Mapping[About, tuple[LazyString, LazyString]] = MappingProxyType(
    {
        About.MEMBER: (_l("Is of one of these members"), _l("Is of none of these members")),
        About.REGION: (_l("Is of one of these regions"), _l("Is of none of these regions")),
        About.LANGUAGE: (_l("Reads one of these languages"), _l("Reads none of these languages")),
        About.ROLE: (_l("Has one of these words in their role"), _l("Has none of these words in their role")),
        About.FOCAL_POINT: (_l("Is a focal point"), _l("Is no focal point")),
        About.REGISTERED: (_l("Has registered for one of these"), _l("Has registered for none of these")),
        About.CITY_REGISTERED: (
            _l("Somebody of their member has registered for one of these"),
            _l("Nobody of their member has registered for any of these"),
        ),
        About.CAME: (_l("Came to one of these"), _l("Came to none of these")),
        About.CITY_CAME: (
            _l("Somebody of their member came to one of these"),
            _l("Nobody of their member came to any of these"),
        ),
        About.SILENT: (
            _l("Was invited to one of these, and has neither registered nor answered"),
            _l("Was invited to none of these, or has registered or answered"),
        ),
        About.LISTED: (_l("Is on one of these lists"), _l("Is on none of these lists")),
    }
)
"""The two ways of a condition, to choose one: it holds, or it does not."""

_SENTENCES: Mapping[About, tuple[LazyString, LazyString]] = MappingProxyType(
    {
        About.MEMBER: (_l("Member is %(values)s"), _l("Member is not %(values)s")),
        About.REGION: (_l("Region is %(values)s"), _l("Region is not %(values)s")),
        About.LANGUAGE: (_l("Reads %(values)s"), _l("Does not read %(values)s")),
        About.ROLE: (_l("Role says %(values)s"), _l("Role does not say %(values)s")),
        About.FOCAL_POINT: CHOICES[About.FOCAL_POINT],
        About.REGISTERED: (_l("Has registered for %(values)s"), _l("Has not registered for %(values)s")),
        About.CITY_REGISTERED: (
            _l("Somebody of their member has registered for %(values)s"),
            _l("Nobody of their member has registered for %(values)s"),
        ),
        About.CAME: (_l("Came to %(values)s"), _l("Did not come to %(values)s")),
        About.CITY_CAME: (
            _l("Somebody of their member came to %(values)s"),
            _l("Nobody of their member came to %(values)s"),
        ),
        About.SILENT: (
            _l("Was invited to %(values)s, and has neither registered nor answered"),
            _l("Was not invited to %(values)s, or has registered or answered"),
        ),
        About.LISTED: (_l("Is on %(values)s"), _l("Is not on %(values)s")),
    }
)

_SHOWN: Mapping[str, LazyString] = MappingProxyType(
    {
        SHOWN[0]: _l("what this mailing shows"),
        SHOWN[1]: _l("the webinars of this mailing on any day"),
        SHOWN[2]: _l("the series of this mailing"),
    }
)


class Told(NamedTuple):
    """A condition as a sentence; ``gone`` says that it names something that is not there any more."""

    condition: Condition
    sentence: str
    gone: bool


class Named(NamedTuple):
    """What a value of a condition is called; ``gone`` says that it is not there any more."""

    name: str
    gone: bool = False


def told(conditions: Iterable[Condition]) -> list[Told]:
    """Return conditions as sentences, in the language of the page; at most six queries, whatever their number."""
    conditions = list(conditions)
    names = _Names(conditions)
    return [_told(condition, names) for condition in conditions]


def words_of_shown(value: str) -> str:
    """Return what one of ``SHOWN`` means, as it stands in a sentence."""
    return str(_SHOWN[value])


def session_named(session: WebinarSession) -> str:
    """Return how a session, with its webinar's texts, stands in a sentence: its topic and day there."""
    day = formats.date(in_zone(session.starts_at, session.timezone))
    return str(_("“%(title)s” on %(day)s", title=_title(session.webinar), day=day))


def webinar_named(webinar: Webinar) -> str:
    """Return how a webinar, with its texts, stands in a sentence."""
    return str(_("“%(title)s” on any day", title=_title(webinar)))


def series_named(series: Series) -> str:
    """Return how a series, with its texts, stands in a sentence."""
    title = text_in(series.texts, languages.current()).title if series.texts else series.slug
    return str(_("the series “%(title)s”", title=title))


def _title(webinar: Webinar) -> str:
    if not webinar.texts:
        return webinar.slug
    return text_in(webinar.texts, languages.current(), webinar.original_language).title


def _told(condition: Condition, names: _Names) -> Told:
    if condition.about not in _SENTENCES:
        return Told(condition, _("A condition that this program does not know"), gone=True)
    about = About(condition.about)
    sentence = _SENTENCES[about][0 if condition.holds else 1]
    if about is About.FOCAL_POINT:
        return Told(condition, str(sentence), gone=False)
    if about is About.MEMBER and set(condition.values) == {""}:
        return Told(condition, str(_("Is of no member") if condition.holds else _("Is of a member")), gone=False)
    named = [names.of(about, value) for value in condition.values]
    gone = not named or any(one.gone for one in named)
    return Told(condition, str(sentence) % {"values": _one_of([one.name for one in named])}, gone)


def _one_of(words: Sequence[str]) -> str:
    if not words:
        return str(_("something that is not there any more"))
    if len(words) <= MOST_NAMED:
        return formats.one_of(words)
    named = words[: MOST_NAMED - 1]
    others = len(words) - len(named)
    return formats.one_of([*named, ngettext("%(num)s other", "%(num)s others", others)])


class _Names:
    """What all values of some conditions are called, asked once for each kind of them."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        values: dict[str, set[str]] = {}
        for condition in conditions:
            values.setdefault(condition.about, set()).update(condition.values)
        self._members = member_names() if About.MEMBER in values else MemberNames([])
        self._regions = set(members_by_region()) if About.REGION in values else set()
        self._lists = _lists(values.get(About.LISTED, set()))
        occasions = Occasions.of([one for about in About if about.is_of_sessions for one in values.get(about, ())])
        self._occasions = {
            **{f"session {session.id}": session_named(session) for session in _sessions(occasions.sessions)},
            **{f"webinar {webinar.id}": webinar_named(webinar) for webinar in _webinars(occasions.webinars)},
            **{f"series {series.id}": series_named(series) for series in _series(occasions.series)},
        }

    def of(self, about: About, value: str) -> Named:
        """Return what a value of a condition is called."""
        if about.is_of_sessions:
            return self._occasion(value)
        named: Mapping[About, Callable[[str], Named]] = {
            About.MEMBER: self._member,
            About.REGION: lambda region: Named(region, region not in self._regions),
            About.LANGUAGE: self._language,
            About.ROLE: lambda words: Named(_("“%(name)s”", name=words)),
            About.LISTED: self._list,
        }
        return named[about](value)

    def _member(self, key: str) -> Named:
        if not key:
            return Named(_("none"))
        found = self._members.find(key)  # also by the key of one that was merged into it, but by no name
        if isinstance(found, Found):
            member = self._members.members[found.member_key]
            if key in (member.key, *member.former_keys):
                return Named(member.name)
        return Named(_("a member that is not there any more"), gone=True)

    def _language(self, code: str) -> Named:
        if not code:
            return Named(_("a language that nobody knows"))
        return Named(languages.in_words(code)) if languages.is_known(code) else Named(code, gone=True)

    def _list(self, value: str) -> Named:
        name = self._lists.get(id_of(value) or 0)
        if name is None:
            return Named(_("a list that was deleted"), gone=True)
        return Named(_("the list “%(name)s”", name=name))

    def _occasion(self, value: str) -> Named:
        if value in SHOWN:
            return Named(words_of_shown(value))
        name = self._occasions.get(value)
        return Named(_("something that is not there any more"), gone=True) if name is None else Named(name)


def _lists(values: Iterable[str]) -> dict[int, str]:
    ids = [number for value in values if (number := id_of(value)) is not None]
    if not ids:
        return {}
    rows = db.session.execute(select(PeopleList.id, PeopleList.name).where(PeopleList.id.in_(ids)))
    return {list_id: name for list_id, name in rows}


def _sessions(ids: Iterable[int]) -> Sequence[WebinarSession]:
    if not (wanted := list(ids)):
        return []
    texts = joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.texts)
    statement = select(WebinarSession).where(WebinarSession.id.in_(wanted)).options(texts)
    return db.session.scalars(statement).unique().all()


def _webinars(ids: Iterable[int]) -> Sequence[Webinar]:
    if not (wanted := list(ids)):
        return []
    statement = select(Webinar).where(Webinar.id.in_(wanted)).options(joinedload(Webinar.texts))
    return db.session.scalars(statement).unique().all()


def _series(ids: Iterable[int]) -> Sequence[Series]:
    if not (wanted := list(ids)):
        return []
    statement = select(Series).where(Series.id.in_(wanted)).options(joinedload(Series.texts))
    return db.session.scalars(statement).unique().all()
