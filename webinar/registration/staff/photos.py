"""The photos of those who speak in a session."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.media import PhotoForm
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status, photos_in
from webinar.catalogue.services.photos import NoSuchSpeaker, set_photo
from webinar.catalogue.staff.changes import told_here
from webinar.foundation import languages
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.registration.programme import introductions
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/photos")
def photos(key: str) -> ResponseReturnValue:
    """Show who speaks in a session, each with a form for their photo."""
    session = find_session_of_any_status(key) or abort(404)
    return _page(session)


@bp.post("/staff/sessions/<key>/photos/<int:speaker_id>")
@needs(Role.ORGANISER)
@takes_file("photo")
@token_checked_by_form
def change_photo(key: str, speaker_id: int) -> ResponseReturnValue:
    """Store the photo of a speaker, or take it away."""
    session = find_session_of_any_status(key) or abort(404)
    form = PhotoForm(speaker_id, session.revision)
    if not form.validate_on_submit():
        return _page(session, form), 422
    try:
        set_photo(key, speaker_id, None if form.remove.data else form.photo.data, form.revision.data)
    except ChangedMeanwhile as refusal:
        form.photo.ask_again()
        session = find_session_of_any_status(key) or abort(404)
        return _page(session, form, told_here(refusal.entries)), 409
    except NoSuchSpeaker as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The photo is gone.") if form.remove.data else _("The photo is stored."))
    return redirect(url_for(".photos", key=key), code=303)


def _page(
    session: WebinarSession, refused: PhotoForm | None = None, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    forms = [
        (speaker, refused if refused and refused.speaker_id == speaker.id else PhotoForm(speaker.id, session.revision))
        for speaker in session.speakers
    ]
    return render_template(
        "staff/sessions/photos.html",
        forms=forms,
        refused=refused,
        meanwhile=meanwhile,
        photos=photos_in(session.id),
        texts=introductions(session, languages.current()),
        **frame(session, "registration_staff.content"),
    )
