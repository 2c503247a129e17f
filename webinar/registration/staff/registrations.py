"""One session: who is registered, and all that is known about one of them."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock, languages
from webinar.foundation.lines import one_line
from webinar.foundation.zones import in_zone
from webinar.mail.queries import mails_about
from webinar.members.queries import member_names
from webinar.people.models import Purpose
from webinar.registration.answers import answers_of, given
from webinar.registration.arrivals import arrivals
from webinar.registration.listing import (
    EVERY_STATUS,
    NO_ANSWER,
    TO_APPROVE,
    Wanted,
    find_detail,
    listed,
)
from webinar.registration.mails import topic_of
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.queries import to_approve
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame
from webinar.registration.standing import members_in

MOST_OF_A_SEARCH = 200
TO_APPROVE_AT_ONCE = 25

STATUS_NAMES = {
    RegistrationStatus.REGISTERED: _l("Registered"),
    RegistrationStatus.WAITING: _l("Waiting"),
    RegistrationStatus.CANCELLED: _l("Cancelled"),
    RegistrationStatus.UNREGISTERED: _l("Came without registering"),
}
STATUS_TONES = {RegistrationStatus.WAITING: "warn"}
AFFILIATION_NAMES = {
    Affiliation.MEMBER: _l("A member"),
    Affiliation.PARTNER: _l("A partner"),
    Affiliation.OTHER: _l("Somebody else"),
}
ANSWER_NAMES = {
    CalendarAnswer.ACCEPTED: _l("Yes"),
    CalendarAnswer.TENTATIVE: _l("Maybe"),
    CalendarAnswer.DECLINED: _l("No"),
}
PURPOSE_NAMES = {
    Purpose.NOTICE: _l("Told how their data are used"),
    Purpose.NEWSLETTER: _l("Wants the newsletter"),
}


@bp.get("/staff/sessions/<key>/registrations")
def registrations(key: str) -> ResponseReturnValue:
    """Show who is registered: searched, narrowed and sorted as the address says."""
    session = find_session_of_any_status(key) or abort(404)
    given = request.args
    wanted = Wanted(
        search=one_line(given.get("search", ""))[:MOST_OF_A_SEARCH],
        status=one_line(given.get("status", "")),
        affiliation=one_line(given.get("affiliation", "")),
        language=one_line(given.get("language", "")),
        region=one_line(given.get("region", "")),
        member=one_line(given.get("member", "")),
        answer=one_line(given.get("answer", "")),
        sort=given.get("sort", Wanted.sort),
        page=given.get("page", 1, type=int),
    )
    around = frame(session, "registration_staff.registrations")
    members = members_in(session.id)
    return render_template(
        "staff/sessions/registrations.html",
        **around,
        to_approve=to_approve(session.id, at_most=TO_APPROVE_AT_ONCE) if around["seating"].asked else [],
        wanted=wanted,
        listing=listed(session.id, wanted, member_names()),
        by_member=sorted((member for member in members if member.registered), key=lambda member: -member.registered),
        regions=list(dict.fromkeys(member.region for member in members)),
        status_names=STATUS_NAMES,
        status_tones=STATUS_TONES,
        affiliation_names=AFFILIATION_NAMES,
        answer_names=ANSWER_NAMES,
        every_status=EVERY_STATUS,
        asked_status=TO_APPROVE,
        no_answer=NO_ANSWER,
        local=lambda moment: in_zone(moment, session.timezone),
    )


def _can_help(place: Registration, session: WebinarSession) -> bool:
    """Tell whether whoever is signed in can do something for somebody: the session is still to be held."""
    is_held = session.registration_state(clock.now()) not in {RegistrationState.OVER, RegistrationState.CANCELLED}
    return is_held and place.person.email is not None and acting.signed_in().may(Role.ORGANISER)


@bp.get("/staff/sessions/<key>/registrations/<int:turn>")
def registration(key: str, turn: int) -> ResponseReturnValue:
    """Show one registration: what was typed, what was agreed to, what was written about it, what the calendar said."""
    session = find_session_of_any_status(key) or abort(404)
    detail = (find_detail(session.id, turn) if turn < 2**31 else None) or abort(404)
    place = detail.place
    return render_template(
        "staff/sessions/registration.html",
        **frame(session, "registration_staff.registrations"),
        place=place,
        entry=detail.entry,
        consents=detail.consents,
        answers=[
            given(answer, answer.question, languages.current(), session.webinar.original_language)
            for answer in (answers_of(place.id) if session.webinar.questions else ())
        ],
        mails=mails_about(place.person_id, topic_of(session)),
        status_names=STATUS_NAMES,
        status_tones=STATUS_TONES,
        affiliation_names=AFFILIATION_NAMES,
        answer_names=ANSWER_NAMES,
        purpose_names=PURPOSE_NAMES,
        heard=languages.name_here(place.language_version.code),
        evidence=arrivals().evidence(session, place.person_id) if session.starts_at <= clock.now() else None,
        written_to=languages.name_here(place.language),
        may_read_mails=acting.signed_in().may(Role.ORGANISER),
        can_help=_can_help(place, session),
        local=lambda moment: in_zone(moment, session.timezone),
        nothing=_("not said"),
    )
