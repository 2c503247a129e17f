"""Who is reminded of a session, when, once, and what keeps a reminder from going."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from tests.factories import (
    a_contact,
    a_person,
    a_registration,
    a_session,
    a_suppression,
    stored,
)
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to
from tests.registration.test_services import a_registrant
from tests.updates.test_moving import everything_has_left, moved
from tests.updates.test_moving import everything_written as updates_written
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.delivery import claim
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import MailKind, Person
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.services import cancel, hand_over, move, register, take_back
from webinar.registration.services.approval import approve
from webinar.reminders.models import ReminderRecipient, SessionReminder
from webinar.reminders.queries import wish_of
from webinar.reminders.services.choose import choose_reminders
from webinar.reminders.services.stop import remind_again, stop_reminders
from webinar.reminders.services.write_due import write_due
from webinar.updates.services import cancel_session, tell_session

ANA, BEN = "ana@lisbon.example", "ben@lisbon.example"
LONG_BEFORE = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)
START = datetime(2030, 5, 14, 13, 0, tzinfo=UTC)
A_DAY, AN_HOUR, A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
REMINDER = "session reminder"

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def clocks() -> Iterator[time_machine.Traveller]:
    """Let time stand still, long before the session, until a test moves it on."""
    with time_machine.travel(LONG_BEFORE, tick=False) as traveller:
        yield traveller


def a_session_at_one(**more: object) -> WebinarSession:
    """Store a session that starts at START."""
    return a_session(starts="2030-05-14T13:00", zone="UTC", **more)  # type: ignore[arg-type]


def token_of(address: str) -> str:
    """Return the token with which somebody manages their place."""
    return db.session.scalars(select(Registration.token).join(Registration.person).where(Person.email == address)).one()


def all_places() -> Sequence[Registration]:
    """Return all registrations with their people."""
    return db.session.scalars(select(Registration).options(joinedload(Registration.person))).all()


def everything_written() -> int:
    """Let the worker write all reminders that are due, and return how many people that took in hand."""
    taken = 0
    while count := write_due():
        taken += count
    return taken


def reminders_to(address: str) -> int:
    """Count the reminders that were written to an address and not withdrawn."""
    return (
        db.session.scalar(
            select(func.count()).where(
                OutboxMail.to_address == address, OutboxMail.kind == REMINDER, OutboxMail.state != MailState.WITHDRAWN
            )
        )
        or 0
    )


class TestTheMoment:
    """A day and an hour before the start, to the second."""

    @pytest.mark.parametrize(
        ("before", "written"),
        [
            (A_DAY + timedelta(seconds=1), 0),
            (A_DAY, 1),
            (AN_HOUR, 1),
            (timedelta(seconds=1), 1),
            (timedelta(0), 0),
            (-timedelta(seconds=1), 0),
        ],
        ids=[
            "a second too early",
            "at the moment",
            "both are due",
            "a second before the start",
            "at the start",
            "after",
        ],
    )
    def test_what_is_due_is_written_once_until_the_start(
        self, clocks: time_machine.Traveller, before: timedelta, written: int
    ) -> None:
        register(a_session_at_one().key, a_registrant())
        clocks.move_to(START - before)

        assert everything_written() == written

        assert reminders_to(ANA) == written
        assert everything_written() == 0

    def test_everybody_gets_one_a_day_and_one_an_hour_before(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        for address in (ANA, BEN):
            register(session.key, a_registrant(address))

        for before, count in ((A_DAY, 1), (2 * AN_HOUR, 1), (AN_HOUR, 2), (A_MINUTE, 2)):
            clocks.move_to(START - before)
            everything_written()
            assert (reminders_to(ANA), reminders_to(BEN)) == (count, count)

    def test_of_two_that_are_due_at_once_only_the_later_one_goes(self, clocks: time_machine.Traveller) -> None:
        register(a_session_at_one().key, a_registrant())
        clocks.move_to(START - A_MINUTE)

        everything_written()

        assert [row.minutes_before for row in db.session.scalars(select(SessionReminder))] == [60]
        assert reminders_to(ANA) == 1

    @pytest.mark.parametrize(
        ("starts", "day_before"),
        [
            ("2030-03-31T16:00", datetime(2030, 3, 30, 15, 0, tzinfo=UTC)),  # clocks go forward: 23 hours before
            ("2030-10-27T16:00", datetime(2030, 10, 26, 14, 0, tzinfo=UTC)),  # clocks go back: 25 hours before
        ],
    )
    def test_a_day_before_is_the_same_hour_on_the_wall_where_it_is_held(
        self, clocks: time_machine.Traveller, starts: str, day_before: datetime
    ) -> None:
        clocks.move_to(datetime(2030, 2, 1, tzinfo=UTC))
        session = a_session(starts=starts, zone="Europe/Madrid")
        register(session.key, a_registrant())

        clocks.move_to(day_before - timedelta(seconds=1))
        assert everything_written() == 0
        clocks.move_to(day_before)
        assert everything_written() == 1
        clocks.move_to(session.starts_at - AN_HOUR)
        assert everything_written() == 1

    @pytest.mark.parametrize("status", [SessionStatus.DRAFT, SessionStatus.CANCELLED])
    def test_of_a_session_that_is_not_public_or_not_held_nobody_is_reminded(
        self, clocks: time_machine.Traveller, status: SessionStatus
    ) -> None:
        a_registration(a_session_at_one(status=status))
        clocks.move_to(START - AN_HOUR)

        assert everything_written() == 0


class TestWho:
    """Who has a place before the moment."""

    def test_who_registers_at_the_moment_or_later_is_not_reminded_of_what_is_past(
        self, clocks: time_machine.Traveller
    ) -> None:
        session = a_session_at_one()
        clocks.move_to(START - A_DAY - timedelta(seconds=1))
        register(session.key, a_registrant(ANA))
        clocks.move_to(START - A_DAY)
        register(session.key, a_registrant(BEN))
        clocks.move_to(START - A_DAY + A_MINUTE)
        register(session.key, a_registrant("cy@lisbon.example"))

        everything_written()

        assert (reminders_to(ANA), reminders_to(BEN), reminders_to("cy@lisbon.example")) == (1, 0, 0)
        clocks.move_to(START - AN_HOUR)
        everything_written()
        assert (reminders_to(ANA), reminders_to(BEN), reminders_to("cy@lisbon.example")) == (2, 1, 1)

    def test_who_waits_gets_none_and_who_gets_the_seat_late_only_what_comes_after(
        self, clocks: time_machine.Traveller
    ) -> None:
        session = a_session_at_one(seats=1)
        register(session.key, a_registrant(ANA))
        register(session.key, a_registrant(BEN))
        clocks.move_to(START - A_DAY + A_MINUTE)
        cancel(token_of(ANA))
        assert kinds_of_mail_to(BEN) == ["waiting list", "promotion"]

        everything_written()
        assert reminders_to(BEN) == 0  # the promotion has told everything, a minute ago

        clocks.move_to(START - AN_HOUR)
        everything_written()
        assert (reminders_to(ANA), reminders_to(BEN)) == (0, 1)

    def test_who_is_approved_or_takes_the_place_back_or_is_handed_it_late_knows_everything(
        self, clocks: time_machine.Traveller
    ) -> None:
        session = a_session_at_one()
        a_registration(session, email="asked@example.org", status=RegistrationStatus.WAITING, approval=Approval.ASKED)
        for address in (ANA, BEN):
            register(session.key, a_registrant(address))
        cancel(token_of(ANA))
        clocks.move_to(START - AN_HOUR + A_MINUTE)
        approve(session.key, 1)
        take_back(token_of(ANA), may_wait=False)
        hand_over(token_of(BEN), a_registrant("cy@lisbon.example"))

        assert everything_written() == 0

    def test_who_moves_to_this_day_late_knows_it(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        other = a_session(starts="2030-05-24T13:00", zone="UTC", webinar=session.webinar)
        register(other.key, a_registrant())
        clocks.move_to(START - AN_HOUR + A_MINUTE)
        move(token_of(ANA), session.key, may_wait=False)

        assert everything_written() == 0

    def test_who_wants_no_reminders_gets_none(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        people = {
            name: a_person(f"{name}@example.org") for name in ("kind", "all", "lifted", "other", "contact", "yes")
        }
        a_suppression(people["kind"], kind=MailKind.REMINDERS)
        a_suppression(people["all"])
        a_suppression(people["lifted"], lifted_at=clock.now() + A_DAY, since=clock.now())
        a_suppression(people["other"], kind=MailKind.NEWSLETTER)
        a_contact(person=people["contact"], wants_reminders=False)
        a_contact(person=people["yes"])
        people["old"] = a_person("old@example.org", merged_into_id=people["kind"].id)
        people["older"] = a_person("older@example.org", merged_into_id=people["old"].id)
        people["yes before"] = a_person("before@example.org", merged_into_id=people["yes"].id)
        for person in people.values():
            a_registration(session, person=person)
        clocks.move_to(START - AN_HOUR)

        everything_written()

        assert sorted(mail.to_address or "" for mail in all_mail()) == [
            "before@example.org",
            "lifted@example.org",
            "other@example.org",
            "yes@example.org",
        ]
        wishes = {place.person.email: wish_of(place).never for place in all_places()}
        assert [wishes[f"{name}@example.org"] for name in ("older", "contact", "before")] == [True, True, False]

    def test_who_stops_them_gets_none_and_may_have_them_again(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        for address in (ANA, BEN):
            register(session.key, a_registrant(address))
        stop_reminders(token_of(ANA))
        stop_reminders(token_of(ANA))
        clocks.move_to(START - A_DAY)
        everything_written()
        assert (reminders_to(ANA), reminders_to(BEN)) == (0, 1)

        remind_again(token_of(ANA))
        assert everything_written() == 0
        clocks.move_to(START - AN_HOUR)
        everything_written()
        assert (reminders_to(ANA), reminders_to(BEN)) == (1, 2)

    def test_somebody_erased_stops_nothing(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        place = a_registration(session, email="gone@example.org")
        a_registration(session, email=ANA)
        place.person.email, place.person.erased_at = None, clock.now()
        db.session.commit()
        clocks.move_to(START - A_DAY)

        everything_written()

        assert [mail.to_address for mail in all_mail()] == [ANA]


class TestWhatChanges:
    """Sessions move and are cancelled, people leave; reminders follow."""

    def test_after_a_move_the_reminders_of_the_new_start_go(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        clocks.move_to(START - A_DAY)
        everything_written()
        everything_has_left()

        moved(session, "2030-05-21T16:00")
        clocks.move_to(START - AN_HOUR)
        assert everything_written() == 0
        new_start = datetime(2030, 5, 21, 16, 0, tzinfo=UTC)
        for before in (A_DAY, AN_HOUR):
            clocks.move_to(new_start - before)
            assert everything_written() == 1

        assert reminders_to(ANA) == 3
        assert "21 May" in str(mails_to(ANA)[-1]["Subject"])

    def test_who_is_told_of_a_move_to_soon_is_not_reminded_of_what_they_have_just_been_told(
        self, clocks: time_machine.Traveller
    ) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())

        moved(session, "2030-05-01T10:00")  # in an hour: both moments are past, or this very one
        updates_written()

        assert everything_written() == 0
        assert kinds_of_mail_to(ANA) == ["confirmation", "session moved"]

    def test_a_move_by_some_minutes_after_a_reminder_repeats_nothing(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        clocks.move_to(START - A_DAY)
        everything_written()
        clocks.move_to(START - A_DAY + AN_HOUR)
        moved(session, "2030-05-14T13:10")

        assert everything_written() == 0
        clocks.move_to(START + timedelta(minutes=10) - AN_HOUR)
        assert everything_written() == 1

    def test_a_move_there_and_back_repeats_nothing(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        clocks.move_to(START - A_DAY)
        everything_written()
        everything_has_left()
        moved(session, "2030-05-21T13:00")
        moved(session, "2030-05-14T13:00")

        assert everything_written() == 0
        assert reminders_to(ANA) == 1

    @pytest.mark.parametrize("is_written", [True, False], ids=["written", "to be written"])
    @pytest.mark.parametrize("what", ["moved", "cancelled", "given up", "handed over", "stopped", "begun"])
    def test_what_has_not_left_is_taken_back_when_it_is_not_so_any_more(
        self, clocks: time_machine.Traveller, what: str, is_written: bool
    ) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        everything_has_left()
        clocks.move_to(START - A_DAY)
        write_due(1 if is_written else 0)
        assert reminders_to(ANA) == int(is_written)

        match what:
            case "moved":
                moved(session, "2030-05-21T13:00")
            case "cancelled":
                cancel_session(session.key)
            case "given up":
                cancel(token_of(ANA))
            case "handed over":
                hand_over(token_of(ANA), a_registrant(BEN))
            case "stopped":
                stop_reminders(token_of(ANA))
            case "begun":
                clocks.move_to(START)

        assert everything_written() == 0
        assert (reminders_to(ANA), reminders_to(BEN)) == (0, 0)
        states = {mail.state for mail in all_mail() if mail.kind == REMINDER}
        assert states == ({MailState.WITHDRAWN} if is_written else set())

    def test_what_is_on_its_way_at_the_start_and_comes_back_is_taken_back_then(
        self, clocks: time_machine.Traveller
    ) -> None:
        register(a_session_at_one().key, a_registrant())
        everything_has_left()
        clocks.move_to(START - AN_HOUR)
        everything_written()
        claim("a worker", clock.now())
        clocks.move_to(START)
        everything_written()
        assert reminders_to(ANA) == 1

        db.session.execute(
            text("UPDATE outbox_mail SET state = 'queued', claimed_until = NULL WHERE state = 'sending'")
        )
        db.session.commit()
        everything_written()

        assert reminders_to(ANA) == 0
        assert db.session.scalars(select(SessionReminder.ended_at)).all() == [START]

    def test_that_the_texts_change_takes_nothing_back(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        everything_has_left()
        clocks.move_to(START - A_DAY)
        everything_written()

        tell_session(session.key)

        assert reminders_to(ANA) == 1

    def test_a_reminder_that_was_put_in_behind_one_that_went_does_not_go(self, clocks: time_machine.Traveller) -> None:
        session = a_session_at_one()
        register(session.key, a_registrant())
        clocks.move_to(START - 3 * AN_HOUR)
        choose_reminders(session.key, [120, 60])
        clocks.move_to(START - AN_HOUR)
        everything_written()  # nobody sent mails two hours before

        assert [row.minutes_before for row in db.session.scalars(select(SessionReminder))] == [60]
        assert everything_written() == 0

    def test_a_session_with_reminders_of_its_own_has_these(self, clocks: time_machine.Traveller) -> None:
        session, without = a_session_at_one(), a_session_at_one()
        choose_reminders(session.key, [7 * 24 * 60])
        choose_reminders(without.key, [])
        register(session.key, a_registrant(ANA))
        register(without.key, a_registrant(BEN))

        clocks.move_to(START - 7 * A_DAY)
        everything_written()
        clocks.move_to(START - A_MINUTE)
        everything_written()

        assert (reminders_to(ANA), reminders_to(BEN)) == (1, 0)


def test_who_has_the_calendar_entry_is_sent_it_a_day_before_unasked_and_not_an_hour_before(
    clocks: time_machine.Traveller,
) -> None:
    register(a_session_at_one().key, a_registrant())
    everything_has_left()
    for before in (A_DAY, AN_HOUR):
        clocks.move_to(START - before)
        everything_written()

    first, day_before, hour_before = mails_to(ANA)
    told, now = calendar_of(first), calendar_of(day_before)
    assert (now.method, now.uid, now.sequence, now.status) == ("REQUEST", told.uid, told.sequence, "CONFIRMED")
    assert now.stamped > told.stamped
    assert day_before["References"] == first["Message-ID"]
    assert calendar_parts(hour_before) == []


def test_one_mail_that_cannot_be_written_keeps_nobody_waiting_and_is_seen(clocks: time_machine.Traveller) -> None:
    session = a_session_at_one()
    for number in range(4):
        register(session.key, a_registrant(f"person{number}@example.org"))
    db.session.execute(text("UPDATE registration SET language = 'xx' WHERE turn = 2"))
    db.session.commit()
    everything_has_left()
    clocks.move_to(START - A_DAY)

    assert everything_written() == 4

    states = [(mail.state, mail.server_said) for mail in all_mail() if mail.kind == REMINDER]
    assert [state for state, _said in states].count(MailState.QUEUED) == 3
    [why] = [said for state, said in states if state is MailState.GIVEN_UP]
    assert why.startswith("could not be written: ")


def test_a_worker_that_dies_between_two_lots_loses_and_repeats_nothing(clocks: time_machine.Traveller) -> None:
    session = a_session_at_one()
    for number in range(7):
        a_registration(session, email=f"person{number}@example.org")
    clocks.move_to(START - A_DAY)
    write_due(3)
    db.session.remove()  # the next worker knows nothing but what is stored

    assert everything_written() == 4

    assert len({mail.to_address for mail in all_mail()}) == len(all_mail()) == 7


def test_the_database_refuses_a_second_reminder_of_the_same_to_the_same(clocks: time_machine.Traveller) -> None:
    session = a_session_at_one()
    place = a_registration(session)
    clocks.move_to(START - A_DAY)
    everything_written()

    again = ReminderRecipient(session_id=session.id, starts_at=START, minutes_before=1440, person_id=place.person_id)
    db.session.expunge_all()
    with pytest.raises(IntegrityError):
        stored(again)
    db.session.rollback()
