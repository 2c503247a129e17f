"""Somebody's own certificate, and the page that says whether a number is valid."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webinar.attendance.stays import full_minutes
from webinar.catalogue.texts import text_in
from webinar.certificates.models import in_groups
from webinar.certificates.paper import (
    Facts,
    certificate_pdf,
    minutes_told,
    name_to_print,
    organisation_of,
)
from webinar.certificates.queries import (
    answer_of,
    certificate_of,
    choices_of,
    find_by_number,
    other_names_of,
)
from webinar.certificates.services.issue import NoCertificate, issue, refuse_without_right
from webinar.foundation import clock, languages
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import client_address, token_checked_by_form
from webinar.registration.queries import find_by_token
from webinar.registration.services.refusals import NoSuchRegistration
from webinar.registration.views.my_registration import page_of

bp = Blueprint("certificates", __name__)

COPIES_AN_HOUR = 30
"""How often a certificate can be asked for: each copy takes some milliseconds of a processor."""

WRONG_NUMBERS_AN_HOUR = 60
"""How many wrong numbers may come from one network address: a town hall may stand behind it, and people mistype."""


@bp.post("/<lang>/registrations/<token>/certificate")
@token_checked_by_form  # the one in the address
def make(lang: str, token: str) -> ResponseReturnValue:
    """Make somebody's certificate, and lead to it."""
    try:
        issue(token)
    except NoSuchRegistration:
        abort(404)
    except NoCertificate as refusal:
        return page_of(token, refusal)
    return redirect(url_for(".own", lang=lang, token=token), code=303)


@bp.get("/<lang>/registrations/<token>/certificate.pdf")
def own(lang: str, token: str) -> ResponseReturnValue:
    """Give somebody their certificate, which was made before, in the language of the address."""
    place = find_by_token(token)
    certificate = certificate_of(place.id) if place else None
    if place is None or certificate is None or place.person.erased_at is not None:
        abort(404)
    answer = answer_of(place)
    try:
        refuse_without_right(place, answer, certificate, clock.now())
    except NoCertificate as refusal:
        return page_of(token, refusal)
    if not allow("certificate", str(place.id), limit=COPIES_AN_HOUR, per=timedelta(hours=1), now=clock.now()):
        abort(429)
    choices = choices_of(place.session_id)
    facts = Facts(
        name=name_to_print(place.full_name, lambda: other_names_of(place)),
        organisation=organisation_of(place),
        minutes=full_minutes(answer.seconds) if answer and choices.shows_minutes else 0,
        number=certificate.number,
        issued_at=certificate.issued_at,
    )
    paper = certificate_pdf(place.session, choices, facts, languages.current())
    return as_pdf(paper.content, f"certificate-{place.session.key}.pdf")


@bp.get("/<lang>/certificates/<token>")
def check(lang: str, token: str) -> ResponseReturnValue:
    """Say whether a number is that of a valid certificate, and nothing that does not stand on it."""
    known = find_by_number(token)
    if known is None:
        may_try = allow(
            "certificate number",
            client_address(),
            limit=WRONG_NUMBERS_AN_HOUR,
            per=timedelta(hours=1),
            now=clock.now(),
        )
        return render_template("certificates/unknown.html", is_limited=not may_try), 404 if may_try else 429
    place, session = known.place, known.place.session
    choices = choices_of(session.id)
    is_valid = known.answer is not None and known.answer.came
    return render_template(
        "certificates/certificate.html",
        is_valid=is_valid,
        number=in_groups(known.certificate.number),
        name=name_to_print(place.full_name, lambda: other_names_of(place)),
        organisation=organisation_of(place),
        text=text_in(session.webinar.texts, languages.current(), session.webinar.original_language),
        times=session.times_there,
        minutes=minutes_told(full_minutes(known.answer.seconds)) if known.answer and choices.shows_minutes else "",
        plan_key=session.webinar.slug,
    )


def as_pdf(content: bytes, file_name: str) -> Response:
    """Return a PDF as a response that a browser shows, and that nobody on the way keeps."""
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=file_name)
    response.headers["Cache-Control"] = "no-store"
    return response
