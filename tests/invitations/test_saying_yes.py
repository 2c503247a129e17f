"""A "Yes" pressed in the calendar by who was invited and has no place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    a_contact,
    a_member,
    a_question,
    a_registration,
    a_session,
    a_webinar,
    an_invitation,
    an_invited_entry,
)
from tests.incoming import ORGANIZER, SERVER, a_calendar, a_message
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, the_only_mail_to, words_of
from webinar.calendars.answers import Verdict
from webinar.calendars.models import CalendarAnswer, CalendarEntry, KeptReply
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.people.models import Consent
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.notice import TOLD_BY_CALENDAR
from webinar.registration.services.calendar_answers import settle_kept_reply
from webinar.worker.receiving import receive

ANA = "ana@lisbon.example"
NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def our_mail_server(app: Flask) -> Iterator[None]:
    app.config["MAIL_AUTHSERV_ID"] = SERVER
    with time_machine.travel(NOW, tick=False):
        yield


def invited(*, yes_registers: bool = False, given_name: str = "Ana") -> Invitation:
    """Return the invitation of somebody in whose calendar the entry stands."""
    titles = {"en": "Heat", "fr": "Chaleur"}
    session = a_session(
        "heat", webinar=a_webinar("heat", titles=titles), starts="2030-05-14T13:00", languages=("en", "fr")
    )
    contact = a_contact(ANA, given_name=given_name, language="fr", member=a_member("Lisbon", timezone="Europe/Lisbon"))
    an_invited_entry(session, contact.person, organizer=ORGANIZER, language="fr", dtstamp=NOW - timedelta(days=2))
    return an_invitation(session, contact.person, yes_registers=yes_registers)


def entry() -> CalendarEntry:
    db.session.rollback()
    return db.session.scalars(select(CalendarEntry).execution_options(populate_existing=True)).one()


def places() -> list[Registration]:
    db.session.rollback()
    return list(db.session.scalars(select(Registration).execution_options(populate_existing=True)))


def says(answer: str = "ACCEPTED", **more: object) -> str:
    return receive(a_message(a_calendar(entry().uid, partstat=answer), **more))  # type: ignore[arg-type]


def test_a_yes_registers_nobody_and_is_answered_by_one_ordinary_mail_with_the_button() -> None:
    invitation = invited()

    assert says() == Verdict.TAKEN.value

    assert places() == []
    mail = the_only_mail_to(ANA)
    assert calendar_parts(mail) == []
    assert f"/fr/sessions/heat/register?invitation={invitation.token}" in words_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert entry().answer is CalendarAnswer.ACCEPTED


def test_yes_again_after_another_answer_brings_no_second_mail() -> None:
    invited()
    for minutes, answer in enumerate(("ACCEPTED", "TENTATIVE", "ACCEPTED", "ACCEPTED")):
        stamped = f"20300501T10{minutes:02}00Z"
        receive(a_message(a_calendar(entry().uid, partstat=answer, stamped=stamped)))

    assert kinds_of_mail_to(ANA) == ["calendar yes"]


@pytest.mark.parametrize("answer", ["TENTATIVE", "DECLINED"])
def test_maybe_and_no_are_stored_and_answered_by_nothing(answer: str) -> None:
    invited(yes_registers=True)

    says(answer)

    assert entry().answer is CalendarAnswer(answer.lower())
    assert (all_mail(), places()) == ([], [])


def test_a_proven_yes_registers_where_the_organisers_chose_so() -> None:
    invited(yes_registers=True)
    uid = entry().uid

    assert says() == Verdict.TAKEN.value

    [place] = places()
    assert (place.status, place.given_name, place.language, place.timezone) == (
        RegistrationStatus.REGISTERED,
        "Ana",
        "fr",
        "Europe/Lisbon",
    )
    mail = the_only_mail_to(ANA)
    assert kinds_of_mail_to(ANA) == ["confirmation"]
    assert (calendar_of(mail).uid, calendar_of(mail).sequence) == (uid, 0)
    assert db.session.scalars(select(Consent.source)).all() == [f"{TOLD_BY_CALENDAR}session heat"]


def test_a_yes_that_nobody_vouches_for_registers_nobody_and_brings_the_button() -> None:
    invited(yes_registers=True)

    assert says(results=None) == Verdict.KEPT.value

    assert places() == []
    assert kinds_of_mail_to(ANA) == ["calendar yes"]
    assert entry().answer is None


def test_a_yes_from_who_was_passed_the_entry_registers_neither_and_writes_only_to_who_was_invited() -> None:
    invited(yes_registers=True)

    said = says(sender="rui@elsewhere.example", results=f"{SERVER}; dmarc=pass header.from=elsewhere.example")

    assert said == Verdict.KEPT.value
    assert places() == []
    assert [mail.to_address for mail in all_mail()] == [ANA]
    assert "rui@elsewhere.example" not in words_of(the_only_mail_to(ANA))


def test_a_flood_of_forged_answers_brings_one_mail() -> None:
    invited()

    for _time in range(30):
        says(sender="rui@elsewhere.example", results=f"{SERVER}; dmarc=pass header.from=elsewhere.example")

    assert kinds_of_mail_to(ANA) == ["calendar yes"]


def test_a_kept_yes_that_the_staff_takes_counts_as_proven() -> None:
    invited(yes_registers=True)
    says(results=None)
    kept = db.session.scalars(select(KeptReply)).one()

    settle_kept_reply(kept.id, take_it=True)

    assert [place.status for place in places()] == [RegistrationStatus.REGISTERED]


def test_who_is_not_known_by_name_gets_the_button_though_a_yes_would_register() -> None:
    invited(yes_registers=True, given_name="")

    says()

    assert places() == []
    assert kinds_of_mail_to(ANA) == ["calendar yes"]


def test_where_something_has_to_be_answered_a_yes_brings_the_button() -> None:
    invitation = invited(yes_registers=True)
    a_question(invitation.session.webinar, is_needed=True)

    says()

    assert places() == []
    assert kinds_of_mail_to(ANA) == ["calendar yes"]


def test_who_has_a_place_is_sent_nothing_for_a_yes() -> None:
    invitation = invited()
    a_registration(invitation.session, person=invitation.person)

    says()

    assert all_mail() == []


def test_who_was_not_invited_by_us_is_sent_nothing() -> None:
    invitation = invited()
    db.session.delete(invitation)
    db.session.commit()

    says()

    assert all_mail() == []


def test_where_one_cannot_register_any_more_nothing_is_sent() -> None:
    invitation = invited()
    invitation.session.registration_closes = NOW - timedelta(hours=1)
    db.session.commit()

    says()

    assert all_mail() == []


def test_a_session_that_is_cancelled_takes_no_yes() -> None:
    invitation = invited(yes_registers=True)
    invitation.session.status = SessionStatus.CANCELLED
    db.session.commit()

    assert says() == Verdict.OVER.value

    assert (all_mail(), places()) == ([], [])
