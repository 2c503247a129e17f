"""How far a mailing has come: the counts, the time that is left, and holding it up on its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import Counted
from tests.factories import a_contact, a_mailing, a_member, a_registration, a_session, a_suppression
from tests.invitations.test_confirming import confirmed
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Mailing, MailingKind, MailingState
from webinar.invitations.progress import Progress, Standing, progress_of
from webinar.invitations.queries import find_mailing, hold_on_their_way, unfinished_mailings
from webinar.invitations.services import write_due
from webinar.invitations.services.going import NotOnItsWay, pause, stop
from webinar.invitations.services.try_again import NothingToTry, try_again
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.people.models import Person, SuppressionReason

pytestmark = pytest.mark.usefixtures("app")


def how_far(mailing: Mailing) -> Progress:
    db.session.rollback()
    found = find_mailing(mailing.id)
    assert found is not None
    db.session.refresh(found)
    return progress_of(found, clock.now())


def counts(mailing: Mailing) -> dict[Standing, int]:
    return {where: count for where, count in how_far(mailing).by_standing.items() if count}


def write_all() -> None:
    while write_due():
        db.session.remove()


def set_mails(count: int, **values: object) -> None:
    """Let some mails that are in the queue be in another state."""
    some = db.session.scalars(select(OutboxMail.id).where(OutboxMail.state == MailState.QUEUED).limit(count)).all()
    db.session.execute(update(OutboxMail).where(OutboxMail.id.in_(some)).values(**values))
    db.session.commit()


def said(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_everybody_is_counted_once_where_they_stand() -> None:
    session = a_session()
    a_suppression(a_contact("never@lisbon.example").person)
    since = a_contact("since@lisbon.example")
    for number in range(8):
        a_contact(f"p{number}@lisbon.example")
    mailing = confirmed(a_mailing(session))
    before = counts(mailing)
    a_registration(session, person=since.person)
    write_all()
    set_mails(2, state=MailState.SENT, sent_at=clock.now())
    set_mails(1, state=MailState.REFUSED)
    set_mails(1, state=MailState.GIVEN_UP)
    set_mails(2, attempts=1, next_attempt_at=clock.now() + timedelta(minutes=9))

    assert before == {Standing.TO_WRITE: 9}
    assert counts(mailing) == {
        Standing.SENT: 2, Standing.REFUSED: 1, Standing.GIVEN_UP: 1, Standing.LEFT_OUT_SINCE: 1,
        # Those that are tried again are among the queued, so one of them may be in either.
        Standing.AGAIN: 2, Standing.WAITING: 2,
    }  # fmt: skip
    progress = how_far(mailing)
    assert (progress.people, progress.left_out, progress.to_go) == (9, 1, 4)


def test_what_is_left_takes_as_long_as_the_pace_allows(app: Flask) -> None:
    for number in range(30):
        a_contact(f"p{number}@{'large' if number < 20 else f'city{number}'}.example")
    mailing = confirmed(a_mailing(a_session()))

    app.config.update(MAILINGS_A_MINUTE=10, MAILINGS_A_MINUTE_PER_DOMAIN=0)
    in_all = how_far(mailing).minutes_left
    app.config.update(MAILINGS_A_MINUTE=0, MAILINGS_A_MINUTE_PER_DOMAIN=2)
    each = how_far(mailing).minutes_left
    app.config.update(MAILINGS_A_MINUTE=10, MAILINGS_A_MINUTE_PER_DOMAIN=4)
    both = how_far(mailing).minutes_left
    app.config.update(MAILINGS_A_MINUTE=0, MAILINGS_A_MINUTE_PER_DOMAIN=0)
    nobody_knows = how_far(mailing).minutes_left

    assert (in_all, each, both, nobody_knows) == (3, 10, 5, None)


def test_or_as_long_as_the_server_has_been_taking_lately(app: Flask) -> None:
    for number in range(30):
        a_contact(f"p{number}@lisbon.example")
    mailing = confirmed(a_mailing(a_session()))
    app.config.update(MAILINGS_A_MINUTE=600, MAILINGS_A_MINUTE_PER_DOMAIN=0)
    with time_machine.travel(clock.now(), tick=False) as moment:
        write_all()
        began = clock.now()
        moment.shift(timedelta(minutes=2))
        set_mails(10, state=MailState.SENT, sent_at=began)

        assert how_far(mailing).minutes_left == 4  # 5 a minute


def test_the_last_get_it_at_nine_where_they_live(client: FlaskClient) -> None:
    a_contact("so@seoul.example", member=a_member("Seoul", timezone="Asia/Seoul"))
    a_contact("lani@honolulu.example", member=a_member("Honolulu", timezone="Pacific/Honolulu"))
    mailing = confirmed(a_mailing(a_session(starts="2060-01-01T10:00"), local_day=date(2050, 5, 1)))
    signed_in_as(client, Role.VIEWER)

    page = said(client.get(f"/staff/mailings/{mailing.id}/progress").text)

    assert "The last go on Sunday 1 May at 09:00, Honolulu time." in page


def test_the_page_is_asked_again_only_while_something_is_to_come(client: FlaskClient) -> None:
    a_contact()
    mailing = confirmed(a_mailing(a_session()))
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/mailings/{mailing.id}/results"

    on_its_way = client.get(address).text
    pause(mailing.id)
    paused = client.get(address).text
    stop(mailing.id)
    stopped = client.get(address).text

    assert ("told.js" in on_its_way, "data-again" in on_its_way, "Pause" in on_its_way) == (True, True, True)
    assert ("told.js" in paused, "Go on" in paused, "Stop for good" in paused) == (False, True, True)
    assert ("told.js" in stopped, "Go on" in stopped, "Stop for good" in stopped) == (False, False, False)


def test_it_is_paused_goes_on_and_is_stopped_by_a_press_and_a_press_too_late_is_answered(client: FlaskClient) -> None:
    a_contact()
    mailing = confirmed(a_mailing(a_session()))
    signed_in_as(client, Role.ORGANISER)
    states = []

    for going in ("pause", "go-on", "stop", "go-on"):
        page = client.post(f"/staff/mailings/{mailing.id}/{going}", follow_redirects=True)
        db.session.rollback()
        states.append(db.session.scalar(select(Mailing.state)))

    assert states == [MailingState.PAUSED, MailingState.CONFIRMED, MailingState.STOPPED, MailingState.STOPPED]
    assert "That cannot be done any more" in said(page.text)


def test_of_a_draft_there_is_nothing_to_see_yet(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.VIEWER)

    answer = client.get(f"/staff/mailings/{mailing.id}/results")

    assert (answer.status_code, answer.location) == (303, f"/staff/mailings/{mailing.id}/who")


@pytest.mark.parametrize("number", ["999999", str(2**31), "9" * 30])
def test_a_mailing_that_is_not_there_is_not_found(client: FlaskClient, number: str) -> None:
    signed_in_as(client, Role.ORGANISER)

    for page in ("who", "results", "progress"):
        assert client.get(f"/staff/mailings/{number}/{page}").status_code == 404
    for press in ("confirm", "when", "pause", "try-again"):
        assert client.post(f"/staff/mailings/{number}/{press}").status_code == 404


def test_the_page_asks_the_database_a_few_questions_only(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    for number in range(60):
        a_contact(f"a{number:02}@lisbon.example", member=a_member(f"City {number}"))
    mailing = confirmed(a_mailing(a_session()))
    write_all()
    signed_in_as(client, Role.ORGANISER)
    db.session.expunge_all()

    with count_queries() as counted:
        client.get(f"/staff/mailings/{mailing.id}/results?standing=waiting")

    assert counted.count <= 12


@pytest.mark.parametrize("mail", ["9" * 50, "-1", str(2**31)])
def test_a_mail_that_cannot_be_is_not_tried_again(client: FlaskClient, mail: str) -> None:
    a_contact()
    mailing = confirmed(a_mailing(a_session()))
    signed_in_as(client, Role.ORGANISER)

    assert client.post(f"/staff/mailings/{mailing.id}/try-again", data={"mail": mail}).status_code == 404


def refused(mailing: Mailing, why: Undelivered = Undelivered.OTHER) -> None:
    write_all()
    set_mails(10, state=MailState.REFUSED, undelivered=why, undelivered_at=clock.now())


def test_who_has_unsubscribed_since_is_not_written_to_when_refused_mails_are_sent_again() -> None:
    gone, there = a_contact("gone@lisbon.example").person_id, a_contact("there@lisbon.example").person_id
    mailing = confirmed(a_mailing(a_session()))
    refused(mailing)
    a_suppression(db.session.get_one(Person, gone))
    theirs = db.session.scalars(select(OutboxMail.id).where(OutboxMail.person_id == gone)).one()

    with pytest.raises(NothingToTry):
        try_again(mailing.id, theirs)
    db.session.rollback()
    assert try_again(mailing.id) == 1

    queued = select(OutboxMail.person_id).where(OutboxMail.state == MailState.QUEUED)
    assert db.session.scalars(queued).all() == [there]


def test_one_mail_to_an_address_that_does_not_work_is_sent_again_where_somebody_knows_better() -> None:
    person_id = a_contact("ana@lisbon.example").person_id
    mailing = confirmed(a_mailing(a_session()))
    refused(mailing, Undelivered.NO_MAILBOX)
    a_suppression(db.session.get_one(Person, person_id), reason=SuppressionReason.DOES_NOT_WORK)

    assert try_again(mailing.id, db.session.scalars(select(OutboxMail.id)).one()) == 1


def test_nobody_is_asked_again_to_come_to_what_has_begun() -> None:
    session = a_session()
    a_contact("ana@lisbon.example")
    mailing = confirmed(a_mailing(session))
    refused(mailing)

    with time_machine.travel(session.starts_at, tick=False), pytest.raises(NotOnItsWay):
        try_again(mailing.id)


def test_a_mailing_of_which_nothing_is_left_to_do_reads_as_sent_everywhere(app: Flask, client: FlaskClient) -> None:
    a_contact("ana@lisbon.example")
    mailing = confirmed(a_mailing(a_session(), name="Come"))
    number = mailing.id
    signed_in_as(client, Role.VIEWER)

    def read() -> tuple[str, ...]:
        pages = (client.get(path).text for path in ("/staff/mailings", f"/staff/mailings/{number}/results"))
        listed = app.test_cli_runner().invoke(args=["mailing", "list"]).output
        found = (re.search(r'class="status"[^>]*>(.*?)<', page, re.S) for page in pages)
        return (*(one[1].strip() for one in found if one), listed.split(", ")[1])

    assert read() == ("Confirmed", "Confirmed", "confirmed")
    write_all()
    assert read() == ("Confirmed", "Confirmed", "confirmed")
    set_mails(1, state=MailState.SENT, sent_at=clock.now())
    assert read() == ("Sent", "Sent", "sent")
    pause(number)
    assert read() == ("Sent", "Sent", "sent")


def test_only_mailings_with_somebody_to_write_to_are_held_by_who_counts_what_was_written() -> None:
    a_contact("ana@lisbon.example")
    old = confirmed(a_mailing(a_session()))
    write_all()
    a_contact("bo@lisbon.example", wants_newsletter=True)
    new = confirmed(a_mailing(kind=MailingKind.NEWSLETTER, local_day=date(2050, 5, 1)))

    assert unfinished_mailings([old.id, new.id]) == {old.id, new.id}
    assert hold_on_their_way() == [new.id]
