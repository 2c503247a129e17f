"""The programme, a series, a webinar with its sessions."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webinar.catalogue.models import Series, SessionStatus, Webinar
from webinar.catalogue.queries import (
    coming_sessions,
    find_series,
    find_webinar_to_show,
    past_sessions,
    sessions_of,
    sessions_of_series,
)
from webinar.catalogue.texts import text_in, text_with, texts_of_each
from webinar.foundation import languages
from webinar.foundation.addresses import absolute
from webinar.foundation.formats import until
from webinar.foundation.markdown import to_html
from webinar.registration.page_cache import kept_page
from webinar.registration.programme import (
    Filter,
    Reader,
    Showing,
    agenda_in,
    best_for,
    by_month,
    by_series,
    described_in,
    languages_elsewhere,
    languages_of,
    next_one,
    shown,
    speakers_of,
    where_held,
)
from webinar.registration.views.blueprint import bp, this_reader


@bp.get("/")
def root() -> ResponseReturnValue:
    """Lead to the programme in the language that the browser asks for."""
    response = redirect(url_for(".programme", lang=languages.accepted()))
    response.vary.add("Accept-Language")
    return response


@bp.get("/<lang>/")
@kept_page
def programme(lang: str) -> str:
    """Show the next session, the coming ones by month and the past ones by series."""
    reader = this_reader()
    everything = shown(coming_sessions(reader.now), reader)
    wanted = Filter(language=request.args.get("language", ""), series=request.args.get("series", ""))
    coming = [showing for showing in everything if wanted.lets_through(showing)]
    hero = next_one(coming)
    return render_template(
        "registration/programme.html",
        hero=hero,
        hero_in=until(hero.session.starts_at, reader.now) if hero else "",
        hero_also_in=languages_elsewhere(hero, everything) if hero else [],
        months=by_month(showing for showing in coming if showing is not hero),
        wanted=wanted,
        total=len(everything),
        languages=languages_of(everything),
        cycles=by_series(everything, reader),
        past=by_series(shown(past_sessions(reader.now), reader), reader),
        feed=absolute("calendars.all_sessions", lang=lang),
    )


@bp.get("/<lang>/series/<slug>")
@kept_page
def series(lang: str, slug: str) -> str:
    """Show what a series is about, with its sessions to come and those that are over."""
    found = find_series(slug) or abort(404)
    reader = this_reader()
    showings = shown(sessions_of_series(found.id), reader)
    if not showings:
        abort(404)  # a series that is being prepared is not public yet
    return series_page(found, showings, reader)


def series_page(found: Series, showings: list[Showing], reader: Reader, **more: str) -> str:
    """Return the page of a series with its sessions; ``more`` is for the frame of the page."""
    coming = [showing for showing in showings if showing.session.ends_at > reader.now]
    return render_template(
        "registration/series.html",
        series=found,
        text=text_in(found.texts, reader.language),
        summary=text_with("summary", found.texts, reader.language),
        months=by_month(coming),
        past=[showing for showing in reversed(showings) if showing not in coming],
        has_several_webinars=len({showing.session.webinar_id for showing in showings}) > 1,
        to_choose=len([showing for showing in coming if showing.can_be_chosen]),
        feed=absolute("calendars.series", lang=reader.language, slug=found.slug),
        **more,
    )


@bp.get("/<lang>/webinars/<slug>")
@kept_page
def webinar(lang: str, slug: str) -> str:
    """Show what a webinar is about, who speaks, and when and in which languages it is held.

    With the token of a link (``?access=``) it shows the session, too, that the link leads to.
    """
    found = find_webinar_to_show(slug) or abort(404)
    reader = this_reader()
    showings = shown(sessions_of(found, request.args.get("access", "")), reader)
    if not showings:
        abort(404)
    return webinar_page(found, showings, reader)


def webinar_page(found: Webinar, showings: list[Showing], reader: Reader, **more: str) -> str:
    """Return the page of a webinar with its sessions; ``more`` is for the frame of the page."""
    text = text_in(found.texts, reader.language, found.original_language)
    description = text_with("description", found.texts, reader.language, found.original_language)
    coming = [showing for showing in showings if showing.session.ends_at > reader.now]
    # Those that are cancelled say so among the others, but are no days and languages to choose from.
    days = [showing for showing in coming if showing.session.status is not SessionStatus.CANCELLED] or coming
    return render_template(
        "registration/webinar.html",
        webinar=found,
        text=text,
        series_text=text_in(found.series.texts, reader.language, found.original_language),
        summary=text_with("summary", found.texts, reader.language, found.original_language),
        description=description,
        description_html=to_html(description.description) if description else "",
        coming=coming,
        days=days,
        past=[showing for showing in reversed(showings) if showing not in coming],
        yours=best_for(coming, reader.language),
        languages=languages_of(days or showings),
        described_in=described_in(found),
        agenda=agenda_in(found, reader.language),
        speakers=speakers_of(coming or showings, reader.language),
        titles=texts_of_each({one.id: one.texts for one in found.materials}, reader.language, found.original_language),
        where=where_held(days),
        **more,
    )
