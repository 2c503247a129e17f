"""Registering somebody who is on the telephone: the same use case as by the public form, and written down."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.texts import offered_with_text
from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form
from webinar.members.queries import member_names, propose_by_mail_domain
from webinar.registration import services
from webinar.registration.forms import OnBehalfForm
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/new-registration")
@needs(Role.ORGANISER)
def new_registration(key: str) -> ResponseReturnValue:
    """Show the form for somebody who is to be registered."""
    return _page(key, _form(_found(key)))


@bp.post("/staff/sessions/<key>/new-registration")
@needs(Role.ORGANISER)
@token_checked_by_form
def register_somebody(key: str) -> ResponseReturnValue:
    """Register somebody, or show the form again with what to mend."""
    form = _form(_found(key))
    registered_as: int | None = None
    if form.validate_on_submit():
        try:
            turn = services.register_on_behalf(key, form.registrant(form.mail_language.data))
        except services.AddressRegistered as refusal:
            form.email.errors = [str(refusal)]
            registered_as = refusal.turn
        except services.RegistrationClosed as refusal:
            form.form_errors = [str(refusal)]
        except services.UnknownLanguageVersion as refusal:
            form.language.errors = [str(refusal)]
        except services.UnknownMember as refusal:
            form.member.errors = [str(refusal)]
        else:
            flash(_("They are registered. A mail with the links leaves now."))
            return redirect(url_for(".registration", key=key, turn=turn), code=303)
    form.propose_member(propose_by_mail_domain)
    return _page(key, form, registered_as), 422


def _found(key: str) -> WebinarSession:
    return find_session_of_any_status(key) or abort(404)


def _form(session: WebinarSession) -> OnBehalfForm:
    codes = [version.code for version in session.language_versions]
    floor = next((version.code for version in session.language_versions if version.kind == "floor"), "")
    mails = offered_with_text(session.webinar.texts) or list(languages.offered())
    mails.sort(key=lambda code: code != floor)
    return OnBehalfForm(
        members=member_names(),
        versions=codes,
        preferred=floor,
        own_zone=session.timezone,
        languages=mails,
    )


def _page(key: str, form: OnBehalfForm, registered_as: int | None = None) -> str:
    return render_template(
        "staff/sessions/new_registration.html",
        **frame(_found(key), "registration_staff.registrations"),
        form=form,
        registered_as=None if registered_as is None else url_for(".registration", key=key, turn=registered_as),
    )
