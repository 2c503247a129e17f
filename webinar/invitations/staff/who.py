"""Who gets a mailing: the numbers, who is left out and why, person by person, when it goes, and confirming it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import clock, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.foundation.zones import in_zone
from webinar.invitations.details import NAMES
from webinar.invitations.forms.schedule import ScheduleForm, schedule_form
from webinar.invitations.history import told
from webinar.invitations.listing import people_page, zones_of_readers
from webinar.invitations.mails import session_of_entry
from webinar.invitations.models import LeftOut, Mailing
from webinar.invitations.queries import Planned, counted, counted_with_lacking, fingerprint_of
from webinar.invitations.sentences import FOR_WHOM
from webinar.invitations.sentences import told as told_conditions
from webinar.invitations.services.audiences import conditions_of
from webinar.invitations.services.confirm import (
    AudienceChanged,
    NotReady,
    confirm,
    nine_in,
    what_is_missing,
    who_get_it,
)
from webinar.invitations.services.held import AlreadyConfirmed
from webinar.invitations.services.schedule import schedule
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import frame, mailing_or_404
from webinar.invitations.words import REASONS
from webinar.mail.domain_words import told as told_finding
from webinar.mail.sender_domain import findings

GET_IT = "gets"
MANY = 500
"""To more people than this nobody sends with one press of a button: they are asked once more."""

_PAGES = {
    "texts": "invitations_staff.text",
    "sessions": "invitations_staff.text",
    "people": "invitations_staff.audience",
}


class Part(NamedTuple):
    """A part of the people of a mailing that the page can list: how many they are, and how the address names it."""

    people: int
    language: str
    why: str


class Round(NamedTuple):
    """When it is nine o'clock for the first and the last who get a mailing, and for how many that is past already."""

    first: datetime
    first_zone: str
    last: datetime
    last_zone: str
    too_late: int


@bp.get("/staff/mailings/<int:mailing_id>/who")
@needs(Role.VIEWER)
def who_gets_it(mailing_id: int) -> ResponseReturnValue:
    """Show how many get a mailing and who is left out and why; on demand the people of one of these lines."""
    return _page(mailing_or_404(mailing_id))


@bp.post("/staff/mailings/<int:mailing_id>/when")
@needs(Role.ORGANISER)
@token_checked_by_form
def set_when(mailing_id: int) -> ResponseReturnValue:
    """Store when a mailing goes out."""
    mailing = mailing_or_404(mailing_id)
    form = _form(mailing)
    if not form.validate_on_submit():
        return _page(mailing, form=form), 422
    try:
        schedule(mailing_id, form.schedule(), form.revision.data)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
        return _page(mailing_or_404(mailing_id), form=form), 422
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page(mailing_or_404(mailing_id), form=form, meanwhile=told(refusal.entries, _zone(mailing))), 409
    except AlreadyConfirmed as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".results", mailing_id=mailing_id), 303)
    flash(_("Stored. It goes out once it is confirmed."))
    return redirect(url_for(".who_gets_it", mailing_id=mailing_id, _anchor="when"), 303)


@bp.post("/staff/mailings/<int:mailing_id>/confirm")
@needs(Role.ORGANISER)
def confirm_mailing(mailing_id: int) -> ResponseReturnValue:
    """Confirm a mailing for exactly the people that the page showed; where they are many, ask once more first."""
    mailing = mailing_or_404(mailing_id)
    shown, revision = request.form.get("list", ""), _number("revision")
    if mailing.is_draft and request.form.get("step") != "sure":
        planned = counted(mailing)
        if who_get_it(planned) > MANY and fingerprint_of(planned) == shown:
            return _ask_once_more(mailing, planned)
    try:
        people = confirm(mailing_id, shown, revision)
    except AlreadyConfirmed:
        pass  # the button was pressed twice, or a colleague was faster: how far it is says it all
    except ChangedMeanwhile as refusal:
        return _page(mailing_or_404(mailing_id), meanwhile=told(refusal.entries, _zone(mailing))), 409
    except AudienceChanged as refusal:
        return _page(mailing_or_404(mailing_id), refusal=refusal), 409
    except NotReady:
        return _page(mailing_or_404(mailing_id)), 422
    except DomainError as refusal:
        return _page(mailing_or_404(mailing_id), refusal=refusal), 422
    else:
        flash(
            ngettext("The mailing is confirmed for one person.", "The mailing is confirmed for %(num)s people.", people)
        )
    return redirect(url_for(".results", mailing_id=mailing_id), 303)


def _number(name: str) -> int:
    written = request.form.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1


def _ask_once_more(mailing: Mailing, planned: Sequence[Planned]) -> str:
    found = findings()
    return render_template(
        "staff/invitations/sure.html",
        findings=found,
        told=[told_finding(one) for one in found.found],
        **_numbers(mailing, planned),
        **_when(mailing),
        **frame(mailing, "invitations_staff.who_gets_it"),
    )


def _page(mailing: Mailing, form: ScheduleForm | None = None, **more: Any) -> str:
    now = clock.now()
    planned, lacking = counted_with_lacking(mailing)
    why = request.args.get("why", "")
    languages = {one.language for one in planned}
    language = next((one for one in languages if one == request.args.get("language", "")), "")
    listing = None
    if why == GET_IT or why in set(LeftOut):
        reason = None if why == GET_IT else LeftOut(why)
        listing = people_page(mailing, planned, reason, language, request.args.get("page", 1, type=int))
    missing = list(what_is_missing(mailing, planned, now)) if mailing.is_draft else []
    return render_template(
        "staff/invitations/who.html",
        why=why,
        read_in=language,
        listing=listing,
        for_whom=FOR_WHOM[mailing.kind],
        conditions=told_conditions(conditions_of(mailing)),
        reason_words=REASONS,
        form=form or (_form(mailing, formdata=None) if mailing.is_draft else None),
        missing=[
            (one, url_for(_PAGES[one.about], mailing_id=mailing.id) if one.about in _PAGES else "#when")
            for one in missing
        ],
        names_of_details=NAMES,
        lacking=lacking,
        **_numbers(mailing, planned),
        **_when(mailing),
        **{"refusal": None, "meanwhile": None, **more},
        **frame(mailing, "invitations_staff.who_gets_it"),
    )


def _numbers(mailing: Mailing, planned: Sequence[Planned]) -> dict[str, Any]:
    left_out: dict[LeftOut, int] = {}
    for one in planned:
        if one.left_out is not None:
            left_out[one.left_out] = left_out.get(one.left_out, 0) + one.people
    by_number = sorted(left_out.items(), key=lambda item: -item[1])
    return {
        "people": who_get_it(planned),
        "entries_told": _entries_told(mailing, planned),
        "fingerprint": fingerprint_of(planned),
        "get_it": [Part(one.people, one.language, GET_IT) for one in planned if one.left_out is None],
        "left_out": [Part(people, "", why.value) for why, people in by_number],
    }


def _entries_told(mailing: Mailing, planned: Sequence[Planned]) -> str:
    """Return in a sentence how many find an entry for their calendar in the mail; empty where none could come."""
    if not mailing.kind.is_asking or not who_get_it(planned):
        return ""
    sessions = [shown.session for shown in mailing.sessions]
    people = sum(
        one.people
        for one in planned
        if one.left_out is None and mailing.with_entry and session_of_entry(sessions, one.language) is not None
    )
    if people:
        said = ngettext(
            "One of them gets an entry for their calendar.", "%(num)s of them get an entry for their calendar.", people
        )
    elif mailing.with_entry:
        said = _("Nobody gets an entry for their calendar: none of the sessions is the only one in their language.")
    else:
        said = _("Nobody gets an entry for their calendar, as this mailing was set up.")
    return str(said)


def _zone(mailing: Mailing) -> str:
    """Return by whose clocks a mailing is told of: as chosen, else those of its first session, else the network's."""
    first = mailing.sessions[0].session.timezone if mailing.sessions else None
    zone: str = mailing.starts_zone or first or current_app.config["DEFAULT_TIMEZONE"]
    return zone


def _when(mailing: Mailing) -> dict[str, Any]:
    zone = _zone(mailing)
    return {
        "zone": zone,
        "starts_there": in_zone(mailing.starts_at, zone) if mailing.starts_at else None,
        "round": _round(mailing, clock.now()) if mailing.local_day and mailing.is_draft else None,
    }


def _round(mailing: Mailing, now: datetime) -> Round | None:
    zones = zones_of_readers(mailing)
    if not zones or mailing.local_day is None:
        return None
    moments = sorted((nine_in(zone, mailing.local_day), zone, people) for zone, people in zones.items())
    coming = [one for one in moments if one[0] > now] or moments[-1:]
    (first, first_zone, _people), (last, last_zone, _people) = coming[0], coming[-1]
    return Round(
        in_zone(first, first_zone),
        first_zone,
        in_zone(last, last_zone),
        last_zone,
        sum(people for moment, _zone, people in moments if moment <= now),
    )


def _form(mailing: Mailing, **sent: Any) -> ScheduleForm:
    return schedule_form(mailing, reader.zone() or _zone(mailing), zones_by_continent(), **sent)
