"""The calendar entry that an invitation brings, through its whole life: moved, cancelled, declined, registered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import a_contact, a_mailing, a_session, a_webinar
from tests.invitations.test_confirming import confirmed
from tests.invitations.test_writing import everything_written
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant
from tests.updates.test_moving import at
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.invitations.services import write_due as write_mailings
from webinar.invitations.services.decline import decline, take_back
from webinar.registration.models import Registration
from webinar.registration.services import cancel, register
from webinar.updates.services import cancel_session, move_session
from webinar.updates.services import write_due as write_updates

ANA = "ana@lisbon.example"
NOW = datetime(2030, 4, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _it_is_april(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def an_invited_ana(*, sent: bool = True) -> WebinarSession:
    """Return a session to which somebody was invited by a mailing; ``sent`` says whether its mail was written."""
    session = a_session("heat", webinar=a_webinar("heat", titles={"en": "Heat"}))
    a_contact(ANA, language="en")
    confirmed(a_mailing(session))
    if sent:
        everything_written()
    else:
        write_mailings()
    return session


def moved() -> None:
    """Move the session by a week."""
    start = at("2030-05-21T13:00")
    move_session("heat", start, start + timedelta(minutes=75))


def updates_written() -> None:
    while write_updates():
        pass


def token() -> str:
    db.session.rollback()
    return db.session.scalars(select(Invitation.token)).one()


def told() -> list[tuple[str, int]]:
    """Return method and SEQUENCE of all that the calendar was told, and check that it was of one UID."""
    parts = [calendar_of(mail) for mail in mails_to(ANA) if calendar_parts(mail)]
    db.session.rollback()
    assert {part.uid for part in parts} == {db.session.scalars(select(CalendarEntry.uid)).one()}
    return [(part.method, part.sequence) for part in parts]


def test_the_entry_leads_to_the_public_page_and_never_to_the_form_of_one_person() -> None:
    an_invited_ana()
    moved()
    updates_written()
    decline(token())
    take_back(token())

    for mail in mails_to(ANA):
        for part in calendar_parts(mail):
            assert b"/en/webinars/heat" in part.replace(b"\r\n ", b"")
            assert token().encode() not in part.replace(b"\r\n ", b"")


def test_who_was_invited_hears_of_a_move_under_a_higher_sequence() -> None:
    an_invited_ana()

    moved()
    updates_written()

    assert told() == [("REQUEST", 0), ("REQUEST", 1)]
    assert calendar_of(mails_to(ANA)[1]).start == datetime(2030, 5, 21, 12, 0, tzinfo=UTC)


def test_who_was_invited_hears_of_a_cancellation_and_the_entry_goes() -> None:
    an_invited_ana()

    cancel_session("heat")
    updates_written()

    assert told() == [("REQUEST", 0), ("CANCEL", 1)]


@pytest.mark.parametrize("what", ["moved", "cancelled"])
def test_whose_mail_was_not_written_yet_hears_nothing_of_what_changes(what: str) -> None:
    an_invited_ana(sent=False)

    if what == "moved":
        moved()
    else:
        cancel_session("heat")
    updates_written()

    assert all_mail() == []


def test_whose_mail_is_written_after_a_move_is_told_the_new_time_at_once() -> None:
    an_invited_ana(sent=False)
    moved()

    everything_written()

    [mail] = mails_to(ANA)
    assert calendar_of(mail).start == datetime(2030, 5, 21, 12, 0, tzinfo=UTC)


def test_who_declined_hears_nothing_of_what_changes_afterwards() -> None:
    an_invited_ana()
    decline(token())

    moved()
    updates_written()
    cancel_session("heat")
    updates_written()

    assert told() == [("REQUEST", 0), ("CANCEL", 1)]


def test_a_whole_life_is_one_entry_whose_sequence_only_rises() -> None:
    an_invited_ana()
    decline(token())
    take_back(token())
    register("heat", a_registrant(ANA))
    moved()
    updates_written()
    cancel(db.session.scalars(select(Registration.token)).one())
    register("heat", a_registrant(ANA))
    cancel_session("heat")
    updates_written()

    assert told() == [
        ("REQUEST", 0),
        ("CANCEL", 1),
        ("REQUEST", 2),
        ("REQUEST", 2),
        ("REQUEST", 3),
        ("CANCEL", 4),
        ("REQUEST", 5),
        ("CANCEL", 6),
    ]


def test_the_mails_say_what_a_yes_does() -> None:
    an_invited_ana()

    words = words_of(mails_to(ANA)[0])

    assert "does not register you yet" in words
    assert f"/en/invitations/{token()}" in words
    assert kinds_of_mail_to(ANA) == ["mailing: invitation"]
