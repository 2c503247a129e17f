"""The page of the personal join link: before the doors open, at the doors, afterwards."""

from __future__ import annotations

import math
from datetime import datetime

from flask import Blueprint, current_app, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from webinar.attendance.admission import Admission, admission, admission_of_speaker, room_of, room_of_speaker
from webinar.attendance.services.join import NotAdmitted, UnknownJoinLink, let_speaker_in, record_join
from webinar.catalogue.queries import coming_sessions, find_speaker, notes_on
from webinar.catalogue.texts import text_in, text_or_none
from webinar.catalogue.ways_to_follow import ToldWay, ways_on_page
from webinar.foundation import clock, languages, reader
from webinar.foundation.security import content_security_policy, origin, token_checked_by_form
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.programme import Reader, shown, speakers_in
from webinar.registration.queries import find_by_join_token

bp = Blueprint("attendance", __name__)

SECONDS_UNTIL_LOOKING_AGAIN_FOR_A_ROOM = 30
SESSIONS_OFFERED = 3


@bp.get("/join/<token>")
def join(token: str) -> ResponseReturnValue:
    """Show whether the doors are open, and from when on; the arrival is recorded by the POST that follows."""
    return _page(token)


@bp.post("/join/<token>")
@token_checked_by_form  # the token in the address is the authority here, not a cookie
def go_in(token: str) -> ResponseReturnValue:
    """Record that somebody came and send them on to the room."""
    now = clock.now()
    try:
        room = _room(token, now)
    except UnknownJoinLink:
        return _unknown()
    except NotAdmitted:
        return _page(token, refused=True)
    return redirect(room, code=303)


def _room(token: str, now: datetime) -> str:
    try:
        return record_join(token, now, doors_open_minutes=_doors_open_minutes())
    except UnknownJoinLink:
        return let_speaker_in(token, now, doors_open_minutes=_speakers_minutes())


def _doors_open_minutes() -> int:
    minutes: int = current_app.config["DOORS_OPEN_MINUTES"]
    return minutes


def _speakers_minutes() -> int:
    """Return how long before the start speakers may come in: never later than everybody."""
    minutes: int = current_app.config["SPEAKER_DOORS_OPEN_MINUTES"]
    return max(minutes, _doors_open_minutes())


def _unknown() -> ResponseReturnValue:
    now = clock.now()
    this_reader = Reader(languages.current(), reader.zone(), now)
    coming = shown(coming_sessions(now, at_most=SESSIONS_OFFERED), this_reader)
    return render_template("attendance/unknown.html", coming=coming), 404


def _page(token: str, *, refused: bool = False) -> ResponseReturnValue:
    place = find_by_join_token(token)
    if place is None:
        return _page_of_speaker(token, refused=refused)
    now = clock.now()
    verdict = admission(place, now, doors_open_minutes=_doors_open_minutes())
    if refused and verdict is Admission.OPEN:  # the doors opened between the refusal and this page
        refused = False
    language = languages.asked_for() or place.language
    with languages.speaking(language):
        response = make_response(_rendered(place, language, verdict, now), 409 if refused else 200)
    _let_the_form_lead_to(response, room_of(place))
    return response


def _page_of_speaker(token: str, *, refused: bool) -> ResponseReturnValue:
    found = find_speaker(token)
    if found is None:
        return _unknown()
    session, speaker = found
    now = clock.now()
    verdict = admission_of_speaker(session, now, doors_open_minutes=_speakers_minutes())
    zone = reader.zone() or session.timezone
    doors = session.doors_open_at(_speakers_minutes())
    page = render_template(
        "attendance/speaker.html",
        session=session,
        speaker=speaker,
        text=text_in(session.webinar.texts, languages.current(), session.webinar.original_language),
        times=When(session.starts_at, session.ends_at, zone, session.timezone, reader.zone() is None),
        timezone=zone,
        session_says=text_or_none(session.notice_at(now), languages.current(), session.webinar.original_language),
        admission=verdict,
        doors=in_zone(doors, zone),
        now=now,
        again=_look_again(verdict, doors, now),
    )
    response = make_response(page, 409 if refused and verdict is not Admission.OPEN else 200)
    _let_the_form_lead_to(response, room_of_speaker(session))
    return response


def _look_again(verdict: Admission, doors: datetime, now: datetime) -> int | None:
    """Return after how many seconds the page is to be asked for again, or None where nothing will be different."""
    again = {
        Admission.EARLY: math.ceil((doors - now).total_seconds()),
        Admission.NO_ROOM_YET: SECONDS_UNTIL_LOOKING_AGAIN_FOR_A_ROOM,
    }
    return again.get(verdict)


def _rendered(place: Registration, language: str, verdict: Admission, now: datetime) -> str:
    session = place.session
    doors = session.doors_open_at(_doors_open_minutes())
    return render_template(
        "attendance/join.html",
        place=place,
        session=session,
        webinar=session.webinar,
        text=text_in(session.webinar.texts, language, session.webinar.original_language),
        times=When(session.starts_at, session.ends_at, place.timezone, session.timezone),
        session_says=text_or_none(session.notice_at(now), language, session.webinar.original_language),
        admission=verdict,
        reader_zone=place.timezone,  # the top of the page names the zone that this page tells
        doors=in_zone(doors, place.timezone),
        now=now,
        again=_look_again(verdict, doors, now),
        notes=text_or_none(notes_on(place.language_version_id), language, session.webinar.original_language),
        speakers=speakers_in(session, language),
        ways=_ways(place, verdict),
    )


def _ways(place: Registration, verdict: Admission) -> list[ToldWay]:
    """Return the further ways to follow the session for who has a place in it, as long as it is held or can be seen."""
    if place.status is not RegistrationStatus.REGISTERED or verdict is Admission.SESSION_CANCELLED:
        return []
    return ways_on_page(place.session, place.country, is_over=verdict is Admission.OVER)


def _let_the_form_lead_to(response: Response, room: str | None) -> None:
    """Allow the form of this page to end on the platform.

    Chromium holds ``form-action`` against every redirect that follows a form, seen with version 156: not only
    ours to the platform, but also that of a short address, of a platform's own change of host, or of a sign-in
    in between. We cannot know those, and who is stopped there sees a button that does nothing; so beside the
    room's own origin any site reached by TLS is allowed. No other page of ours says so.
    """
    if room is None:
        return
    try:
        allowed = f"'self' {origin(room)} https:"
    except ValueError:  # a host that no policy can name
        allowed = "'self' https:"
    response.headers["Content-Security-Policy"] = content_security_policy(form_action=allowed)
