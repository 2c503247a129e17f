"""The very mail of a mailing, for somebody who would get it; and a test of it to oneself."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape

from webinar.accounts.acting import signed_in
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation import languages
from webinar.foundation.errors import DomainError
from webinar.foundation.security import sandboxed
from webinar.invitations.choosing import person_of_address, some_who_get
from webinar.invitations.forms.mailing import in_order
from webinar.invitations.models import Mailing
from webinar.invitations.services.held import NoSuchMailing
from webinar.invitations.services.rehearse import NothingWritten, rehearsed_mail, send_test
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.texts import form_of_texts
from webinar.invitations.staff.workspace import frame, mailing_or_404


@bp.get("/staff/mailings/<int:mailing_id>/preview")
@needs(Role.ORGANISER)
def preview(mailing_id: int) -> ResponseReturnValue:
    """Show the very mail, in the language and for the person of the address, else for the first of a language."""
    mailing = mailing_or_404(mailing_id)
    written = in_order(text.language for text in mailing.texts)
    language = _language(mailing)
    people = some_who_get(mailing, language) if language else []
    person_id = _person() or next((one.person_id for one in people), None)
    refusal, opened = None, None
    try:
        opened = rehearsed_mail(mailing, language, person_id)
    except DomainError as why:
        refusal = why
    return render_template(
        "staff/invitations/preview.html",
        written=written,
        shown_in=language,
        people=people,
        person_id=person_id,
        opened=opened,
        refusal=refusal,
        own_address=signed_in().email,
        mail_address=url_for(".mail_as_it_looks", mailing_id=mailing_id, language=language, person=person_id),
        **frame(mailing, "invitations_staff.text"),
    )


@bp.get("/staff/mailings/<int:mailing_id>/preview/mail")
@needs(Role.ORGANISER)
def mail_as_it_looks(mailing_id: int) -> ResponseReturnValue:
    """Show how the mail looks, in a response that can do nothing and loads nothing."""
    mailing = mailing_or_404(mailing_id)
    try:
        return sandboxed(rehearsed_mail(mailing, _language(mailing), _person()).html)
    except DomainError as refusal:
        return sandboxed(_sentence(refusal))


@bp.post("/staff/mailings/<int:mailing_id>/preview/mail")
@needs(Role.ORGANISER)
def mail_as_typed(mailing_id: int) -> ResponseReturnValue:
    """Show how the mail would look as it stands in the form just now; nothing is stored."""
    mailing = mailing_or_404(mailing_id)
    form = form_of_texts(mailing)
    shown = request.form.get("show", "")
    language = shown if shown in form.codes else next(iter(form.codes), "")
    try:
        opened = rehearsed_mail(mailing, language, _whose(mailing, language), form.draft())
    except DomainError as refusal:
        return sandboxed(_sentence(refusal))
    return sandboxed(opened.html)


@bp.post("/staff/mailings/<int:mailing_id>/test")
@needs(Role.ORGANISER)
def test(mailing_id: int) -> ResponseReturnValue:
    """Send the mail in all its languages to whoever is signed in."""
    try:
        count = send_test(mailing_id)
    except NoSuchMailing:
        abort(404)
    except NothingWritten as refusal:
        flash(str(refusal), "bad")
    else:
        flash(
            ngettext(
                "A test is on its way to %(address)s.",
                "Tests in %(num)s languages are on their way to %(address)s.",
                count,
                address=signed_in().email,
            ),
            "good",
        )
    return redirect(url_for(".preview", mailing_id=mailing_id, language=request.form.get("language")), 303)


def _language(mailing: Mailing) -> str:
    written = in_order(text.language for text in mailing.texts)
    wanted = request.args.get("language", "")
    if wanted in written:
        return wanted
    return next((code for code in (languages.current(), *written) if code in written), "")


def _person() -> int | None:
    written = request.args.get("person", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def _whose(mailing: Mailing, language: str) -> int | None:
    """Return for whom the mail is shown while it is written: as asked for, else the first who would get it."""
    if address := request.form.get("whose", "").strip():
        return person_of_address(address) or 0
    return next((one.person_id for one in some_who_get(mailing, language, at_most=1)), None)


def _sentence(refusal: DomainError) -> str:
    language = languages.current()
    return f'<!doctype html><html lang="{language}"><title>{escape(_("Preview"))}</title><p>{escape(str(refusal))}</p>'
