"""The mails of an update as the worker writes them: who gets which, what cannot be written, what overtakes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from tests.conftest import Counted
from tests.factories import a_person, a_registration, a_session, an_invited_entry, an_outbox_mail
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, read, words_of
from tests.registration.test_services import a_registrant, token_of
from tests.signing_in import signed_in_as
from tests.updates.test_moving import again, everything_has_left, everything_written, moved
from webinar.accounts.models import Role
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.delivery import claim
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.services import CannotTryAgain, erase_old_bytes, try_again
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.services import cancel, correct_address, hand_over, register, send_again
from webinar.updates.models import UpdateRecipient
from webinar.updates.queries import hold_to_write, is_anything_to_write, progress_of
from webinar.updates.services import cancel_session, tell_session, write_due

ANA = "ana@lisbon.example"
NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app")


def fill(session: WebinarSession, people: int) -> None:
    """Let many people come to a session, as rows."""
    persons = [a_person(f"person{number}@example.net") for number in range(people)]
    for person in persons:
        a_registration(session, person=person)


class TestWhatCannotBeWritten:
    """One mail that cannot be written keeps nobody else waiting, and is seen."""

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            ({"email": "لجنة@lisbon.example"}, "UndeliverableAddress: Mail cannot be sent to "),
            ({"language": "xx"}, "UnknownLocaleError"),
        ],
        ids=["an address that mail servers do not take", "a fault"],
    )
    def test_the_others_get_theirs_and_the_log_and_the_progress_show_who_did_not(
        self, spoil: dict[str, str], said: str
    ) -> None:
        session = a_session()
        for number in range(4):
            register(session.key, a_registrant(f"person{number}@example.org"))
        everything_has_left()
        place = db.session.scalars(
            select(Registration).order_by(Registration.id).offset(1).options(joinedload(Registration.person))
        ).first()
        assert place is not None
        for name, value in spoil.items():
            setattr(place.person if name == "email" else place, name, value)
        db.session.commit()

        moved(session, "2030-05-21T13:00")
        assert everything_written() == 4

        progress = progress_of(session.id)
        assert progress is not None
        assert (progress.people, progress.to_write, progress.waiting, progress.given_up) == (4, 0, 3, 1)
        (given_up,) = [mail for mail in all_mail() if mail.state is MailState.GIVEN_UP]
        assert given_up.server_said.startswith(f"could not be written: {said}")
        assert (given_up.kind, given_up.topic) == ("session moved", f"session {session.key}")
        assert (given_up.subject, given_up.person_id) == ("Heat in cities", place.person_id)
        assert _announced(place) == [(1, 0)]  # nothing was announced to them
        with pytest.raises(CannotTryAgain), transaction():
            try_again(given_up.id)

    def test_the_page_of_such_a_mail_says_that_it_was_not_written(self, client: FlaskClient) -> None:
        session = a_session()
        a_registration(session, email="لجنة@lisbon.example")
        moved(session, "2030-05-21T13:00")
        everything_written()
        (mail,) = all_mail()
        signed_in_as(client, Role.ORGANISER)

        page = client.get(f"/staff/mail/{mail.id}").text

        assert "This mail could not be written, so it has no text and the person was not told." in page
        assert "Mail cannot be sent to" in page
        assert "Try again" not in page
        assert "Heat in cities</bdi></a>" in client.get("/staff/mail?state=given_up").text

    def test_who_could_not_be_told_is_told_by_the_next_update_and_of_the_day_they_knew(self) -> None:
        session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
        register(session.key, a_registrant())
        place = db.session.scalars(select(Registration)).one()
        place.language = "xx"
        db.session.commit()
        everything_has_left()
        moved(session, "2030-05-21T13:00")
        everything_written()
        db.session.execute(text("UPDATE registration SET language = 'en'"))
        db.session.commit()

        moved(session, "2030-05-28T13:00")
        everything_written()

        told = read(all_mail()[-1])
        assert [mail.state for mail in all_mail()] == [MailState.SENT, MailState.GIVEN_UP, MailState.QUEUED]
        assert calendar_of(told).sequence == 2
        assert "Before: Tuesday, 14 May 2030" in words_of(told)

    def test_when_none_of_a_session_can_be_written_those_of_the_next_are(self) -> None:
        session, other = a_session(), a_session(starts="2030-06-14T13:00")
        fill(session, 3)
        db.session.execute(text("UPDATE registration SET language = 'xx'"))
        db.session.commit()
        a_registration(other, email="somebody@example.net")
        moved(session, "2030-05-21T13:00")
        moved(other, "2030-06-21T13:00")

        assert everything_written() == 4

        assert kinds_of_mail_to("somebody@example.net") == ["session moved"]
        assert not is_anything_to_write()


def _announced(place: Registration) -> list[tuple[int, int | None]]:
    of_person = CalendarEntry.person_id == place.person_id
    rows = db.session.execute(select(CalendarEntry.sequence, CalendarEntry.announced_sequence).where(of_person))
    return [(sequence, announced) for sequence, announced in rows]


class TestWhoIsToldWhat:
    """Between the decision and the mail people go on doing things."""

    def test_a_colleague_who_gets_the_place_meanwhile_knows_the_new_day_and_is_told_once(self) -> None:
        session = a_session()
        register(session.key, a_registrant())

        moved(session, "2030-05-21T13:00")
        hand_over(token_of(ANA), a_registrant("ben@lisbon.example"))
        everything_written()

        assert kinds_of_mail_to("ben@lisbon.example") == ["confirmation"]
        assert kinds_of_mail_to(ANA) == ["confirmation", "cancellation"]
        assert calendar_of(mails_to("ben@lisbon.example")[0]).start == again(session).starts_at

    def test_one_whose_address_is_corrected_meanwhile_is_told_at_the_right_one(self) -> None:
        session = a_session()
        register(session.key, a_registrant("wrong@example.org"))

        moved(session, "2030-05-21T13:00")
        correct_address(token_of("wrong@example.org"), ANA)
        everything_written()

        assert kinds_of_mail_to("wrong@example.org") == ["confirmation", "cancellation"]
        assert kinds_of_mail_to(ANA) == ["confirmation"]
        assert calendar_of(mails_to(ANA)[0]).start == again(session).starts_at

    def test_one_who_asks_for_the_mail_again_meanwhile_gets_both_in_order(self) -> None:
        session = a_session()
        register(session.key, a_registrant())

        moved(session, "2030-05-21T13:00")
        send_again(token_of(ANA))
        everything_written()

        parts = [calendar_of(mail) for mail in mails_to(ANA)]
        assert [part.sequence for part in parts] == [0, 1, 1]
        assert parts[1].stamped < parts[2].stamped
        assert kinds_of_mail_to(ANA)[-1] == "session moved"

    def test_somebody_erased_or_brought_in_quietly_stops_nothing(self) -> None:
        session = a_session()
        erased = a_person("gone@example.org")
        a_registration(session, person=erased)
        a_registration(session, email=ANA)  # as by an import that sent nothing: there is no entry yet
        moved(session, "2030-05-21T13:00")
        erased.email, erased.erased_at = None, clock.now()
        db.session.commit()

        assert everything_written() == 2

        (told,) = mails_to(ANA)
        assert calendar_of(told).sequence == 0
        assert [mail.to_address for mail in all_mail()] == [ANA]

    def test_the_invited_are_told_what_is_true_when_it_is_written(self) -> None:
        session = a_session(starts="2030-05-14T13:00")
        an_invited_entry(session, a_person("invited@example.org"))
        moved(session, "2030-05-21T13:00")
        db.session.execute(
            text("UPDATE webinar_text SET title = 'Heat on the coast' WHERE webinar_id = :id"),
            {"id": session.webinar_id},
        )
        db.session.commit()

        everything_written()

        (told,) = mails_to("invited@example.org")
        assert calendar_of(told).summary == "Heat on the coast"

    def test_what_is_on_its_way_when_the_next_is_decided_counts_as_told(self) -> None:
        session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
        register(session.key, a_registrant(timezone="Europe/Lisbon"))
        everything_has_left()
        moved(session, "2030-05-21T13:00")
        everything_written()
        claim("a worker", clock.now())

        moved(session, "2030-05-28T13:00")
        everything_written()

        assert [mail.state for mail in all_mail()] == [MailState.SENT, MailState.SENDING, MailState.QUEUED]
        assert "Before: Tuesday, 21 May 2030" in words_of(mails_to(ANA)[-1])

    def test_the_next_update_is_decided_also_when_the_bytes_of_the_last_are_gone(self) -> None:
        session = a_session(starts="2030-05-14T13:00")
        register(session.key, a_registrant())
        moved(session, "2030-05-21T13:00")
        everything_written()
        everything_has_left()
        erase_old_bytes(clock.now() + timedelta(days=40))

        tell_session(session.key)

        assert everything_written() == 1
        assert kinds_of_mail_to(ANA) == ["confirmation", "session moved", "session changed"]


@pytest.fixture
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.usefixtures("frozen")
class TestWhatIsSoon:
    """Within a day of the session nothing waits behind mailings."""

    @pytest.mark.parametrize(
        ("starts", "moved_to", "is_urgent"),
        [
            ("2030-05-02T09:00", "2030-05-09T09:00", True),
            ("2030-05-09T09:00", "2030-05-02T09:00", True),
            ("2030-05-02T09:01", "2030-05-09T09:00", False),
            ("2030-05-09T09:00", "2030-05-02T09:01", False),
            ("2030-05-01T08:30", "2030-05-09T09:00", True),
        ],
        ids=["from a day ahead", "to a day ahead", "from later", "to later", "from now"],
    )
    def test_a_move_from_or_to_the_next_24_hours_is_urgent(self, starts: str, moved_to: str, is_urgent: bool) -> None:
        session = a_session(starts=starts, zone="UTC", seats=1)
        a_registration(session, email=ANA)
        a_registration(session, email="waits@example.org", status=RegistrationStatus.WAITING)
        an_invited_entry(session, a_person("invited@example.org"))

        moved(session, moved_to)
        everything_written()

        assert {mail.to_address: mail.urgent for mail in all_mail()} == dict.fromkeys(
            (ANA, "waits@example.org", "invited@example.org"), is_urgent
        )

    @pytest.mark.parametrize("starts", ["2030-05-02T09:00", "2030-05-02T09:01"])
    def test_every_mail_about_a_place_of_a_session_within_24_hours_is_urgent(self, starts: str) -> None:
        session = a_session(starts=starts, zone="UTC", seats=1)

        register(session.key, a_registrant())
        register(session.key, a_registrant("waits@example.org"))
        cancel(token_of(ANA))

        kinds = {mail.kind: mail.urgent for mail in all_mail()}
        assert kinds == dict.fromkeys(
            ("confirmation", "waiting list", "cancellation", "promotion"), starts == "2030-05-02T09:00"
        )

    def test_urgent_updates_leave_before_a_thousand_mails_and_take_along_what_waits_of_their_entry(self) -> None:
        session = a_session(starts="2030-05-09T09:00", zone="UTC")
        for number in range(3):
            register(session.key, a_registrant(f"person{number}@example.org"))
        first = {mail.id for mail in all_mail()}
        db.session.execute(text("UPDATE outbox_mail SET next_attempt_at = :later"), {"later": _in(hours=3)})
        db.session.commit()
        _store_a_mailing(1_000)

        moved(session, "2030-05-01T20:00")
        everything_written()

        leaving = claim("worker", clock.now(), limit=3)
        assert {mail.id for mail in leaving} == first
        updates = [mail for mail in all_mail() if mail.kind == "session moved"]
        assert [mail.urgent for mail in updates] == [True] * 3
        everything_claimed_has_left()
        assert {mail.id for mail in claim("worker", clock.now(), limit=3)} == {mail.id for mail in updates}
        assert len(claim("worker", clock.now(), limit=2_000)) == 1_000

    def test_who_is_soonest_is_written_to_first_also_where_the_session_has_moved_away(self) -> None:
        later, today = a_session(starts="2030-05-09T09:00"), a_session(starts="2030-05-01T20:00")
        sooner = a_session(starts="2030-05-08T09:00")
        for session in (later, today, sooner):
            a_registration(session)
        moved(later, "2030-05-10T09:00")
        moved(today, "2030-07-01T09:00")
        cancel_session(sooner.key)

        assert [_next_session() for _ in range(3)] == [today.id, sooner.id, later.id]


def _in(hours: int) -> str:
    return (clock.now() + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")


def _next_session() -> int:
    with transaction():
        lot = hold_to_write(1)
    write_due(1)
    return lot.session_id


def _store_a_mailing(people: int) -> None:
    sample = an_outbox_mail("first@example.net")
    rows = [
        {
            "kind": "mailing",
            "to_address": f"member{number}@example.net",
            "sender": sample.sender,
            "subject": "Come",
            "language": "en",
            "message_id": f"<mailing-{number}@example.org>",
            "message": sample.message,
            "next_attempt_at": clock.now() - timedelta(hours=1),
            "erase_after": sample.erase_after,
        }
        for number in range(people - 1)
    ]
    db.session.execute(db.insert(OutboxMail), rows)
    db.session.commit()


def everything_claimed_has_left() -> None:
    for mail in all_mail():
        if mail.state is MailState.SENDING:
            mail.state, mail.sent_at = MailState.SENT, clock.now()
            mail.claimed_until = mail.claimed_by = None
    db.session.commit()


def test_a_lot_takes_as_many_queries_for_twenty_people_as_for_two(
    count_queries: Callable[[], AbstractContextManager[Counted]],
) -> None:
    session = a_session(notes={"en": "Channel 2."})
    fill(session, 44)
    moved(session, "2030-05-21T13:00")
    everything_written()
    everything_has_left()
    moved(session, "2030-05-28T13:00")

    counts = []
    for most in (2, 20):
        with count_queries() as queries:
            assert write_due(most) == most
        counts.append(len([one for one in queries.statements if not one.startswith("INSERT INTO outbox_mail")]))

    assert counts[0] == counts[1]
    assert counts[0] < 30


def test_nothing_of_a_lot_stays_in_memory() -> None:
    session = a_session()
    fill(session, 6)
    moved(session, "2030-05-21T13:00")
    db.session.remove()

    write_due(3)
    db.session.remove()
    gc.collect()

    assert not [one for one in gc.get_objects() if isinstance(one, OutboxMail | UpdateRecipient)]
