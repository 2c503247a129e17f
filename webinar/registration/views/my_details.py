"""The two forms of one's own registration: correcting what was typed, and handing the place to a colleague."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.questions import ToAsk, questions_of
from webinar.foundation import clock, formats, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.members.matching import MemberNames, Names
from webinar.members.queries import member_names
from webinar.people.mail_address import mailbox_of
from webinar.registration import services
from webinar.registration.answers import answers_of
from webinar.registration.asking import asking
from webinar.registration.forms import DetailsForm, HandOverForm
from webinar.registration.models import Registration
from webinar.registration.programme import shown
from webinar.registration.queries import find_by_token
from webinar.registration.services.places import changeable, mail_languages
from webinar.registration.views.blueprint import bp, this_reader
from webinar.registration.views.my_registration import LEFT_BEHIND, TooManyChanges, page_of
from webinar.registration.views.registering import TooManyForOneMailbox

HAND_OVERS_A_DAY = 5
"""How often a day a place may be offered to somebody: each time a stranger's address may be written to."""

OFFERS_TO_A_MAILBOX = 10
"""How often a day places may be offered to one mailbox, whoever offers: each time somebody else's words go there."""


@bp.get("/<lang>/registrations/<token>/details")
def details(lang: str, token: str) -> ResponseReturnValue:
    """Show what somebody typed, to be corrected."""
    place = _changeable(token)
    if place is None:
        return redirect(url_for(".my_registration", lang=lang, token=token))
    return _details_page(_details_form(place), place)


@bp.post("/<lang>/registrations/<token>/details")
@token_checked_by_form  # the one in the address
def correct(lang: str, token: str) -> ResponseReturnValue:
    """Correct what somebody typed, or show the form again with what to mend."""
    place = find_by_token(token) or abort(404)
    form = _details_form(place)
    if not form.validate_on_submit():
        return _details_page(form, place, 422)
    try:
        is_behind = services.correct_details(
            token,
            form.details,
            language=form.mail_language.data,
            timezone=form.timezone.data,
            answers=form.answers,
        )
    except (services.UnknownMember, services.NotYourMember, services.MemberFull) as refusal:
        form.member.errors = [str(refusal)]
        return _details_page(form, place, 422)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("Your details are stored."), "good")
    if is_behind:
        flash(_("Your calendar still shows the session as it was written before."), LEFT_BEHIND)
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.get("/<lang>/registrations/<token>/hand-over")
def colleague(lang: str, token: str) -> ResponseReturnValue:
    """Ask to which colleague somebody hands their place."""
    place = _changeable(token)
    if place is None:
        return redirect(url_for(".my_registration", lang=lang, token=token))
    return _colleague_page(_colleague_form(place), place)


@bp.post("/<lang>/registrations/<token>/hand-over")
@token_checked_by_form  # the one in the address
def hand_over(lang: str, token: str) -> ResponseReturnValue:
    """Hand the place to a colleague: the same answer, whether or not their address was known."""
    place = find_by_token(token) or abort(404)
    form = _colleague_form(place)
    if not form.validate_on_submit():
        return _colleague_page(form, place, 422)
    try:
        _count_hand_over(place, form.email.normalised)
        services.hand_over(token, form.registrant(version=place.language_version.code, timezone=place.timezone))
    except (services.OwnAddress, services.ColleagueNotAMember, TooManyForOneMailbox) as refusal:
        form.email.errors = [str(refusal)]
        return _colleague_page(form, place, 422)
    except (services.UnknownMember, services.MemberFull) as refusal:
        form.member.errors = [str(refusal)]
        return _colleague_page(form, place, 422)
    except DomainError as refusal:
        return page_of(token, refusal)
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


def _changeable(token: str) -> Registration | None:
    """Return the place of a link if it can be changed; None where its own page says why not."""
    try:
        return changeable(find_by_token(token), clock.now())
    except services.NoSuchRegistration:
        abort(404)
    except DomainError:
        return None


def _count_hand_over(place: Registration, address: str) -> None:
    if not allow("hand over", str(place.id), limit=HAND_OVERS_A_DAY, per=timedelta(days=1), now=clock.now()):
        raise TooManyChanges
    mailbox = mailbox_of(address)
    if not allow("hand over to", mailbox, limit=OFFERS_TO_A_MAILBOX, per=timedelta(days=1), now=clock.now()):
        raise TooManyForOneMailbox


def _details_form(place: Registration) -> DetailsForm:
    webinar, now = place.session.webinar, clock.now()
    questions = [
        ToAsk(question, webinar.original_language) for question in questions_of(webinar.id) if question.is_asked(now)
    ]
    form = asking(DetailsForm, questions, languages.current(), answers_of(place.id) if questions else ())
    return form(
        languages=mail_languages(place),
        given_name=place.given_name,
        family_name=place.family_name,
        role=place.role,
        mail_language=place.language,
        timezone=place.timezone,
        **_on_whose_behalf(place),
    )


def _colleague_form(place: Registration) -> HandOverForm:
    return HandOverForm(languages=mail_languages(place), mail_language=place.language, **_on_whose_behalf(place))


def _on_whose_behalf(place: Registration) -> dict[str, Any]:
    members = member_names()
    return {
        "members": members,
        "comes_for": _names(members, place),
        "affiliation": place.affiliation.value,
        "member": place.member.name if place.member else "",
        "organisation": place.organisation,
    }


def _names(members: MemberNames, place: Registration) -> Names | None:
    return members.members.get(place.member.key) if place.member else None


def _details_page(form: DetailsForm, place: Registration, status: int = 200) -> Response:
    zones = zones_by_continent()
    if place.timezone not in {name for _part, cities in zones for name, _city in cities}:
        zones = [(formats.part_of_the_world(place.timezone), [(place.timezone, formats.city(place.timezone))]), *zones]
    return _page("registration/correct.html", place, status, form=form, zones=zones)


def _colleague_page(form: HandOverForm, place: Registration, status: int = 200) -> Response:
    return _page("registration/hand_over.html", place, status, form=form)


def _page(template: str, place: Registration, status: int, **more: Any) -> Response:
    [showing] = shown([place.session], this_reader())
    return make_response(render_template(template, place=place, showing=showing, **more), status)
