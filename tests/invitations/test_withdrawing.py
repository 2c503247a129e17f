"""Taking invitations back: who is told, what leaves calendars; and the page of who was invited to a session."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    a_contact,
    a_mailing,
    a_member,
    a_person,
    a_registration,
    a_session,
    an_invitation,
    an_invited_entry,
)
from tests.invitations.test_confirming import confirmed
from tests.invitations.test_writing import everything_written
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation, LeftOut, MailingRecipient
from webinar.invitations.services import write_due as write_mailings
from webinar.invitations.services.withdraw import NothingToWithdraw, withdraw, withdraw_silent, write_due
from webinar.mail.models import MailState
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.services import register
from webinar.updates.services import cancel_session
from webinar.updates.services import write_due as write_updates

CountQueries = Callable[[], AbstractContextManager[Any]]
ANA = "ana@lisbon.example"

pytestmark = pytest.mark.usefixtures("app")


def invited(session: WebinarSession, email: str = ANA, **more: Any) -> Invitation:
    """Return an invitation whose entry stands in the calendar."""
    contact = a_contact(email)
    an_invited_entry(session, contact.person, **{"language": "en", **more})
    return an_invitation(session, contact.person)


def everybody_told() -> None:
    while write_due():
        pass


def known() -> list[Invitation]:
    db.session.rollback()
    return list(
        db.session.scalars(select(Invitation).order_by(Invitation.id).execution_options(populate_existing=True))
    )


def entries() -> list[CalendarEntry]:
    db.session.rollback()
    statement = select(CalendarEntry).order_by(CalendarEntry.id).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def test_a_withdrawn_invitation_leaves_the_calendar_by_a_mail() -> None:
    invitation = invited(a_session("heat"))
    uid = entries()[0].uid

    withdraw("heat", invitation.id)
    everybody_told()

    [mail] = mails_to(ANA)
    told = calendar_of(mail)
    assert (told.method, told.uid, told.sequence) == ("CANCEL", uid, 1)
    assert "withdrawn the invitation" in words_of(mail)
    assert invitation.token not in words_of(mail)
    assert known()[0].withdrawn_at is not None
    assert write_due() == 0


def test_an_entry_that_was_never_sent_brings_no_mail() -> None:
    invitation = invited(a_session("heat"), announced_sequence=None, dtstamp=None)

    withdraw("heat", invitation.id)
    everybody_told()

    assert all_mail() == []
    assert entries()[0].status is EntryStatus.CANCELLED


def test_only_who_is_silent_is_withdrawn_with_the_silent_ones() -> None:
    session = a_session("heat")
    silent = invited(session, "silent@lisbon.example")
    declined = invited(session, "declined@lisbon.example")
    declined.declined_at = clock.now()
    invited(session, "yes@lisbon.example", answer=CalendarAnswer.ACCEPTED)
    a_registration(session, person=invited(session, "here@lisbon.example").person)
    a_registration(
        session,
        person=invited(session, "gone@lisbon.example").person,
        status=RegistrationStatus.CANCELLED,
        cancelled_at=clock.now(),
    )
    elsewhere = invited(a_session("floods"), "else@lisbon.example")
    db.session.commit()

    assert withdraw_silent("heat") == 1
    everybody_told()

    assert [one.id for one in known() if one.withdrawn_at] == [silent.id]
    assert elsewhere.withdrawn_at is None
    assert [mail.to_address for mail in all_mail()] == ["silent@lisbon.example"]


def test_who_has_a_place_cannot_be_withdrawn() -> None:
    session = a_session("heat")
    invitation = invited(session)
    a_registration(session, person=invitation.person)

    with pytest.raises(NothingToWithdraw):
        withdraw("heat", invitation.id)

    assert known()[0].withdrawn_at is None
    assert entries()[0].status is EntryStatus.CONFIRMED


def test_an_invitation_to_another_session_cannot_be_withdrawn_here() -> None:
    a_session("heat")
    invitation = invited(a_session("floods"))

    with pytest.raises(NothingToWithdraw):
        withdraw("heat", invitation.id)

    assert known()[0].withdrawn_at is None


@pytest.mark.parametrize("how", ["cancelled", "started"])
def test_when_the_session_is_not_to_come_nothing_is_withdrawn(how: str) -> None:
    session = a_session("heat")
    invitation = invited(session)
    if how == "cancelled":
        session.status = SessionStatus.CANCELLED
        db.session.commit()
    moment = session.starts_at if how == "started" else session.starts_at - timedelta(days=2)

    with time_machine.travel(moment, tick=False), pytest.raises(NothingToWithdraw):
        withdraw("heat", invitation.id)

    assert known()[0].withdrawn_at is None


def test_who_registers_before_the_mail_is_written_gets_the_entry_and_no_cancellation() -> None:
    invitation = invited(a_session("heat"))
    uid = entries()[0].uid
    withdraw("heat", invitation.id)

    register("heat", a_registrant(ANA))
    everybody_told()

    [told] = [calendar_of(mail) for mail in mails_to(ANA)]
    assert (told.method, told.uid, told.sequence) == ("REQUEST", uid, 2)


def test_who_registers_afterwards_keeps_the_uid() -> None:
    invitation = invited(a_session("heat"))
    uid = entries()[0].uid
    withdraw("heat", invitation.id)
    everybody_told()

    register("heat", a_registrant(ANA))

    told = [(part.method, part.uid, part.sequence) for part in map(calendar_of, mails_to(ANA))]
    assert told == [("CANCEL", uid, 1), ("REQUEST", uid, 2)]


def test_who_was_withdrawn_hears_nothing_of_a_cancellation_that_follows() -> None:
    invitation = invited(a_session("heat"))
    withdraw("heat", invitation.id)

    cancel_session("heat")
    while write_updates():
        pass
    everybody_told()

    assert kinds_of_mail_to(ANA) == ["invitation withdrawn"]


def test_a_mail_that_was_not_written_yet_is_not_written() -> None:
    session = a_session("heat")
    a_contact(ANA)
    mailing = confirmed(a_mailing(session))
    write_mailings()  # makes the invitations and the entries
    withdraw("heat", known()[0].id)

    assert everything_written() == 0
    everybody_told()
    assert db.session.scalars(select(MailingRecipient.left_out)).all() == [LeftOut.WITHDRAWN]
    assert mailing.id == known()[0].mailing_id


def test_a_later_mailing_asks_anew_who_was_withdrawn() -> None:
    session = a_session("heat")
    a_contact(ANA)
    with time_machine.travel(datetime(2030, 4, 1, tzinfo=UTC), tick=False):
        confirmed(a_mailing(session))
        everything_written()
    with time_machine.travel(datetime(2030, 4, 2, tzinfo=UTC), tick=False):
        withdraw("heat", known()[0].id)
        everybody_told()
    with time_machine.travel(datetime(2030, 4, 3, tzinfo=UTC), tick=False):
        again = confirmed(a_mailing(session, yes_registers=True))
        everything_written()

    [invitation] = known()
    assert (invitation.withdrawn_at, invitation.mailing_id, invitation.yes_registers) == (None, again.id, True)
    told = [(part.method, part.sequence) for part in map(calendar_of, mails_to(ANA))]
    assert told == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]


def test_whose_mail_cannot_be_written_stands_in_the_log_and_the_others_are_told() -> None:
    session = a_session("heat")
    broken = invited(session, "broken@lisbon.example", address="\r\nno address")
    invited(session)

    assert withdraw_silent("heat") == 2
    everybody_told()

    assert {mail.person_id: mail.state for mail in all_mail()}[broken.person_id] is MailState.GIVEN_UP
    assert kinds_of_mail_to(ANA) == ["invitation withdrawn"]


# The page


def test_the_page_lists_who_was_invited_and_how_they_stand(client: FlaskClient) -> None:
    session = a_session("heat")
    a_contact("awa@dakar.example", given_name="Awa", family_name="Diop", member=a_member("Dakar"))
    invited(session)
    an_invitation(session, a_person("bo@bern.example"))
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/sessions/heat/invited").text

    assert "Ana Costa" in page
    assert "bo@bern.example" in page
    assert "Awa" not in page
    assert page.count("Silent</") >= 2
    assert "Withdraw" not in page


def test_a_viewer_cannot_withdraw(client: FlaskClient) -> None:
    invitation = invited(a_session("heat"))

    signed_in_as(client, Role.VIEWER)

    answer = client.post("/staff/sessions/heat/invited/withdraw", data={"invitation": invitation.id})

    assert answer.status_code == 403
    assert known()[0].withdrawn_at is None


def test_an_organiser_withdraws_one_and_then_all_silent_ones(client: FlaskClient) -> None:
    session = a_session("heat")
    first = invited(session)
    invited(session, "bo@bern.example")
    signed_in_as(client, Role.ORGANISER)

    client.post("/staff/sessions/heat/invited/withdraw", data={"invitation": first.id})
    answer = client.post("/staff/sessions/heat/invited/withdraw", data={"who": "silent"}, follow_redirects=True)

    assert "One invitation is withdrawn." in answer.text
    assert all(one.withdrawn_at for one in known())
    assert db.session.scalars(select(AuditEntry.action)).all().count("withdrew invitations of") == 2


@pytest.mark.parametrize("sent", [{}, {"invitation": "0"}, {"invitation": "99999999999"}, {"invitation": "x"}])
def test_nonsense_withdraws_nothing(client: FlaskClient, sent: dict[str, str]) -> None:
    invited(a_session("heat"))

    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/sessions/heat/invited/withdraw", data=sent)

    assert answer.status_code == 400
    assert known()[0].withdrawn_at is None


def test_the_page_narrows_and_takes_few_queries(client: FlaskClient, count_queries: CountQueries) -> None:
    session = a_session("heat")
    for number in range(60):
        invited(session, f"ana{number}@lisbon.example")
    signed_in_as(client, Role.ORGANISER)
    client.get("/staff/sessions/heat/invited?page=2")
    db.session.expunge_all()

    with count_queries() as queries:
        page = client.get("/staff/sessions/heat/invited?standing=silent&page=2").text

    assert queries.count < 12
    assert "51–60 of 60 people" in page
    assert client.get("/staff/sessions/heat/invited?standing=registered").status_code == 200
    assert client.get("/staff/sessions/heat/invited?standing=nonsense&page=-4").status_code == 200
    assert db.session.scalar(select(Registration.id)) is None


def test_who_comes_on_another_day_is_not_silent_and_keeps_the_invitation_when_the_silent_lose_theirs(
    client: FlaskClient,
) -> None:
    session = a_session("heat")
    elsewhere = invited(session, "ana@lisbon.example")
    silent = invited(session, "bo@lisbon.example")
    a_registration(a_session("heat-2", webinar=session.webinar), person=elsewhere.person)
    a_registration(a_session("other"), person=silent.person)
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/sessions/heat/invited").text
    client.post("/staff/sessions/heat/invited/withdraw", data={"who": "silent"})

    assert "Comes on another day (1)" in page
    assert "Silent (1)" in page
    db.session.expire_all()
    assert (elsewhere.withdrawn_at is None, silent.withdrawn_at is None) == (True, False)
