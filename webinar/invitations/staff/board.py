"""The cities of a webinar: which come, which are silent, and what is done so that more do."""

from __future__ import annotations

import tempfile
from collections import Counter
from typing import IO, Any

from flask import abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.queries import all_accounts
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.models import Webinar
from webinar.catalogue.queries import find_webinar, open_days
from webinar.catalogue.staff.workspace import frame
from webinar.foundation import clock, reader
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.spreadsheet import Sheet, csv_lines, write_xlsx
from webinar.invitations.board import City, CityState, board_of, city_of, notes_of
from webinar.invitations.city_texts import COLUMNS, lines_of, text_for_chat
from webinar.invitations.forms.follow_up import FollowUpForm
from webinar.invitations.history import told_follow_up
from webinar.invitations.models import MailingKind
from webinar.invitations.services.follow_up import (
    NoSuchCity,
    follow_up,
    note_export,
    write_to_cities,
)
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.words import CITY_ANSWERS, CITY_STATES

OPEN, ALL = "open", "all"
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ASKED = {CityState.SILENT, CityState.NOT_REACHED}


@bp.get("/staff/webinars/<slug>/cities")
@needs(Role.VIEWER)
def board(slug: str) -> ResponseReturnValue:
    """Show the cities that are not registered yet, or those in one state, or all."""
    webinar = find_webinar(slug) or abort(404)
    cities = board_of(webinar.id)
    show = request.args.get("show", OPEN)
    open_ones = [city for city in cities if city.is_open]
    sessions = open_days(webinar.id, clock.now(), with_languages=True)
    return render_template(
        "staff/invitations/board.html",
        **_around(webinar),
        cities=_shown(cities, show),
        show=show,
        total=len(cities),
        open_count=len(open_ones),
        counts=Counter(city.state for city in cities),
        to_invite=sum(1 for city in open_ones if city.state is CityState.NOT_ASKED and city.focal_points),
        to_remind=sum(1 for city in open_ones if city.state in ASKED and city.focal_points),
        is_coming=bool(sessions),
        chat=text_for_chat(webinar, sessions, open_ones) if sessions else "",
    )


def _shown(cities: list[City], show: str) -> list[City]:
    if show == ALL:
        return cities
    if show in list(CityState):
        return [city for city in cities if city.state == show]
    return [city for city in cities if city.is_open]


@bp.get("/staff/webinars/<slug>/cities/<member_key>")
@needs(Role.VIEWER)
def city(slug: str, member_key: str) -> ResponseReturnValue:
    """Show one city: where it stands, who follows it up, and what was written down."""
    webinar, found = _found(slug, member_key)
    return _city_page(webinar, found, FollowUpForm(all_accounts(), found.follow_up))


@bp.post("/staff/webinars/<slug>/cities/<member_key>")
@needs(Role.ORGANISER)
@token_checked_by_form
def follow_city_up(slug: str, member_key: str) -> ResponseReturnValue:
    """Store who follows a city up, what it has said, and what is to be written down."""
    webinar, found = _found(slug, member_key)
    form = FollowUpForm(all_accounts(), found.follow_up)
    if not form.validate_on_submit():
        return _city_page(webinar, found, form), 422
    try:
        follow_up(
            slug,
            member_key,
            responsible_id=form.responsible_id,
            answer=form.chosen_answer,
            made_from=form.revision.data,
            note=form.note.data or "",
        )
    except NoSuchCity:
        abort(404)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        meanwhile = told_follow_up(refusal.entries, reader.zone() or current_app.config["DEFAULT_TIMEZONE"])
        return _city_page(webinar, found, form, meanwhile), 409
    flash(_("Saved."), "good")
    return redirect(url_for(".city", slug=slug, member_key=member_key), 303)


@bp.post("/staff/webinars/<slug>/cities/write")
@needs(Role.ORGANISER)
def write_to_focal_points(slug: str) -> ResponseReturnValue:
    """Make a draft of a mailing to the focal points of the cities that are not registered, and lead on to its texts."""
    webinar = find_webinar(slug) or abort(404)
    title = _around(webinar)["text"].title
    is_reminder = request.form.get("kind") == MailingKind.REMINDER.value
    name = _("Reminder: %(title)s", title=title) if is_reminder else _("Invitation: %(title)s", title=title)
    try:
        mailing_id = write_to_cities(
            slug,
            MailingKind.REMINDER if is_reminder else MailingKind.INVITATION,
            name[:300],
            request.form.get("member") or None,
        )
    except NoSuchCity:
        abort(404)
    flash(_("The mailing is made. Nothing is sent before somebody confirms it."), "good")
    return redirect(url_for(".text", mailing_id=mailing_id), 303)


@bp.post("/staff/webinars/<slug>/cities.<how>")
@needs(Role.ORGANISER)
def export_board(slug: str, how: str) -> ResponseReturnValue:
    """Give the board of all cities as a file; that somebody took it is written down."""
    if how not in MEDIA_TYPES:
        abort(404)
    webinar = find_webinar(slug) or abort(404)
    note_export(slug, how)
    rows = lines_of(board_of(webinar.id))
    # Closed, and so deleted, by the server when it has sent it.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    if how == "xlsx":
        write_xlsx(file, [Sheet(_("Cities"), COLUMNS, rows)])
    else:
        file.writelines(csv_lines(COLUMNS, rows))
    file.seek(0)
    return send_file(file, MEDIA_TYPES[how], as_attachment=True, download_name=f"cities-{slug}.{how}")


def _found(slug: str, member_key: str) -> tuple[Webinar, City]:
    webinar = find_webinar(slug) or abort(404)
    return webinar, city_of(webinar.id, member_key) or abort(404)


def _around(webinar: Webinar) -> dict[str, Any]:
    return {
        **frame(webinar, "invitations_staff.board"),
        "state_words": CITY_STATES,
        "answer_words": CITY_ANSWERS,
        "may_edit": acting.signed_in().may(Role.ORGANISER),
    }


def _city_page(
    webinar: Webinar,
    found: City,
    form: FollowUpForm,
    meanwhile: list[ToldEntry] | None = None,
) -> str:
    return render_template(
        "staff/invitations/city.html",
        **_around(webinar),
        city=found,
        form=form,
        notes=notes_of(webinar.id, found.member.id),
        meanwhile=meanwhile,
        is_asked=found.state in ASKED,
    )
