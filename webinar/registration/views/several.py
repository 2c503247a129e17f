"""Registering for several sessions of a series with one form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, current_app, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.models import Series
from webinar.catalogue.queries import find_series, sessions_of_series
from webinar.catalogue.questions import questions_asked_by
from webinar.catalogue.texts import text_in, text_with
from webinar.foundation import clock, formats, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.members.queries import member_names, propose_by_mail_domain
from webinar.registration import services
from webinar.registration.asking import asking
from webinar.registration.forms import Offered, SeveralSessionsForm, choosing
from webinar.registration.page_cache import kept_form
from webinar.registration.programme import Showing, shown
from webinar.registration.views.blueprint import bp, this_reader
from webinar.registration.views.registering import (
    WRITTEN_TO,
    TooManyForOneMailbox,
    may_try,
    may_write_to,
    preferred_version,
    written_to_about,
)


@bp.get("/<lang>/series/<slug>/register")
@kept_form
def register_for_several(lang: str, slug: str) -> str:
    """Show the form with the sessions of a series that are open to everyone, or say that none is."""
    series, showings = _series(slug)
    return _page(_form(showings, lang), series, showings)


@bp.post("/<lang>/series/<slug>/register")
@token_checked_by_form
def send_several_registrations(lang: str, slug: str) -> ResponseReturnValue:
    """Register the person who sends the form for each session they chose, or show it again with what to mend."""
    series, showings = _series(slug)
    form = _form(showings, lang)
    if not may_try():
        return _page(form, series, showings, is_limited=True), 429, {"Cache-Control": "no-store", "Retry-After": "600"}
    if form.validate_on_submit():
        try:
            refused = _register(form, series, lang)
        except DomainError as refusal:
            _put_at_its_field(form, refusal)
        else:
            done = [session.key for session in form.chosen if session.key not in refused]
            browser_session[WRITTEN_TO] = [
                _about(series),
                form.email.data,
                form.given_name.data,
                form.family_name.data,
            ]
            return redirect(
                url_for(".registered_for_several", lang=lang, slug=slug, session=done, refused=refused), code=303
            )
    form.propose_member(propose_by_mail_domain)
    return _page(form, series, showings), 422, {"Cache-Control": "no-store"}


@bp.get("/<lang>/series/<slug>/registered")
def registered_for_several(lang: str, slug: str) -> ResponseReturnValue:
    """Say that mail about each session is on its way: the same for an address that was known and for a new one."""
    series, showings = _series(slug)
    chosen = [showing for showing in showings if showing.session.key in request.args.getlist("session")]
    if not chosen:
        abort(404)
    page = render_template(
        "registration/several_mailbox.html",
        series=series,
        text=text_in(series.texts, this_reader().language),
        chosen=chosen,
        most_mails=services.MOST_MAILS_AT_ONCE,
        refused=[showing for showing in showings if showing.session.key in request.args.getlist("refused")],
        written_to=written_to_about(_about(series)),
    )
    return page, 200, {"Cache-Control": "no-store"}


def _register(form: SeveralSessionsForm, series: Series, lang: str) -> list[str]:
    """Register for each session that is chosen, and return the keys of those for which one could not.

    Where none was possible, the last refusal is raised.
    """
    if not all(may_write_to(form.email.normalised) for _session in form.chosen):
        raise TooManyForOneMailbox
    refusals = services.register_for_several(
        series.slug, {session.key: form.registrant_for(session, lang) for session in form.chosen}
    )
    if len(refusals) == len(form.chosen):
        raise next(reversed(refusals.values()))
    return list(refusals)


def _put_at_its_field(form: SeveralSessionsForm, refusal: DomainError) -> None:
    match refusal:
        case services.UnknownMember():
            form.member.errors = [str(refusal)]
        case TooManyForOneMailbox():
            form.email.errors = [str(refusal)]
        case _:
            form.sessions.errors = [str(refusal)]


def _series(slug: str) -> tuple[Series, Sequence[Showing]]:
    series = find_series(slug) or abort(404)
    showings = shown(sessions_of_series(series.id), this_reader())
    if not showings:
        abort(404)
    return series, showings


def _about(series: Series) -> str:
    return f"series/{series.slug}"  # no session's key has a stroke in it


def _form(showings: Sequence[Showing], lang: str) -> SeveralSessionsForm:
    open_ones = [showing for showing in showings if showing.can_be_chosen]
    offered = [
        Offered(
            showing.session.key,
            _label(showing),
            showing.session.webinar_id,
            [version.code for version in showing.session.language_versions],
            preferred_version(showing.session, lang),
        )
        for showing in open_ones
    ]
    closed = {showing.session.key: _label(showing) for showing in showings if not showing.can_be_chosen}
    webinars = [showing.session.webinar for showing in open_ones]
    questions = questions_asked_by(webinars, clock.now()) if webinars else []
    form = asking(choosing(SeveralSessionsForm, offered, closed), questions, lang)
    return form(
        members=member_names(),
        own_zone=reader.zone() or current_app.config["DEFAULT_TIMEZONE"],
        chosen=request.args.getlist("session"),
    )


def _label(showing: Showing) -> str:
    return str(
        _(
            "%(title)s, %(date)s",
            title=showing.text.title,
            date=formats.day_and_month(showing.when.starts_here),
        )
    )


def _page(form: SeveralSessionsForm, series: Series, showings: Sequence[Showing], *, is_limited: bool = False) -> str:
    by_key = {showing.session.key: showing for showing in showings}
    return render_template(
        "registration/several.html",
        form=form,
        series=series,
        text=text_in(series.texts, this_reader().language),
        summary=text_with("summary", series.texts, this_reader().language),
        showings=by_key,
        alone=[showing for showing in showings if showing.is_open and not showing.can_be_chosen],
        asked=[
            (by_webinar, [one for one in form.asked if one.question.webinar_id == by_webinar.id])
            for by_webinar in {showing.session.webinar_id: showing.session.webinar for showing in showings}.values()
        ],
        titles={showing.session.webinar_id: showing.text for showing in showings},
        zones=zones_by_continent() if form.timezone.errors else [],
        is_limited=is_limited,
        keep_days=current_app.config["KEEP_DAYS"],
    )
