"""What a mailing says in each language, and the sessions it shows: written, with the mail beside it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import AuditEntry, Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import clock, languages, reader
from webinar.foundation.security import token_checked_by_form
from webinar.invitations.choosing import addresses_of_some, is_about_past, languages_heard, sessions_to_choose
from webinar.invitations.details import NAMES, OFTEN_WRITTEN
from webinar.invitations.forms.mailing import TextsForm, texts_form
from webinar.invitations.history import told
from webinar.invitations.models import Mailing
from webinar.invitations.services.held import AlreadyConfirmed
from webinar.invitations.services.write_texts import edit_texts
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import frame, mailing_or_404


@bp.get("/staff/mailings/<int:mailing_id>/text")
@needs(Role.VIEWER)
def text(mailing_id: int) -> ResponseReturnValue:
    """Show what a mailing says and shows, to be written as long as it is a draft."""
    return _page(mailing_or_404(mailing_id))


@bp.post("/staff/mailings/<int:mailing_id>/text")
@needs(Role.ORGANISER)
@token_checked_by_form
def write_text(mailing_id: int) -> ResponseReturnValue:
    """Store what a mailing says and shows; or only show the fields of one language more."""
    mailing = mailing_or_404(mailing_id)
    form = form_of_texts(mailing)
    if request.form.get("step") == "language":
        if form.add_language.data and form.add_language.data not in form.codes:
            form.add_language.errors = [_("Choose a language.")]
        return _page(mailing, form)
    if not form.validate_on_submit():
        return _page(mailing, form), 422
    try:
        differs = edit_texts(mailing_id, form.draft(), form.revision.data)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
        return _page(mailing_or_404(mailing_id), form), 422
    except AlreadyConfirmed as refusal:
        form.form_errors.append(str(refusal))
        return _page(mailing_or_404(mailing_id), form), 409
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page(mailing_or_404(mailing_id), form, _told_here(refusal.entries)), 409
    flash(_("The texts are stored.") if differs else _("Nothing was changed."))
    return redirect(url_for(".text", mailing_id=mailing_id), 303)


def form_of_texts(mailing: Mailing) -> TextsForm:
    """Return the form of what a mailing says, with what was sent in it."""
    heard: list[str] = []
    if not mailing.texts:
        ids = [shown.session_id for shown in mailing.sessions]
        heard = languages_heard(mailing, sessions_to_choose(clock.now(), "", past=False, besides=ids, at_most=0))
    return texts_form(mailing, heard, request.form, request.form.getlist("codes"))


def _page(mailing: Mailing, form: TextsForm | None = None, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    form = form or form_of_texts(mailing)
    return render_template(
        "staff/invitations/text.html",
        form=form,
        meanwhile=meanwhile,
        addresses=addresses_of_some(mailing, mailing.texts[0].language) if mailing.texts else [],
        details=[
            (detail, str(name), "|".join(word for word, meant in OFTEN_WRITTEN.items() if meant == detail))
            for detail, name in NAMES.items()
        ],
        sessions=sessions_to_choose(
            clock.now(), languages.current(), past=is_about_past(mailing.kind), besides=form.sessions.ids
        ),
        **frame(mailing, "invitations_staff.text"),
    )


def _told_here(entries: Sequence[AuditEntry]) -> list[ToldEntry]:
    return told(entries, reader.zone() or current_app.config["DEFAULT_TIMEZONE"])
