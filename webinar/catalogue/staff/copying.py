"""Copying a session, a webinar or a series: choosing address and day, and what is to be done with the copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from flask import abort, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.forms.copying import CopyForm, copy_form
from webinar.catalogue.models import Platform, Series, Webinar, WebinarSession, WebinarText
from webinar.catalogue.queries import (
    ToCopy,
    find_series,
    find_session_of_any_status,
    find_webinar,
    latest_sessions,
    sessions_to_copy,
)
from webinar.catalogue.services.copying import (
    copy_series,
    copy_session,
    copy_webinar,
    proposed_copy,
    proposed_key,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_series import NoSuchSeries
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.staff.blueprint import bp
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone

A_YEAR = timedelta(weeks=52)
"""After which a copy is proposed: the same day of the week, at the same time of the year."""
MOST_SESSIONS = 50
"""Of how many a page says what they need; the list of all sessions has the others."""


class Copied(NamedTuple):
    """One session of a copy, with what it still needs."""

    session: WebinarSession
    times: When
    text: WebinarText
    needs_address: bool
    to_confirm: list[str]
    clocks_changed: bool


@bp.route("/staff/series/<slug>/copy", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def copy_of_series(slug: str) -> ResponseReturnValue:
    """Ask where and when a series is to be held again, and copy it."""
    found = find_series(slug) or abort(404)
    sessions = sessions_to_copy(found)
    day = _a_year_later(sessions.first)
    form = copy_form(proposed_copy(Series.slug, slug, (day or _today()).year), day)
    return _copy(form, slug, copy_series, ".copied_series") or _page(form, found, sessions)


@bp.route("/staff/webinars/<slug>/copy", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def copy_of_webinar(slug: str) -> ResponseReturnValue:
    """Ask where and when a webinar is to be held again, and copy it."""
    found = find_webinar(slug) or abort(404)
    sessions = sessions_to_copy(found)
    day = _a_year_later(sessions.first)
    form = copy_form(proposed_copy(Webinar.slug, slug, (day or _today()).year), day)
    return _copy(form, slug, copy_webinar, ".copied_webinar") or _page(form, found, sessions)


@bp.route("/staff/sessions/<key>/copy", methods=["GET", "POST"])
@needs(Role.ORGANISER)
@token_checked_by_form
def copy_of_session(key: str) -> ResponseReturnValue:
    """Ask when a session is to be held again, and copy it."""
    found = find_session_of_any_status(key) or abort(404)
    day = _a_year_later(found)
    labels = {"slug": _l("Key"), "first_day": _l("Day")}
    form = copy_form(proposed_key(found.webinar.slug, day or _today()), day, labels)
    return _copy(form, key, copy_session, ".copied_session") or _page(form, found, ToCopy(1, 0, found))


def _today() -> date:
    return in_zone(clock.now(), current_app.config["DEFAULT_TIMEZONE"]).date()


def _a_year_later(first: WebinarSession | None) -> date | None:
    if first is None:
        return None
    day = first.starts_wall.date() + A_YEAR
    while day <= _today():
        day += A_YEAR
    return day


def _copy(
    form: CopyForm, name: str, use_case: Callable[[str, str, date | None], None], copied: str
) -> ResponseReturnValue | None:
    """Copy what the form asks for, if it does; None where the page is to be shown."""
    if not form.validate_on_submit():
        return None
    try:
        use_case(name, form.slug.data, form.first_day.data if "first_day" in form else None)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
        return None
    except (NoSuchSeries, NoSuchWebinar, NoSuchSession):  # gone since the page was shown
        abort(404)
    part = "key" if use_case is copy_session else "slug"
    return redirect(url_for(copied, **{part: form.slug.data}), code=303)


def _page(form: CopyForm, found: Series | Webinar | WebinarSession, sessions: ToCopy) -> tuple[str, int]:
    page = render_template(
        "staff/catalogue/copy.html",
        form=form,
        count=sessions.sessions,
        cancelled=sessions.cancelled,
        first=sessions.first.times_there if sessions.first else None,
        **_frame(found),
    )
    return page, 422 if form.errors else 200


def _frame(found: Series | Webinar | WebinarSession) -> dict[str, object]:
    if isinstance(found, Series):
        text = text_in(found.texts, languages.current())
        return {"series": found, "series_text": text, "webinar": None, "session": None, "text": text}
    webinar = found if isinstance(found, Webinar) else found.webinar
    return {
        "series": webinar.series,
        "series_text": text_in(webinar.series.texts, languages.current()),
        "webinar": webinar,
        "session": None if found is webinar else found,
        "text": _text_of(webinar),
    }


def _text_of(webinar: Webinar) -> WebinarText:
    return text_in(webinar.texts, languages.current(), webinar.original_language)


@bp.get("/staff/series/<slug>/copied")
def copied_series(slug: str) -> ResponseReturnValue:
    """Show what a copied series still needs."""
    found = find_series(slug) or abort(404)
    return _page_of_copied(found, latest_sessions(found, MOST_SESSIONS))


@bp.get("/staff/webinars/<slug>/copied")
def copied_webinar(slug: str) -> ResponseReturnValue:
    """Show what a copied webinar still needs."""
    found = find_webinar(slug) or abort(404)
    return _page_of_copied(found, latest_sessions(found, MOST_SESSIONS))


@bp.get("/staff/sessions/<key>/copied")
def copied_session(key: str) -> ResponseReturnValue:
    """Show what a copied session still needs."""
    found = find_session_of_any_status(key) or abort(404)
    return _page_of_copied(found, [found])


def _page_of_copied(found: Series | Webinar | WebinarSession, sessions: Sequence[WebinarSession]) -> str:
    return render_template("staff/catalogue/copied.html", lines=list(_lines(sessions)), **_frame(found))


def _lines(sessions: Iterable[WebinarSession]) -> Iterable[Copied]:
    offsets: dict[str, timedelta | None] = {}
    for session in sessions:
        offset = in_zone(session.starts_at, session.timezone).utcoffset()
        yield Copied(
            session,
            session.times_there,
            _text_of(session.webinar),
            needs_address=session.platform is not Platform.ROOM
            and not session.join_url
            and not all(version.join_url for version in session.language_versions),
            to_confirm=[speaker.name for speaker in session.speakers if not speaker.is_confirmed],
            clocks_changed=offsets.get(session.timezone, offset) != offset,
        )
        offsets[session.timezone] = offset
