"""One's own registration: see it, and what is changed with one click."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.calendars.copies import copies_of
from webinar.calendars.services import entry_to_show
from webinar.catalogue.models import LanguageVersionText, RegistrationState
from webinar.catalogue.queries import notes_on, sessions_of
from webinar.catalogue.questions import asks_afterwards
from webinar.catalogue.texts import text_or_none
from webinar.catalogue.ways_to_follow import ToldWay, ways_on_page
from webinar.foundation import clock, languages
from webinar.foundation.addresses import absolute
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone
from webinar.people.newsletter import newsletter_reader
from webinar.registration import services
from webinar.registration.answers import answers_of, given
from webinar.registration.certified import certificates
from webinar.registration.forms import RoomForm
from webinar.registration.models import LeftFor, Registration, RegistrationStatus
from webinar.registration.programme import shown
from webinar.registration.queries import feed_token_of, find_by_token, is_full_for, sessions_come_to
from webinar.registration.reminded import Reminded, reminders
from webinar.registration.services.move import may_come
from webinar.registration.services.places import mail_languages
from webinar.registration.views.blueprint import bp, this_reader

CHANGES_A_DAY = 10
"""How often a day a place may be changed in a way that is mailed: whoever has its link could fill a mailbox with it."""

LEFT_BEHIND = "left behind"
"""The kind of message that offers to send the calendar entry again, because it shows what was true before."""

QUIET_AFTER_SENDING_AGAIN = timedelta(minutes=10)


class TooManyChanges(DomainError):
    """A place was changed more often than one person would within a day."""

    def __init__(self) -> None:
        super().__init__(
            _l("This place was changed many times today. Try again tomorrow, or write to the secretariat.")
        )


class SentAMomentAgo(DomainError):
    """The same mail has just been sent."""

    def __init__(self) -> None:
        super().__init__(
            _l("We have written to you within the last ten minutes. Look into your mailbox, also among unwanted mail.")
        )


@bp.get("/<lang>/registrations/<token>")
def my_registration(lang: str, token: str) -> ResponseReturnValue:
    """Show somebody their place, or their turn on the waiting list, and what they can change."""
    return page_of(token)


@bp.post("/<lang>/registrations/<token>/language")
@token_checked_by_form  # the one in the address
def change_language(lang: str, token: str) -> ResponseReturnValue:
    """Follow the session in another of its languages."""
    try:
        _count_change(token)
        services.change_version(token, request.form.get("language", ""))
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    if _place(token).status is RegistrationStatus.REGISTERED:
        flash(
            _(
                "Your choice of language is stored. A mail says what is different and updates the entry in your"
                " calendar; your links stay the same."
            ),
            "good",
        )
    else:
        flash(_("Your choice of language is stored. A mail confirms it."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/move")
@token_checked_by_form  # the one in the address
def move(lang: str, token: str) -> ResponseReturnValue:
    """Come to another session of the webinar, in one of its languages, or ask whether to wait for a seat there."""
    key, language = request.form.get("session", ""), request.form.get("language", "")
    had_seat = _place(token).status is RegistrationStatus.REGISTERED
    try:
        _count_change(token)
        moved_to = services.move(token, key, may_wait="wait" in request.form, language=language)
    except services.NoSuchRegistration:
        abort(404)
    except services.WouldWait as refusal:
        return page_of(token, refusal, would_wait_in=key, would_hear=language)
    except DomainError as refusal:
        return page_of(token, refusal)
    if moved_to != token:
        has_seat = _place(moved_to).status is RegistrationStatus.REGISTERED
        flash(_told_of_move(had_seat=had_seat, has_seat=has_seat), "good")
    return redirect(url_for(".my_registration", lang=lang, token=moved_to), code=303)


def _told_of_move(*, had_seat: bool, has_seat: bool) -> str:
    """Return what happened and what the calendar does: who has a seat has an entry, and who waits has none."""
    if had_seat and has_seat:
        told = _(
            "You have moved to this day. Two mails tell your calendar: one takes the old entry out, the other brings"
            " the new one, and your new links."
        )
    elif has_seat:
        told = _("You have moved to this day. A mail brings you the new links.")
    elif had_seat:
        told = _(
            "You wait for a seat on this day now. A mail takes the old entry out of your calendar; as soon as a seat is"
            " yours, another one brings the new entry."
        )
    else:
        told = _("You wait for a seat on this day now. A mail brings you the new link.")
    return str(told)


@bp.post("/<lang>/registrations/<token>/mail-language")
@token_checked_by_form  # the one in the address
def change_mail_language(lang: str, token: str) -> ResponseReturnValue:
    """Be written to in another language, and go on in it."""
    code = request.form.get("mail_language", "")
    try:
        is_behind = services.change_mail_language(token, code, everywhere="everywhere" in request.form)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    goes_on_in = code if code in languages.offered() else lang  # a language that was taken away has no pages
    with languages.speaking(goes_on_in):
        flash(_("We write to you in %(language)s from now on.", language=languages.in_words(code)), "good")
        if is_behind:
            flash(_("Your calendar still shows the session as it was written before."), LEFT_BEHIND)
    return redirect(url_for(".my_registration", lang=goes_on_in, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/watching-with")
@token_checked_by_form  # the one in the address
def watch_together(lang: str, token: str) -> ResponseReturnValue:
    """Say how many more watch in the same room."""
    room = RoomForm()
    if not room.validate_on_submit():
        return page_of(token, room=room)
    try:
        services.watch_together(token, room.watching_with.data or 0)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("The number is stored."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/cancel")
@token_checked_by_form  # the one in the address
def cancel(lang: str, token: str) -> ResponseReturnValue:
    """Give the place up."""
    try:
        services.cancel(token)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/take-back")
@token_checked_by_form  # the one in the address
def take_back(lang: str, token: str) -> ResponseReturnValue:
    """Have the place again that was given up, or wait for one."""
    try:
        _count_change(token)
        services.take_back(token, may_wait="wait" in request.form)
    except services.NoSuchRegistration:
        abort(404)
    except services.WouldWait as refusal:
        return page_of(token, refusal, would_wait_in=_place(token).session.key)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("You are registered again. A mail confirms it."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/send-again")
@token_checked_by_form  # the one in the address
def send_again(lang: str, token: str) -> ResponseReturnValue:
    """Send the links and the calendar entry once more."""
    try:
        _count_change(token)
        if not allow("send place again", token, limit=1, per=QUIET_AFTER_SENDING_AGAIN, now=clock.now()):
            raise SentAMomentAgo
        services.send_again(token)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("We have written to you. Look into your mailbox."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/stop-newsletter")
@token_checked_by_form  # the one in the address
def stop_newsletter(lang: str, token: str) -> ResponseReturnValue:
    """Get the newsletter no more."""
    try:
        services.stop_newsletter(token)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("The newsletter does not come any more. What concerns your place still does."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


def _place(token: str) -> Registration:
    return find_by_token(token) or abort(404)


def _count_change(token: str) -> None:
    place = _place(token)
    who = f"{place.person_id} {place.session.webinar_id}"
    if not allow("change of place", who, limit=CHANGES_A_DAY, per=timedelta(days=1), now=clock.now()):
        raise TooManyChanges


def page_of(
    token: str,
    refusal: DomainError | None = None,
    *,
    would_wait_in: str = "",
    would_hear: str = "",
    room: RoomForm | None = None,
) -> Response:
    """Return the page of a place.

    ``would_wait_in`` is the session in which there is no seat for who asked for one, to hear it in ``would_hear``.
    ``room`` is what was typed about who watches together, with what to mend.
    """
    place = _place(token)
    session = place.session
    page = this_reader()
    page = replace(page, zone=page.zone or place.timezone)
    [showing] = shown([session], page)
    doors_open_at = session.doors_open_at(current_app.config["DOORS_OPEN_MINUTES"])
    days = shown(sessions_of(session.webinar), page)
    comes_to = sessions_come_to(place.person_id, session.webinar_id)
    others = [
        day
        for day in days
        if day.is_open and day.session.id not in comes_to | {session.id} and may_come(place, day.session)
    ]
    moved_to = next((day for day in days if place.left_for is LeftFor.MOVED and day.session.id in comes_to), None)
    return make_response(
        render_template(
            "registration/my_registration.html",
            place=place,
            showing=showing,
            times=showing.when,
            reader_zone=page.zone,
            doors=When(doors_open_at, session.starts_at, page.zone or session.timezone, session.timezone),
            doors_are_open=doors_open_at <= page.now,
            now=page.now,
            others=others,
            moved_to=moved_to,
            would_wait=next((one for one in [showing, *others] if one.session.key == would_wait_in), None),
            would_hear=would_hear,
            notes=_notes(place) if place.status is RegistrationStatus.REGISTERED else None,
            ways=_ways(place, showing.state),
            mail_languages=mail_languages(place),
            may_take_back=place.can_be_taken_back(page.now),
            member_is_full=place.status is RegistrationStatus.WAITING and is_full_for(session, place.member),
            answers=[
                given(one, one.question, languages.current(), session.webinar.original_language)
                for one in answers_of(place.id)
            ],
            asks_feedback=services.may_give_feedback(place, page.now) and asks_afterwards(session.webinar_id, page.now),
            entry=entry_to_show(session.id, place.person_id),
            reminded=_reminded(place, page.zone or place.timezone, page.now),
            certified=certificates().of(place, page.now),
            gets_newsletter=newsletter_reader(place.person_id) is not None,
            refusal=refusal,
            room=room or RoomForm(formdata=None, watching_with=place.watching_with or None),
            feed=_feed_address(place),
            copies=copies_of(session, place.language),
            join_address=url_for("attendance.join", token=place.join_token),
        ),
        422 if room is not None else _status(refusal),
    )


def _reminded(place: Registration, zone: str, now: datetime) -> Reminded | None:
    """Return what there is to say about reminders, the moments as the reader's clocks show them."""
    reminded = reminders().of(place, now)
    if reminded is None:
        return None
    return reminded._replace(moments=[in_zone(moment, zone) for moment in reminded.moments])


def _feed_address(place: Registration) -> str:
    """Return the address of the feed of whose place it is, or nothing; a place that went elsewhere opens none."""
    token = None if place.left_for else feed_token_of(place.person_id)
    return absolute("registration.personal_feed", feed=token) if token else ""


def _ways(place: Registration, state: RegistrationState) -> list[ToldWay]:
    """Return the further ways to follow the session for who has a place in it, as long as it is held or can be seen."""
    if place.status is not RegistrationStatus.REGISTERED or state is RegistrationState.CANCELLED:
        return []
    return ways_on_page(place.session, place.country, is_over=state is RegistrationState.OVER)


def _notes(place: Registration) -> LanguageVersionText | None:
    """Return how one gets to hear the language of a place, in that of the page if it is said in it."""
    original = place.session.webinar.original_language
    return text_or_none(notes_on(place.language_version_id), languages.current(), original)


def _status(refusal: DomainError | None) -> int:
    if isinstance(refusal, TooManyChanges | SentAMomentAgo):
        return 429
    return 409 if refusal else 200
