"""The mails of a mailing as the worker writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from tests.factories import (
    a_contact,
    a_mailing,
    a_member,
    a_registration,
    a_session,
    a_staff_account,
    a_suppression,
    an_invitation,
)
from tests.invitations.test_confirming import confirmed
from tests.mailbox import all_mail, calendar_of, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant
from webinar.calendars.models import CalendarEntry
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation, LeftOut, MailingKind, MailingRecipient
from webinar.invitations.services import write_due
from webinar.invitations.services.going import NotOnItsWay, go_on, pause, stop
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import Contact, Person
from webinar.people.services.merge_contacts import merge_contacts
from webinar.registration.services import register

NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app")


def everything_written() -> int:
    """Write all that is due now, and return how many mails there are."""
    while write_due():
        db.session.remove()
    return len(all_mail())


def test_an_invitation_is_in_the_readers_language_with_their_own_button_and_an_entry_for_the_calendar() -> None:
    session = a_session("heat-fr", languages=("fr",))
    a_contact("awa@dakar.example", given_name="Awa", language="fr", member=a_member("Dakar", timezone="Africa/Dakar"))
    confirmed(a_mailing(session, texts={"fr": ("Venez, {given name}", "Bonjour {given name} de {member},\n\nvenez.")}))

    everything_written()

    mail = the_only_mail_to("awa@dakar.example")
    invitation = db.session.scalars(select(Invitation)).one()
    assert mail["Subject"] == "Venez, Awa"
    assert "Bonjour Awa de Dakar," in words_of(mail)
    assert f"/fr/sessions/heat-fr/register?invitation={invitation.token}" in words_of(mail)
    entry = calendar_of(mail)
    assert (entry.method, entry.start) == ("REQUEST", session.starts_at)
    assert invitation.token not in str(calendar_of(mail))
    assert "List-Unsubscribe-Post" in mail


def test_the_registration_that_follows_uses_the_same_entry() -> None:
    session = a_session()
    a_contact("ana@lisbon.example")
    confirmed(a_mailing(session))
    everything_written()
    invited = db.session.scalars(select(CalendarEntry)).one().uid

    register(session.key, a_registrant("ana@lisbon.example"))

    assert db.session.scalars(select(CalendarEntry)).one().uid == invited


@pytest.mark.parametrize("kind", [MailingKind.INVITATION, MailingKind.NEWSLETTER])
def test_who_is_merged_before_their_mail_is_written_gets_it_once_at_the_address_that_counts(kind: MailingKind) -> None:
    old, other = a_contact("ana@old.example", wants_newsletter=True), a_contact("cy@old.example", wants_newsletter=True)
    on_the_list = a_contact("ana@lisbon.example", wants_newsletter=True)
    confirmed(a_mailing(*([a_session()] if kind is MailingKind.INVITATION else []), kind=kind))
    later = a_contact("cy@porto.example", wants_newsletter=True)
    merge_contacts(old.id, on_the_list.id)
    merge_contacts(other.id, later.id)

    everything_written()

    assert sorted(mail.to_address or "" for mail in all_mail()) == ["ana@lisbon.example", "cy@porto.example"]
    rows = db.session.execute(select(MailingRecipient.domain, MailingRecipient.left_out))
    assert {domain: why for domain, why in rows} == {
        "old.example": LeftOut.DOUBLE,
        "lisbon.example": None,
        "porto.example": None,
    }


def test_whoever_registers_or_unsubscribes_after_the_list_was_made_gets_nothing() -> None:
    session = a_session()
    here, stopped = a_contact("ana@lisbon.example"), a_contact("rui@lisbon.example")
    confirmed(a_mailing(session))
    a_registration(session, person=here.person)
    a_suppression(stopped.person)

    assert everything_written() == 0
    rows = db.session.scalars(select(MailingRecipient).order_by(MailingRecipient.person_id))
    assert [row.left_out for row in rows] == [LeftOut.ALREADY_REGISTERED, LeftOut.UNSUBSCRIBED]


def test_a_contact_taken_off_the_newsletter_after_the_list_was_made_gets_none() -> None:
    contact = a_contact("ana@lisbon.example", language="en", wants_newsletter=True)
    a_contact("rui@lisbon.example", language="en", wants_newsletter=True)
    confirmed(a_mailing(kind=MailingKind.NEWSLETTER))
    db.session.execute(update(Contact).where(Contact.id == contact.id).values(wants_newsletter=False))
    db.session.commit()

    assert everything_written() == 1
    rows = db.session.scalars(select(MailingRecipient).order_by(MailingRecipient.person_id))
    assert [row.left_out for row in rows] == [LeftOut.NOT_WANTED, None]


def test_a_session_to_which_somebody_is_no_longer_invited_is_not_in_their_mail() -> None:
    here, there = a_session("here"), a_session("there")
    contact = a_contact("ana@lisbon.example")
    an_invitation(here, contact.person)
    confirmed(a_mailing(here, there))
    db.session.execute(update(Invitation).values(withdrawn_at=clock.now() + timedelta(seconds=1)))
    db.session.commit()

    everything_written()

    words = words_of(the_only_mail_to("ana@lisbon.example"))
    assert "/sessions/there/register?invitation=" in words
    assert "/sessions/here" not in words


def test_no_more_are_written_in_a_minute_than_the_settings_allow(app: Flask) -> None:
    for number in range(7):
        a_contact(f"ana{number}@lisbon.example")
    confirmed(a_mailing(a_session()))
    app.config["MAILINGS_A_MINUTE"] = 4
    try:
        with time_machine.travel(clock.now(), tick=False) as moment:
            first = everything_written()
            moment.shift(timedelta(seconds=61))
            second = everything_written()
    finally:
        app.config["MAILINGS_A_MINUTE"] = 600

    assert (first, second) == (4, 7)


def test_a_paused_mailing_waits_and_a_stopped_one_never_goes_on() -> None:
    session = a_session()
    a_contact()
    mailing = confirmed(a_mailing(session))
    pause(mailing.id)

    assert everything_written() == 0
    go_on(mailing.id)
    assert everything_written() == 1
    stop(mailing.id)

    assert [mail.state for mail in all_mail()] == [MailState.WITHDRAWN]
    with pytest.raises(NotOnItsWay):
        go_on(mailing.id)


def test_who_was_not_reached_when_it_was_stopped_is_not_invited(app: Flask) -> None:
    session = a_session()
    for number in range(3):
        a_contact(f"ana{number}@lisbon.example")
    mailing = confirmed(a_mailing(session))
    write_due()  # makes the invitations and the entries
    write_due(1)
    db.session.execute(update(OutboxMail).values(state=MailState.SENT, sent_at=clock.now()))
    db.session.commit()

    stop(mailing.id)

    assert len(db.session.scalars(select(Invitation)).all()) == 1
    assert len(db.session.scalars(select(CalendarEntry)).all()) == 1


def test_whose_mail_was_taken_back_before_it_left_can_be_invited_by_another_mailing() -> None:
    session = a_session()
    a_contact("left@lisbon.example")
    a_contact("queued@lisbon.example")
    mailing = confirmed(a_mailing(session))
    everything_written()
    left = the_only_mail_to("left@lisbon.example")["Message-ID"]
    gone = update(OutboxMail).where(OutboxMail.message_id == left)
    db.session.execute(gone.values(state=MailState.SENT, sent_at=clock.now()))
    db.session.commit()

    stop(mailing.id)

    reached = select(Person.email).join(Invitation, Invitation.person_id == Person.id)
    in_calendars = select(Person.email).join(CalendarEntry, CalendarEntry.person_id == Person.id)
    assert db.session.scalars(reached).all() == ["left@lisbon.example"]
    assert db.session.scalars(in_calendars).all() == ["left@lisbon.example"]
    confirmed(a_mailing(session))
    everything_written()
    states = [mail.state for mail in all_mail() if mail.to_address == "queued@lisbon.example"]
    assert states == [MailState.WITHDRAWN, MailState.QUEUED]


def test_a_name_is_never_markdown_html_or_a_detail() -> None:
    a_contact("ana@lisbon.example", given_name="<b>*Ana*</b> {member}")
    confirmed(a_mailing(a_session(), texts={"en": ("Hello", "Dear {given name}")}))

    everything_written()

    mail = the_only_mail_to("ana@lisbon.example")
    assert "&lt;b&gt;*Ana*&lt;/b&gt; {member}" in words_of(mail, "html")


def test_information_goes_to_who_has_a_place_whatever_they_unsubscribed_and_has_no_way_to_stop_it() -> None:
    session = a_session()
    place = a_registration(session, email="ana@lisbon.example")
    a_suppression(place.person)
    confirmed(a_mailing(session, kind=MailingKind.INFORMATION))

    everything_written()

    assert "List-Unsubscribe" not in the_only_mail_to("ana@lisbon.example")


def test_once_mailings_are_on_trial_the_rest_of_one_on_its_way_goes_to_nobody_but_the_staff(app: Flask) -> None:
    a_contact("ana@lisbon.example")
    a_contact("olga@network.example")
    a_staff_account("olga@network.example")
    confirmed(a_mailing(a_session()))
    app.config["MAILINGS_ON_TRIAL"] = True

    everything_written()

    assert [mail.to_address for mail in all_mail()] == ["olga@network.example"]
    left_out = select(MailingRecipient.left_out).where(MailingRecipient.left_out.is_not(None))
    assert db.session.scalars(left_out).all() == [LeftOut.ON_TRIAL]
