"""The very mail of a mailing, for somebody who would get it; and a test of it to oneself."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import escape

from webinar.accounts.acting import signed_in
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation import languages
from webinar.foundation.errors import DomainError
from webinar.foundation.languages import in_words
from webinar.foundation.security import sandboxed
from webinar.invitations.choosing import person_of_address, some_who_get, somebody_who_gets
from webinar.invitations.details import NAMES
from webinar.invitations.forms.mailing import in_order
from webinar.invitations.models import Mailing
from webinar.invitations.queries import Reader, counted_with_lacking
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
    refusal, opened, reader = None, None, None
    try:
        reader = _reader(mailing, language, people)
        opened = rehearsed_mail(mailing, language, reader)
    except DomainError as why:
        refusal = why
    person_id = None if reader is None else reader.recipient.person_id
    return render_template(
        "staff/invitations/preview.html",
        written=written,
        shown_in=language,
        people=people,
        person_id=person_id,
        names_of_details=NAMES,
        lacking=[one for one in counted_with_lacking(mailing)[1] if one.language == language],
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
    language = _language(mailing)
    try:
        return sandboxed(rehearsed_mail(mailing, language, _reader(mailing, language)).html)
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


class GetsItNot(DomainError):
    """Somebody for whom a mail is to be shown would get none in its language."""

    def __init__(self, language: str) -> None:
        super().__init__(
            _l("This person would not get the mailing in %(language)s. Choose another.", language=in_words(language))
        )


def _reader(mailing: Mailing, language: str, people: Sequence[Reader] = ()) -> Reader | None:
    """Return for whom the mail is shown: of the address, else the first of some; None is an invented person."""
    written = request.args.get("person", "")
    if not written:
        return next(iter(people), None)
    person_id = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    known = next((one for one in people if one.recipient.person_id == person_id), None)
    return known or _who_gets(mailing, person_id, language)


def _whose(mailing: Mailing, language: str) -> Reader | None:
    """Return for whom the mail is shown while it is written: as asked for, else the first who would get it."""
    if address := request.form.get("whose", "").strip():
        return _who_gets(mailing, person_of_address(address) or 0, language)
    return next(iter(some_who_get(mailing, language, at_most=1)), None)


def _who_gets(mailing: Mailing, person_id: int, language: str) -> Reader:
    reader = somebody_who_gets(mailing, person_id, language) if language else None
    if reader is None:
        raise GetsItNot(language or languages.current())
    return reader


def _sentence(refusal: DomainError) -> str:
    language = languages.current()
    return f'<!doctype html><html lang="{language}"><title>{escape(_("Preview"))}</title><p>{escape(str(refusal))}</p>'
