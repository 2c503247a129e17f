"""The links with which speakers come in before everybody else; only organisers see them."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import Speaker, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.speaker_links import NoSuchSpeaker, renew_speaker_link, show_speaker_link
from webinar.foundation import formats, languages
from webinar.foundation.zones import in_zone
from webinar.registration.chat import speakers_link_in_a_sentence
from webinar.registration.programme import introductions
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/speaker-links")
@needs(Role.ORGANISER)
def speaker_links(key: str) -> ResponseReturnValue:
    """List who speaks, each with the way to their link, which is not on this page."""
    session = find_session_of_any_status(key) or abort(404)
    doors = in_zone(session.doors_open_at(_minutes()), session.timezone)
    return render_template(
        "staff/sessions/speaker_links.html",
        **frame(session, "registration_staff.registrations"),
        doors=formats.hour(doors),
        city=formats.city(session.timezone),
        texts=introductions(session, languages.current()),
    )


@bp.post("/staff/sessions/<key>/speakers/<int:speaker_id>/link")
@needs(Role.ORGANISER)
def show_link_of_speaker(key: str, speaker_id: int) -> ResponseReturnValue:
    """Show a speaker's link in a sentence that is ready for a chat. A POST, because each look is written down."""
    _found(key, speaker_id)
    try:
        token = show_speaker_link(key, speaker_id)
    except NoSuchSpeaker:
        abort(404)
    session, speaker = _found(key, speaker_id)
    return render_template(
        "staff/sessions/link.html",
        **frame(session, "registration_staff.registrations"),
        back=url_for(".speaker_links", key=key),
        whose=speaker.name,
        words=speakers_link_in_a_sentence(session, speaker.name, token, _minutes()),
        language_of_words=session.webinar.original_language,
    )


@bp.post("/staff/sessions/<key>/speakers/<int:speaker_id>/new-link")
@needs(Role.ORGANISER)
def renew_link_of_speaker(key: str, speaker_id: int) -> ResponseReturnValue:
    """Make a speaker a new link, because the one before got into other hands."""
    _session, speaker = _found(key, speaker_id)
    try:
        renew_speaker_link(key, speaker_id)
    except NoSuchSpeaker:
        abort(404)
    flash(_("%(name)s has a new link; the one before leads nowhere. Copy it and send it.", name=speaker.name))
    return redirect(url_for(".speaker_links", key=key), code=303)


def _found(key: str, speaker_id: int) -> tuple[WebinarSession, Speaker]:
    session = find_session_of_any_status(key) or abort(404)
    speaker = next((one for one in session.speakers if one.id == speaker_id), None)
    return session, speaker or abort(404)


def _minutes() -> int:
    minutes: int = max(current_app.config["SPEAKER_DOORS_OPEN_MINUTES"], current_app.config["DOORS_OPEN_MINUTES"])
    return minutes
