"""Moving a session: everybody's calendar follows, and everybody is told what is current."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_person, a_registration, a_session, a_webinar, an_invited_entry
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant, token_of
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.services import cancel, register
from webinar.registration.services.approval import decline
from webinar.updates.services import cancel_session, move_session, write_due
from webinar.updates.services.held import NothingToChange

pytestmark = pytest.mark.usefixtures("app")


def at(wall: str) -> datetime:
    """Return a wall time."""
    return datetime.fromisoformat(wall)


def moved(session: WebinarSession, start: str, *, minutes: int = 75, **more: Any) -> None:
    """Move a session to a wall time of its zone."""
    move_session(session.key, at(start), at(start) + timedelta(minutes=minutes), **more)


def everything_written() -> int:
    """Let the worker write all that is to be written, and return how many people that settled."""
    settled = 0
    while count := write_due():
        settled += count
    return settled


def everything_has_left() -> None:
    """Record that the mail server has taken all mails."""
    for mail in all_mail():
        if mail.state is MailState.QUEUED:
            mail.state, mail.sent_at = MailState.SENT, clock.now()
    db.session.commit()


def again(session: WebinarSession) -> WebinarSession:
    """Return a session as it is stored now."""
    return db.session.scalars(
        select(WebinarSession).where(WebinarSession.id == session.id).execution_options(populate_existing=True)
    ).one()


def entry_of(email: str) -> CalendarEntry:
    """Return the one entry of somebody."""
    return db.session.scalars(
        select(CalendarEntry)
        .join(CalendarEntry.person)
        .where(CalendarEntry.person.has(email=email))
        .execution_options(populate_existing=True)
    ).one()


def test_the_entry_moves_under_a_higher_sequence_and_the_mail_says_before_and_now_in_the_persons_zone() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant(timezone="Asia/Seoul"))

    moved(session, "2030-05-21T16:30")
    everything_written()

    first, update = mails_to("ana@lisbon.example")
    before, now = calendar_of(first), calendar_of(update)
    assert (now.method, now.sequence, now.status, now.answer) == ("REQUEST", 1, "CONFIRMED", "NEEDS-ACTION")
    assert now.uid == before.uid
    assert now.stamped >= before.stamped
    assert (now.start, now.end) == (
        datetime(2030, 5, 21, 15, 30, tzinfo=UTC),
        datetime(2030, 5, 21, 16, 45, tzinfo=UTC),
    )
    assert update["References"] == first["Message-ID"]
    assert update["Subject"] == "New time: Heat in cities, 22 May 2030"
    words = words_of(update)
    assert "Before: Tuesday, 14 May 2030, 21:00–22:15 for you in Seoul" in words
    assert "Now: Wednesday, 22 May 2030, 00:30–01:45 for you in Seoul" in words
    assert again(session).sequence == 1


def test_who_waits_gets_a_plain_mail_and_who_gave_the_place_up_none() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant("first@example.org"))
    register(session.key, a_registrant("waits@example.org"))
    a_registration(session, email="gone@example.org", status=RegistrationStatus.CANCELLED)

    moved(session, "2030-05-21T13:00")
    everything_written()

    _waiting, told = mails_to("waits@example.org")
    assert calendar_parts(told) == []
    assert "You keep your turn" in words_of(told)
    assert mails_to("gone@example.org") == []


def test_an_invitation_that_nobody_has_answered_moves_too() -> None:
    session = a_session(zone="Europe/Lisbon")
    entry = an_invited_entry(session, a_person("invited@example.org", timezone="America/Bogota"))

    moved(session, "2030-05-21T13:00")
    everything_written()

    (told,) = mails_to("invited@example.org")
    part = calendar_of(told)
    assert (part.method, part.uid, part.sequence) == ("REQUEST", entry.uid, 1)
    assert f"/webinars/{session.webinar.slug}" in part.url
    assert "Before: Tuesday, 14 May 2030, 07:00–08:15 for you in Bogota" in words_of(told)


def test_the_invitation_of_who_asked_to_come_and_was_declined_moves_and_is_cancelled_too() -> None:
    session = a_session(access=Access.MEMBERS)
    person = a_person("invited@example.org")
    entry = an_invited_entry(session, person)
    asking = a_registration(session, person=person, status=RegistrationStatus.WAITING, approval=Approval.ASKED)
    decline(session.key, asking.turn)
    everything_has_left()

    moved(session, "2030-05-21T13:00")
    everything_written()
    everything_has_left()
    cancel_session(session.key)
    everything_written()

    parts = [calendar_of(mail) for mail in mails_to("invited@example.org")[-2:]]
    assert [(part.method, part.uid, part.sequence) for part in parts] == [
        ("REQUEST", entry.uid, 1),
        ("CANCEL", entry.uid, 2),
    ]


def test_answers_are_asked_for_anew_after_a_move() -> None:
    session = a_session()
    register(session.key, a_registrant())
    entry = entry_of("ana@lisbon.example")
    entry.answer, entry.answered_at = CalendarAnswer.ACCEPTED, clock.now()
    db.session.commit()

    moved(session, "2030-05-21T13:00")
    everything_written()

    assert entry_of("ana@lisbon.example").answer is None


def test_an_update_that_has_not_left_is_replaced_and_the_old_time_is_the_one_that_was_told() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant(timezone="Europe/Lisbon"))
    everything_has_left()

    moved(session, "2030-05-21T13:00")
    everything_written()
    moved(session, "2030-05-28T13:00")
    everything_written()

    states = [(mail.kind, mail.state) for mail in all_mail()]
    assert states == [
        ("confirmation", MailState.SENT),
        ("session moved", MailState.WITHDRAWN),
        ("session moved", MailState.QUEUED),
    ]
    latest = mails_to("ana@lisbon.example")[-1]
    assert calendar_of(latest).sequence == 2
    assert "Before: Tuesday, 14 May 2030" in words_of(latest)
    assert "Now: Tuesday, 28 May 2030" in words_of(latest)


def test_two_moves_before_anything_is_written_make_one_mail() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant(timezone="Europe/Lisbon"))

    moved(session, "2030-05-21T13:00")
    moved(session, "2030-05-28T13:00")
    everything_written()

    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "session moved"]
    latest = mails_to("ana@lisbon.example")[-1]
    assert "Before: Tuesday, 14 May 2030" in words_of(latest)
    assert calendar_of(latest).start == datetime(2030, 5, 28, 12, 0, tzinfo=UTC)


def test_an_update_that_has_left_is_followed_by_the_next() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant(timezone="Europe/Lisbon"))

    moved(session, "2030-05-21T13:00")
    everything_written()
    everything_has_left()
    moved(session, "2030-05-28T13:00")
    everything_written()

    *_rest, first, second = mails_to("ana@lisbon.example")
    assert [calendar_of(mail).sequence for mail in (first, second)] == [1, 2]
    assert "Before: Tuesday, 21 May 2030" in words_of(second)


def test_moved_there_and_back_before_anybody_was_told_the_calendar_is_brought_up_to_date_without_a_new_time() -> None:
    session = a_session(starts="2030-05-14T13:00")
    register(session.key, a_registrant())

    moved(session, "2030-05-21T13:00")
    moved(session, "2030-05-14T13:00")
    everything_written()

    told = mails_to("ana@lisbon.example")[-1]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "session changed"]
    assert (calendar_of(told).sequence, calendar_of(told).start) == (2, session.starts_at)


def test_who_gives_the_place_up_before_the_mail_is_written_gets_the_cancellation_alone() -> None:
    session = a_session()
    register(session.key, a_registrant())

    moved(session, "2030-05-21T13:00")
    cancel(token_of("ana@lisbon.example"))
    everything_written()

    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "cancellation"]
    first, last = mails_to("ana@lisbon.example")
    assert (calendar_of(first).sequence, calendar_of(last).sequence) == (0, 2)
    assert calendar_of(last).start == again(session).starts_at


def test_who_registers_after_the_move_is_not_told_of_it() -> None:
    session = a_session()
    register(session.key, a_registrant())
    cancel(token_of("ana@lisbon.example"))
    everything_has_left()

    moved(session, "2030-05-21T13:00")
    register(session.key, a_registrant())
    register(session.key, a_registrant("new@example.org"))
    everything_written()

    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "cancellation", "confirmation"]
    assert kinds_of_mail_to("new@example.org") == ["confirmation"]


def test_what_the_organisers_add_stands_in_each_persons_language() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(webinar=webinar, languages=("en", "fr"))
    register(session.key, a_registrant())
    register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))

    moved(session, "2030-05-21T13:00", words={"en": "The speaker is ill.", "fr": "L’intervenante est souffrante."})
    everything_written()

    assert "The speaker is ill." in words_of(mails_to("ana@lisbon.example")[-1])
    assert "L’intervenante est souffrante." in words_of(mails_to("lea@example.org")[-1])


@pytest.mark.parametrize(
    ("words", "field"),
    [({"en": "The speaker is ill."}, "word (fr)"), ({"en": "x" * 301, "fr": "x"}, "word (en)")],
)
def test_a_word_that_not_everybody_could_read_is_refused_and_nothing_changes(
    words: Mapping[str, str], field: str
) -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(webinar=webinar, languages=("en", "fr"))
    register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))

    with pytest.raises(EditRefused) as refusal:
        moved(session, "2030-05-21T13:00", words=words)

    assert refusal.value.field == field
    assert again(session).starts_at == session.starts_at
    assert everything_written() == 0


def test_the_registration_window_moves_along_and_an_opening_that_has_come_stays() -> None:
    opened = clock.now() - timedelta(days=1)
    session = a_session(
        starts="2030-05-14T13:00",
        zone="Europe/Lisbon",
        registration_opens=opened,
        registration_closes=datetime(2030, 5, 13, 11, 0, tzinfo=UTC),
    )

    moved(session, "2030-12-14T13:00")

    stored = again(session)
    assert stored.registration_opens == opened
    assert stored.registration_closes == datetime(2030, 12, 13, 12, 0, tzinfo=UTC)  # noon in Lisbon, in winter


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2020-05-14T13:00", "2020-05-14T14:00", "start"),
        ("2030-05-14T13:00", "2030-05-14T14:15", "start"),
        ("2030-05-21T13:00", "2030-05-21T13:00", "end"),
        ("2030-05-21T13:00", "2030-05-21T12:00", "end"),
        ("2030-05-21T13:00", "2030-05-28T14:15", "end"),
        ("2030-03-31T01:30", "2030-03-31T03:30", "start"),
        ("2030-10-27T01:30", "2030-10-27T03:30", "start"),
    ],
    ids=[
        "past",
        "the same",
        "no length",
        "ends before it starts",
        "a week long",
        "an hour that is skipped",
        "an hour shown twice",
    ],
)
def test_times_that_cannot_be_are_refused_at_their_field_and_nothing_changes(start: str, end: str, field: str) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant())

    with pytest.raises(EditRefused) as refusal:
        move_session(session.key, at(start), at(end))

    assert refusal.value.field == field
    assert (again(session).starts_at, again(session).sequence, again(session).revision) == (session.starts_at, 0, 0)
    assert entry_of("ana@lisbon.example").sequence == 0
    assert everything_written() == 0


def test_a_session_that_runs_may_last_longer_but_cannot_have_begun_at_another_time() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant())
    with time_machine.travel(session.starts_at + timedelta(minutes=30), tick=False):
        moved(session, "2030-05-14T13:00", minutes=90)
        everything_written()
        with pytest.raises(EditRefused) as refusal:
            moved(session, "2030-05-14T13:15")
        with pytest.raises(EditRefused) as too_short:
            moved(session, "2030-05-14T13:00", minutes=20)

    assert again(session).ends_at == session.starts_at + timedelta(minutes=90)
    assert calendar_of(mails_to("ana@lisbon.example")[-1]).end == again(session).ends_at
    assert (refusal.value.field, too_short.value.field) == ("start", "end")


def test_a_session_that_is_over_or_cancelled_or_not_there_is_not_moved() -> None:
    over = a_session(starts="2020-05-14T13:00")
    cancelled = a_session(status=SessionStatus.CANCELLED)

    for session in (over, cancelled):
        with pytest.raises(NothingToChange):
            moved(session, "2030-06-14T13:00")
    with pytest.raises(NoSuchSession):
        move_session("no-such", at("2030-06-14T13:00"), at("2030-06-14T14:00"))


def test_the_second_of_two_organisers_who_move_at_once_is_told_of_the_first() -> None:
    session = a_session()
    moved(session, "2030-05-21T13:00", made_from=0)

    with pytest.raises(ChangedMeanwhile):
        moved(session, "2030-05-28T13:00", made_from=0)

    assert again(session).starts_wall == at("2030-05-21T13:00")


def test_what_is_kept_of_people_is_kept_as_long_after_the_new_date() -> None:
    session = a_session(starts="2030-05-14T13:00")
    register(session.key, a_registrant())
    before = db.session.scalars(select(Registration.erase_after)).one()

    moved(session, "2031-05-14T13:00")

    assert db.session.scalars(select(Registration.erase_after)).one() == before + timedelta(days=365)
    assert entry_of("ana@lisbon.example").erase_after == before + timedelta(days=365)


def test_a_clock_five_minutes_back_gives_no_announcement_an_earlier_stamp() -> None:
    session = a_session()
    with time_machine.travel(clock.now(), tick=False) as traveller:
        register(session.key, a_registrant())
        traveller.shift(timedelta(minutes=-5))
        moved(session, "2030-05-21T13:00")
        everything_written()

    first, update = mails_to("ana@lisbon.example")
    assert calendar_of(update).stamped >= calendar_of(first).stamped
    assert calendar_of(update).sequence == 1


def test_mails_are_written_in_lots_and_none_twice() -> None:
    session = a_session()
    for number in range(5):
        a_registration(session, email=f"person{number}@example.net")
    moved(session, "2030-05-21T13:00")

    lots = [write_due(2) for _ in range(4)]

    assert lots == [2, 2, 1, 0]
    to = db.session.scalars(select(OutboxMail.to_address).order_by(OutboxMail.id)).all()
    assert to == [f"person{number}@example.net" for number in range(5)]
