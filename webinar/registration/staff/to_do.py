"""What needs a hand, in words: one row a thing, each with the one action that settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.catalogue.zone_changes import Decided, ZoneChange, zone_changes
from webinar.foundation import formats, languages
from webinar.foundation.zones import in_zone, is_zone
from webinar.mail.models import MailState
from webinar.registration.attention import (
    Outdated,
    Title,
    Unready,
    Waiting,
    mail_to_settle,
    outdated_translations,
    unready_sessions,
    waiting_by_session,
)
from webinar.registration.listing import TO_APPROVE
from webinar.registration.queries import count_to_place

TitleOf = Callable[[WebinarSession | Decided], Title]


class ToDo(NamedTuple):
    """One thing to do: what it is, the title it is about, and the action with its address.

    ``is_done_by_post`` tells a button that settles it at once from a link to where one does.
    """

    what: str
    action: str
    href: str
    about: Title | None = None
    is_done_by_post: bool = False


class Attention(NamedTuple):
    """What was read about the sessions to come, before it is put into words."""

    unready: Sequence[Unready]
    waiting: Sequence[Waiting]
    outdated: Sequence[Outdated]
    zone_changes: Sequence[ZoneChange]

    def webinar_ids(self) -> set[int]:
        """Return the webinars whose titles the words will need."""
        sessions = [*(line.session for line in self.unready), *(line.session for line in self.waiting)]
        return {
            *(session.webinar_id for session in sessions),
            *(line.webinar.id for line in self.outdated),
            *(change.session.webinar_id for change in self.zone_changes),
        }


def attention(now: datetime) -> Attention:
    """Read what is amiss with the sessions to come; four queries."""
    return Attention(unready_sessions(now), waiting_by_session(now), outdated_translations(now), zone_changes(now))


def everything_to_do(found: Attention, titles: Mapping[int, Sequence[Title]]) -> list[ToDo]:
    """Return all that needs a hand, what keeps people out first; two queries."""

    def title(session: WebinarSession | Decided) -> Title:
        return text_in(titles[session.webinar_id], languages.current())

    return [
        *(correct_times(change, title(change.session)) for change in found.zone_changes),
        *_without_link(found, title),
        *_asking(found, title),
        *_mails(),
        *_names(),
        *_untranslated(found, title),
        *_outdated(found, titles),
        *_waiting(found, title),
        *_provisional(found, title),
    ]


def _day(session: WebinarSession) -> str:
    return formats.day_and_month(in_zone(session.starts_at, session.timezone))


def correct_times(change: ZoneChange, about: Title | None = None) -> ToDo:
    """Return what there is to do where the clocks of a zone have changed: hold the session when they now say."""
    key = change.session.key
    if change.refusal is None:
        is_draft = change.session.status is SessionStatus.DRAFT
        action = _("Correct it") if is_draft else _("Correct it and tell everybody")
        return ToDo(str(change), action, url_for("updates_staff.ask", what="move", key=key), about)
    if is_zone(change.session.timezone):
        return ToDo(str(change), _("Choose another time"), url_for("updates_staff.ask", what="move", key=key), about)
    content = url_for("registration_staff.content", key=key, _anchor="timezone")
    return ToDo(str(change), _("Choose another time zone"), content, about)


def _without_link(found: Attention, title: TitleOf) -> Iterator[ToDo]:
    for line in found.unready:
        if line.lacks_link:
            yield ToDo(
                _("%(day)s has no join address", day=_day(line.session)),
                _("Add the join address"),
                url_for("registration_staff.content", key=line.session.key, _anchor="join_url"),
                title(line.session),
            )


def _mails() -> Iterator[ToDo]:
    to_settle = mail_to_settle()
    if refused := to_settle.refused:
        yield ToDo(
            ngettext("%(num)s mail was refused", "%(num)s mails were refused", refused),
            _("Look why, and try again"),
            url_for("mail_staff.log", state=MailState.REFUSED.value),
        )
    if given_up := to_settle.given_up:
        yield ToDo(
            ngettext("%(num)s mail was given up", "%(num)s mails were given up", given_up),
            _("Look why, and try again"),
            url_for("mail_staff.log", state=MailState.GIVEN_UP.value),
        )
    if kept := to_settle.kept:
        yield ToDo(
            ngettext(
                "%(num)s answer from a calendar is to be looked at",
                "%(num)s answers from calendars are to be looked at",
                kept,
            ),
            _("Look at the mail"),
            url_for("registration_staff.mail_to_look_at"),
        )


def _names() -> Iterator[ToDo]:
    if names := count_to_place():
        yield ToDo(
            ngettext(
                "%(num)s name that people typed is none of a member we know",
                "%(num)s names that people typed are none of a member we know",
                names,
            ),
            _("Say which member it is"),
            url_for("registration_staff.which_member"),
        )


def _untranslated(found: Attention, title: TitleOf) -> Iterator[ToDo]:
    told: set[tuple[int, str]] = set()
    for line in found.unready:
        for code in line.missing:
            if (line.session.webinar_id, code) in told:
                continue
            told.add((line.session.webinar_id, code))
            language = languages.in_words(code)
            yield ToDo(
                _(
                    "%(day)s is offered in %(language)s and has no texts in it",
                    day=_day(line.session),
                    language=language,
                ),
                _("Write the texts in %(language)s", language=language),
                url_for("registration_staff.translation", slug=line.session.webinar.slug, language=code),
                title(line.session),
            )


def _outdated(found: Attention, titles: Mapping[int, Sequence[Title]]) -> Iterator[ToDo]:
    for line in found.outdated:
        slug = line.webinar.slug
        yield ToDo(
            ngettext(
                "The original has changed since it was translated into %(languages)s",
                "The original has changed since it was translated into %(num)s languages: %(languages)s",
                len(line.languages),
                languages=formats.joined([languages.in_words(code) for code in line.languages]),
            ),
            _("Look at the translations"),
            url_for("registration_staff.translation", slug=slug, language=line.languages[0], only="work")
            if len(line.languages) == 1
            else url_for("registration_staff.translations", slug=slug),
            text_in(titles[line.webinar.id], languages.current(), line.webinar.original_language),
        )


def _asking(found: Attention, title: TitleOf) -> Iterator[ToDo]:
    for line in found.waiting:
        if line.asked:
            yield ToDo(
                ngettext(
                    "%(num)s person asks to come on %(day)s",
                    "%(num)s people ask to come on %(day)s",
                    line.asked,
                    day=_day(line.session),
                ),
                _("Approve or decline"),
                url_for("registration_staff.registrations", key=line.session.key, status=TO_APPROVE),
                title(line.session),
            )


def _waiting(found: Attention, title: TitleOf) -> Iterator[ToDo]:
    for line in found.waiting:
        if line.in_line:
            yield ToDo(
                ngettext(
                    "%(num)s person waits for a seat on %(day)s",
                    "%(num)s people wait for a seat on %(day)s",
                    line.in_line,
                    day=_day(line.session),
                ),
                _("Add seats"),
                url_for("registration_staff.content", key=line.session.key, _anchor="seats"),
                title(line.session),
            )


def _provisional(found: Attention, title: TitleOf) -> Iterator[ToDo]:
    for line in found.unready:
        if line.is_unsure:
            yield ToDo(
                _("%(day)s is still provisional", day=_day(line.session)),
                _("Confirm the date"),
                url_for("registration_staff.confirm", key=line.session.key),
                title(line.session),
                is_done_by_post=True,
            )
