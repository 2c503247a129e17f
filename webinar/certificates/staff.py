"""The organisers' page of a session's certificates: whether there are any, how they look, and sending them to all."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.certificates.forms import CertificatesForm
from webinar.certificates.mails import CERTIFICATE
from webinar.certificates.models import LENGTH
from webinar.certificates.paper import Facts, certificate_pdf
from webinar.certificates.queries import Printed, choices_of, is_over, languages_of, printed_in, tally_of
from webinar.certificates.services.choose import choose
from webinar.certificates.services.send import AnotherNumber, NotOver, send_to_all
from webinar.certificates.views import as_pdf
from webinar.foundation import clock, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.pdf import letters_missing
from webinar.foundation.security import token_checked_by_form
from webinar.registration.mails import topic_of
from webinar.registration.staff.workspace import frame

bp = Blueprint("certificates_staff", __name__)

MOST_NAMED = 10
"""How many people are named whose letters are missing."""


class Respelt(NamedTuple):
    """Whose names and organisations no font here can print as they are, the first of them, and the letters."""

    people: int
    first: list[Printed]
    letters: str


@bp.get("/staff/sessions/<key>/certificates")
def of_session(key: str) -> ResponseReturnValue:
    """Show how the certificates of a session look, how many there are, and what can be done."""
    session = _session(key)
    return _page(session, CertificatesForm(choices_of(session.id)))


@bp.post("/staff/sessions/<key>/certificates")
@needs(Role.ORGANISER)
@token_checked_by_form
def save(key: str) -> ResponseReturnValue:
    """Choose how the certificates look, and whether people can make theirs."""
    session = _session(key)
    form = CertificatesForm(choices_of(session.id))
    if not form.validate_on_submit():
        return _page(session, form), 422
    choose(key, form.choices())
    flash(_("It is stored how the certificates of this session look."), "good")
    return redirect(url_for(".of_session", key=key), code=303)


@bp.post("/staff/sessions/<key>/certificates/send")
@needs(Role.ORGANISER)
def send(key: str) -> ResponseReturnValue:
    """Send everybody who came the link to their certificate, so many as the organiser was shown."""
    _session(key)
    try:
        people = send_to_all(key, request.form.get("people", 0, type=int))
    except (AnotherNumber, NotOver) as refusal:
        session = _session(key)
        return _page(session, CertificatesForm(choices_of(session.id), formdata=None), refusal), 409
    flash(ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", people), "good")
    return redirect(url_for(".of_session", key=key), code=303)


@bp.get("/staff/sessions/<key>/certificates/<language>.pdf")
def preview(key: str, language: str) -> ResponseReturnValue:
    """Show a certificate of this session as it looks in a language, of nobody and without a valid number."""
    session = _session(key)
    if language not in _languages(session):
        abort(404)
    choices = choices_of(session.id)
    with languages.speaking(language):
        facts = Facts(
            name=_("Given name and family name"),
            organisation=_("Member or organisation"),
            minutes=int((session.ends_at - session.starts_at).total_seconds()) // 60 if choices.shows_minutes else 0,
            number="X" * LENGTH,
            issued_at=clock.now(),
        )
    return as_pdf(certificate_pdf(session, choices, facts, language).content, f"certificate-{key}-{language}.pdf")


def _session(key: str) -> WebinarSession:
    return find_session_of_any_status(key) or abort(404)


def _languages(session: WebinarSession) -> list[str]:
    """Return the languages that certificates of a session are seen in: those of the pages, and of the mails."""
    return list(dict.fromkeys([*languages.offered(), *languages_of(session.id)]))


def _page(session: WebinarSession, form: CertificatesForm, refusal: DomainError | None = None) -> str:
    return render_template(
        "staff/certificates/certificates.html",
        form=form,
        refusal=refusal,
        tally=tally_of(session.id),
        respelt=_respelt(printed_in(session.id)),
        languages=_languages(session),
        is_over=is_over(session, clock.now()),
        topic=topic_of(session),
        kind=CERTIFICATE,
        **frame(session, "certificates_staff.of_session"),
    )


def _respelt(printed: list[Printed]) -> Respelt | None:
    missing = letters_missing("".join(name + organisation for _turn, name, organisation in printed))
    if not missing:
        return None
    whose = [one for one in printed if not missing.isdisjoint(one.name + one.organisation)]
    return Respelt(len(whose), whose[:MOST_NAMED], " ".join(sorted(missing)))
